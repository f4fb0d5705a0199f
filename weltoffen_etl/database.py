"""DuckDB as every room uses it: connect, create described tables, run files of sql/."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import duckdb

from weltoffen_etl.catalog import Table, table
from weltoffen_etl.findings import ADDRESS, ADDRESS_REMOVED
from weltoffen_etl.settings import SQL_DIR, Settings
from weltoffen_etl.warehouse_key import attach, encrypt_spill, is_encrypted

Connection = duckdb.DuckDBPyConnection
_ROWS_AT_ONCE = 200
_KEPT = "256MB"
"""What DuckDB may keep for a moment, when it gives memory back."""
_VARIABLES = (
    "min_respondents",
    "min_municipalities",
    "min_answered_share",
    "anonymous_peers",
    "microdata",
)
"""Settings that statements read with ``getvariable`` under the same name."""

_MACROS = (
    # The comparison form of a label: composed, lower case, without any white space.
    (
        r"CREATE OR REPLACE TEMP MACRO text_key(t) AS "
        r"replace(lower(regexp_replace(nfc_normalize(t), '[\s\p{Z}\x{feff}]+', '', 'g')), 'ß', 'ss')"
    ),
    # E-mail addresses are never loaded, not even inside a free text.
    (
        "CREATE OR REPLACE TEMP MACRO without_addresses(t) AS "
        f"regexp_replace(t, '{ADDRESS}', '{ADDRESS_REMOVED}', 'g')"
    ),
    # Forms and Kobo write fractions, zones and two-digit years; the local time as it stands is kept.
    (
        r"CREATE OR REPLACE TEMP MACRO plain_time(t) AS regexp_replace(regexp_replace("
        r"regexp_replace(trim(t), "
        r"'^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d)?)(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)?$', '\1 \2'), "
        r"'^(\d\d?[./]\d\d?[./])(\d\d)( .*)?$', '\120\2\3'), "
        r"'^(\d{4}/.*) (?:AM|vorm\.)(?: .*)?$', '\1 AM')"
    ),
    # A day before any wave can be somebody's date of birth: sentences say that it is early.
    (
        "CREATE OR REPLACE TEMP MACRO told_time(t, form) AS CASE "
        "WHEN t < TIMESTAMP '2015-01-01' THEN 'vor 2015' ELSE strftime(t, form) END"
    ),
    # Rows of a self-check are people: fewer than may be told are not counted.
    (
        "CREATE OR REPLACE TEMP MACRO told_rows(kind, n) AS CASE "
        "WHEN kind = 'selfcheck' AND n < getvariable('min_respondents') "
        "THEN 'weniger als ' || getvariable('min_respondents') ELSE n::VARCHAR END"
    ),
    # Fixed formats only; 03.04.2024 is 3 April. A date with slashes is read only where the
    # file proves that the month stands first.
    (
        r"CREATE OR REPLACE TEMP MACRO other_time(t) AS CASE "
        r"WHEN NOT regexp_matches(t, '^\s*\d\d?/') THEN try_strptime("
        r"regexp_replace(plain_time(t), '^(\d{4}/.*) (?:PM|nachm\.)(?: .*)?$', '\1 PM'), ["
        "'%Y-%m-%d %H:%M:%S', '%Y-%m-%d %H:%M', '%Y-%m-%d', '%d.%m.%Y %H:%M:%S', "
        "'%d.%m.%Y %H:%M', '%d.%m.%Y', '%Y/%m/%d %I:%M:%S %p']) "
        "WHEN getvariable('month_first') THEN try_strptime(plain_time(t), ["
        "'%m/%d/%Y %H:%M:%S', '%m/%d/%Y %H:%M', '%m/%d/%Y %I:%M:%S %p', '%m/%d/%Y']) END"
    ),
    # Nearly all times stand in the first format, and expressions cost more than reading them.
    (
        "CREATE OR REPLACE TEMP MACRO read_time(t) AS "
        "coalesce(try_strptime(t, '%Y-%m-%d %H:%M:%S'), other_time(t))"
    ),
    # LimeSurvey writes 1980-01-01 for anonymised surveys: submitted, time unknown.
    (
        "CREATE OR REPLACE TEMP MACRO known_time(t) AS "
        "nullif(read_time(t), TIMESTAMP '1980-01-01 00:00:00')"
    ),
)


def connect(settings: Settings, path: Path | None = None, *, read_only: bool = False) -> Connection:
    """Opens a database with the limits of the settings and our macros.

    Args:
        settings: memory limit, threads and the key of the warehouse folder.
        path: database file; None for a database in memory.
        read_only: whether the file must stay as it is.

    Returns:
        An open connection; close it or use it as a context manager.

    Raises:
        WarehouseKeyError: the database is in the warehouse folder and its key does not fit.
    """
    config: dict[str, Any] = {
        "memory_limit": settings.duckdb_memory,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "python_enable_replacements": False,
        # Beside the warehouse and not in whatever folder the process was started from.
        "temp_directory": str(spill_folder(settings)),
    }
    if settings.duckdb_threads:
        config["threads"] = settings.duckdb_threads
    connection = _opened(settings, path, config, read_only=read_only)
    connection.execute("SET TimeZone = 'UTC'")
    for macro in _MACROS:
        connection.execute(macro)
    return connection


def spill_folder(settings: Settings) -> Path:
    """Returns the folder into which DuckDB writes what does not fit its memory limit."""
    return settings.warehouse / "spill"


def _opened(
    settings: Settings, path: Path | None, config: dict[str, Any], *, read_only: bool
) -> Connection:
    if path is None:
        return _in_memory(settings, config)
    if path.parent != settings.warehouse:
        return duckdb.connect(str(path), read_only=read_only, config=config)
    if not is_encrypted(settings, path):
        try:
            return duckdb.connect(str(path), read_only=read_only, config=config)
        except duckdb.CatalogException:
            pass  # encrypted, and no key is set: attaching it says so in words
    # Only an attached database takes a key.
    connection = duckdb.connect(config=config)
    try:
        attach(connection, settings, path, path.stem, read_only=read_only)
        connection.execute(f'USE "{path.stem}"')
    except BaseException:
        connection.close()
        raise
    return connection


def _in_memory(settings: Settings, config: dict[str, Any]) -> Connection:
    """Opens a database in memory; what it spills is as closed as the warehouse."""
    connection = duckdb.connect(config=config)
    if settings.warehouse_key_file is not None:
        encrypt_spill(connection)
    return connection


def second(connection: Connection) -> Connection:
    """Returns another connection to the same tables, for another thread; close it.

    What is temporary, macros and variables too, belongs to the first one alone.
    """
    (name,) = connection.execute("SELECT current_database()").fetchone() or ("",)
    other = connection.cursor()
    other.execute(f'USE "{name}"')
    return other


def give_back(connection: Connection, settings: Settings) -> None:
    """Lets DuckDB give back the memory that it keeps for its next statement, before others need it."""
    with suppress(duckdb.OutOfMemoryException):
        connection.execute(f"SET memory_limit = '{_KEPT}'")
    connection.execute(f"SET memory_limit = '{settings.duckdb_memory}'")


@contextmanager
def together(connection: Connection) -> Iterator[None]:
    """Makes everything done inside one transaction: whole or not at all, and one write to the disk."""
    connection.begin()
    try:
        yield
    except BaseException:
        connection.rollback()
        raise
    connection.commit()


@contextmanager
def keeping_order(connection: Connection) -> Iterator[None]:
    """Keeps the rows of statements in the order of the table that they go through.

    A join on several threads does not, and many rows are sorted at a higher cost than one thread
    takes longer.
    """
    (threads,) = connection.execute("SELECT current_setting('threads')").fetchone() or (1,)
    connection.execute("SET threads = 1")
    try:
        yield
    finally:
        connection.execute(f"SET threads = {threads}")


def create(
    connection: Connection,
    described: Table,
    *,
    published: bool = False,
    commented: bool = True,
    types: Mapping[str, str] | None = None,
) -> None:
    """Creates an empty table from its description.

    Args:
        connection: where to create it.
        described: the table's description.
        published: only the columns that may leave the internal warehouse.
        commented: with the descriptions, which cost more than the table: not where nobody reads
            them.
        types: by column, a type to use instead of the described one, with the same values.
    """
    columns = described.published_columns if published else described.columns
    fields = ", ".join(f'"{x.name}" {(types or {}).get(x.name, x.type)}' for x in columns)
    connection.execute(f"CREATE SCHEMA IF NOT EXISTS {described.schema_name}")
    connection.execute(f"CREATE TABLE {described.full_name} ({fields})")
    if commented:
        comment(connection, described, published=published)


def comment(
    connection: Connection, described: Table, *, published: bool = False, kind: str = "TABLE"
) -> None:
    """Writes the German descriptions into the database; kind is ``TABLE`` or ``VIEW``."""
    columns = described.published_columns if published else described.columns
    text = literal(f"{described.label_de}. {described.description}")
    statements = [f"COMMENT ON {kind} {described.full_name} IS {text}"]
    for column in columns:
        unit = f" [{column.unit}]" if column.unit else ""
        statements.append(
            f'COMMENT ON COLUMN {described.full_name}."{column.name}" IS '
            + literal(column.description + unit)
        )
    connection.execute(";".join(statements))


def literal(text: str) -> str:
    """Returns a text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def statement(schema: str, name: str) -> str:
    """Returns the statement of ``sql/<schema>/<name>.sql``."""
    return (SQL_DIR / schema / f"{name}.sql").read_text(encoding="utf-8")


