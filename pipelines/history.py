"""What Dagster remembers of earlier runs: dead ones are reported, old ones removed."""

import contextlib
import shutil
import sqlite3
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
from dagster._core.storage.event_log.schema import AssetCheckExecutionsTable
from dagster._core.storage.event_log.sqlite.sqlite_event_log import (
    INDEX_SHARD_NAME,
    SqliteEventLogStorage,
)
from dagster._core.storage.local_compute_log_manager import LocalComputeLogManager
from dagster._core.utils import is_valid_run_id

from pipelines.jobs import NIGHTLY
from weltoffen_etl.lock import LockHeldError, run_lock
from weltoffen_etl.settings import Settings

_CHECKS = AssetCheckExecutionsTable
_UNDER_WAY = [
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]
_ENDED = [
    dg.DagsterRunStatus.SUCCESS,
    dg.DagsterRunStatus.FAILURE,
    dg.DagsterRunStatus.CANCELED,
]


class DeadRuns:
    """Finds runs that Dagster believes under way although their process is gone.

    Dagster's launcher cannot tell: such a run would hold up the queue until its longest
    duration is over. Every night holds the lock of the installation, which the kernel frees.
    """

    def __init__(self) -> None:
        """Knows of none yet."""
        self._looks_without_lock: dict[str, int] = {}

    def report_all(self, instance: dg.DagsterInstance, settings: Settings) -> int:
        """Reports every run under way as failed, for when no process of the service lives.

        A queued run stays queued. A night in a process of its own (``weltoffen run``) holds the
        lock; then nothing is reported.

        Returns:
            The number of runs reported.
        """
        runs = instance.get_runs(dg.RunsFilter(statuses=_UNDER_WAY))
        return self._report(instance, settings, runs) or 0 if runs else 0

    def report(self, instance: dg.DagsterInstance, settings: Settings) -> int:
        """Reports nights as failed that stay without the lock, while the service runs.

        To be called about once a minute. A night is dead if the lock was free at two looks after
        the one that saw it first: it takes the lock soon after it began, and ends soon after it
        gave it back. A night that has just begun is not put at risk by asking for the lock.

        Returns:
            The number of runs reported.
        """
        started = dg.RunsFilter(job_name=NIGHTLY, statuses=[dg.DagsterRunStatus.STARTED])
        runs = instance.get_runs(started)
        looks = {run.run_id: self._looks_without_lock.get(run.run_id, -1) for run in runs}
        known = [run_id for run_id, number in looks.items() if number >= 0]
        dead = [run for run in runs if looks[run.run_id] >= 1]
        free = self._report(instance, settings, dead) if known else 0
        self._looks_without_lock = {
            run_id: 0 if free is None else number + 1 for run_id, number in looks.items()
        }
        return free or 0

    @staticmethod
    def _report(
        instance: dg.DagsterInstance, settings: Settings, runs: Sequence[dg.DagsterRun]
    ) -> int | None:
        """Reports runs if the lock is free; None if it is not."""
        try:
            with run_lock(settings):
                for run in runs:
                    instance.report_run_failed(run, "The process of this run is gone.")
                return len(runs)
        except LockHeldError:
            return None


def prune(instance: dg.DagsterInstance, settings: Settings) -> int:
    """Removes what Dagster keeps of runs that ended longer ago than `keep_run_days`.

    The newest run stays whatever its age. Our own journal of runs is not touched.

    Args:
        instance: Dagster's records.
        settings: the installation.

    Returns:
        The number of runs removed.
    """
    before = datetime.now(UTC) - timedelta(days=settings.keep_run_days)
    newest = {record.dagster_run.run_id for record in instance.get_run_records(limit=1)}
    old = [
        run.run_id
        for run in instance.get_runs(dg.RunsFilter(statuses=_ENDED, updated_before=before))
        if run.run_id not in newest
    ]
    for run_id in old:
        instance.delete_run(run_id)
    _remove_leftovers(instance)
    return len(old)


def _remove_leftovers(instance: dg.DagsterInstance) -> None:
    """Removes what `delete_run` leaves: files of a run, its results of checks, free pages.

    Goes by what has no run any more, so that what a crash left is removed too.
    """
    events, logs = instance.event_log_storage, instance.compute_log_manager
    if isinstance(events, SqliteEventLogStorage):
        index = Path(events.path_for_shard(INDEX_SHARD_NAME))
        _remove_unowned(instance, index.parent, "*.db*", lambda path: path.name.split(".")[0])
        with events.index_connection() as connection:
            connection.execute(
                _CHECKS.delete().where(_CHECKS.c.run_id.not_in(list(_known_runs(instance))))
            )
        _give_back_free_pages(index)
    if isinstance(logs, LocalComputeLogManager):
        base = Path(logs.get_captured_local_path(["x"], "y")).parent
        _remove_unowned(instance, base, "*", lambda path: path.name)


def _remove_unowned(
    instance: dg.DagsterInstance, folder: Path, pattern: str, run_of: Callable[[Path], str]
) -> None:
    # Listed before the runs are: a run that begins meanwhile is known before it has files.
    listed = [path for path in folder.glob(pattern) if is_valid_run_id(run_of(path))]
    known = _known_runs(instance)
    for path in listed:
        if run_of(path) in known:
            continue
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def _known_runs(instance: dg.DagsterInstance) -> set[str]:
    return set(instance.get_run_ids())


def _give_back_free_pages(file: Path) -> None:
    """Makes a database smaller whose greater part is free; where it is in use, next time."""
    with contextlib.closing(sqlite3.connect(file, timeout=1)) as connection:
        (free,), (all_,) = (
            connection.execute(f"pragma {what}").fetchone()
            for what in ("freelist_count", "page_count")
        )
        if free > all_ / 2:
            with contextlib.suppress(sqlite3.OperationalError):
                connection.execute("vacuum")
                connection.execute("pragma wal_checkpoint(truncate)")
