"""When the night runs: outside the hour that the clock change repeats or skips."""

import dagster as dg

from pipelines.jobs import LOGGED, nightly

nightly_schedule = dg.ScheduleDefinition(
    name="nightly_0115",
    job=nightly,
    run_config=LOGGED,
    cron_schedule="15 1 * * *",
    execution_timezone="Europe/Berlin",
    default_status=dg.DefaultScheduleStatus.RUNNING,
)
