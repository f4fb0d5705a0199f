"""The nightly job: everything, in one process."""

from typing import Any

import dagster as dg

from pipelines.progress import PROGRESS

NIGHTLY = "nightly"
LOGGED: dict[str, Any] = {"loggers": {PROGRESS: {}}}
"""Configuration of a run: our own lines instead of Dagster's, however it is launched."""

nightly = dg.define_asset_job(
    NIGHTLY,
    selection=dg.AssetSelection.all(),
    description="Takes in new deliveries, rebuilds and audits the warehouse, publishes a release.",
    executor_def=dg.in_process_executor,
    # A night counts as a whole: what a killed one had built is not taken over by the next try.
    tags={"dagster/retry_strategy": "ALL_STEPS"},
    config=LOGGED,
)
