"""The sign of life of the nights: one small file that says what the last run did, or is doing.

The journal knows runs that ended; only the heartbeat knows one that was killed.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from weltoffen_etl import durable
from weltoffen_etl.journal import Outcome, RunRecord
from weltoffen_etl.settings import Settings
from weltoffen_etl.warehouse.current import current_release, published_at
from weltoffen_etl.watching.logs import note

GOOD: frozenset[Outcome] = frozenset({"published", "nothing_new"})
"""Outcomes after which the current release holds whatever was delivered."""
_PATIENCE = 5.0


@dataclass(frozen=True, slots=True)
class Run:
    """The last run that began.

    Attributes:
        run_id: Dagster's id of it.
        pid: its process.
        started_at: UTC time.
        finished_at: UTC time, None while it runs, and for good if it was broken off.
        outcome: how it ended.
        release: the release it published or found current.
        exit_code: exit code of the command.
        seconds: how long it took.
    """

    run_id: str | None
    pid: int
    started_at: str
    finished_at: str | None = None
    outcome: Outcome | None = None
    release: str | None = None
    exit_code: int | None = None
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class GoodNight:
    """The last night after which the current release held everything.

    Attributes:
        started_at: UTC time.
        finished_at: UTC time.
        outcome: ``published`` or ``nothing_new``.
        release: the release that was current afterwards.
    """

    started_at: str
    finished_at: str
    outcome: Outcome
    release: str | None


@dataclass(frozen=True, slots=True)
class LastRelease:
    """The last release that was seen current.

    Attributes:
        name: its name.
        published_at: UTC time.
    """

    name: str
    published_at: str


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """What the file says; each part is None before the first of its kind."""

    run: Run | None = None
    last_good: GoodNight | None = None
    last_release: LastRelease | None = None


def heartbeat_file(settings: Settings) -> Path:
    """Returns the file; it holds no personal data and may be read by everybody."""
    return settings.data_dir / "heartbeat.json"


def read(settings: Settings) -> Heartbeat:
    """Reads the heartbeat, an empty one where there is none or it is damaged."""
    try:
        content = json.loads(heartbeat_file(settings).read_text(encoding="utf-8"))
        run, good, release = (content.get(x) for x in ("run", "last_good", "last_release"))
        return Heartbeat(
            Run(**run) if run else None,
            GoodNight(**good) if good else None,
            LastRelease(**release) if release else None,
        )
    except (OSError, ValueError, TypeError, AttributeError):
        return Heartbeat()


def alive(settings: Settings) -> bool:
    """Tells whether the process of a run lives: it holds a lock that dies with it.

    The lock of the run itself is not touched: a run that began just then would be refused.
    """
    try:
        descriptor = os.open(_lock_file(settings), os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


@contextmanager
def beating(settings: Settings, run_id: str | None) -> Iterator[None]:
    """Writes that a run began and shows that its process lives, until it is left.

    Fails no run: one without heartbeat is better than none. Left without `end` and without an
    error, there was no run, and the heartbeat becomes what it was.

    Args:
        settings: the installation; the caller holds its lock.
        run_id: Dagster's id of the run.
    """
    descriptor: int | None = None
    before = read(settings)
    run = Run(run_id, os.getpid(), datetime.now(UTC).isoformat(timespec="seconds"))
    with suppress(OSError):
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(_lock_file(settings), os.O_RDWR | os.O_CREAT, 0o644)
        os.fchmod(descriptor, 0o644)  # whoever looks must be able to ask, whatever the umask
        _wait_for(descriptor)
        _write(settings, replace(before, run=run))
    note(settings, "run_started", "Ein Lauf beginnt.", run_id=run_id)
    try:
        yield
        if read(settings).run == run:  # left in peace without an end: nothing was run
            with suppress(OSError):
                _write(settings, before)
    finally:
        if descriptor is not None:
            os.close(descriptor)


def end(settings: Settings, record: RunRecord) -> None:
    """Writes that the run ended, from its record in the journal.

    Raises:
        OSError: the file cannot be written.
    """
    before = read(settings)
    finished_at = record.finished_at or datetime.now(UTC).isoformat(timespec="seconds")
    run = before.run or Run(None, os.getpid(), record.started_at)
    took = datetime.fromisoformat(finished_at) - datetime.fromisoformat(run.started_at)
    run = replace(
        run,
        finished_at=finished_at,
        outcome=record.outcome,
        release=record.release,
        exit_code=record.exit_code,
        seconds=took.total_seconds(),
    )
    good = before.last_good
    if record.outcome in GOOD:
        good = GoodNight(run.started_at, finished_at, record.outcome, record.release)
    current = current_release(settings)
    release = before.last_release
    if current is not None:
        with suppress(ValueError):
            release = LastRelease(current.name, published_at(current.name).isoformat())
    _write(settings, Heartbeat(run, good, release))


def _write(settings: Settings, beat: Heartbeat) -> None:
    text = json.dumps({"version": 1, **asdict(beat)}, ensure_ascii=False, indent=2) + "\n"
    durable.write(heartbeat_file(settings), text.encode(), 0o644)


def _lock_file(settings: Settings) -> Path:
    return settings.data_dir / "heartbeat.lock"


def _wait_for(descriptor: int) -> None:
    """Takes the lock; `alive` holds it for a moment only."""
    until = time.monotonic() + _PATIENCE
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > until:
                return
            time.sleep(0.01)
        else:
            return
