"""Whole processes and what they cost."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_CHILD = Path(__file__).with_name("child.py")


@dataclass(frozen=True)
class Limits:
    """What one run may take.

    Attributes:
        seconds: it is ended after so many.
        memory: address space of each of its processes, in bytes; nine tenths of the machine's
            memory where none is given.
    """

    seconds: float = 7200
    memory: int = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") * 9 // 10


@dataclass(frozen=True)
class Cost:
    """What one run of a program cost.

    Attributes:
        wall: seconds on the clock.
        cpu: seconds of processor time, of the processes it started and waited for as well.
        peak: resident bytes of the largest single process at its worst; processes are not added.
        code: exit code; negative where a signal ended it.
    """

    wall: float
    cpu: float
    peak: int
    code: int


def run(
    command: Sequence[str | Path],
    log: Path,
    folder: Path,
    environment: dict[str, str],
    limits: Limits,
) -> Cost:
    """Runs a program to its end.

    Args:
        command: program and arguments.
        log: file for what it prints.
        folder: its working folder.
        environment: variables beside those of this process.
        limits: what it may take.
    """
    # Whoever installs a program compiles it once; a machine that is told to keep no compiled
    # files would measure Python's compiler.
    variables = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    result = folder / "cost.json"
    result.unlink(missing_ok=True)
    starter = [sys.executable, "-I", "-S", _CHILD, result, str(limits.memory), *command]
    with log.open("wb") as output:
        process = subprocess.Popen(
            starter,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=folder,
            env=variables | environment,
            start_new_session=True,
        )
        try:
            process.wait(limits.seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            return Cost(limits.seconds, 0, 0, -signal.SIGKILL)
        except KeyboardInterrupt:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait()
            raise
    if not result.is_file():
        return Cost(0, 0, 0, process.returncode or 1)
    return Cost(**json.loads(result.read_text(encoding="utf-8")))
