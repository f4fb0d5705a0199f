"""The gate in a process of its own, which loads Great Expectations while this one does other work.

Loading takes seconds of one processor. The process is started where work for it is in sight, loads
at once, answers one question after the other, keeps nothing, and ends with the one that started it.
"""

from __future__ import annotations

import atexit
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from multiprocessing.connection import Connection, Pipe
from threading import Lock
from typing import TYPE_CHECKING, Any

from weltoffen_etl.failures import where
from weltoffen_etl.quality import gate
from weltoffen_etl.quality.gate import GateError, GateReport
from weltoffen_etl.quality.rules import Rule
from weltoffen_etl.quality.suites import tell_nobody

if TYPE_CHECKING:
    import pandas as pd

_LOADED = "great_expectations"


class GateProcessError(RuntimeError):
    """The gate failed in a way nobody foresaw; says the kind of error and its place in the code."""


class _Child:
    """The other process, and the way to it."""

    def __init__(self) -> None:
        self.connection, theirs = Pipe()
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-m", __name__, str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
            )

    def end(self) -> None:
        """Ends the process; it holds nothing that could be lost."""
        self.connection.close()
        self.process.kill()
        self.process.wait()


_lock = Lock()
_children: dict[int, _Child] = {}
"""By the process that started it: a fork must not answer for the process it comes from."""


def start() -> None:
    """Begins to load Great Expectations, unless it is loaded already, here or there."""
    if _LOADED not in sys.modules:
        with _lock:
            _started()


def check(
    table: str,
    frame: pd.DataFrame,
    rules: Sequence[Rule],
    columns: Sequence[str],
    min_rows: int = 0,
) -> GateReport:
    """Does what `gate.check` does, with the same arguments and the same outcome.

    Raises:
        GateError: the same, or the other process ended without an answer, and a new one too.
        GateProcessError: an error that is none of the gate's own.
    """
    if _LOADED in sys.modules:
        return gate.check(table, frame, rules, columns, min_rows)
    question = (table, frame, list(rules), list(columns), min_rows)
    with _lock:
        answer = _answer(question) or _answer(question)
    if isinstance(answer, GateReport):
        return answer
    if isinstance(answer, GateError):
        raise answer
    if answer is None:
        raise GateError(
            f"{table}: Der prüfende Prozess endete zweimal ohne Antwort; meist fehlte Arbeitsspeicher."
        )
    raise GateProcessError(answer)


def _answer(question: tuple[Any, ...]) -> GateReport | GateError | str | None:
    """Asks the other process; None where it ended, and then the next question starts a new one."""
    child = _started()
    try:
        child.connection.send(question)
        answer: GateReport | GateError | str = child.connection.recv()
    except (EOFError, OSError):
        _end()
        return None
    return answer


def _started() -> _Child:
    if os.getpid() not in _children:
        _children[os.getpid()] = _Child()
    return _children[os.getpid()]


@atexit.register
def _end() -> None:
    child = _children.pop(os.getpid(), None)
    if child is not None:
        child.end()


def _serve(connection: Connection) -> None:
    """Body of the other process: one answer to each question, until nobody is left to ask."""
    # Whoever is interrupted at a terminal closes the pipe, and that is the end here as well.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    tell_nobody()
    import_module(_LOADED)
    with suppress(EOFError, OSError):
        while True:
            question = connection.recv()
            try:
                answer: GateReport | GateError | str = gate.check(*question)
            except GateError as error:
                answer = error
            except Exception as error:
                answer = where(error)
            connection.send(answer)


if __name__ == "__main__":
    _serve(Connection(int(sys.argv[1])))
