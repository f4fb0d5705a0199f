"""Rows and tables that break exactly one rule, made from the description of our own tables."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from weltoffen_etl.catalog import Column, Table, tables
from weltoffen_etl.database import Connection, create, insert
from weltoffen_etl.stage_store import JUDGED_TABLES

_EXAMPLES = {
    "[0-9a-f]{64}": "a" * 64,
    "[0-9a-f]{12,64}": "a" * 64,
    "[0-9]{5}(?:[0-9]{3})?": "12345678",
}
"""A value of each form that a column may ask for; a new form needs a new example."""
_PLAIN: dict[str, Any] = {
    "VARCHAR": "Wert",
    "INTEGER": 2,
    "BIGINT": 2,
    "DOUBLE": 2.0,
    "BOOLEAN": True,
    "DATE": "2025-05-14",
    "TIMESTAMP": "2025-05-14 10:00:00",
}
_OUTSIDE: dict[str, Any] = {"VARCHAR": "nicht vorgesehen", "INTEGER": -999, "BIGINT": -999}


@dataclass(frozen=True, slots=True)
class Break:
    """A value that breaks one rule of a column.

    Attributes:
        rule: id of the rule.
        column: the column.
        value: what stands there instead of a valid value.
        is_ours: the rule has no sentence of its own: only a defect of ours breaks it.
    """

    rule: str
    column: str
    value: Any
    is_ours: bool


def breaks(described: Table) -> list[Break]:
    """Returns values that break the rules of a table, each at least once."""
    return [
        Break(
            rule=column.rules[kind].id  # type: ignore[index]
            if kind in column.rules
            else f"{described.full_name}.{column.name}.{kind}",
            column=column.name,
            value=value,
            is_ours=kind not in column.rules,
        )
        for column in described.columns
        if not column.is_taken_over
        for kind, value in _wrong(column)
    ]


def _wrong(column: Column) -> Iterator[tuple[str, Any]]:
    """Kind of rule and a value that breaks it, as the column's description says."""
    if not column.nullable:
        yield "not_null", None
    if column.must_be_null:
        yield "null", _PLAIN[column.type]
    if column.allowed is not None:
        yield "allowed", _OUTSIDE[column.type]
    if column.min is not None:
        yield "range", column.min - 1
    if column.max is not None:
        yield "range", column.max + 1
    if column.pattern is not None:
        # Too long at either end: the form must fit the whole value.
        yield "pattern", _EXAMPLES[column.pattern] + "a"
        yield "pattern", "a" + _EXAMPLES[column.pattern]


def valid_row(described: Table, reference: Connection) -> dict[str, Any]:
    """Returns a row that breaks no rule.

    Args:
        described: the table.
        reference: database with the schema ``reference``, for the codes.
    """
    return {column.name: _right(column, reference) for column in described.columns}


def _right(column: Column, reference: Connection) -> Any:
    if column.must_be_null:
        return None
    if isinstance(column.allowed, str):
        table, _, code = column.allowed.rpartition(".")
        row = reference.execute(f"SELECT min({code}) FROM {table}").fetchone()
        assert row is not None
        assert row[0] is not None
        return row[0]
    if column.allowed is not None:
        return column.allowed[0]
    if column.pattern is not None:
        assert re.fullmatch(column.pattern, _EXAMPLES[column.pattern])
        return _EXAMPLES[column.pattern]
    if column.min is not None:
        return column.min
    if column.max is not None:
        return column.max
    return _PLAIN[column.type]


def fill(connection: Connection, described: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Creates a table from its description and puts rows into it, in order."""
    create(connection, described)
    insert(connection, described.full_name, [tuple(row.values()) for row in rows])


def shares(described: Table) -> dict[str, str]:
    """Returns the columns that must not be empty everywhere, by rule."""
    return {
        f"{described.full_name}.{column.name}.filled": column.name
        for column in described.columns
        if column.min_filled is not None
    }


FIXTURES: dict[str, str] = (
    {
        entry.rule: name
        for name, described in tables().items()
        for entry in breaks(described)
        if entry.is_ours
    }
    | {
        f"{name}.{rule}": name
        for name, described in tables().items()
        if not (described.schema_name == "raw" and described.name in JUDGED_TABLES)
        for rule, stands in (
            ("key", not described.key_checked_by),
            ("min_rows", bool(described.min_rows)),
        )
        if stands
    }
    | {rule: name for name, described in tables().items() for rule in shares(described)}
)
"""Table whose rows are broken, by rule."""
