"""Tells what a run is doing, step by step: a person at a terminal, or a collector of logs."""

import logging
from typing import Any

import dagster as dg

from weltoffen_etl.settings import Settings
from weltoffen_etl.watching import logs

PROGRESS = "progress"
"""Name of the logger in Dagster."""
_STEPS = {
    "check_new_files": "Neue Dateien am Tag prüfen",
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
_SKIPPED_CHECKS = "dagster._core.execution.plan.active"
_OWN_WORDS = ("stage", "check_new_files")
"""Steps that log in words of ours, with masked names of files."""


class _ProgressHandler(logging.Handler):
    """Writes what is worth knowing of Dagster's events; all else stays in its own records."""

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self._settings = settings

    def emit(self, record: logging.LogRecord) -> None:
        """Writes one line for a step that begins, ends or fails, and for each file that is read."""
        meta = getattr(record, "dagster_meta", None) or {}
        event, step = meta.get("dagster_event"), meta.get("step_key")
        about: logs.Fields = {"run_id": meta.get("run_id"), "step": step}
        if event is None:
            message = str(meta.get("orig_message", ""))
            delivery = logs.delivery_in(message)
            if step in _OWN_WORDS and record.levelno == logging.INFO and delivery:
                self._say("delivery_read", f"    {message}", **about, delivery=delivery)
            elif step in _OWN_WORDS and record.levelno == logging.WARNING:
                self._say("problem", f"    {message}", "warning", **about)
            return
        name = _STEPS.get(str(step), str(step))
        match event.event_type_value:
            case "STEP_START":
                self._say("step_started", f"• {name}", **about)
            case "STEP_SUCCESS":
                about["seconds"] = round(event.step_success_data.duration_ms / 1000, 3)
                logs.note(self._settings, "step_ended", name, **about)
            case "STEP_UP_FOR_RETRY":
                kind = _kind(event.event_specific_data)
                message = f"… {name}: neuer Versuch nach {kind}"
                self._say("step_tried_again", message, "warning", **about, kind=kind)
            case "STEP_FAILURE":
                kind = _kind(event.event_specific_data)
                self._say("step_failed", f"✗ {name}: {kind}", "error", **about, kind=kind)
            case "PIPELINE_FAILURE":
                about["kind"] = _kind(event.event_specific_data)
                logs.note(
                    self._settings, "run_failed", "Der Lauf ist gescheitert.", "error", **about
                )

    def _say(self, event: str, message: str, level: logs.Level = "info", **fields: Any) -> None:
        logs.say(self._settings, event, message, level, **fields)


def _kind(data: Any) -> str:
    """The kind of the error behind an event: its message can quote anything."""
    error = getattr(data, "error", None)
    while error is not None and error.cause is not None:
        error = error.cause
    return str(getattr(error, "cls_name", None) or "unbekannt")


def progress_logger(settings: Settings) -> dg.LoggerDefinition:
    """Makes the logger of an installation."""

    def make(_: dg.InitLoggerContext) -> logging.Logger:
        logs.take_over(settings)
        # A night without news skips all that follows, checks included: Dagster warns of each.
        logging.getLogger(_SKIPPED_CHECKS).setLevel(logging.ERROR)
        logger = logging.Logger("weltoffen.progress", level=logging.DEBUG)  # noqa: LOG001  (Dagster wants its own)
        logger.addHandler(_ProgressHandler(settings))
        return logger

    return dg.LoggerDefinition(make, description="One line for each step, in German or JSON.")
