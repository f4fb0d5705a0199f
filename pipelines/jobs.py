"""The jobs: everything by night, a check of new files by day; each in one process."""

import dagster as dg

from pipelines.early import check_new_files

NIGHTLY = "nightly"
EARLY_CHECK = "early_check"
WORK = "weltoffen/work"
"""Tag that the run queue counts: one night and one check by day may run side by side."""

nightly = dg.define_asset_job(
    NIGHTLY,
    selection=dg.AssetSelection.all(),
    description="Takes in new deliveries, rebuilds and audits the warehouse, publishes a release.",
    executor_def=dg.in_process_executor,
    tags={WORK: NIGHTLY},
)


@dg.job(
    name=EARLY_CHECK,
    description="Checks files that have just arrived and tells their senders; publishes nothing.",
    executor_def=dg.in_process_executor,
    tags={WORK: EARLY_CHECK, "dagster/max_runtime": "900"},
)
def early_check() -> None:
    """One step."""
    check_new_files()
