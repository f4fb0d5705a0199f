"""What may be said about an unexpected error, and where the rest of its story is kept."""

from __future__ import annotations

import errno
import re
import shutil
import traceback
from collections.abc import Iterator
from pathlib import Path

from weltoffen_etl import durable
from weltoffen_etl.engine.face import EngineError
from weltoffen_etl.settings import Settings

_SURROUNDINGS = {
    "full": "Auf dem Datenträger ist kein Platz mehr. Bitte Platz schaffen; der nächste Lauf holt alles nach.",
    "read_only": "Der Datenträger ist schreibgeschützt. Bitte prüfen, ob er nach einem Fehler nur "
    "lesbar eingehängt wurde.",
    "denied": "Dem Lauf fehlt das Recht, im Datenordner zu lesen oder zu schreiben. Bitte Besitzer "
    "und Rechte prüfen.",
    "memory": "Der Arbeitsspeicher reicht nicht. Bitte WELTOFFEN_DUCKDB_MEMORY senken oder mehr "
    "Speicher geben.",
    "descriptors": "Es sind zu viele Dateien gleichzeitig offen.",
    "device": "Der Datenträger meldet Fehler beim Lesen oder Schreiben. Bitte den Datenträger prüfen.",
    "engine": "Der Spark-Server ist nicht erreichbar oder hat eine Abfrage abgebrochen. Bitte "
    "WELTOFFEN_SPARK_URL und den Server prüfen, oder mit WELTOFFEN_ENGINE=duckdb ohne ihn rechnen.",
    "missing": "Eine Datei, die der Lauf brauchte, ist während des Laufs verschwunden.",
}
"""What can be wrong around a run, in words that quote nothing."""

_NUMBERS = {
    errno.ENOSPC: "full",
    errno.EDQUOT: "full",
    errno.EROFS: "read_only",
    errno.EACCES: "denied",
    errno.EPERM: "denied",
    errno.ENOMEM: "memory",
    errno.EMFILE: "descriptors",
    errno.ENFILE: "descriptors",
    errno.EIO: "device",
    errno.ESTALE: "device",
    errno.ENOENT: "missing",
}
_TEXTS = {
    r"no space left|disk is full|disk quota|not enough disk|max_temp_directory_size": "full",
    r"read-only file system|readonly database": "read_only",
    r"permission denied": "denied",
    r"out of memory|cannot allocate": "memory",
    r"too many open files": "descriptors",
    r"input/output error|disk i/o error": "device",
}
"""Libraries tell what the system said in the text of their errors."""

_NEARLY_FULL = 16 * 1024**2
_PASSING = frozenset({"full", "memory", "descriptors", "device", "missing", "engine"})


def surroundings(error: BaseException, folder: Path) -> str | None:
    """Says in German what is wrong around a run.

    Args:
        error: what happened.
        folder: where the run writes.

    Returns:
        A sentence about disk, rights or memory, None for other errors.
    """
    kind = _kind(error)
    if kind == "device" and folder.is_dir() and shutil.disk_usage(folder).free < _NEARLY_FULL:
        kind = "full"  # SQLite tells both in the same words
    return None if kind is None else _SURROUNDINGS[kind]


def passes_by_itself(error: BaseException) -> bool:
    """Tells whether the same step may succeed a little later, though nobody does anything."""
    return _kind(error) in _PASSING


def _kind(error: BaseException) -> str | None:
    for cause in _causes(error):
        if isinstance(cause, OSError) and cause.errno in _NUMBERS:
            return _NUMBERS[cause.errno]
        if isinstance(cause, EngineError):
            return "engine"
        if isinstance(cause, MemoryError):
            return "memory"
        if type(cause).__module__.partition(".")[0] in _LIBRARIES:
            for pattern, kind in _TEXTS.items():
                if re.search(pattern, str(cause), re.IGNORECASE):
                    return kind
    return None


_LIBRARIES = frozenset({"duckdb", "_duckdb", "sqlite3", "sqlalchemy", "dagster", "dagster_shared"})
"""Texts of other errors can quote a cell, which may hold any of these words."""


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def where(error: BaseException) -> str:
    """Tells the kind of an error and its place in the code, for logs.

    Its message is left out: it can quote a cell, or a file name that names a person.
    """
    return f"{type(error).__name__}\n{''.join(traceback.format_tb(error.__traceback__))}"


def keep_details(settings: Settings, error: BaseException) -> Path | None:
    """Writes the whole story of an unexpected error beside the internal warehouse.

    Returns:
        The file, which the next such error replaces; None where the disk does not take it.
    """
    details = settings.warehouse / "failure.txt"
    story = "".join(traceback.format_exception(error))
    try:
        durable.write(details, story.encode(errors="replace"))
    except OSError:
        return None
    return details
