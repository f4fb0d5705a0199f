"""What a release says about its own tables: read from its data dictionary."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from gettext import gettext as _
from typing import Any

from weltoffen_etl.database import Connection, literal
from weltoffen_etl.query import meant, similar_tables


class UnknownTableError(LookupError):
    """The release has no such table; the sentence says which are near."""


@dataclass(frozen=True, slots=True)
class DescribedTable:
    """One table of a release.

    Attributes:
        table: full name.
        label_de: German title.
        description: what one row is.
        key: columns that identify a row, with commas.
        rows: number of rows.
    """

    table: str
    label_de: str
    description: str
    key: str
    rows: int


@dataclass(frozen=True, slots=True)
class DescribedColumn:
    """One column of a table.

    Attributes:
        column: name.
        type: DuckDB type.
        unit: unit of the values, if any.
        nullable: whether it may be empty.
        description: what it says.
    """

    column: str
    type: str
    unit: str | None
    nullable: bool
    description: str


def described_tables(connection: Connection) -> list[DescribedTable]:
    """Returns all tables of a release in the order of its dictionary."""
    rows = connection.execute(
        'SELECT "table", label_de, description, "key" FROM meta."table" ORDER BY rowid'
    ).fetchall()
    counts = " UNION ALL ".join(
        f"SELECT {literal(name)}, (SELECT count(*) FROM {name})" for name, *_rest in rows
    )
    counted = dict(connection.execute(counts).fetchall()) if rows else {}
    return [DescribedTable(*row, rows=counted[row[0]]) for row in rows]


def full_name(connection: Connection, asked: str) -> str:
    """Returns the full name of a table.

    Args:
        connection: the release's database.
        asked: name with its schema; without, where no other schema has one of this name.

    Raises:
        UnknownTableError: there is none, or several.
    """
    known = [table.table for table in described_tables(connection)]
    if asked in known:
        return asked
    same = [name for name in known if asked.casefold() in (name, name.partition(".")[2])]
    if len(same) == 1:
        return same[0]
    if same:
        raise UnknownTableError(
            _("„{name}“ heißen mehrere Tabellen.").format(name=asked) + meant(same)
        )
    raise UnknownTableError(
        _("Die Tabelle „{name}“ gibt es in diesem Stand nicht.").format(name=asked)
        + meant([name for name in similar_tables(connection, asked) if name in known])
        + " "
        + _("Alle Tabellen: „weltoffen describe“.")
    )


def described(connection: Connection, name: str) -> tuple[DescribedTable, list[DescribedColumn]]:
    """Returns a table and its columns in order.

    Raises:
        UnknownTableError: there is no such table.
    """
    full = full_name(connection, name)
    table = next(x for x in described_tables(connection) if x.table == full)
    rows = connection.execute(
        'SELECT "column", type, unit, nullable, description FROM meta."column" '
        'WHERE "table" = $table ORDER BY position',
        {"table": full},
    ).fetchall()
    return table, [DescribedColumn(*row) for row in rows]


def as_json(table: DescribedTable, columns: list[DescribedColumn]) -> dict[str, Any]:
    """Returns a table with its columns as JSON-ready values."""
    return {**asdict(table), "columns": [asdict(column) for column in columns]}
