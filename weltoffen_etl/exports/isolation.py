"""Parses files in a child process with limits, so that a parser's crash costs one file."""

from __future__ import annotations

import json
import logging
import math
import os
import resource
import selectors
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

from weltoffen_etl.exports.grid import Tables, UnreadableFileError
from weltoffen_etl.failures import where
from weltoffen_etl.settings import Limits, Settings

log = logging.getLogger(__name__)

_SCRATCH = "file-"
_PATIENCE = 10
"""So many times its processor time may pass on the clock: a busy machine costs no file."""


class _End(StrEnum):
    """Why a child gave no answer, as the finding names it."""

    PROCESSOR = "Zeitgrenze"
    """It used up its processor time: the file is to blame."""
    CLOCK = "Wartezeit"
    """It hardly ran for a long while: more likely the machine is to blame."""
    CRASH = "Speichergrenze oder Absturz des Lesers"
    """It ended: what it read before may be to blame."""


class _ReaderGoneError(Exception):
    """The child ended or took too long."""

    def __init__(self, end: _End) -> None:
        super().__init__(end.value)
        self.end = end


class _Asked(NamedTuple):
    """A question that the child has not answered yet.

    Attributes:
        path: the file.
        scratch: where its grids will lie.
        used: whether the child had been asked about other files before.
    """

    path: Path
    scratch: Path
    used: bool


