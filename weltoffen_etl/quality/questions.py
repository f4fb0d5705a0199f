"""Puts each question once: what many columns are asked alike becomes one column of a frame.

An expectation costs Great Expectations milliseconds, however few values it is about, and a
thousand rules ask no more than some eighty different things. So the distinct values of all
columns under the same rule stand below each other in one column; which rule a value belongs to
is known from its position. Nothing but distinct values leaves DuckDB, and no more than a chunk
of them at a time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from weltoffen_etl.catalog import table
from weltoffen_etl.database import Connection, count
from weltoffen_etl.quality.gate import GateError
from weltoffen_etl.quality.gate_process import check
from weltoffen_etl.quality.rules import Rule

if TYPE_CHECKING:
    import pandas as pd

CHUNK = 200_000
"""Rows of a frame at most."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one rule found in its column.

    Attributes:
        rule: the rule.
        offending: number of distinct values that break it; of a range at most two unless every
            value was asked.
        values: query for those values, as `asked_of` gives them; it reads temporary tables of
            the connection that the next round of questions replaces.
    """

    rule: Rule
    offending: int
    values: str = ""


@dataclass(frozen=True, slots=True)
class _Question:
    """The temporary table ``name (position, rule, value)``, and who asks."""

    name: str
    asking: Rule
    rows: int


def ask(
    connection: Connection, name: str, rules: Sequence[Rule], *, every: bool = False
) -> list[Outcome]:
    """Asks the rules of one or more tables.

    Args:
        connection: database with the tables.
        name: what is asked, for messages.
        rules: rules about single rows, none about the rows together.
        every: whether a range is asked of every value. Least and greatest say as much unless
            the offending rows are to be found.

    Returns:
        One outcome for each rule, in their order.

    Raises:
        GateError: a suite did not check what it should have, or a rule got no value though its
            table has rows.
    """
    questions, values = _put(connection, rules, every=every)
    for number, rule in enumerate(rules):
        if not values.get(number) and count(connection, rule.table):
            raise GateError(f"{name}: Die Regel {rule.text.id} hat keinen Wert zu prüfen.")
    failing: dict[str, list[int]] = {question.name: [] for question in questions}
    for start in range(0, max((question.rows for question in questions), default=0), CHUNK):
        asked = [question for question in questions if question.rows > start]
        frame = _frame(connection, asked, start)
        report = check(name, frame, [x.asking for x in asked], [x.name for x in asked], min_rows=1)
        for question, verdict in zip(asked, report.verdicts, strict=True):
            positions = (start + position for position in verdict.failing)
            failing[question.name].extend(x for x in positions if x < question.rows)
    found: dict[int, tuple[int, str]] = {}
    for question in questions:
        if failing[question.name]:
            found |= _broken(connection, question, failing[question.name])
    return [Outcome(rule, *found.get(number, (0, ""))) for number, rule in enumerate(rules)]


def asked_of(rule: Rule, row: str) -> str:
    """Returns what a rule looks at, as an expression over a row of its table.

    Args:
        rule: the rule.
        row: alias of the table in the statement.

    Returns:
        The column; for *not null* only whether there is something. What is not a number is
        missing, as it is for Great Expectations.
    """
    value = f'{row}."{rule.column}"'
    if _type(rule) in ("DOUBLE", "FLOAT"):
        value = f"CASE WHEN NOT isnan({value}) THEN {value} END"
    return f"CASE WHEN ({value}) IS NOT NULL THEN TRUE END" if rule.kind == "not_null" else value


def _type(rule: Rule) -> str:
    return next(x.type for x in table(rule.table).columns if x.name == rule.column)


def _put(
    connection: Connection, rules: Sequence[Rule], *, every: bool
) -> tuple[list[_Question], dict[int, int]]:
    """Makes a table of each question; returns them, and the number of values by rule."""
    alike: dict[tuple[str, str, str], list[int]] = {}
    for number, rule in enumerate(rules):
        kind = "BOOLEAN" if rule.kind == "not_null" else _type(rule)
        alike.setdefault((rule.kind, repr(rule.arguments), kind), []).append(number)
    questions: list[_Question] = []
    values: dict[int, int] = {}
    for position, ((_, _, kind), numbers) in enumerate(alike.items()):
        name = f"asked_{position}"
        parts = " UNION ALL ".join(_values(rules[x], x, every=every) for x in numbers)
        connection.execute(
            f"CREATE OR REPLACE TEMP TABLE {name} AS "
            f"SELECT row_number() OVER () - 1 AS position, rule, value::{kind} AS value "
            f"FROM ({parts})"
        )
        counts = connection.execute(f"SELECT rule, count(*) FROM {name} GROUP BY rule").fetchall()
        values.update(counts)
        rows = sum(number for _, number in counts)
        if rows:
            questions.append(_Question(name, replace(rules[numbers[0]], column=name), rows))
    return questions, values


def _values(rule: Rule, number: int, *, every: bool) -> str:
    """A query for the values of a rule, each once."""
    value, of = asked_of(rule, "row"), f"FROM {rule.table} AS row"
    if rule.kind == "not_null":
        # One row of each kind: found in the statistics of the table, without reading it.
        return " UNION ALL ".join(
            f"(SELECT {number} AS rule, {value} AS value {of} WHERE ({value}) IS {null} LIMIT 1)"
            for null in ("NULL", "NOT NULL")
        )
    if rule.kind == "range" and not every:
        return (
            f"SELECT {number} AS rule, unnest([least, greatest]) AS value FROM "
            f"(SELECT min({value}) AS least, max({value}) AS greatest {of} HAVING count(*) > 0)"
        )
    return f"SELECT DISTINCT {number} AS rule, {value} AS value {of}"


def _frame(connection: Connection, asked: Sequence[_Question], start: int) -> pd.DataFrame:
    """The next values of all questions; shorter columns end with repetitions, which count for nothing."""
    import pandas as pd

    columns = {
        question.name: connection.execute(
            f"SELECT value FROM {question.name} "
            "WHERE position >= $start AND position < $end ORDER BY position",
            {"start": start, "end": start + CHUNK},
        ).df()["value"]
        for question in asked
    }
    rows = range(max(map(len, columns.values())))
    return pd.DataFrame({name: x.reindex(rows, method="ffill") for name, x in columns.items()})


def _broken(
    connection: Connection, question: _Question, failing: Sequence[int]
) -> dict[int, tuple[int, str]]:
    """Number of offending values and a query for them, by rule."""
    broken = f"{question.name}_broken"
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {broken} AS "
        f"SELECT rule, value FROM {question.name} WHERE position IN (SELECT unnest($failing))",
        {"failing": list(failing)},
    )
    counts = connection.execute(f"SELECT rule, count(*) FROM {broken} GROUP BY rule").fetchall()
    return {
        rule: (number, f"SELECT value FROM {broken} WHERE rule = {rule}") for rule, number in counts
    }
