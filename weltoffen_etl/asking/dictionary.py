"""What a release says about its own tables, and which table somebody means."""

from __future__ import annotations

from gettext import gettext as _
from typing import Any

from weltoffen_etl.asking.errors import UnknownTableError
from weltoffen_etl.asking.query import meant, similar_tables
from weltoffen_etl.catalog import Table
from weltoffen_etl.database import Connection, literal
from weltoffen_etl.warehouse.published import described_tables, quoted


def counted_tables(connection: Connection) -> list[tuple[Table, int]]:
    """Returns all tables of a release with their numbers of rows, in the order of its sections."""
    tables = described_tables(connection)
    counts = " UNION ALL ".join(
        f"SELECT {literal(table.full_name)}, (SELECT count(*) FROM {quoted(table)})"
        for table in tables
    )
    counted = dict(connection.execute(counts).fetchall())
    return [(table, counted[table.full_name]) for table in tables]


def counted_table(connection: Connection, asked: str) -> tuple[Table, int]:
    """Returns one table with its number of rows.

    Args:
        connection: the release's database.
        asked: name with its schema; without, where no other schema has one of this name.

    Raises:
        UnknownTableError: there is none, or several.
    """
    tables = counted_tables(connection)
    name = asked.strip().replace('"', "").casefold()
    found = [x for x in tables if x[0].full_name == name] or [
        x for x in tables if x[0].name == name
    ]
    if len(found) == 1:
        return found[0]
    if found:
        raise UnknownTableError(
            _("„{name}“ heißen mehrere Tabellen.").format(name=asked)
            + meant([table.full_name for table, _rows in found])
        )
    raise UnknownTableError(
        _("Die Tabelle „{name}“ gibt es in diesem Stand nicht.").format(name=asked)
        + meant(similar_tables(connection, name))
        + " "
        + _("Alle Tabellen: „weltoffen describe“.")
    )


def as_json(table: Table, rows: int, *, columns: bool) -> dict[str, Any]:
    """Returns a table as JSON-ready values, with its columns or without."""
    content: dict[str, Any] = {
        "table": table.full_name,
        "label_de": table.label_de,
        "description": table.description,
        "key": list(table.key),
        "rows": rows,
    }
    if columns:
        content["columns"] = [
            {
                "column": column.name,
                "type": column.type,
                "unit": column.unit,
                "nullable": column.nullable,
                "description": column.description,
            }
            for column in table.columns
        ]
    return content
