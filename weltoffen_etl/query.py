"""Evaluators' SQL on the current release: read-only, without files and network."""

from __future__ import annotations

from typing import Any

import duckdb

from weltoffen_etl.settings import Settings
from weltoffen_etl.warehouse.current import current_release


class QueryError(RuntimeError):
    """There is no release yet, or the SQL does not run."""


def ask(settings: Settings, sql: str) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Runs one statement on the current release.

    Args:
        settings: where the releases are.
        sql: any statement that reads.

    Returns:
        Column names and rows.

    Raises:
        QueryError: no release, or DuckDB refuses the statement.
    """
    release = current_release(settings)
    if release is None:
        raise QueryError(
            f"In {settings.releases} ist noch nichts veröffentlicht. Bitte erst `weltoffen run`."
        )
    config: dict[str, str | bool | int | float | list[str]] = {
        "enable_external_access": False,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "python_enable_replacements": False,
        "memory_limit": settings.duckdb_memory,
        "lock_configuration": True,
    }
    try:
        with duckdb.connect(str(release.database), read_only=True, config=config) as connection:
            result = connection.execute(sql)
            return [column[0] for column in result.description or []], result.fetchall()
    except duckdb.Error as error:
        raise QueryError(str(error)) from error
