"""What runs and looks say while they work: lines for a person, or JSON for a collector of logs.

Only what is listed here gets into a line. Libraries may quote a cell or a file name in what they
log: of their messages we keep who spoke, where and how gravely.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import threading
from datetime import UTC, datetime
from types import TracebackType
from typing import Literal, TypedDict, Unpack

from weltoffen_etl.failures import where
from weltoffen_etl.settings import Settings

_BULLETS = " •✗"
Level = Literal["debug", "info", "warning", "error"]
_DELIVERY = re.compile(r"(?:^|/)([0-9a-f]{8})(?:\.|$)")


class Fields(TypedDict, total=False):
    """What a line may hold beside time, level, event and message.

    Attributes:
        run_id: Dagster's id of the run.
        step: step of the run.
        delivery: first eight characters of the hash of a file.
        release: a release.
        outcome: how a run ended.
        exit_code: exit code of the command.
        seconds: how long something took.
        new_deliveries: files that arrived.
        failures: checks that failed or kinds of errors, as in the journal.
        check: a check of health.
        status: what it found.
        sent: messages that channels took.
        kind: kind of an error.
        place: where in the code, as ``module:line``.
        logger: who spoke, of a library.
    """

    run_id: str | None
    step: str | None
    delivery: str | None
    release: str | None
    outcome: str | None
    exit_code: int | None
    seconds: float | None
    new_deliveries: int
    failures: list[str]
    check: str
    status: str
    sent: int
    kind: str
    place: str
    logger: str


def line(event: str, message: str, level: Level, fields: Fields) -> str:
    """Returns a line of JSON; fields without a value are left out.

    Args:
        event: what happened, for programs: words joined by ``_``.
        message: the same for people.
        level: how grave it is.
        fields: what it happened to.
    """
    time = datetime.now(UTC).isoformat(timespec="milliseconds")
    content = {"time": time, "level": level, "event": event, "message": message}
    known = {name: value for name, value in fields.items() if value is not None}
    return json.dumps({**content, **known}, ensure_ascii=False)


def say(
    settings: Settings, event: str, message: str, level: Level = "info", **fields: Unpack[Fields]
) -> None:
    """Says something to standard error: the message with its bullet, or a line of JSON."""
    is_json = settings.log_format == "json"
    write(line(event, message.lstrip(_BULLETS), level, fields) if is_json else message)


def note(
    settings: Settings, event: str, message: str, level: Level = "info", **fields: Unpack[Fields]
) -> None:
    """Says something to a collector of logs only: a person is told otherwise."""
    if settings.log_format == "json":
        write(line(event, message, level, fields))


def write(text: str) -> None:
    """Writes a line to standard error at once."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def delivery_in(message: str) -> str | None:
    """Returns the delivery that a masked path names, None where it names none."""
    found = _DELIVERY.search(message)
    return found[1] if found else None


def take_over(settings: Settings) -> None:
    """Makes everything in this process that logs or fails do so in lines of JSON, where set.

    May be called more than once.
    """
    root = logging.getLogger()
    if settings.log_format != "json" or any(isinstance(x, _Others) for x in root.handlers):
        return
    root.handlers = [_Others(logging.WARNING)]
    logging.captureWarnings(capture=True)
    sys.excepthook = _unexpected
    threading.excepthook = lambda x: (
        None if x.exc_value is None else _unexpected(x.exc_type, x.exc_value, x.exc_traceback)
    )


class _Others(logging.Handler):
    """Writes that a library logged something, without its words."""

    def emit(self, record: logging.LogRecord) -> None:
        """Writes one line."""
        level: Level = "error" if record.levelno >= logging.ERROR else "warning"
        fields: Fields = {"logger": record.name, "place": f"{record.module}:{record.lineno}"}
        if record.exc_info and record.exc_info[0] is not None:
            fields["kind"] = record.exc_info[0].__name__
        write(line("library", f"{record.name} meldet etwas.", level, fields))


def _unexpected(
    kind: type[BaseException], error: BaseException, _: TracebackType | None = None
) -> None:
    write(line("unexpected_error", where(error), "error", {"kind": kind.__name__}))