class IsolatedReader:
    """Reads files one after another in one child process, restarted when it dies.

    Use as a context manager; grids live in a scratch folder until it closes.
    """

    def __init__(self, settings: Settings) -> None:
        """Takes limits from the settings; the child starts with the first file."""
        self._settings = settings
        self._child: subprocess.Popen[str] | None = None
        self._asked: _Asked | None = None
        self._folder = tempfile.TemporaryDirectory(prefix="weltoffen-read-")

    def __enter__(self) -> Self:
        """Returns the reader."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Ends the child and removes the scratch folder."""
        self._let_go()
        self._folder.cleanup()

    def read(self, path: Path) -> Tables:
        """Reads one archived file.

        Raises:
            UnreadableFileError: the file cannot be read, or its parser exceeded a limit.
        """
        size = path.stat().st_size
        if size > self._settings.max_file_bytes:
            raise UnreadableFileError("file_too_large", str(size))
        asked, self._asked = self._asked, None
        if asked is not None and asked.path != path:
            self._stop()  # nobody waits for its answer
            asked = None
        used = asked.used if asked is not None else self._child is not None
        try:
            if asked is None:
                self._ask(path)
            answer = self._answer()
        except _ReaderGoneError as gone:
            # A child that has served other files may have died of them, and one that waited may
            # have been paused together with the machine: ask a fresh one.
            if gone.end is _End.PROCESSOR or (gone.end is _End.CRASH and not used):
                raise UnreadableFileError("file_reader_stopped", str(gone)) from gone
            try:
                self._ask(path)
                answer = self._answer()
            except _ReaderGoneError as again:
                raise UnreadableFileError("file_reader_stopped", str(again)) from again
        if "defect" in answer:
            log.error("a reader failed:\n%s", answer["defect"])
        if "rule" in answer:
            raise UnreadableFileError(answer["rule"], answer["value"], answer["row"])
        return Tables.from_json(answer)

    def read_ahead(self, path: Path) -> None:
        """Lets the child begin with the file that is read next, while others do something else."""
        if self._asked is None and path.stat().st_size <= self._settings.max_file_bytes:
            try:
                self._asked = self._ask(path)
            except _ReaderGoneError:
                return  # it is asked again when it is read

    def rest(self) -> None:
        """Ends the child unless it reads ahead: others need the memory that a large file took."""
        if self._asked is None:
            self._let_go()

    def forget(self) -> None:
        """Removes the grids of all files read so far."""
        asked = self._asked.scratch if self._asked is not None else None
        for scratch in Path(self._folder.name).glob(f"{_SCRATCH}*"):
            if scratch != asked:
                shutil.rmtree(scratch, ignore_errors=True)

    def _ask(self, path: Path) -> _Asked:
        scratch = Path(tempfile.mkdtemp(prefix=_SCRATCH, dir=self._folder.name))
        question = {
            "path": str(path),
            "scratch": str(scratch),
            "limits": self._settings.limits.model_dump(),
            "seconds": self._settings.reader_seconds,
        }
        used = self._child is not None
        child = self._start()
        if child.stdin is None or child.stdout is None:
            raise RuntimeError("the reading process has no pipes")
        try:
            child.stdin.write(json.dumps(question) + "\n")
            child.stdin.flush()
        except BrokenPipeError as error:
            raise _ReaderGoneError(self._stop()) from error
        return _Asked(path, scratch, used)

    def _answer(self) -> dict[str, Any]:
        """Waits for the answer to the one question that is open."""
        line = self._wait_for_line(self._child) if self._child is not None else ""
        if not line:
            raise _ReaderGoneError(self._stop())
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _wait_for_line(self, child: subprocess.Popen[str]) -> str:
        # The child's own limit counts the processor; this one ends a child that only waits.
        deadline = time.monotonic() + _PATIENCE * self._settings.reader_seconds
        stdout = child.stdout
        if stdout is None:
            return ""
        with selectors.DefaultSelector() as selector:
            selector.register(stdout, selectors.EVENT_READ)
            if not selector.select(max(0.0, deadline - time.monotonic())):
                return ""
        return stdout.readline()

    def _start(self) -> subprocess.Popen[str]:
        if self._child is None or self._child.poll() is not None:
            self._child = subprocess.Popen(
                [sys.executable, "-m", "weltoffen_etl.exports.isolation"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                env=os.environ
                | {
                    "WELTOFFEN_CHILD_MEMORY": str(self._settings.reader_memory_bytes),
                    # Or else each thread of a database reserves 128 MB of addresses, so that
                    # chance decides whether a sound file keeps within the limit.
                    "MALLOC_ARENA_MAX": "2",
                },
            )
        return self._child

    def _let_go(self) -> None:
        """Ends a child that has nothing to do."""
        if self._child is not None and self._child.stdin is not None:
            self._child.stdin.close()
        self._stop()

    def _stop(self) -> _End:
        """Ends the child; returns why it gave no answer, if it owed one."""
        child, self._child = self._child, None
        if child is None:
            return _End.CRASH
        try:
            code = child.wait(timeout=0.2)
            end = _End.PROCESSOR if code == -signal.SIGXCPU else _End.CRASH
        except subprocess.TimeoutExpired:
            end = _End.CLOCK
            child.kill()
            child.wait()
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                pipe.close()
        return end


def _serve() -> None:
    """Body of the child: one JSON question per line in, one JSON answer per line out."""
    limit = int(os.environ["WELTOFFEN_CHILD_MEMORY"])
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # pandas takes PyArrow where it finds it (it comes with PySpark), which reserves more addresses
    # than the limit leaves. Files are read the same way with and without it.
    sys.modules["pyarrow"] = None  # type: ignore[assignment]
    from weltoffen_etl.exports.files import tabular

    for line in sys.stdin:
        question = json.loads(line)
        _allow(question["seconds"])
        try:
            limits = Limits.model_validate(question["limits"])
            tables = tabular.read(Path(question["path"]), Path(question["scratch"]), limits)
            answer = tables.as_json()
        except UnreadableFileError as error:
            answer = {"rule": error.rule, "value": error.value, "row": error.row}
        except MemoryError:
            answer = {"rule": "file_reader_stopped", "value": "Speichergrenze", "row": None}
        except Exception as error:
            # A defect of ours: told as such instead of as a crash of the parser.
            answer = {"rule": "reader_failed", "value": type(error).__name__, "row": None}
            answer["defect"] = where(error)
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


def _allow(seconds: float) -> None:
    """Lets the kernel end this process after so much more processor time."""
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(time.process_time() + seconds), most))


if __name__ == "__main__":
    _serve()
