"""Statements that must not get anywhere, typed by somebody, against the limits of a question."""

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.distribution.small import MANIFEST, write_small
from weltoffen_etl.asking import query
from weltoffen_etl.asking.errors import QueryError
from weltoffen_etl.asking.limits import process_limits
from weltoffen_etl.asking.query import ask
from weltoffen_etl.settings import PROJECT_ROOT, Settings
from weltoffen_etl.warehouse.release import PublicationError, verify

SECONDS = 1.0
MEMORY = 250 * 1000**2


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    settings = Settings(
        data_dir=tmp_path_factory.mktemp("asked"), query_memory="250MB", query_seconds=SECONDS
    )
    folder = settings.releases / MANIFEST["release"]
    folder.mkdir(parents=True)
    write_small(folder / "weltoffen.duckdb")
    (folder / "manifest.json").write_text("{}", encoding="utf-8")
    (settings.releases / "current").symlink_to(folder.name)
    return settings


@dataclass(frozen=True)
class _Ended:
    code: int
    told: str
    seconds: float
    peak_bytes: int


def _typed(settings: Settings, sql: str) -> _Ended:
    """Types a statement as an evaluator does, in a process that is measured."""
    environment = {
        **os.environ,
        "WELTOFFEN_DATA_DIR": str(settings.data_dir),
        "WELTOFFEN_QUERY_MEMORY": settings.query_memory,
        "WELTOFFEN_QUERY_SECONDS": str(settings.query_seconds),
        "WELTOFFEN_DUCKDB_THREADS": "2",
    }
    begun = time.monotonic()
    told = settings.data_dir / "told.txt"
    with told.open("wb") as output:
        process = subprocess.Popen(
            [str(Path(sys.executable).with_name("weltoffen")), "query", sql, "--csv"],
            cwd=PROJECT_ROOT,
            env=environment,
            stdout=output,
            stderr=output,
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    return _Ended(
        process.returncode,
        told.read_text("utf-8", errors="replace"),
        time.monotonic() - begun,
        usage.ru_maxrss * 1024,
    )


REFUSED = (
    "from read_csv('/etc/passwd')",
    "from read_text('/etc/passwd')",
    "from read_blob('/proc/self/environ')",
    "from '/etc/passwd'",
    "from sniff_csv('/etc/passwd')",
    "from glob('/etc/*')",
    "from read_parquet('https://example.org/x.parquet')",
    "from query_table('/etc/passwd')",
    "select getenv('HOME')",
    "attach '/tmp/weltoffen-no.duckdb'",
    "attach ':memory:' as other",
    "copy reference.empty to '/tmp/weltoffen-no.csv'",
    "copy (select 1) to '/tmp/weltoffen-no.parquet'",
    "copy reference.empty from '/etc/passwd'",
    "export database '/tmp/weltoffen-no'",
    "import database '/tmp'",
    "install httpfs",
    "load httpfs",
    "load '/tmp/weltoffen-no.duckdb_extension'",
    "set enable_external_access = true",
    "set memory_limit = '100GB'",
    "set temp_directory = '/tmp'",
    "set lock_configuration = false",
    "reset memory_limit",
    "pragma memory_limit = '100GB'",
    "pragma threads = 64",
    "pragma enable_profiling",
    "pragma profiling_output = '/tmp/weltoffen-no.json'",
    "from duckdb_secrets()",
    "create secret s (type s3)",
    "create persistent secret s (type s3)",
    "create table x as select 1",
    "create or replace view v as from read_text('/etc/passwd')",
    "insert into reference.empty values ('x')",
    "update comparison.small set ags = ''",
    "drop table comparison.small",
    "alter table comparison.small add column x int",
    "from comparison.small; drop table comparison.small",
    "select 1; attach '/tmp/weltoffen-no.duckdb'",
)


@pytest.mark.parametrize("sql", REFUSED)
def test_refused(published: Settings, sql: str) -> None:
    database = published.releases / MANIFEST["release"] / "weltoffen.duckdb"
    before = database.read_bytes()
    with pytest.raises(QueryError) as refused:
        ask(published, sql)
    assert "root:" not in str(refused.value)
    assert database.read_bytes() == before
    assert not list(Path("/tmp").glob("weltoffen-no*"))  # noqa: S108


COSTLY = {
    "cross join": "select count(*) from range(1000000) a, range(1000000) b, range(1000) c "
    "where a.range * b.range % 7 = c.range",
    "for ever": "with recursive r(n) as (select 1 union all select n + 1 from r) from r",
    "endless rows": "from range(100000000000)",
    "one text": "select string_agg(repeat('x', 1000), '') from range(100000000)",
    "a list": "select list(range) from range(10000000000)",
    "a sort": "from range(10000000000) order by random()",
    "a table": "create temp table x as from range(1000000000)",
    "uncounted text": "select length(repeat('x', 4000000000)) + range from range(3)",
    "one long call": "select levenshtein(repeat('x', 400000), repeat('y', 400000))",
}


@pytest.mark.parametrize(
    "name",
    [
        *("cross join", "one text", "uncounted text"),
        *(pytest.param(x, marks=pytest.mark.slow) for x in COSTLY if x in ("for ever", "a list")),
        *(pytest.param(x, marks=pytest.mark.slow) for x in ("a sort", "a table", "endless rows")),
        pytest.param("one long call", marks=pytest.mark.slow),
    ],
)
def test_stopped_within_its_limits(published: Settings, name: str) -> None:
    ended = _typed(published, COSTLY[name])
    assert ended.code == 1, ended.told
    assert "WELTOFFEN_QUERY_" in ended.told or "Werte" in ended.told, ended.told
    assert "Traceback" not in ended.told
    # Start of the process, the time of the question, and the grace of one that hears nothing.
    assert ended.seconds < SECONDS + 5 + 12
    # The interpreter with DuckDB takes about 200 MB; the result is Python's.
    assert ended.peak_bytes < MEMORY + 1.6 * 1024**3
    left = {file.name for file in (published.releases / MANIFEST["release"]).iterdir()}
    assert left == {"weltoffen.duckdb", "manifest.json"}


def test_all_costly_statements_are_typed() -> None:
    marked = test_stopped_within_its_limits.pytestmark[0].args[1]  # type: ignore[attr-defined]
    names = {x if isinstance(x, str) else x.values[0] for x in marked}
    assert names == COSTLY.keys()


def test_a_database_with_a_view_is_not_published(published: Settings, tmp_path: Path) -> None:
    sound = write_small(tmp_path / "sound.duckdb")
    verify(published, sound, {})
    for number, more in enumerate(
        ("CREATE VIEW v AS FROM read_text('/etc/passwd')", "CREATE MACRO m() AS 1")
    ):
        file = write_small(tmp_path / f"{number}.duckdb", more)
        with pytest.raises(PublicationError, match="mehr als Tabellen"):
            verify(published, file, {})


def test_a_long_result_is_no_answer(published: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(query, "MOST_VALUES", 1000)
    assert len(ask(published, "select 1, 2 from range(500)")[1]) == 500
    with pytest.raises(QueryError, match="weltoffen export"):
        ask(published, "select 1, 2 from range(501)")


def test_limits_of_the_process_are_gone_afterwards(published: Settings) -> None:
    import resource

    before = resource.getrlimit(resource.RLIMIT_DATA)
    with process_limits(published):
        assert resource.getrlimit(resource.RLIMIT_DATA) != before
        assert ask(published, "select 1")[1] == [(1,)]
    assert resource.getrlimit(resource.RLIMIT_DATA) == before
