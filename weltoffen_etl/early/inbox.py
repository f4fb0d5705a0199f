"""What lies in the inbox that nobody has seen yet: by content, once it no longer changes."""

from __future__ import annotations

import hashlib
import json
import os
import time
from dataclasses import dataclass
from pathlib import Path

from weltoffen_etl.deliveries.archive import Archive
from weltoffen_etl.deliveries.inbox import YOUNG_SECONDS, LeftAlone, name_of, open_file, settled
from weltoffen_etl.deliveries.intake import unknown_files
from weltoffen_etl.early.told import Told
from weltoffen_etl.settings import Settings

MOST_FILES = 1_000
"""Files looked at in one round, oldest first; the rest follows in the next."""
_HASHING_SECONDS = 20.0
_CHUNK = 1024 * 1024
_PATH_DIGITS = 16


@dataclass(frozen=True, slots=True)
class InboxFile:
    """A file of the inbox that the ledger does not know.

    Attributes:
        path: where it lies; opened without following links.
        name: path below the inbox; may name a person.
        state: size and time when it was seen.
    """

    path: Path
    name: str
    state: os.stat_result


@dataclass(frozen=True, slots=True)
class Look:
    """What the sensor saw.

    Attributes:
        cursor: JSON to be handed to the next look; hashes, sizes and times only.
        new: hashes of settled contents that neither the ledger nor a message knows.
    """

    cursor: str
    new: tuple[str, ...]


def new_files(settings: Settings) -> list[InboxFile]:
    """Returns files that the ledger does not know and that do not change, oldest first.

    Args:
        settings: inbox, archive, and how long to wait for the second look at young files.
    """
    left: list[LeftAlone] = []
    ledger = Archive(settings.archive).arrivals()
    found = settled(unknown_files(settings, ledger, left)[:MOST_FILES], settings, left)
    return [InboxFile(path, name_of(path, settings.inbox), state) for path, state in found]


def known_contents(settings: Settings) -> set[str]:
    """Returns the hashes of all deliveries that a night has taken in."""
    return {arrival.sha256 for arrival in Archive(settings.archive).arrivals()}


def look(settings: Settings, cursor: str | None) -> Look:
    """Looks at the inbox without reading more than it must; for a sensor, every few minutes.

    A file counts once its size and time are those of the look before and it is older than
    a minute. Its content is hashed once; the cursor remembers the hash.

    Args:
        settings: inbox and archive.
        cursor: cursor of the look before; None or nonsense for the first.

    Returns:
        The new cursor and the new contents, in order of their hash.
    """
    before = _read(cursor)
    entries: dict[str, list[int | str | None]] = {}
    ledger = Archive(settings.archive).arrivals()
    told, known = Told(settings), {arrival.sha256 for arrival in ledger}
    new: set[str] = set()
    until = time.monotonic() + _HASHING_SECONDS
    for path, state in unknown_files(settings, ledger, [])[:MOST_FILES]:
        name = name_of(path, settings.inbox)
        key = hashlib.sha256(name.encode()).hexdigest()[:_PATH_DIGITS]
        seen = before.get(key, [None, None, None])
        content: str | None = None
        same = seen[:2] == [state.st_size, state.st_mtime_ns]
        if same and time.time() - state.st_mtime >= YOUNG_SECONDS:
            content = seen[2] if isinstance(seen[2], str) else None
            if content is None and time.monotonic() < until:
                content = _content(path, state, settings.max_file_bytes)
            if content is not None and content not in known and content not in told:
                new.add(content)
        entries[key] = [state.st_size, state.st_mtime_ns, content]
    return Look(json.dumps(entries, sort_keys=True), tuple(sorted(new)))


def _content(path: Path, state: os.stat_result, most: int) -> str | None:
    """Hash of a file; None when it cannot be read or changes meanwhile."""
    source = open_file(path)
    if source is None:
        return None
    try:
        digest = hashlib.sha256()
        if state.st_size > most:
            # Refused unread; what it is called by only has to change with the file.
            digest.update(f"{state.st_size} {state.st_mtime_ns}".encode())
            return digest.hexdigest()
        while chunk := os.read(source, _CHUNK):
            digest.update(chunk)
        now = os.fstat(source)
        unchanged = (now.st_size, now.st_mtime_ns) == (state.st_size, state.st_mtime_ns)
        return digest.hexdigest() if unchanged else None
    except OSError:
        return None
    finally:
        os.close(source)


def _read(cursor: str | None) -> dict[str, list[int | str | None]]:
    try:
        entries = json.loads(cursor or "{}")
    except ValueError:
        return {}
    if not isinstance(entries, dict):
        return {}
    return {key: x for key, x in entries.items() if isinstance(x, list) and len(x) == 3}
