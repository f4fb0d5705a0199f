"""Looks whether archived files are still what arrived, and puts back those that are not.

Nothing can rebuild the archive, and disks forget. Sizes are compared every night; contents of
whatever is about to be read, of what was damaged before, and of a thirtieth of all others.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from weltoffen_etl import durable
from weltoffen_etl.deliveries.archive import Archive, Arrival
from weltoffen_etl.deliveries.places import Registry, masked
from weltoffen_etl.settings import Settings
from weltoffen_etl.staging import paths_by_delivery, store_of

_NIGHTS = 30
"""After so many nights every archived file has been read once."""


@dataclass(frozen=True, slots=True)
class ArchiveCheck:
    """What a look at the archive found.

    Attributes:
        restored: deliveries that were damaged or missing, put back from the inbox.
        damaged: deliveries that are damaged or missing.
        problems: German sentences about both, with names that may stand in logs.
    """

    restored: tuple[str, ...]
    damaged: tuple[str, ...]
    problems: tuple[str, ...]


def check_archive(settings: Settings) -> ArchiveCheck:
    """Checks archived files, restores what the sender's copy still gives, and remembers the rest.

    Args:
        settings: the installation; the caller holds its lock.

    Returns:
        What was found.
    """
    archive = Archive(settings.archive)
    ledger = archive.arrivals()
    before = archive.damaged()
    suspects = [x for x in _suspects(settings, archive, ledger, before) if not archive.is_whole(x)]
    places = paths_by_delivery(ledger)
    restored = tuple(x for x in suspects if archive.put_back(x, settings.inbox, places[x]))
    damaged = tuple(x for x in suspects if x not in restored)
    if set(damaged) != before:
        durable.write(archive.damage, json.dumps(sorted(damaged)).encode())
    registry = Registry(settings.reference_dir)
    problems = [
        f"{masked(places[x][0], registry, x)} war im Archiv beschädigt oder fehlte und ist aus dem "
        "Eingang wiederhergestellt."
        for x in restored
    ]
    problems += [
        f"{masked(places[x][0], registry, x)} ist im Archiv beschädigt oder fehlt. Bitte aus der "
        "Sicherung zurückholen: weltoffen restore --repair."
        for x in damaged
    ]
    return ArchiveCheck(restored, damaged, tuple(problems))


def _suspects(
    settings: Settings, archive: Archive, ledger: Iterable[Arrival], before: set[str]
) -> list[str]:
    """Deliveries whose content is to be looked at now."""
    store = store_of(settings)
    tonight = settings.day.toordinal() % _NIGHTS
    places = paths_by_delivery(ledger)
    sizes = {arrival.sha256: arrival.size_bytes for arrival in ledger}
    return [
        delivery_id
        for delivery_id, paths in places.items()
        if delivery_id in before
        or int(delivery_id[:8], 16) % _NIGHTS == tonight
        or archive.size(delivery_id) != sizes[delivery_id]
        or not store.has(delivery_id, paths)
    ]
