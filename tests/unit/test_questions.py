"""Asking each question once finds what asking every row of every column finds."""

from collections.abc import Sequence
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from weltoffen_etl.catalog import Column, RuleText, Table
from weltoffen_etl.quality import questions
from weltoffen_etl.quality.gate import GateError, check
from weltoffen_etl.quality.questions import ask, asked_of
from weltoffen_etl.quality.rules import Rule

COLUMNS = {"a": "VARCHAR", "b": "VARCHAR", "n": "INTEGER", "m": "INTEGER", "x": "DOUBLE"}
ASKED: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("a", "not_null", {}),
    ("n", "not_null", {}),
    ("x", "not_null", {}),
    ("b", "null", {}),
    ("a", "allowed", {"value_set": ["t0", "t1"]}),
    ("b", "allowed", {"value_set": ["t0", "t1"]}),
    ("a", "pattern", {"regex": "^(?:t.)$"}),
    ("n", "range", {"min_value": 1, "max_value": 4}),
    ("m", "range", {"min_value": 1, "max_value": 4}),
    ("x", "range", {"min_value": 0.0, "max_value": None}),
    ("m", "allowed", {"value_set": [0, 1]}),
)
RULES = [
    Rule("raw.t", column, kind, RuleText(id=f"{column}_{kind}", says="{value}"), arguments)
    for column, kind, arguments in ASKED
]
texts = st.one_of(st.none(), st.sampled_from(["t0", "t1", "t2", "", "anderes"]))
numbers = st.one_of(st.none(), st.integers(-1, 6))
floats = st.one_of(st.none(), st.sampled_from([-0.5, 0.0, 2.5, float("nan")]))
tables = st.lists(st.tuples(texts, texts, numbers, numbers, floats), min_size=1, max_size=12)


@pytest.fixture(autouse=True)
def described(monkeypatch: pytest.MonkeyPatch) -> None:
    columns = [Column(name=name, type=kind, description="x") for name, kind in COLUMNS.items()]
    table = Table(
        schema_name="raw", name="t", label_de="t", description="x", key=["a"], columns=columns
    )
    monkeypatch.setattr(questions, "table", lambda _: table)


def _filled(rows: Sequence[tuple[Any, ...]]) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("CREATE SCHEMA raw")
    definition = ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())
    connection.execute(f"CREATE TABLE raw.t ({definition})")
    if rows:
        connection.executemany("INSERT INTO raw.t VALUES (?, ?, ?, ?, ?)", rows)
    return connection


def _row_by_row(connection: duckdb.DuckDBPyConnection) -> dict[str, set[int]]:
    frame = connection.execute("SELECT * FROM raw.t ORDER BY rowid").df()
    report = check("t", frame, RULES, list(COLUMNS))
    return {verdict.rule.text.id: set(verdict.failing) for verdict in report.verdicts}


@settings(max_examples=40, deadline=None)
@given(rows=tables, chunk=st.sampled_from([1, 3, 1000]))
def test_rows_behind_offending_values_are_those_found_row_by_row(
    rows: list[tuple[Any, ...]], chunk: int
) -> None:
    with pytest.MonkeyPatch.context() as patch, _filled(rows) as connection:
        patch.setattr(questions, "CHUNK", chunk)
        expected = _row_by_row(connection)
        quick = {outcome.rule.text.id: outcome.offending for outcome in ask(connection, "t", RULES)}
        assert {x for x, number in quick.items() if number} == {x for x in expected if expected[x]}
        found = {}
        for outcome in ask(connection, "t", RULES, every=True):
            offending = outcome.values or "SELECT NULL AS value WHERE false"
            places = connection.execute(
                f"SELECT row.rowid FROM raw.t AS row JOIN ({offending}) AS broken "
                f"ON {asked_of(outcome.rule, 'row')} IS NOT DISTINCT FROM broken.value"
            ).fetchall()
            found[outcome.rule.text.id] = {place for (place,) in places}
        assert found == expected


def test_the_same_question_is_one_expectation(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def counted(*arguments: Any, **more: Any) -> Any:
        asked.append(len(arguments[2]))
        return check(*arguments, **more)

    monkeypatch.setattr(questions, "check", counted)
    with _filled([("t0", None, 1, 1, 1.0)]) as connection:
        assert all(not outcome.offending for outcome in ask(connection, "t", RULES))
    # Three columns must not be empty, two hold texts of one list, two numbers of one range.
    assert asked == [len(RULES) - 4]


def test_table_without_rows_breaks_nothing() -> None:
    with _filled([]) as connection:
        assert [outcome.offending for outcome in ask(connection, "t", RULES)] == [0] * len(RULES)


def test_rule_that_got_no_value_is_an_alarm(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(rule: Rule, number: int, **_: Any) -> str:
        return f"SELECT {number} AS rule, NULL AS value WHERE false"

    monkeypatch.setattr(questions, "_values", none)
    with _filled([("t0", None, 1, 1, 1.0)]) as connection, pytest.raises(GateError, match="keinen"):
        ask(connection, "t", RULES)
