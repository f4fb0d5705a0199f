"""Which releases stay: the newest, the current one and those somebody asked to keep."""

from __future__ import annotations

import shutil

from weltoffen_etl.durable import fsync
from weltoffen_etl.settings import Settings
from weltoffen_etl.warehouse.current import current_release, list_releases

_KEPT = "kept.txt"
_GOING = ".old-"


def kept_names(settings: Settings) -> frozenset[str]:
    """Returns the releases that are named in ``releases/kept.txt``, one a line; ``#`` begins a remark."""
    file = settings.releases / _KEPT
    if not file.is_file():
        return frozenset()
    lines = file.read_text(encoding="utf-8").splitlines()
    return frozenset(name for line in lines if (name := line.partition("#")[0].strip()))


def remove_old(settings: Settings) -> tuple[str, ...]:
    """Removes the releases that are too old to stay.

    What releases have shown stays in the archive, and so does all they can be rebuilt from.

    Args:
        settings: folders and number of releases to keep.

    Returns:
        Names of the removed releases, oldest first.
    """
    for leftover in settings.releases.glob(f"{_GOING}*"):
        shutil.rmtree(leftover)
    if settings.keep_releases is None:
        return ()
    current = current_release(settings)
    stays = kept_names(settings) | ({current.name} if current else set())
    old = [x for x in list_releases(settings)[: -settings.keep_releases] if x.name not in stays]
    for release in old:
        # Gone under its name at once: nobody finds half a release.
        going = release.folder.rename(release.folder.with_name(_GOING + release.name))
        fsync(settings.releases)
        shutil.rmtree(going)
    return tuple(release.name for release in old)
