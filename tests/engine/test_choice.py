"""Which engine is asked for, and what is said where it cannot work."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from weltoffen_etl.engine.choice import engine_of
from weltoffen_etl.engine.duckdb_engine import DuckDBEngine
from weltoffen_etl.engine.face import EngineError, EngineMissingError
from weltoffen_etl.failures import passes_by_itself, surroundings
from weltoffen_etl.settings import Settings


def test_duckdb_unless_something_else_is_asked_for(settings: Settings) -> None:
    assert isinstance(engine_of(settings), DuckDBEngine)


def test_spark_needs_an_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WELTOFFEN_ENGINE", "spark")
    with pytest.raises(ValidationError, match="WELTOFFEN_SPARK_URL fehlt"):
        Settings()
    monkeypatch.setenv("WELTOFFEN_SPARK_URL", "http://cluster:15002")
    with pytest.raises(ValidationError, match="spark_url"):
        Settings()
    monkeypatch.setenv("WELTOFFEN_SPARK_URL", "sc://cluster:15002")
    assert Settings().spark_url == "sc://cluster:15002"


def test_without_pyspark_it_says_how_to_get_it(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What stands as None in sys.modules counts as not installed.
    monkeypatch.setitem(__import__("sys").modules, "pyspark.sql.connect.session", None)
    asked = settings.model_copy(update={"engine": "spark", "spark_url": "sc://127.0.0.1:1"})
    with pytest.raises(EngineMissingError, match="uv sync --extra spark"):
        engine_of(asked)


def test_a_server_that_is_away_is_tried_again_and_told(tmp_path: Path) -> None:
    error = EngineError("x")
    assert passes_by_itself(error)
    told = surroundings(error, tmp_path)
    assert told is not None
    assert "WELTOFFEN_SPARK_URL" in told
