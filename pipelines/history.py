"""What Dagster remembers of earlier runs: dead ones are reported, old ones removed."""

from datetime import UTC, datetime, timedelta

import dagster as dg

from pipelines.jobs import NIGHTLY
from weltoffen_etl.lock import LockHeldError, run_lock
from weltoffen_etl.settings import Settings

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
        self._seen: set[str] = set()

    def report(self, instance: dg.DagsterInstance, settings: Settings, *, none_lives: bool) -> int:
        """Reports runs as failed that nobody can be working on; a queued run stays queued.

        Args:
            instance: Dagster's records.
            settings: the installation.
            none_lives: whether there is certainly no process of the service: then every run is
                dead if the lock is free. Else it must be a night seen at two looks with the
                lock free; between looks must lie more time than a run needs to take the lock.

        Returns:
            The number of runs reported.
        """
        runs = instance.get_runs(dg.RunsFilter(statuses=_UNDER_WAY))
        if not runs:
            self._seen = set()
            return 0
        try:
            with run_lock(settings):
                dead = [
                    run
                    for run in runs
                    if none_lives or (run.job_name == NIGHTLY and run.run_id in self._seen)
                ]
                for run in dead:
                    instance.report_run_failed(run, "The process of this run is gone.")
                self._seen = {run.run_id for run in runs} - {run.run_id for run in dead}
                return len(dead)
        except LockHeldError:
            self._seen = set()
            return 0


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
    return len(old)
