"""Lets Dagster's own scheduler see the coming 1:15 in Berlin, in an installation that is running.

For tests only: the clock of this process is simulated, the queue it fills is the real one. Called
with the Python of the installation: `python coming_night.py DAGSTER_HOME`.
"""

import logging
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import dagster as dg
from dagster._core.test_utils import create_test_daemon_workspace_context, freeze_time
from dagster._core.workspace.load_target import WorkspaceFileTarget
from dagster._scheduler.scheduler import launch_scheduled_runs


def main(home: Path) -> None:
    now = datetime.now(ZoneInfo("Europe/Berlin"))
    night = now.replace(hour=1, minute=15, second=0, microsecond=0)
    night = (night if night > now else night + timedelta(days=1)).astimezone(UTC)
    with (
        dg.DagsterInstance.from_config(str(home)) as instance,
        create_test_daemon_workspace_context(
            WorkspaceFileTarget([str(home / "workspace.yaml")]), instance
        ) as context,
    ):
        before = instance.get_runs_count()
        requested, times = [], {}
        for moment in (night - timedelta(seconds=1), night, night + timedelta(minutes=1)):
            with freeze_time(moment):
                for problem in launch_scheduled_runs(
                    context, logging.getLogger("simulated"), moment, iteration_times=times
                ):
                    assert problem is None, problem
            requested.append(instance.get_runs_count() - before)
        assert requested == [0, 1, 1], requested


if __name__ == "__main__":
    main(Path(sys.argv[1]))
