"""The rules of a table, derived from what the catalogue says about its columns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from weltoffen_etl.catalog import Column, RuleText, Table
from weltoffen_etl.database import Connection

PLACES = frozenset({"delivery_id", "sheet", "source_row", "source_code"})
"""Columns that say where a row stands in its file; they differ from row to row."""
_DEFAULT_SENTENCES = {
    "not_null": "In der Spalte „{column}“ fehlt ein Wert.",
    "allowed": "Der Wert „{value}“ in der Spalte „{column}“ ist nicht vorgesehen.",
    "range": "Der Wert „{value}“ in der Spalte „{column}“ liegt außerhalb des erlaubten Bereichs.",
    "pattern": "Der Wert „{value}“ in der Spalte „{column}“ hat nicht die vereinbarte Form.",
    "null": "In der Spalte „{column}“ steht ein Hinweis auf einen Fehler: {evidence}.",
    "filled": "Die Spalte „{column}“ ist seltener gefüllt als erwartet.",
}


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule about the rows of a table.

    Attributes:
        table: full table name.
        column: column that is checked.
        kind: ``not_null``, ``allowed``, ``range``, ``pattern``, ``null`` or ``filled``.
        text: id, severity and sentence.
        arguments: what the kind needs: allowed values, limits or the expression.
    """

    table: str
    column: str
    kind: str
    text: RuleText
    arguments: dict[str, Any]

    @property
    def of_all_rows(self) -> bool:
        """Whether it holds for the rows together: it must see every row, not each kind once."""
        return self.kind == "filled"


def rules_of(described: Table, connection: Connection) -> list[Rule]:
    """Derives the row rules of a table.

    Args:
        described: the table's description.
        connection: database with the schema ``reference``, for allowed values.

    Returns:
        Rules in column order.
    """
    return [
        Rule(
            table=described.full_name,
            column=column.name,
            kind=kind,
            text=text_of(described, column, kind),
            arguments=_arguments(column, kind, connection),
        )
        for column in described.columns
        for kind in kinds_of(column)
    ]


def kinds_of(column: Column) -> Iterator[str]:
    """Yields the kinds of rules that follow from a column's description."""
    if column.is_taken_over:
        return
    if not column.nullable:
        yield "not_null"
    if column.must_be_null:
        yield "null"
    if column.allowed is not None:
        yield "allowed"
    if column.min is not None or column.max is not None:
        yield "range"
    if column.pattern is not None:
        yield "pattern"
    if column.min_filled is not None:
        yield "filled"


def text_of(described: Table, column: Column, kind: str) -> RuleText:
    """Returns how a rule of a column speaks.

    One without a sentence of its own can be broken only by a defect of ours.
    """
    own = column.rules.get(kind)  # type: ignore[call-overload]
    return own or RuleText(
        id=f"{described.full_name}.{column.name}.{kind}",
        # Few or empty forms can leave a column empty without any defect of ours.
        severity="warning" if kind == "filled" else "critical",
        says=_DEFAULT_SENTENCES[kind],
        own_words=False,
    )


def _arguments(column: Column, kind: str, connection: Connection) -> dict[str, Any]:
    match kind:
        case "allowed":
            return {"value_set": _allowed(column, connection)}
        case "range":
            return {"min_value": column.min, "max_value": column.max}
        case "pattern":
            return {"regex": f"^(?:{column.pattern})$"}
        case "filled":
            return {"min_value": column.min_filled}
        case _:
            return {}


def _allowed(column: Column, connection: Connection) -> list[Any]:
    if isinstance(column.allowed, str):
        schema, table, name = column.allowed.split(".")
        rows = connection.execute(f"SELECT {name} FROM {schema}.{table} ORDER BY 1").fetchall()
        return [row[0] for row in rows]
    return list(column.allowed or ())
