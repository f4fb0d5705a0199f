"""What is remembered of incidents: a line for each that began, is over, or was told.

Where the data folder takes nothing, which is an incident of its own, a folder of the machine
remembers instead, so that the same is not told again every quarter of an hour.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from weltoffen_etl import durable
from weltoffen_etl.settings import Settings
from weltoffen_etl.watching.channels import Channel, Event
from weltoffen_etl.watching.situation import time_of

_PATIENCE = 180.0
"""The other caller waits for its servers, each no longer than their timeouts."""
_FILE = "incidents.jsonl"
_LOCK = "incidents.lock"


class BusyError(RuntimeError):
    """Another process is telling, and does not come to an end."""


@dataclass(slots=True)
class Incident:
    """Something that is or was wrong.

    Attributes:
        check: id of the check.
        title: what it is about.
        text: the sentence when it began.
        since: when it was first seen, UTC.
        resolved_at: when it was seen to be over.
        told: which event which channel has taken.
    """

    check: str
    title: str
    text: str
    since: str
    resolved_at: str | None = None
    told: set[tuple[Event, Channel]] = field(default_factory=set)


class Memory:
    """The incidents of one installation, in order."""

    def __init__(self, settings: Settings) -> None:
        """Takes the folders; reads nothing yet."""
        self._own = settings.data_dir
        self._other = _folder_of_machine(settings)
        self.incidents: list[Incident] = []
        self.watched_since: datetime | None = None
        self._number = 0
        self.durable = True
        """False once something could be remembered nowhere."""

    def load(self) -> None:
        """Reads what is remembered, of both folders; a damaged line is passed over."""
        entries: list[dict[str, Any]] = []
        for folder in (self._own, self._other):
            with suppress(OSError):
                for line in durable.whole_lines(folder / _FILE):
                    with suppress(ValueError):
                        entries.append(json.loads(line))
        self.incidents, self.watched_since, self._number = [], None, 0
        known = [x for x in entries if isinstance(x, dict) and isinstance(x.get("number"), int)]
        # Not by their time: the clock may have gone back.
        for entry in sorted(known, key=lambda x: int(x["number"])):
            self._number = max(self._number, entry["number"])
            with suppress(KeyError, TypeError, ValueError, StopIteration):
                self._apply(entry)

    def open_ones(self) -> dict[str, Incident]:
        """Returns the incidents that are not over, by check."""
        return {x.check: x for x in self.incidents if x.resolved_at is None}

    def note(self, event: str, now: datetime, **more: str) -> None:
        """Remembers something durably, in the data folder or beside it.

        Args:
            event: ``watching``, ``opened``, ``resolved`` or ``told``.
            now: UTC time.
            more: ``check``, ``since`` where the incident is known, and what belongs to the event.
        """
        self._number += 1
        at = now.isoformat(timespec="milliseconds")
        entry = {"number": self._number, "at": at, "event": event, **more}
        self._apply(entry)
        line = json.dumps(entry, ensure_ascii=False)
        for folder in (self._own, self._other):
            if folder == self._own and not folder.is_dir():
                continue  # never made: below it may be a disk that is not mounted
            with suppress(OSError):
                if folder == self._other:
                    _make_private(folder)
                durable.append_lines(folder / _FILE, [line])
                return
        self.durable = False

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Lets one process at a time look and tell.

        Raises:
            BusyError: another one took too long.
        """
        lock: FileLock | None = None
        for folder in (self._own, self._other):
            if folder == self._own and not folder.is_dir():
                continue
            try:
                if folder == self._other:
                    _make_private(folder)
                lock = FileLock(folder / _LOCK, timeout=_PATIENCE)
                lock.acquire()
                break
            except Timeout:
                raise BusyError("Ein anderer Aufruf meldet gerade Störungen.") from None
            except OSError:
                lock = None
        try:
            yield
        finally:
            if lock is not None:
                lock.release()

    def _apply(self, entry: dict[str, Any]) -> None:
        event = entry["event"]
        if event == "watching":
            self.watched_since = self.watched_since or time_of(entry["at"])
        elif event == "opened":
            self.incidents.append(
                Incident(entry["check"], entry["title"], entry["text"], entry["at"])
            )
        elif event in ("resolved", "told"):
            incident = next(
                x for x in self.incidents if (x.check, x.since) == (entry["check"], entry["since"])
            )
            if event == "resolved":
                incident.resolved_at = entry["at"]
            else:
                incident.told.add((entry["about"], entry["channel"]))


def _folder_of_machine(settings: Settings) -> Path:
    """A folder outside the data folder: that of the service, or one for temporary files."""
    given = os.environ.get("STATE_DIRECTORY", "").partition(":")[0]
    digest = hashlib.sha256(str(settings.data_dir).encode()).hexdigest()[:8]
    base = Path(given) if given else Path(tempfile.gettempdir())
    return base / f"weltoffen-{os.getuid()}-{digest}"


def _make_private(folder: Path) -> None:
    """Makes a folder that is ours alone, in a place where others may have made one before.

    Raises:
        OSError: somebody else's folder or link stands there.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    state = folder.lstat()
    if folder.is_symlink() or state.st_uid != os.getuid() or state.st_mode & 0o077:
        raise PermissionError(folder.name)
