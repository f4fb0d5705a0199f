"""Looks whether archived files are still what arrived, and puts back those that are not.

Nothing can rebuild the archive, and disks forget. Sizes are compared every night; contents of
whatever is about to be read, of what was damaged before, and of a thirtieth of all others.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from weltoffen_etl import durable
from weltoffen_etl.deliveries.archive import Archive, Arrival
from weltoffen_etl.deliveries.places import Registry, masked
from weltoffen_etl.settings import Settings
from weltoffen_etl.staging import paths_by_delivery, store_of

_NIGHTS = 30
"""After so many nights every archived file has been read once."""


def check_archive(settings: Settings) -> tuple[str, ...]:
    """Checks archived files, restores what the sender's copy still gives, and remembers the rest.

    Args:
        settings: the installation; the caller holds its lock.

    Returns:
        German sentences on what was damaged, restored or not, with names that may stand in logs.
    """
    archive = Archive(settings.archive)
    ledger = archive.arrivals()
    places = paths_by_delivery(ledger)
    before = archive.damaged()
    damaged, problems = set(), []
    registry = Registry(settings.reference_dir)
    for delivery_id in _suspects(settings, archive, ledger, places, before):
        if archive.is_whole(delivery_id):
            continue
        name = masked(places[delivery_id][0], registry, delivery_id)
        if archive.put_back(delivery_id, settings.inbox, places[delivery_id]):
            problems.append(
                f"{name} war im Archiv beschädigt oder fehlte und ist aus dem Eingang "
                "wiederhergestellt."
            )
        else:
            damaged.add(delivery_id)
            problems.append(
                f"{name} ist im Archiv beschädigt oder fehlt. Bitte aus der Sicherung zurückholen: "
                "weltoffen restore --repair."
            )
    if damaged != before:
        durable.write(archive.damage, json.dumps(sorted(damaged)).encode())
    return tuple(problems)


def _suspects(
    settings: Settings,
    archive: Archive,
    ledger: Iterable[Arrival],
    places: dict[str, list[str]],
    before: set[str],
) -> list[str]:
    """Deliveries whose content is to be looked at now."""
    store = store_of(settings)
    tonight = settings.day.toordinal() % _NIGHTS
    sizes = {arrival.sha256: arrival.size_bytes for arrival in ledger}
    return [
        delivery_id
        for delivery_id, paths in places.items()
        if delivery_id in before
        or int(delivery_id[:8], 16) % _NIGHTS == tonight
        or archive.size(delivery_id) != sizes[delivery_id]
        or not store.has(delivery_id, paths)
    ]
