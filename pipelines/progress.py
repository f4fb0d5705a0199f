"""Tells a person at a terminal what the run is doing, stage by stage."""

import logging
import sys

import dagster as dg

_STEPS = {
    "deliveries": "Eingang sichten und archivieren",
    "stage": "Neue Dateien lesen und prüfen",
    "reference": "Verzeichnisse laden",
    "raw": "Rohdaten zusammenstellen",
    "core": "Daten vereinheitlichen und prüfen",
    "quality": "Befunde und Zeilenbilanz zusammenstellen",
    "shown": "Zeigbaren Stand bestimmen",
    "disclosure": "Kleine Zahlen schützen",
    "comparison": "Vergleichstabellen rechnen und prüfen",
    "release": "Veröffentlichen",
    "notices": "Absender und Betrieb benachrichtigen",
}


class _ProgressHandler(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        """Writes one line per started step, and what a step logs itself."""
        meta = getattr(record, "dagster_meta", None) or {}
        event = meta.get("dagster_event")
        if event is None:
            if record.levelno == logging.INFO and meta.get("step_key") == "stage":
                self._say(f"    {meta.get('orig_message', '')}")
        elif event.event_type_value == "STEP_START":
            self._say(f"• {_STEPS.get(event.step_key, event.step_key)}")

    @staticmethod
    def _say(text: str) -> None:
        sys.stderr.write(text + "\n")
        sys.stderr.flush()


def _make(_: dg.InitLoggerContext) -> logging.Logger:
    """Makes the logger."""
    logger = logging.Logger("weltoffen.progress", level=logging.DEBUG)  # noqa: LOG001  (Dagster wants its own)
    logger.addHandler(_ProgressHandler())
    return logger


progress_logger = dg.LoggerDefinition(
    _make, description="One German line per stage, for a terminal."
)
