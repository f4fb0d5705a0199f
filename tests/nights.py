"""Runs the real nightly job in tests."""

from weltoffen_etl.journal import RunRecord
from weltoffen_etl.settings import Settings


def run_night(settings: Settings) -> RunRecord:
    from pipelines.run import run_nightly

    return run_nightly(settings)
