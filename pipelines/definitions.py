"""All of the graph on one screen."""

import dagster as dg

from pipelines.assets.intake import deliveries, stage
from pipelines.assets.notices import notices
from pipelines.assets.release import release
from pipelines.assets.tables import schema_assets
from pipelines.jobs import early_check, nightly
from pipelines.lifeline import follow
from pipelines.progress import PROGRESS, progress_logger
from pipelines.resources import Installation, Night
from pipelines.schedules import nightly_schedule
from pipelines.sensors import inbox_sensor
from weltoffen_etl.settings import Settings


def build_definitions(settings: Settings) -> dg.Definitions:
    """Puts the graph together for one installation.

    Args:
        settings: folders and limits the runs use.

    Returns:
        Assets with their checks, jobs, schedule and sensor.
    """
    return dg.Definitions(
        assets=[
            deliveries,
            stage,
            schema_assets("reference"),
            schema_assets("raw"),
            schema_assets("core"),
            schema_assets("shown"),
            schema_assets("quality"),
            schema_assets("disclosure"),
            schema_assets("comparison"),
            release,
            notices,
        ],
        jobs=[nightly, early_check],
        schedules=[nightly_schedule],
        sensors=[inbox_sensor(settings)],
        resources={"night": Night.of(settings), "installation": Installation.of(settings)},
        loggers={PROGRESS: progress_logger(settings)},
    )


# Code servers and runs that Dagster starts for the service must end with it.
follow()
defs = build_definitions(Settings())
