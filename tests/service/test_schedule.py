"""The schedule through Dagster's own scheduler with a simulated clock: one night, one run."""

import logging
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import dagster as dg
import pytest
import yaml
from dagster._core.instance.runs.run_domain import RunDomain
from dagster._core.test_utils import create_test_daemon_workspace_context, freeze_time
from dagster._core.workspace.load_target import WorkspaceFileTarget
from dagster._scheduler.scheduler import ScheduleIterationTimes, launch_scheduled_runs

from pipelines.home import LOCAL, dagster_home, workspace_file
from tests.service.running import records
from weltoffen_etl.settings import Settings

BERLIN = ZoneInfo("Europe/Berlin")
SPRING, AUTUMN, NEXT_SPRING = date(2027, 3, 28), date(2027, 10, 31), date(2028, 3, 26)
"""Days on which the clock changes."""


def _looks(first: date, nights: int) -> Iterator[datetime]:
    """When the scheduler looks: before, within and after the hour of the night and of the change.

    In reality it looks every minute; between two ticks of the schedule it only compares times.
    """
    moment = datetime(first.year, first.month, first.day, tzinfo=BERLIN).astimezone(UTC)
    end = moment + timedelta(days=nights)
    while moment < end:
        yield moment
        by_night = moment.astimezone(BERLIN).hour in {0, 1, 2, 3}
        moment += timedelta(minutes=20 if by_night else 600)


def _around(day: date) -> Iterator[datetime]:
    """Before the time of the night, at it, after it and by day."""
    for hour, minute in ((1, 14), (1, 15), (1, 16), (13, 0)):
        yield datetime(day.year, day.month, day.day, hour, minute, tzinfo=BERLIN).astimezone(UTC)


@pytest.fixture
def scheduled(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> "Iterator[Scheduler]":
    monkeypatch.setenv("WELTOFFEN_DATA_DIR", str(settings.data_dir))
    # The plan of a run is 232 events in a file of their own; the scheduler never reads them.
    monkeypatch.setattr(RunDomain, "_log_asset_planned_events", lambda *_: None)
    home = settings.data_dir / "dagster"
    home.mkdir(parents=True)
    # Else the code server is left behind as a child that nobody waited for.
    own = {"code_servers": {"wait_for_local_processes_on_shutdown": True}}
    (home / LOCAL).write_text(yaml.safe_dump(own), encoding="utf-8")
    assert dagster_home(settings) == home
    with (
        records(settings) as instance,
        create_test_daemon_workspace_context(
            WorkspaceFileTarget([os.fspath(workspace_file(home))]), instance
        ) as context,
    ):
        yield Scheduler(instance, context)


class Scheduler:
    """Dagster's scheduler as the daemon runs it, at moments that we choose."""

    def __init__(self, instance: dg.DagsterInstance, context: object) -> None:
        self._instance, self._context = instance, context
        self._times: dict[str, ScheduleIterationTimes] = {}
        self._log = logging.getLogger("simulated")

    def live(self, moments: Sequence[datetime] | Iterator[datetime]) -> None:
        for moment in moments:
            with freeze_time(moment):
                for problem in launch_scheduled_runs(
                    self._context,  # type: ignore[arg-type]
                    self._log,
                    end_datetime_utc=moment,
                    iteration_times=self._times,
                ):
                    assert problem is None, problem

    def restart(self) -> None:
        """What the daemon keeps in memory is gone."""
        self._times = {}

    def nights(self) -> Counter[date]:
        """Requested runs by the local day for which they were scheduled."""
        found: Counter[date] = Counter()
        for run in self._instance.get_runs():
            assert run.status is dg.DagsterRunStatus.QUEUED
            assert run.job_name == "nightly"
            moment = datetime.fromisoformat(run.tags[".dagster/scheduled_execution_time"])
            local = moment.astimezone(BERLIN)
            assert (local.hour, local.minute) == (1, 15)
            found[local.date()] += 1
        return found


def test_one_run_a_night_when_the_clock_changes(scheduled: Scheduler) -> None:
    nights = {}
    for change in (SPRING, AUTUMN):
        first = change - timedelta(days=1)
        scheduled.live(_looks(first, 3))
        nights |= {first + timedelta(days=n): 1 for n in range(3)}
    # The months between were an outage: one run makes up for all of it.
    assert scheduled.nights() == nights | {AUTUMN - timedelta(days=2): 1}


@pytest.mark.slow
def test_one_run_a_night_for_half_a_year(scheduled: Scheduler) -> None:
    # Both changes of the clock, a new year and a 29 February.
    first, last = AUTUMN - timedelta(days=3), NEXT_SPRING + timedelta(days=3)
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    for day in days:
        # The hours of the night closely where the clock changes, else right around its time.
        closely = min(abs(day - change) for change in (AUTUMN, NEXT_SPRING)) <= timedelta(days=1)
        scheduled.live(_looks(day, 1) if closely else _around(day))
    assert scheduled.nights() == dict.fromkeys(days, 1)


@pytest.mark.slow
@pytest.mark.parametrize("back", [date(2027, 6, 9), SPRING, AUTUMN])
def test_three_nights_of_outage_are_made_up_by_one_run(scheduled: Scheduler, back: date) -> None:
    before = back - timedelta(days=4)
    scheduled.live(_looks(before, 1))
    scheduled.restart()
    noon = datetime(back.year, back.month, back.day, 12, tzinfo=BERLIN).astimezone(UTC)
    scheduled.live([noon + timedelta(minutes=n) for n in range(5)])
    assert scheduled.nights() == {before: 1, back: 1}
    scheduled.live(_looks(back + timedelta(days=1), 1))
    assert scheduled.nights() == {before: 1, back: 1, back + timedelta(days=1): 1}
