"""Runs the nightly job from the command line, in this process."""

import warnings
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import dagster as dg

from pipelines.definitions import build_definitions
from pipelines.history import prune
from pipelines.home import open_records
from pipelines.jobs import LOGGED, NIGHTLY
from weltoffen_etl.failures import surroundings
from weltoffen_etl.journal import RunRecord, last_runs
from weltoffen_etl.lock import LockHeldError, run_lock
from weltoffen_etl.permissions import private_files
from weltoffen_etl.settings import Settings


def run_nightly(settings: Settings) -> RunRecord:
    """Runs the nightly job once.

    Args:
        settings: the installation.

    Returns:
        The run's record; its exit code tells the outcome.

    Raises:
        LockHeldError: another run is under way.
        StorageError: the data folder cannot take a run.
    """
    began = datetime.now(UTC).isoformat(timespec="seconds")
    with run_lock(settings):
        pass  # refuse early, with the holder's name; the run takes the lock itself
    warnings.filterwarnings("ignore", category=dg.BetaWarning)
    job = build_definitions(settings).resolve_job_def(NIGHTLY)
    try:
        with private_files(), open_records(settings) as instance:
            result = job.execute_in_process(
                instance=instance,
                run_config=LOGGED,
                raise_on_error=False,
            )
            # The night is done and told; what is left over goes after the next one.
            with suppress(Exception):
                prune(instance, settings)
    except Exception as error:
        # Dagster's own records lie on the same disk.
        words = surroundings(error, settings.data_dir)
        if words is None:
            raise
        record = _recorded(settings, began) or RunRecord(began)
        record.failures = record.failures or [words]
        return record
    if any(_is_lock_error(event) for event in result.all_events):
        raise LockHeldError({})
    # The disk may not even have taken the journal's line.
    unknown = "Der Lauf konnte sein Ergebnis nicht aufschreiben."
    return _recorded(settings, began) or RunRecord(began, failures=[unknown])


def _recorded(settings: Settings, began: str) -> RunRecord | None:
    """Returns what a run wrote into the journal, None if it could not."""
    record = next(iter(last_runs(settings, 1)), None)
    return record if record is not None and record.started_at >= began else None


def _is_lock_error(event: Any) -> bool:
    """Whether an event's error, or one of its causes, is a lock held by another run."""
    error = getattr(getattr(event, "event_specific_data", None), "error", None)
    while error is not None:
        if error.cls_name == "LockHeldError":
            return True
        error = error.cause
    return False
