"""Dagster's events over connections that stay open: the same records, few files, none left open."""

import os
from pathlib import Path

import dagster as dg
from dagster._core.storage.event_log.sqlite.sqlite_event_log import SqliteEventLogStorage

from pipelines.home import dagster_home, open_records
from pipelines.records import EventRecords
from weltoffen_etl.settings import Settings


@dg.asset
def something() -> dg.MaterializeResult[None]:
    return dg.MaterializeResult(metadata={"rows": 3})


def _open_files(folder: Path) -> list[str]:
    links = [Path(f"/proc/self/fd/{x}") for x in os.listdir("/proc/self/fd")]  # noqa: PTH208
    targets = [str(link.readlink()) for link in links if link.is_symlink()]
    return [x for x in targets if x.startswith(str(folder)) and x.endswith(".db")]


def test_what_is_written_is_what_dagster_itself_reads(settings: Settings) -> None:
    runs = dagster_home(settings) / "history" / "runs"
    with open_records(settings) as instance:
        assert isinstance(instance.event_log_storage, EventRecords)
        done = [dg.materialize([something], instance=instance) for _ in range(5)]
        events = {x.run_id: len(instance.all_logs(x.run_id)) for x in done}
        # The index and the last two runs: a service that looks at many keeps few open.
        assert len(set(_open_files(runs))) == 3, _open_files(runs)
    assert _open_files(runs) == []
    own = SqliteEventLogStorage(str(runs))
    assert {x: len(own.get_logs_for_run(x)) for x in events} == events
    latest = own.get_latest_materialization_events([something.key])[something.key]
    assert latest is not None
    assert latest.run_id == done[-1].run_id
    own.dispose()


def test_an_operator_may_keep_records_elsewhere(settings: Settings, tmp_path: Path) -> None:
    home = dagster_home(settings)
    other = tmp_path / "elsewhere"
    (home / "dagster.local.yaml").write_text(f"storage: {{sqlite: {{base_dir: {other}}}}}\n")
    with open_records(settings) as instance:
        assert not isinstance(instance.event_log_storage, EventRecords)
        assert dg.materialize([something], instance=instance).success
    assert list((other / "history" / "runs").glob("*.db"))
