"""What earlier releases showed: kept in the archive, because the next release depends on it."""

from __future__ import annotations

from pathlib import Path

from weltoffen_etl.catalog import table
from weltoffen_etl.database import Connection, literal
from weltoffen_etl.settings import Settings
from weltoffen_etl.warehouse.current import current_release

KEPT = ("response", "response_field", "respondent")
"""Tables of ``shown`` that the next release compares itself with."""


def state_folder(settings: Settings, release: str) -> Path:
    """Returns the folder of what a release showed; internal, like all of the archive."""
    return settings.archive / "disclosure" / release


def load_before(connection: Connection, settings: Settings) -> None:
    """Loads what the current release showed, as ``before_<table>``, one of each of `KEPT`.

    Before the first release, all are empty.
    """
    release = current_release(settings)
    for name in KEPT:
        described = table(f"shown.{name}")
        fields = ", ".join(f'"{column.name}" {column.type}' for column in described.columns)
        connection.execute(f"CREATE OR REPLACE TEMP TABLE before_{name} ({fields})")
        if release is None:
            continue
        file = state_folder(settings, release.name) / f"{name}.parquet"
        if file.is_file():
            connection.execute(
                f"INSERT INTO before_{name} BY NAME FROM read_parquet({literal(str(file))})"
            )
