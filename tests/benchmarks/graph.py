"""What Dagster costs by itself: runs of as many assets and checks as ours, none of which does anything.

    python -m tests.benchmarks.graph ours    our graph on a state with nothing new
    python -m tests.benchmarks.graph empty   the same assets, checks and steps, empty, as we run them
    python -m tests.benchmarks.graph bare    the same as Dagster runs them where nothing is set

Each with ``--data-dir FOLDER``. The first is what the service starts in a night without news; the
command does not start the graph then. The second is what Dagster adds to a night with news.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import dagster as dg

from weltoffen_etl.settings import Settings


def in_order(ours: dg.AssetsDefinition) -> list[dg.AssetKey]:
    """Returns the assets of a step, each after those it follows from, as Dagster asks for."""
    follows = {spec.key: {x.asset_key for x in spec.deps} & set(ours.keys) for spec in ours.specs}
    return list(TopologicalSorter(follows).static_order())


def empty(ours: dg.AssetsDefinition) -> dg.AssetsDefinition:
    """Makes a step with the assets and checks of one of ours that reports each and does nothing."""

    @dg.multi_asset(
        name=ours.op.name,
        specs=[dg.AssetSpec(spec.key, deps=spec.deps) for spec in ours.specs],
        check_specs=[
            dg.AssetCheckSpec(spec.name, asset=spec.asset_key, blocking=spec.blocking)
            for spec in ours.check_specs
        ],
    )
    def nothing() -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
        for key in in_order(ours):
            yield dg.MaterializeResult(asset_key=key, metadata={"dagster/row_count": 0})
        for check in ours.check_specs:
            yield dg.AssetCheckResult(asset_key=check.asset_key, check_name=check.name, passed=True)

    return nothing


def run_empty(settings: Settings, *, bare: bool) -> tuple[int, int]:
    """Runs the empty graph in one process, in a folder of its own.

    Args:
        settings: the installation whose graph it is.
        bare: with records and logs as Dagster keeps them by default, instead of as we do.

    Returns:
        Numbers of assets and checks.
    """
    from pipelines.definitions import build_definitions
    from pipelines.home import open_records
    from pipelines.jobs import LOGGED
    from pipelines.progress import PROGRESS, progress_logger

    ours = build_definitions(settings).assets or []
    assets = [empty(x) for x in ours if isinstance(x, dg.AssetsDefinition)]
    job = dg.Definitions(
        assets=assets,
        jobs=[dg.define_asset_job("empty", executor_def=dg.in_process_executor)],
        loggers={} if bare else {PROGRESS: progress_logger(settings)},
    ).resolve_job_def("empty")
    with tempfile.TemporaryDirectory() as folder:
        own = settings.model_copy(update={"data_dir": Path(folder)})
        records = dg.DagsterInstance.local_temp(folder) if bare else open_records(own)
        with records as instance:
            job.execute_in_process(instance=instance, run_config={} if bare else LOGGED)
    return (
        sum(len(list(x.keys)) for x in assets),
        sum(len(list(x.check_specs)) for x in assets),
    )


def main() -> None:
    """Runs one of the three."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("which", choices=["ours", "empty", "bare"])
    parser.add_argument("--data-dir", type=Path, required=True)
    chosen = parser.parse_args()
    settings = Settings(data_dir=chosen.data_dir)
    if chosen.which != "ours":
        assets, checks = run_empty(settings, bare=chosen.which == "bare")
        print(f"{assets} assets, {checks} checks")
        return
    from pipelines.run import run_nightly

    record = run_nightly(settings)
    if record.outcome != "nothing_new":
        raise SystemExit(f"{record.outcome}: {record.failures}")


if __name__ == "__main__":
    main()