def prepare(connection: Connection, settings: Settings, **others: Any) -> None:
    """Defines what statements on a build read: formulas, least numbers and the day.

    Args:
        connection: an open database.
        settings: least numbers and the day.
        others: variables that take the place of those of the settings.
    """
    define_macros(connection)
    values = {name: getattr(settings, name) for name in _VARIABLES}
    set_variables(connection, **{"as_of": settings.day, **values, **others})


def define_macros(connection: Connection) -> None:
    """Defines the formulas of ``sql/macros``, one file each, for this connection."""
    for file in sorted((SQL_DIR / "macros").glob("*.sql")):
        connection.execute(file.read_text(encoding="utf-8"))


def build(connection: Connection, full_name: str, *, commented: bool = True) -> int:
    """Creates one table from its description and fills it with its statement.

    Args:
        connection: database with all tables the statement reads.
        full_name: schema and table.
        commented: with the descriptions.

    Returns:
        Number of rows.

    Raises:
        duckdb.Error: the statement gives a column that is not described, or a value
            that does not fit its type.
    """
    described = table(full_name)
    create(connection, described, commented=commented)
    connection.execute(
        f"INSERT INTO {full_name} BY NAME {statement(described.schema_name, described.name)}"
    )
    return count(connection, full_name)


def build_view(connection: Connection, full_name: str, **lists: Sequence[str]) -> int:
    """Creates a view by the statement of a table, which other connections read as well.

    Args:
        connection: database with all tables the statement reads.
        full_name: schema and table.
        lists: variables that the statement reads, which a view has to hold itself.

    Returns:
        Number of rows.
    """
    described = table(full_name)
    text = statement(described.schema_name, described.name)
    for name, values in lists.items():
        text = text.replace(f"getvariable('{name}')", f"[{', '.join(map(literal, values))}]")
    columns = ", ".join(f'"{x.name}"::{x.type} AS "{x.name}"' for x in described.columns)
    connection.execute(f"CREATE SCHEMA IF NOT EXISTS {described.schema_name}")
    connection.execute(f"CREATE VIEW {full_name} AS SELECT {columns} FROM (\n{text})")
    comment(connection, described, kind="VIEW")
    return count(connection, full_name)


