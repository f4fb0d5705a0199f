"""Spark and Sail build what DuckDB builds, from the same stage, to the last row."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from tests.conftest import deliver
from tests.engine.invented import invent
from tests.engine.servers import server
from tests.nights import run_night
from tests.seeded.exports import FIXTURES, PLACES
from weltoffen_etl.catalog import tables
from weltoffen_etl.database import connect
from weltoffen_etl.deliveries.archive import Archive
from weltoffen_etl.disclosure.build import build_schema
from weltoffen_etl.settings import Settings
from weltoffen_etl.warehouse.audit import audit_schema
from weltoffen_etl.warehouse.build import build_file, build_raw, start
from weltoffen_etl.warehouse.current import current_release
from weltoffen_etl.warehouse.release import content_of

# What the client of Spark warns of when it is imported is not ours.
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]
BUILT = ("core", "shown", "quality", "disclosure", "comparison")
Content = dict[str, tuple[int, str]]


@pytest.fixture(scope="module", params=["spark", "sail"])
def url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with server(request.param, tmp_path_factory.mktemp("server")) as address:
        yield address


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    settings = Settings(data_dir=tmp_path_factory.mktemp("stage"), as_of=date(2026, 12, 1))
    invent(settings, 3_000)
    return settings


def _built(settings: Settings) -> Content:
    start(settings)
    build_raw(settings, Archive(settings.archive).arrivals())
    for schema in BUILT:
        build_schema(settings, schema)
        audit = audit_schema(settings, schema)
        assert audit.passed or schema == "raw", audit.failures
    with connect(settings, build_file(settings), read_only=True) as connection:
        return {
            name: content_of(connection, described)
            for name, described in tables().items()
            if described.schema_name in BUILT
        }


def _night(folder: Path, **more: str | None) -> Settings:
    settings = Settings.model_validate(
        {"data_dir": folder, "settle_seconds": 0.0, "as_of": date(2026, 12, 1), **more}
    )
    for name, place in PLACES.items():
        deliver(settings, place, FIXTURES / f"{name}.csv")
    record = run_night(settings)
    assert record.outcome == "published", record.failures
    return settings


def test_an_invented_stage(stage: Settings, url: str) -> None:
    here = _built(stage)
    there = _built(stage.model_copy(update={"engine": "spark", "spark_url": url}))
    assert here["core.response_field"][0] > 20_000
    assert here["core.answer_count"][0] > 10_000
    answers = here.pop("core.answer")
    assert answers[0] == 3_000 * 108
    assert there.pop("core.answer")[0] == 0
    assert there == here


def test_a_night_with_real_exports(tmp_path: Path, url: str) -> None:
    here = current_release(_night(tmp_path / "here"))
    there = current_release(_night(tmp_path / "there", engine="spark", spark_url=url))
    assert here is not None
    assert there is not None
    mine, theirs = here.manifest(), there.manifest()
    assert mine["tables"] == theirs["tables"]
    assert mine["inputs_version"] == theirs["inputs_version"]


def test_the_stage_under_another_name(stage: Settings, url: str, tmp_path: Path) -> None:
    """The cluster may see the folder elsewhere; what it is told is where it reads."""
    (tmp_path / "elsewhere").symlink_to(stage.stage)
    more = {"engine": "spark", "spark_url": url, "spark_stage": f"{tmp_path}/elsewhere/"}
    there = _built(stage.model_copy(update=more))
    assert there["core.answer_count"] == _built(stage)["core.answer_count"]
