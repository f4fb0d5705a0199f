"""What wakes a job: new files in the inbox."""

import hashlib

import dagster as dg

from pipelines.jobs import EARLY_CHECK
from weltoffen_etl.early.inbox import look
from weltoffen_etl.failures import where
from weltoffen_etl.settings import Settings

INBOX_SENSOR = "inbox_sensor"
_INTERVAL_SECONDS = 300


def inbox_sensor(settings: Settings) -> dg.SensorDefinition:
    """Makes the sensor that starts a check by day for contents nobody has seen.

    Cursor, run keys and messages hold hashes, sizes and times, never a name. The sensor takes
    no resource: that of the night would hold its lock.

    Args:
        settings: inbox, archive, and whether there are checks by day.
    """

    @dg.sensor(
        name=INBOX_SENSOR,
        # By name: of a job itself Dagster makes a copy here, with a warning about its own doing.
        job_name=EARLY_CHECK,
        minimum_interval_seconds=_INTERVAL_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Starts a check by day when files have arrived and no longer change.",
    )
    def watch_inbox(
        context: dg.SensorEvaluationContext,
    ) -> dg.SensorResult | dg.SkipReason:
        if not settings.early_checks:
            return dg.SkipReason("checks by day are switched off")
        try:
            seen = look(settings, context.cursor)
        except Exception as error:
            # The inbox holds whatever people put there; the next look may succeed.
            return dg.SkipReason(f"the inbox could not be looked at: {where(error)}")
        if not seen.new:
            return dg.SensorResult(skip_reason="nothing new", cursor=seen.cursor)
        # The contents are the key: the same bytes under another name start nothing.
        key = hashlib.sha256(" ".join(seen.new).encode()).hexdigest()
        return dg.SensorResult(run_requests=[dg.RunRequest(run_key=key)], cursor=seen.cursor)

    return watch_inbox
