"""What every engine runs: the same text, read alike by both parsers."""

import pytest
import sqlglot
from sqlglot import exp

from weltoffen_etl.database import statement
from weltoffen_etl.engine.face import GROWING
from weltoffen_etl.lineage import inputs

SHARED = sorted({*GROWING, "core.response", "core.field_choice", "core.item_bit"})


@pytest.mark.parametrize("name", SHARED)
def test_both_dialects_read_the_statement_alike(name: str) -> None:
    text = statement(*name.split("."))
    duckdb, spark = (sqlglot.parse_one(text, dialect=x).sql(dialect=x) for x in ("duckdb", "spark"))
    assert duckdb == spark


@pytest.mark.parametrize("name", SHARED)
def test_nothing_in_it_is_of_duckdb_alone(name: str) -> None:
    parsed = sqlglot.parse_one(statement(*name.split(".")), dialect="duckdb")
    assert not list(parsed.find_all(exp.Unnest, exp.Qualify, exp.Lambda, exp.Anonymous))
    assert not [x for x in parsed.find_all(exp.Join) if x.args.get("using")]
    assert "::" not in statement(*name.split("."))


@pytest.mark.parametrize("name", SHARED)
def test_the_text_says_that_both_run_it(name: str) -> None:
    assert "-- DuckDB and Spark both run this statement." in statement(*name.split("."))


def test_nothing_but_the_growing_tables_reads_single_answers() -> None:
    from weltoffen_etl.catalog import tables

    single = {"raw.answer", "core.answer"}
    readers = {
        name for name in tables() if not name.startswith("meta.") and single & set(inputs(name))
    }
    assert readers == set(GROWING)
