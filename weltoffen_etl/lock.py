"""One run at a time: a file lock that names its holder and dies with its process."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from weltoffen_etl import durable
from weltoffen_etl.failures import surroundings
from weltoffen_etl.permissions import make_folders
from weltoffen_etl.settings import Settings

_GRACE_SECONDS = 1.0
"""Whoever only looks whether a run is under way holds the lock for a moment."""
_SENDING_SECONDS = 600.0


class StorageError(RuntimeError):
    """The data folder cannot take a run; the German sentence says why."""


class LockHeldError(RuntimeError):
    """Another run holds the lock.

    Attributes:
        holder: what the other run wrote about itself, empty if it has not yet.
    """

    def __init__(self, holder: dict[str, str]) -> None:
        """Words the holder."""
        who = ", ".join(f"{key} {value}" for key, value in holder.items()) or "unbekannt"
        super().__init__(f"Ein anderer Lauf ist im Gang ({who}).")
        self.holder = holder


@contextmanager
def run_lock(settings: Settings) -> Iterator[None]:
    """Holds the lock of an installation for the length of a run.

    The kernel frees the lock when the process ends, however it ends.

    Raises:
        LockHeldError: another process or thread holds it.
        StorageError: nothing can be written where the lock would be.
    """
    holder_file = settings.warehouse / "run.holder.json"
    lock = FileLock(settings.warehouse / "run.lock", timeout=_GRACE_SECONDS)
    try:
        make_folders(settings)
        lock.acquire()
    except Timeout as error:
        raise LockHeldError(_read(holder_file)) from error
    except OSError as error:
        raise _storage_error(settings, error) from error
    try:
        holder = {
            "PID": str(os.getpid()),
            "seit": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        try:
            # Synced at once: a disk that is full says so here and not in the middle of a night.
            durable.write(holder_file, json.dumps(holder).encode())
        except OSError as error:
            raise _storage_error(settings, error) from error
        yield
    finally:
        holder_file.unlink(missing_ok=True)
        lock.release()


def _storage_error(settings: Settings, error: OSError) -> StorageError:
    why = surroundings(error, settings.data_dir) or f"Das System meldet: {type(error).__name__}."
    return StorageError(f"In {settings.warehouse} lässt sich nichts schreiben. {why}")


def is_held(settings: Settings) -> bool:
    """Tells whether a run is under way, without ever standing in the way of one.

    Trying the lock would hold it for a moment, and a run that begins then would give up. So
    it is tried only where a holder has written its name: a run, or one that was killed.
    """
    if not (settings.warehouse / "run.holder.json").is_file():
        return False
    try:
        with FileLock(settings.warehouse / "run.lock", timeout=0):
            return False
    except Timeout:
        return True


@contextmanager
def outbox_lock(settings: Settings) -> Iterator[None]:
    """Holds the outbox while messages are written, remembered and sent.

    Unlike the lock of a run it is waited for: whoever holds it sends a few messages, each
    within the mail server's time limit.

    Raises:
        TimeoutError: it did not become free within ten minutes.
    """
    settings.warehouse.mkdir(parents=True, exist_ok=True)
    with FileLock(settings.warehouse / "outbox.lock", timeout=_SENDING_SECONDS):
        yield


def _read(file: Path) -> dict[str, str]:
    try:
        holder: dict[str, str] = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return holder
