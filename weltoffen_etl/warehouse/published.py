"""A published database as its readers see it: its tables, described by its own dictionary."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from weltoffen_etl.catalog import Column, Table, tables
from weltoffen_etl.database import Connection, connect, literal
from weltoffen_etl.settings import Settings

SECTIONS = {
    "comparison": "Vergleich",
    "quality": "Datenqualität",
    "reference": "Verzeichnisse",
    "meta": "Datenwörterbuch",
}
"""Schemas of a release in the order in which evaluators need them, with their German names."""

_DICTIONARY = (
    Table(
        schema_name="meta",
        name="table",
        label_de="Wörterbuch der Tabellen",
        description="Eine Zeile ist eine Tabelle dieses Stands.",
        key=("table",),
        publish=True,
        columns=(
            Column(name="table", type="VARCHAR", nullable=False, description="Schema und Name"),
            Column(name="label_de", type="VARCHAR", nullable=False, description="Titel"),
            Column(
                name="description", type="VARCHAR", nullable=False, description="was eine Zeile ist"
            ),
            Column(
                name="key",
                type="VARCHAR",
                nullable=False,
                description="Spalten, die eine Zeile kennzeichnen, mit Komma getrennt",
            ),
        ),
    ),
    Table(
        schema_name="meta",
        name="column",
        label_de="Wörterbuch der Spalten",
        description="Eine Zeile ist eine Spalte einer Tabelle dieses Stands.",
        key=("table", "position"),
        publish=True,
        columns=(
            Column(
                name="table",
                type="VARCHAR",
                nullable=False,
                allowed="meta.table.table",
                description="Schema und Name der Tabelle",
            ),
            Column(
                name="position",
                type="INTEGER",
                nullable=False,
                min=1,
                description="Platz der Spalte in der Tabelle, ab 1",
            ),
            Column(name="column", type="VARCHAR", nullable=False, description="Name der Spalte"),
            Column(name="type", type="VARCHAR", nullable=False, description="Datentyp in DuckDB"),
            Column(
                name="unit",
                type="VARCHAR",
                description="Einheit oder Skala der Werte; leer: keine",
            ),
            Column(
                name="nullable",
                type="BOOLEAN",
                nullable=False,
                description="wahr: die Spalte kann leer sein",
            ),
            Column(
                name="description",
                type="VARCHAR",
                nullable=False,
                description="was die Spalte sagt und was leer heißt",
            ),
        ),
    ),
)
"""The dictionary does not describe itself; this does."""


@contextmanager
def open_release(settings: Settings, database: Path) -> Iterator[Connection]:
    """Opens a published database for reading, as the default database of the connection.

    Args:
        settings: memory limit and threads.
        database: the file; it stays as it is.

    Yields:
        The connection.
    """
    with connect(settings) as connection:
        connection.execute(f"ATTACH {literal(str(database))} AS release (READ_ONLY)")
        connection.execute("USE release")
        yield connection


def described_tables(connection: Connection) -> list[Table]:
    """Returns the tables of a published database, in the order of `SECTIONS`.

    Names, types and descriptions are those of the database's own dictionary, so that an
    older release is described as it was published; what a value may be (allowed, least,
    greatest, pattern) is added from the catalogue where it still knows the column.

    Args:
        connection: an open published database.
    """
    columns: dict[str, list[Column]] = {}
    known = {
        (name, column.name): column for name, table in tables().items() for column in table.columns
    }
    for name, column, type_, unit, nullable, description in connection.execute(
        'SELECT "table", "column", type, unit, nullable, description FROM meta."column" '
        'ORDER BY "table", position'
    ).fetchall():
        rules = known.get((name, column))
        same = rules if rules is not None and rules.type == type_ else None
        columns.setdefault(name, []).append(
            Column(
                name=column,
                type=type_,
                description=description,
                unit=unit,
                nullable=nullable,
                allowed=same and same.allowed,
                min=None if same is None else same.min,
                max=None if same is None else same.max,
                pattern=same and same.pattern,
                protected=same is not None and same.protected,
            )
        )
    found = [
        Table(
            schema_name=name.partition(".")[0],
            name=name.partition(".")[2],
            label_de=label,
            description=description,
            key=tuple(key.split(", ")),
            publish=True,
            columns=tuple(columns[name]),
        )
        for name, label, description, key in connection.execute(
            'SELECT "table", label_de, description, "key" FROM meta."table" ORDER BY rowid'
        ).fetchall()
    ]
    places = list(SECTIONS)
    return sorted([*found, *_DICTIONARY], key=lambda table: places.index(table.schema_name))


def quoted(described: Table) -> str:
    """Returns schema and table name as SQL reads them, whatever word the name is."""
    return f'"{described.schema_name}"."{described.name}"'


def row_order(described: Table) -> str:
    """Returns what ``ORDER BY`` takes to give the rows in the order of their key.

    The columns are named with their table: a column of the result may have the same name
    and other content.
    """
    return ", ".join(f'"{described.name}"."{name}"' for name in described.key)
