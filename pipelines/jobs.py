"""The jobs: everything by night, a check of new files by day; each in one process."""

from typing import Any

import dagster as dg

from pipelines.early import check_new_files
from pipelines.progress import PROGRESS

NIGHTLY = "nightly"
EARLY_CHECK = "early_check"
WORK = "weltoffen/work"
"""Tag that the run queue counts: one night and one check by day may run side by side."""
LOGGED: dict[str, Any] = {"loggers": {PROGRESS: {}}}
"""Configuration of a run: our own lines instead of Dagster's, however it is launched."""

nightly = dg.define_asset_job(
    NIGHTLY,
    selection=dg.AssetSelection.all(),
    description="Takes in new deliveries, rebuilds and audits the warehouse, publishes a release.",
    executor_def=dg.in_process_executor,
    # A night counts as a whole: what a killed one had built is not taken over by the next try.
    tags={WORK: NIGHTLY, "dagster/retry_strategy": "ALL_STEPS"},
    config=LOGGED,
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
