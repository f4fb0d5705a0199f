"""What every night does before it looks at the inbox: puts right what an earlier one left."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import UTC, datetime

from weltoffen_etl.archive_check import check_archive
from weltoffen_etl.database import spill_folder
from weltoffen_etl.deliveries.archive import Archive
from weltoffen_etl.permissions import put_right
from weltoffen_etl.releases.changeover import finish_interrupted
from weltoffen_etl.settings import Settings
from weltoffen_etl.warehouse.build import discard
from weltoffen_etl.warehouse.current import CLOCK_STEP, current_release, published_at


class ClockError(RuntimeError):
    """The clock of the machine cannot be right; the German sentence says why."""


@dataclass(frozen=True, slots=True)
class Beginning:
    """What was put right.

    Attributes:
        rights: German sentence about folders and files that were too open, empty where all was right.
        archive: German sentences on archived files that were damaged.
    """

    rights: str
    archive: tuple[str, ...]


def begin(settings: Settings) -> Beginning:
    """Finishes an interrupted publication, removes leftovers, checks rights and archive.

    Args:
        settings: the installation; the caller holds its lock.

    Returns:
        What was put right.
    """
    rights = str(put_right(settings))
    finish_interrupted(settings)
    discard(settings)
    shutil.rmtree(spill_folder(settings), ignore_errors=True)
    for leftover in settings.releases.glob(".build-*"):
        shutil.rmtree(leftover)
    Archive(settings.archive).sweep()
    return Beginning(rights, check_archive(settings))


def check_clock(settings: Settings) -> None:
    """Refuses to publish at a time before the current release.

    Due dates and the order of releases follow the clock; small steps back are usual.

    Raises:
        ClockError: the clock lies more than an hour before the current release.
    """
    release = current_release(settings)
    if release is None or settings.clock_is_right or settings.release_name is not None:
        return
    if published_at(release.name) > datetime.now(UTC) + CLOCK_STEP:
        raise ClockError(
            f"Der aktuelle Stand {release.name} liegt in der Zukunft: Die Uhr dieses Rechners geht "
            "nach, oder sie ging vor, als er entstand. Bitte die Uhr prüfen. Geht sie richtig: "
            "weltoffen run --clock-is-right."
        )
