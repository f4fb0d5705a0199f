"""One look at the inbox: new files reach the archive and its ledger."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from weltoffen_etl.deliveries.archive import Archive, Arrival
from weltoffen_etl.deliveries.inbox import LeftAlone, name_of, regular_files, settled
from weltoffen_etl.deliveries.places import Registry, masked
from weltoffen_etl.settings import Settings


@dataclass(frozen=True, slots=True)
class Intake:
    """Outcome of one look at the inbox."""

    arrivals: tuple[Arrival, ...]
    new: tuple[Arrival, ...]
    left_alone: tuple[LeftAlone, ...]


def take_in(settings: Settings) -> Intake:
    """Looks at the inbox once and archives what is new.

    Files stay where they are. A file whose path, size and time the ledger knows is not
    read again. Symbolic links, hidden files, temporary files and files that are still
    being written are left alone and reported.

    Args:
        settings: where inbox and archive are.

    Returns:
        All arrivals of the ledger, those of this look, and what was left alone.
    """
    archive = Archive(settings.archive)
    ledger = archive.arrivals()
    recorded = {(entry.path, entry.sha256) for entry in ledger}
    left: list[LeftAlone] = []
    fresh = settled(unknown_files(settings, ledger, left), settings, left)
    new: list[Arrival] = []
    seen_at = datetime.now(UTC).isoformat(timespec="seconds")
    for path, state in fresh:
        name = name_of(path, settings.inbox)
        sha256 = archive.keep_file(path, state)
        if sha256 is None:
            if path.exists():
                readable = os.access(path, os.R_OK)
                reason = "wird noch geschrieben" if readable else "lässt sich nicht lesen"
                left.append(LeftAlone(name, reason))
            continue
        if (name, sha256) in recorded:
            continue
        recorded.add((name, sha256))
        new.append(
            Arrival(
                sequence=len(ledger) + len(new) + 1,
                sha256=sha256,
                path=name,
                size_bytes=state.st_size,
                modified_ns=state.st_mtime_ns,
                first_seen_at=seen_at,
            )
        )
    archive.record(new)
    return Intake(tuple(ledger + new), tuple(new), tuple(left))


def in_words(left: Iterable[LeftAlone], settings: Settings) -> list[tuple[str, str]]:
    """Returns what was left alone in a form for logs: names masked, with the reason."""
    registry = Registry(settings.reference_dir)
    return [(masked(entry.path, registry), entry.reason) for entry in left]


def unknown_files(
    settings: Settings, ledger: list[Arrival], left: list[LeftAlone]
) -> list[tuple[Path, os.stat_result]]:
    """Finds files of the inbox that the ledger does not know by path, size and time.

    Oldest first; what is no file for us is added to ``left``.
    """
    known = {(entry.path, entry.size_bytes, entry.modified_ns) for entry in ledger}
    named = [
        (name_of(x, settings.inbox), x, state) for x, state in regular_files(settings.inbox, left)
    ]
    fresh = [x for x in named if (x[0], x[2].st_size, x[2].st_mtime_ns) not in known]
    fresh.sort(key=lambda entry: (entry[2].st_mtime_ns, entry[0]))
    return [(path, state) for _, path, state in fresh]
