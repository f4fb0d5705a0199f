"""All checks of one moment; whatever goes wrong in a check is itself an alarm."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from weltoffen_etl.failures import surroundings
from weltoffen_etl.watching import nights, stock
from weltoffen_etl.watching.channels import configured
from weltoffen_etl.watching.situation import Check, Situation, Status


def examine(situation: Situation, *, deep: bool = False) -> list[Check]:
    """Runs all checks; never raises.

    Args:
        situation: the installation and the moment.
        deep: whether the files of the current release are hashed.

    Returns:
        All checks in a fixed order; without a data folder only that it is missing, for all
        else follows from it.
    """
    folder = _guarded("data_folder", stock.data_folder, situation)
    others: dict[str, Callable[[Situation], Check]] = {
        "last_good_night": nights.last_good_night,
        "last_run": nights.last_run,
        "run_in_progress": nights.run_in_progress,
        "waiting_deliveries": stock.waiting_deliveries,
        "release": partial(stock.release, deep=deep),
        "free_space": stock.free_space,
        "outbox": stock.outbox,
        "clock": nights.clock,
        "archive": stock.archive,
        "file_modes": stock.file_modes,
    }
    # Whoever got here has valid settings; an incident about them is over.
    valid = Check("settings", "ok", "Die Einstellungen sind gültig.")
    reach = _guarded("channels", lambda _: configured(), situation)
    if not situation.settings.data_dir.is_dir():
        return [folder, valid, reach]
    return [
        folder,
        valid,
        *(_guarded(name, check, situation) for name, check in others.items()),
        reach,
    ]


def worst(checks: Sequence[Check]) -> Status:
    """Returns the gravest status of all."""
    found = {check.status for check in checks}
    return "alarm" if "alarm" in found else "warning" if "warning" in found else "ok"


def _guarded(name: str, check: Callable[[Situation], Check], situation: Situation) -> Check:
    try:
        return check(situation)
    except Exception as error:
        # The message of an error can quote anything: its kind must do.
        return Check(
            name,
            "alarm",
            f"Diese Prüfung ist selbst gescheitert ({type(error).__name__}). "
            + (
                surroundings(error, situation.settings.data_dir)
                or "Etwas ist nicht lesbar oder beschädigt."
            ),
            "Bitte Rechte und Platte prüfen; `weltoffen status` und `weltoffen releases` sagen mehr.",
            type(error).__name__,
        )
