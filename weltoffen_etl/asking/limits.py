"""What a question may cost: time, memory and values; a process that keeps to none is ended."""

from __future__ import annotations

import os
import re
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from gettext import gettext as _
from pathlib import Path

from duckdb import DuckDBPyConnection as Connection

from weltoffen_etl.settings import Settings

MOST_VALUES = 5_000_000
"""Values of a result: more is an export, not an answer."""

_AGAIN = 0.1
"""Seconds after which a statement that goes on is interrupted again."""
_GRACE = 5.0
"""Seconds that a statement has to end after it was interrupted."""
_HEADROOM = 1024**3
"""Memory beside DuckDB's own: stacks of its threads, the result as Python holds it."""
_UNITS = {"": 0, "K": 1, "M": 2, "G": 3, "T": 4}


@dataclass(slots=True)
class Stopwatch:
    """Whether the time of a question is over."""

    is_over: bool = False


@contextmanager
def interrupted_after(connection: Connection, seconds: float) -> Iterator[Stopwatch]:
    """Interrupts what a connection does once its time is over.

    Args:
        connection: an open connection; all statements together have the time.
        seconds: the time.

    Yields:
        A stopwatch that tells afterwards whether the time was over.
    """
    watch = Stopwatch()
    done = threading.Event()

    def wait() -> None:
        if done.wait(seconds):
            return
        watch.is_over = True
        # An interrupt between two statements, or two fetches, is forgotten by the next.
        while not done.wait(_AGAIN):
            connection.interrupt()

    thread = threading.Thread(target=wait, daemon=True)
    thread.start()
    try:
        yield watch
    finally:
        done.set()
        thread.join()


@contextmanager
def process_limits(settings: Settings) -> Iterator[None]:
    """Holds a process that runs somebody's SQL to its limits, by force if need be.

    DuckDB looks at time and memory between steps. One call of a function is a step, and text it
    makes is not counted: such a statement ends with its process. For the command line alone.

    Args:
        settings: memory and time of a question.
    """
    ended = threading.Event()

    def end() -> None:
        if not ended.wait(settings.query_seconds + _GRACE):
            sys.stderr.write(too_long(settings) + "\n")
            sys.stderr.flush()
            os._exit(1)

    threading.Thread(target=end, daemon=True).start()
    try:
        with _memory(settings):
            yield
    finally:
        ended.set()


def too_long(settings: Settings) -> str:
    """Says that a question took too long and what to do."""
    return _(
        "Die Abfrage dauerte länger als {seconds} Sekunden und wurde abgebrochen. Bitte enger "
        "fragen; die Grenze ist WELTOFFEN_QUERY_SECONDS."
    ).format(seconds=f"{settings.query_seconds:g}")


def too_large(settings: Settings) -> str:
    """Says that a question needs too much memory and what to do."""
    return _(
        "Die Abfrage braucht mehr Speicher als {memory} und wurde abgebrochen. Bitte enger "
        "fragen; die Grenze ist WELTOFFEN_QUERY_MEMORY."
    ).format(memory=settings.query_memory)


def too_many() -> str:
    """Says that a result is too long to be an answer."""
    return _(
        "Das Ergebnis hat mehr als {number} Werte. Bitte mit LIMIT oder WHERE eingrenzen; ganze "
        "Tabellen schreibt „weltoffen export“."
    ).format(number=f"{MOST_VALUES:,}".replace(",", "."))


def _bytes(memory: str) -> int | None:
    """Reads an amount in DuckDB's notation; None for a share of the machine's memory."""
    found = re.fullmatch(r"\s*([\d.]+)\s*([KMGT]?)(i?)B?\s*", memory, re.IGNORECASE)
    if found is None:
        return None
    base = 1024 if found[3] else 1000
    return int(float(found[1]) * base ** _UNITS[found[2].upper()])


@contextmanager
def _memory(settings: Settings) -> Iterator[None]:
    """Limits what the process may still take, where the system knows such a limit."""
    allowed = _bytes(settings.query_memory)
    if sys.platform != "linux" or allowed is None:
        yield
        return
    import resource

    # Writable memory, not address space: of that, every thread of a large machine reserves more
    # than any question uses.
    now = int(Path("/proc/self/statm").read_text("ascii").split()[5]) * resource.getpagesize()
    before, most = resource.getrlimit(resource.RLIMIT_DATA)
    wanted = now + allowed + _HEADROOM
    if most != resource.RLIM_INFINITY:
        wanted = min(wanted, most)
    resource.setrlimit(resource.RLIMIT_DATA, (wanted, most))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, (before, most))