def count(connection: Connection, full_name: str) -> int:
    """Returns the number of rows of a table."""
    row = connection.execute(f"SELECT count(*) FROM {full_name}").fetchone()
    return int(row[0]) if row else 0


def insert(connection: Connection, full_name: str, rows: Iterable[Sequence[Any]]) -> None:
    """Inserts rows given in the order of the table's columns; for small tables."""
    content = [list(row) for row in rows]
    for start in range(0, len(content), _ROWS_AT_ONCE):
        # One statement for many rows: each statement costs more than its values.
        part = content[start : start + _ROWS_AT_ONCE]
        marks = ", ".join(f"({', '.join('?' * len(row))})" for row in part)
        values = [value for row in part for value in row]
        connection.execute(f"INSERT INTO {full_name} VALUES {marks}", values)


def insert_columns(connection: Connection, full_name: str, rows: Iterable[Sequence[Any]]) -> None:
    """Inserts many rows given in the order of the table's columns, each column of one type."""
    columns = list(zip(*rows, strict=True))
    if columns:
        lists = ", ".join(f"unnest(${number})" for number in range(1, len(columns) + 1))
        connection.execute(f"INSERT INTO {full_name} SELECT {lists}", list(map(list, columns)))


def set_variables(connection: Connection, **values: Any) -> None:
    """Sets variables that statements read with ``getvariable``."""
    for name, value in values.items():
        connection.execute(f"SET VARIABLE {name} = $value", {"value": value})
