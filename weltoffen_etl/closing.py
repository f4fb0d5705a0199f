"""How every night ends: its line in the journal, its sign of life, and what failed in it."""

from __future__ import annotations

from weltoffen_etl import journal
from weltoffen_etl.failures import keep_details, surroundings
from weltoffen_etl.journal import RunRecord
from weltoffen_etl.settings import Settings
from weltoffen_etl.watching.look import night_ended


def close(settings: Settings, record: RunRecord) -> None:
    """Writes a night into the journal and tells whoever watches that it ended.

    Args:
        settings: the installation; the caller holds its lock.
        record: the night, with all that came of it.
    """
    try:
        journal.append(settings, record)
    finally:
        night_ended(settings, record)


def put_down(settings: Settings, record: RunRecord, error: Exception) -> None:
    """Adds an unexpected error to the record of a night, in words that quote nothing.

    Args:
        settings: the installation.
        record: the night it happened in.
        error: what happened; its whole story is kept beside the internal warehouse.
    """
    what = surroundings(error, settings.data_dir) or type(error).__name__
    details = keep_details(settings, error)
    record.failures.append(what if details is None else f"{what} (Einzelheiten in {details.name})")
