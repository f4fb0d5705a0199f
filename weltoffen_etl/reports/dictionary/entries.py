"""What the dictionary says of a table and its columns, in words, before any form."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from weltoffen_etl.catalog import Column, Table
from weltoffen_etl.reports.pages import german
from weltoffen_etl.warehouse.published import SECTIONS

_TYPES = {
    "VARCHAR": "Text",
    "BIGINT": "ganze Zahl",
    "INTEGER": "ganze Zahl",
    "DOUBLE": "Zahl",
    "BOOLEAN": "wahr/falsch",
    "DATE": "Tag",
    "TIMESTAMP": "Zeit",
}
NEVER = "nie leer"
"""What is said of a column that always has a value."""

_EMPTY = re.compile(r";? ?\bleer: (.+)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ColumnEntry:
    """One column in words.

    Attributes:
        name: its name.
        type: kind of its values, with the type in DuckDB.
        unit: unit or scale, empty where there is none.
        meaning: what it says.
        allowed: which values there are; a column that it refers to is in `refers_to`.
        refers_to: ``schema.table.column`` that lists its values, or empty.
        empty: what an empty cell means.
        in_key: whether it is part of the key.
        protected: whether values are withheld where too few persons stand behind them.
    """

    name: str
    type: str
    unit: str
    meaning: str
    allowed: tuple[str, ...]
    refers_to: str
    empty: str
    in_key: bool
    protected: bool


@dataclass(frozen=True, slots=True)
class TableEntry:
    """One table in words: what a row is, number of rows, and its columns."""

    name: str
    anchor: str
    label: str
    description: str
    rows: int
    key: tuple[str, ...]
    withheld: str
    columns: tuple[ColumnEntry, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """The tables of one schema, with its German name."""

    label: str
    schema: str
    tables: tuple[TableEntry, ...]


def sections(tables: Sequence[tuple[Table, int]]) -> list[Section]:
    """Returns what the dictionary says, by schema.

    Args:
        tables: tables and their number of rows, in order.
    """
    return [
        Section(
            label,
            schema,
            tuple(_table(table, rows) for table, rows in tables if table.schema_name == schema),
        )
        for schema, label in SECTIONS.items()
        if any(table.schema_name == schema for table, _ in tables)
    ]


def anchor(full_name: str) -> str:
    """Returns the name by which a link finds a table in the page and in the Markdown."""
    return full_name.replace(".", "-")


def _table(table: Table, rows: int) -> TableEntry:
    return TableEntry(
        name=table.full_name,
        anchor=anchor(table.full_name),
        label=table.label_de,
        description=table.description,
        rows=rows,
        key=table.key,
        withheld=_withheld(table.columns),
        columns=tuple(column_entry(column, table.key) for column in table.columns),
    )


def _withheld(columns: Iterable[Column]) -> str:
    """Says where values of a table are withheld; empty where nothing is."""
    found = {column.name: column for column in columns}
    if "withheld_because" in found:
        return (
            "Werte können zurückgehalten sein; dann sind sie leer und withheld_because nennt den "
            "Grund in derselben Zeile."
        )
    protected = [column.name for column in found.values() if column.protected]
    if protected:
        return (
            f"Wo zu wenige Personen dahinterstehen, {'ist' if len(protected) == 1 else 'sind'} "
            f"{german.listed(protected)} leer; is_suppressed sagt, in welchen Zeilen."
            if "is_suppressed" in found
            else f"Wo zu wenige Personen dahinterstehen, fehlt: {german.listed(protected)}."
        )
    return ""


def column_entry(column: Column, key: Iterable[str] = ()) -> ColumnEntry:
    """Returns what the dictionary says of one column.

    Args:
        column: the column.
        key: the columns of its table's key.
    """
    empty = _EMPTY.search(column.description)
    if not column.nullable:
        says = NEVER
    elif empty:
        says = empty.group(1)
    elif column.protected:
        says = "zu wenige Personen, zurückgehalten"
    else:
        says = "keine Angabe"
    allowed = tuple(map(str, column.allowed)) if isinstance(column.allowed, tuple) else ()
    return ColumnEntry(
        name=column.name,
        type=f"{_TYPES.get(column.type, column.type)} ({column.type})",
        unit=column.unit or "",
        meaning=_EMPTY.sub("", column.description) if empty else column.description,
        allowed=allowed or _range(column),
        refers_to=column.allowed if isinstance(column.allowed, str) else "",
        empty=says,
        in_key=column.name in key,
        protected=column.protected,
    )


def _range(column: Column) -> tuple[str, ...]:
    least, greatest = (None if x is None else _number(x) for x in (column.min, column.max))
    if least is not None and greatest is not None:
        return (f"{least} bis {greatest}",)
    if least is not None:
        return (f"ab {least}",)
    return (f"bis {greatest}",) if greatest is not None else ()


def _number(value: float) -> str:
    return german.whole(int(value)) if value == int(value) else f"{value:g}".replace(".", ",")
