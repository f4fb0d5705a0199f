"""A database in memory with the reference folder, into which tests put rows by name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from typing import Any

from weltoffen_etl.catalog import table
from weltoffen_etl.database import (
    Connection,
    build,
    connect,
    create,
    insert,
    prepare,
)
from weltoffen_etl.instrument.store import load_instruments
from weltoffen_etl.reference import load_reference
from weltoffen_etl.settings import Settings


@contextmanager
def reference_database(settings: Settings, as_of: date = date(2026, 1, 1)) -> Iterator[Connection]:
    """Opens a database with the schema ``reference``, macros, variables and peer groups."""
    with connect(settings) as connection:
        load_reference(connection, settings, load_instruments(settings.reference_dir))
        prepare(connection, settings, as_of=as_of)
        yield connection


def put(connection: Connection, name: str, *rows: Mapping[str, Any]) -> None:
    """Replaces a table by these rows; columns that a row leaves out are empty."""
    described = table(name)
    connection.execute(f"DROP TABLE IF EXISTS {name}")
    create(connection, described)
    columns = [column.name for column in described.columns]
    assert all(row.keys() <= set(columns) for row in rows)
    insert(connection, name, [[row.get(column) for column in columns] for row in rows])


def rebuild(connection: Connection, *names: str) -> None:
    """Builds tables anew, in this order."""
    for name in names:
        connection.execute(f"DROP TABLE IF EXISTS {name}")
        build(connection, name)


def ask(connection: Connection, statement: str) -> list[dict[str, Any]]:
    """Returns the rows of a statement by column name."""
    answer = connection.execute(statement)
    names = [column[0] for column in answer.description or []]
    return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]
