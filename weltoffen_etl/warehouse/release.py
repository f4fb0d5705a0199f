"""The database of a release: the allowed tables of a build, written new and verified."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from weltoffen_etl.catalog import Table, table, tables
from weltoffen_etl.database import Connection, connect, create, insert_columns, literal, together
from weltoffen_etl.settings import Settings
from weltoffen_etl.warehouse.small_rows import withhold
from weltoffen_etl.warehouse_key import attach

STORAGE_VERSION = "v1.4.0"
"""Clients of DuckDB 1.4, 1.5 and 2.0 open this version, and it refuses a foreign log."""

_BLOCK_SIZE = 16_384
"""The smallest: a release is many small tables, and each takes at least a block a column."""


class PublicationError(RuntimeError):
    """A release must not or cannot be published."""


def published_tables(settings: Settings) -> list[Table]:
    """Returns the tables of a release in order."""
    return [
        described
        for described in tables().values()
        if described.publish and (described.only_if is None or getattr(settings, described.only_if))
    ]


def write_database(
    settings: Settings, source: Path, target: Path, allowed: Sequence[Table]
) -> dict[str, tuple[int, str]]:
    """Writes the allowed tables of a build into a new database.

    Args:
        settings: least number of respondents.
        source: the build.
        target: the new database file.
        allowed: tables to write.

    Returns:
        Row count and content hash by table.

    Raises:
        PublicationError: the file is not complete.
    """
    with connect(settings) as connection:
        attach(connection, settings, source, "build")
        with _written(connection, target):
            _create_all(connection, allowed)
            return _fill(connection, settings, "build", allowed)


def write_form(settings: Settings, target: Path, allowed: Sequence[Table]) -> None:
    """Writes a database with all tables described and none filled, for `fill_form`.

    Args:
        settings: limits of DuckDB.
        target: the new database file.
        allowed: tables to write.

    Raises:
        PublicationError: the file is not complete.
    """
    with connect(settings) as connection, _written(connection, target):
        _create_all(connection, allowed)


def fill_form(
    connection: Connection, settings: Settings, target: Path, allowed: Sequence[Table]
) -> dict[str, tuple[int, str]]:
    """Fills a copy of what `write_form` wrote from the tables of a connection's own memory.

    Where many databases differ in their rows only, describing them costs more than filling them.

    Args:
        connection: holds the tables in memory.
        settings: least number of respondents.
        target: the copy.
        allowed: the same tables as in the form.

    Returns:
        Row count and content hash by table.

    Raises:
        PublicationError: the file is not complete.
    """
    with _written(connection, target):
        return _fill(connection, settings, "memory", allowed)


@contextmanager
def _written(connection: Connection, target: Path) -> Iterator[None]:
    """Everything done inside is one transaction on a file, whole and closed afterwards."""
    connection.execute(
        f"ATTACH {literal(str(target))} AS release "
        f"(STORAGE_VERSION '{STORAGE_VERSION}', BLOCK_SIZE {_BLOCK_SIZE})"
    )
    connection.execute("USE release")
    with together(connection):
        yield
    connection.execute("CHECKPOINT release")
    connection.execute("USE memory")
    connection.execute("DETACH release")
    if target.with_name(target.name + ".wal").exists():
        raise PublicationError("Neben der neuen Datenbank liegt ein nicht übernommenes Protokoll.")


def _create_all(connection: Connection, allowed: Sequence[Table]) -> None:
    for described in allowed:
        create(connection, described, published=True)
    _write_dictionary(connection, allowed)


def _fill(
    connection: Connection, settings: Settings, source: str, allowed: Sequence[Table]
) -> dict[str, tuple[int, str]]:
    content: dict[str, tuple[int, str]] = {}
    for described in allowed:
        columns = ", ".join(f'"{column.name}"' for column in described.published_columns)
        connection.execute(
            f"INSERT INTO {described.full_name} BY NAME SELECT {columns} "
            f"FROM {source}.{described.full_name} ORDER BY {_order(described)}"
        )
        withhold(connection, described, settings.min_respondents)
        content[described.full_name] = content_of(connection, described)
    return content


def _order(described: Table) -> str:
    published = {column.name for column in described.published_columns}
    return ", ".join(f'"{name}"' for name in described.key if name in published) or "ALL"


def content_of(connection: Connection, described: Table) -> tuple[int, str]:
    """Returns the number of rows and a hash of the content, whatever the row order.

    The hash is the MD5 of the sorted MD5s of each row's text, stable across machines.
    """
    columns = ", ".join(f'"{column.name}"' for column in described.published_columns)
    row = connection.execute(
        "SELECT count(*), md5(coalesce(string_agg(line, '' ORDER BY line), '')) FROM "
        f"(SELECT md5(row({columns})::VARCHAR) AS line FROM {described.full_name})"
    ).fetchone()
    if row is None:
        raise PublicationError(f"{described.full_name} ist nicht lesbar.")
    return int(row[0]), str(row[1])


def _write_dictionary(connection: Connection, allowed: Sequence[Table]) -> None:
    """Writes ``meta.table`` and ``meta.column``: the data dictionary as tables."""
    connection.execute("CREATE SCHEMA meta")
    connection.execute(
        'CREATE TABLE meta."table" ("table" VARCHAR, label_de VARCHAR, description VARCHAR, '
        '"key" VARCHAR)'
    )
    connection.execute(
        'CREATE TABLE meta."column" ("table" VARCHAR, position INTEGER, "column" VARCHAR, '
        "type VARCHAR, unit VARCHAR, nullable BOOLEAN, description VARCHAR)"
    )
    insert_columns(
        connection,
        'meta."table"',
        [(x.full_name, x.label_de, x.description, ", ".join(x.key)) for x in allowed],
    )
    insert_columns(
        connection,
        'meta."column"',
        [
            (
                described.full_name,
                position,
                column.name,
                column.type,
                column.unit,
                column.nullable or column.protected,
                column.description,
            )
            for described in allowed
            for position, column in enumerate(described.published_columns, start=1)
        ],
    )


def verify(settings: Settings, file: Path, content: Mapping[str, tuple[int, str]]) -> None:
    """Reads the closed file completely and compares it with what was written.

    Raises:
        PublicationError: the written file is not what was built, or holds more than tables.
    """
    with connect(settings) as connection:
        connection.execute(f"ATTACH {literal(str(file))} AS release (READ_ONLY)")
        connection.execute("USE release")
        for name, expected in content.items():
            if content_of(connection, table(name)) != expected:
                raise PublicationError(f"{name} wurde nicht richtig geschrieben.")
        foreign = connection.execute(
            "SELECT (SELECT count(*) FROM duckdb_views() WHERE NOT internal AND database_name = 'release') "
            "+ (SELECT count(*) FROM duckdb_functions() WHERE NOT internal AND database_name = 'release')"
        ).fetchone()
        if foreign is None or foreign[0]:
            raise PublicationError("Die neue Datenbank enthält mehr als Tabellen.")
