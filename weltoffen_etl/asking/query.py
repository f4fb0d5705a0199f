"""Evaluators' SQL on a release: read-only, without files and network."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from gettext import gettext as _
from typing import Any

import duckdb
from duckdb import DuckDBPyConnection as Connection

from weltoffen_etl.asking.errors import QueryError, UnknownReleaseError
from weltoffen_etl.asking.limits import (
    MOST_VALUES,
    interrupted_after,
    too_large,
    too_long,
    too_many,
)
from weltoffen_etl.settings import Settings
from weltoffen_etl.warehouse.current import Release, current_release, list_releases

_SIMILAR = 60
"""Least likeness of a suggestion, of 100."""
_MUCH_WORSE = 20
"""So much less likely than the best, nobody meant it."""
_SUGGESTIONS = 3
_AT_ONCE = 10_000
"""Rows fetched together."""


def similar(asked: str, known: dict[str, str]) -> list[str]:
    """Returns what somebody may have meant.

    Args:
        asked: what was typed.
        known: what there is, and the words to compare with.

    Returns:
        At most three keys of ``known``, the likeliest first.
    """
    from rapidfuzz import fuzz, process, utils

    found = process.extract(
        asked,
        known,
        scorer=fuzz.WRatio,
        processor=utils.default_process,
        score_cutoff=_SIMILAR,
        limit=_SUGGESTIONS,
    )
    return [key for _text, score, key in found if score > found[0][1] - _MUCH_WORSE]


def meant(names: list[str]) -> str:
    """Returns a question about suggestions, with a blank before it; nothing where there are none."""
    quoted = ", ".join(_("„{name}“").format(name=name) for name in names)
    return " " + _("Meinten Sie {names}?").format(names=quoted) if names else ""


def chosen_release(settings: Settings, name: str | None = None) -> Release:
    """Returns a release by its name, without one the current.

    Raises:
        QueryError: nothing is published yet.
        UnknownReleaseError: no release has this name.
    """
    if name is not None:
        releases = {release.name: release for release in list_releases(settings)}
        if name in releases:
            return releases[name]
        if releases:
            names = similar(name, {known: known for known in releases})
            raise UnknownReleaseError(
                _("Den Stand „{name}“ gibt es nicht.").format(name=name)
                + (meant(names) or " " + _("Alle Stände nennt „weltoffen releases“."))
            )
    release = current_release(settings)
    if release is None:
        raise QueryError(
            _("In {folder} ist noch nichts veröffentlicht. Bitte erst `weltoffen run`.").format(
                folder=settings.releases
            )
        )
    return release


@contextmanager
def opened(settings: Settings, release: Release) -> Iterator[Connection]:
    """Opens the database of a release for reading only, closed to files and network.

    Everything asked of the connection together has the time and memory of one question;
    nothing is written to the disk.

    Raises:
        QueryError: DuckDB refuses a statement, or it costs too much; the sentence says what to do.
    """
    config: dict[str, str | bool | int | float | list[str]] = {
        "enable_external_access": False,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "python_enable_replacements": False,
        "allow_community_extensions": False,
        "errors_as_json": True,
        "memory_limit": settings.query_memory,
        "temp_directory": "",
        "lock_configuration": True,
    }
    if settings.duckdb_threads:
        config["threads"] = settings.duckdb_threads
    try:
        with (
            duckdb.connect(str(release.database), read_only=True, config=config) as connection,
            interrupted_after(connection, settings.query_seconds) as watch,
        ):
            try:
                yield connection
            except (duckdb.OutOfMemoryException, MemoryError) as error:
                raise QueryError(too_large(settings)) from error
            except duckdb.Error as error:
                if watch.is_over:
                    raise QueryError(too_long(settings)) from error
                raise QueryError(_explained(connection, error)) from error
    except duckdb.Error as error:
        raise QueryError(str(error)) from error


def ask(
    settings: Settings, sql: str, release: str | None = None
) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Runs one statement on a release.

    Args:
        settings: where the releases are.
        sql: any statement that reads.
        release: name of a release; None for the current.

    Returns:
        Column names and rows.

    Raises:
        QueryError: nothing is published, DuckDB refuses the statement, or it costs too much.
        UnknownReleaseError: no release has this name.
    """
    with opened(settings, chosen_release(settings, release)) as connection:
        # Of nothing but blanks or a comment nothing comes back.
        result: Connection | None = connection.execute(sql)
        if result is None:
            raise QueryError(_("In der Abfrage steht nichts."))
        names = [column[0] for column in result.description or []]
        rows: list[tuple[Any, ...]] = []
        while part := result.fetchmany(_AT_ONCE):
            rows += part
            if len(rows) * len(names) > MOST_VALUES:
                raise QueryError(too_many())
        return names, rows


def table_names(connection: Connection) -> list[str]:
    """Returns the full names of all tables of a release."""
    rows = connection.execute(
        "SELECT schema_name || '.' || table_name FROM duckdb_tables() ORDER BY ALL"
    ).fetchall()
    return [name for (name,) in rows]


def similar_tables(connection: Connection, asked: str) -> list[str]:
    """Returns names of tables that somebody may have meant, with or without the schema."""
    known = table_names(connection)
    same = [name for name in known if name.partition(".")[2] == asked]
    return same or similar(asked, {name: name for name in known})


def _explained(connection: Connection, error: duckdb.Error) -> str:
    """Says what is wrong with a statement and what to do about it."""
    told = _told(str(error))
    message = str(told["exception_message"])
    name = told.get("name")
    if told.get("exception_type") == "Permission" or "No files found" in message:
        return _no_files()
    if told.get("error_subtype") == "MISSING_ENTRY" and told.get("type") == "Table":
        return _no_files() if "/" in str(name) else _no_table(connection, str(name))
    if schema := re.match(r'Table with name "([^"]+)" does not exist because schema', message):
        return _no_table(connection, schema[1])
    if told.get("error_subtype") == "COLUMN_NOT_FOUND":
        return _no_column(str(name), str(told.get("candidates") or "").split(","))
    if column := re.match(r'Table "[^"]+" does not have a column named "([^"]+)"', message):
        return _no_column(column[1], re.findall(r'"([^"]+)"', message[column.end() :]))
    if "attached in read-only mode" in message:
        return _("Ein Stand lässt sich nur lesen, nicht ändern.")
    return _("Die Abfrage läuft nicht. DuckDB meldet: {message}").format(message=message)


def _told(text: str) -> dict[str, Any]:
    """Reads an error that DuckDB tells as JSON after its kind."""
    _kind, brace, rest = text.partition("{")
    try:
        told = json.loads(brace + rest)
    except ValueError:
        return {"exception_message": text}
    return told if "exception_message" in told else {"exception_message": text}


def _no_table(connection: Connection, name: str) -> str:
    return (
        _("Die Tabelle „{name}“ gibt es in diesem Stand nicht.").format(name=name)
        + meant(similar_tables(connection, name))
        + " "
        + _("Alle Tabellen: „weltoffen describe“.")
    )


def _no_column(name: str, candidates: list[str]) -> str:
    return (
        _("Die Spalte „{name}“ haben die gefragten Tabellen nicht.").format(name=name)
        + meant([x for x in candidates if x][:_SUGGESTIONS])
        + " "
        + _("Alle Spalten: „weltoffen describe TABELLE“.")
    )


def _no_files() -> str:
    return _("Dateien und Netz sind für Abfragen gesperrt; gefragt wird nur der Stand.")
