"""Ends the processes of the service when the one that watches over them is gone.

The watching process holds a lock on a file that only it uses; the kernel frees the lock however
that process ends. Every other process of the service waits for the lock in a thread, ends itself
once it has it, and keeps it until then. So the watching process can also wait for all of them.
Unlike a signal on the parent's death, this reaches the code servers and runs that Dagster starts
from threads of its own. It needs nothing but file locks of a local disk.
"""

import contextlib
import fcntl
import os
import runpy
import secrets
import signal
import sys
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Self

VARIABLE = "WELTOFFEN_LIFELINE"
"""Name of the environment variable that tells the processes of the service the file."""

GRACE_SECONDS = 8.0
"""A process has this long to end in good order before it kills itself."""

_PATTERN = "lifeline-*"


class Lifeline:
    """What the watching process holds."""

    def __init__(self, folder: Path) -> None:
        """Takes hold of a new file; those of earlier processes are removed.

        Args:
            folder: Dagster's folder; the caller is the only service in it.
        """
        for old in folder.glob(_PATTERN):
            old.unlink(missing_ok=True)
        # Its own name: a process that is slow to start must not follow the next service.
        self.file = folder / f"{_PATTERN[:-1]}{os.getpid()}-{secrets.token_hex(4)}"
        self._descriptor = os.open(self.file, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        fcntl.flock(self._descriptor, fcntl.LOCK_EX)

    def __enter__(self) -> Self:
        """Gives itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        """Lets go, waits for all who follow, and removes the file."""
        fcntl.flock(self._descriptor, fcntl.LOCK_UN)
        until = time.monotonic() + GRACE_SECONDS + 2
        # Those waiting get their shared locks before this asks for all of it.
        time.sleep(0.05)
        while time.monotonic() < until:
            with contextlib.suppress(BlockingIOError):
                fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            time.sleep(0.05)
        self.file.unlink(missing_ok=True)
        os.close(self._descriptor)


def follow() -> None:
    """Lets this process end with the service, if it belongs to one."""
    file = os.environ.get(VARIABLE)
    name = f"lifeline {file}"
    if file and not any(thread.name == name for thread in threading.enumerate()):
        threading.Thread(target=_end_with, args=(file,), name=name, daemon=True).start()


def _end_with(file: str) -> None:
    with contextlib.suppress(FileNotFoundError):
        # Never closed: whoever waits for this process to end waits for this lock.
        fcntl.flock(os.open(file, os.O_RDONLY), fcntl.LOCK_SH)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE_SECONDS)
    os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    """Runs a module as a program that ends with the service: module, then its arguments."""
    follow()
    del sys.argv[0]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
