"""Which engine an installation has."""

from __future__ import annotations

from weltoffen_etl.engine.duckdb_engine import DuckDBEngine
from weltoffen_etl.engine.face import Engine
from weltoffen_etl.settings import Settings


def engine_of(settings: Settings) -> Engine:
    """Returns the engine of the settings; Spark is imported only where it is asked for.

    Raises:
        EngineMissingError: the package for Spark is not installed.
    """
    if settings.engine == "spark":
        from weltoffen_etl.engine.spark_engine import SparkEngine

        return SparkEngine(settings)
    return DuckDBEngine()
