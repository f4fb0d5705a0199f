"""Dagster's records: old runs go with all that belongs to them, dead runs free the queue."""

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.test_utils import create_run_for_test, freeze_time

from pipelines.history import DeadRuns, prune
from pipelines.jobs import NIGHTLY
from tests.service.running import records
from weltoffen_etl.lock import run_lock
from weltoffen_etl.settings import Settings

_STARTED, _WAITING = dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.NOT_STARTED


@dg.asset(check_specs=[dg.AssetCheckSpec("one", asset="figure")])
def figure():  # type: ignore[no-untyped-def]  # Dagster judges the annotation
    return dg.MaterializeResult(check_results=[dg.AssetCheckResult(passed=True, check_name="one")])


def _runs(instance: dg.DagsterInstance, number: int, ago: timedelta) -> list[str]:
    job = dg.Definitions(assets=[figure]).resolve_implicit_global_asset_job_def()
    with freeze_time(datetime.now(UTC) - ago):
        return [job.execute_in_process(instance=instance).run_id for _ in range(number)]


def _files_of(home: Path, run: str) -> list[Path]:
    return [x for x in home.rglob("*") if run in str(x)]


def _rows(home: Path) -> dict[str, int]:
    counted = {}
    for file in ("history/runs.db", "history/runs/index.db"):
        database = sqlite3.connect(home / file)
        for table in ("runs", "run_tags", "event_logs", "asset_check_executions"):
            query = "select count(*) from sqlite_master where name = ?"
            if database.execute(query, [table]).fetchone()[0]:
                counted[table] = database.execute(f"select count(*) from {table}").fetchone()[0]
        database.close()
    return counted


def _size(home: Path) -> int:
    return sum(x.stat().st_size for x in home.rglob("*") if x.is_file() and x.suffix == ".db")


def test_old_runs_go_with_all_that_belongs_to_them(settings: Settings) -> None:
    home = settings.data_dir / "dagster"
    with records(settings) as instance:
        old = _runs(instance, 6, timedelta(days=settings.keep_run_days + 1))
        fresh = _runs(instance, 2, timedelta(days=3))
        size = _size(home)
        assert all(len(_files_of(home, run)) > 3 for run in old), "nothing to remove"
        assert prune(instance, settings) == 6
        assert [_files_of(home, run) for run in old] == [[]] * 6
        assert all(_files_of(home, run) for run in fresh)
        rows = _rows(home)
        assert (rows["runs"], rows["asset_check_executions"]) == (2, 2)
        assert _size(home) < size / 2
        assert prune(instance, settings) == 0
        # The newest stays even when all are old.
        assert prune(instance, settings.model_copy(update={"keep_run_days": 1})) == 1
        assert instance.get_runs_count() == 1


def test_leftovers_of_a_removal_that_was_killed_go_too(settings: Settings) -> None:
    home = settings.data_dir / "dagster"
    with records(settings) as instance:
        (run,) = _runs(instance, 1, timedelta(days=200))
        (newest,) = _runs(instance, 1, timedelta())
        instance.delete_run(run)
        assert _files_of(home, run)
        assert prune(instance, settings) == 0
        assert not _files_of(home, run)
        assert _files_of(home, newest)


def test_dead_runs_are_reported_and_waiting_ones_stay(settings: Settings) -> None:
    with records(settings) as instance:
        dead = create_run_for_test(instance, job_name=NIGHTLY, status=_STARTED)
        waiting = create_run_for_test(instance, job_name=NIGHTLY, status=_WAITING)
        with run_lock(settings):
            assert DeadRuns().report_all(instance, settings) == 0
        assert DeadRuns().report_all(instance, settings) == 1
        states = {run.run_id: run.status for run in instance.get_runs()}
        assert states == {dead.run_id: dg.DagsterRunStatus.FAILURE, waiting.run_id: _WAITING}


def test_while_the_service_runs_only_a_night_that_stays_without_lock_is_dead(
    settings: Settings,
) -> None:
    looks = DeadRuns()
    with records(settings) as instance:
        assert looks.report(instance, settings) == 0
        create_run_for_test(instance, job_name="early_check", status=_STARTED)
        create_run_for_test(instance, job_name=NIGHTLY, status=_STARTED)
        found = [looks.report(instance, settings) for _ in range(2)]
        with run_lock(settings):
            found.append(looks.report(instance, settings))
        found += [looks.report(instance, settings) for _ in range(4)]
        # Seen, without lock once, with it; without it twice; then nothing is left to report:
        # whether another job lives nobody can tell.
        assert found == [0, 0, 0, 0, 1, 0, 0]
        (left,) = instance.get_runs(dg.RunsFilter(statuses=[_STARTED]))
        assert left.job_name == "early_check"


def test_night_that_has_just_begun_finds_the_lock_free(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    monkeypatch.setattr("pipelines.history.run_lock", asked.append)
    with records(settings) as instance:
        create_run_for_test(instance, job_name=NIGHTLY, status=_STARTED)
        DeadRuns().report(instance, settings)
    assert asked == []
