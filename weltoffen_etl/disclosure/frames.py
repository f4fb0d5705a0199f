"""Tables between DuckDB, Parquet and pandas: kept between releases, read again, handed back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from weltoffen_etl.database import Connection
from weltoffen_etl.disclosure.kept import keep_table, kept_table


def rows_of(frame: pd.DataFrame, columns: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    """Yields the rows of some columns as tuples; pandas' own way takes ten times as long on text."""
    return zip(*(frame[name].to_numpy(dtype=object).tolist() for name in columns), strict=True)


def load_frame(
    connection: Connection, folder: Path | None, name: str, columns: Sequence[str]
) -> pd.DataFrame:
    """Reads a kept table, or an empty one where there is none.

    Args:
        connection: any connection.
        folder: where it is kept; None before the first release.
        name: name of the table.
        columns: its columns.
    """
    kept = kept_table(folder, name)
    return pd.DataFrame(columns=list(columns)) if kept is None else connection.execute(kept).df()


def save_frame(connection: Connection, folder: Path, name: str, frame: pd.DataFrame) -> None:
    """Keeps a table."""
    connection.register("kept_frame", frame)
    keep_table(connection, "kept_frame", folder, name)
    connection.unregister("kept_frame")


def give_frame(
    connection: Connection, name: str, frame: pd.DataFrame, types: Mapping[str, str]
) -> None:
    """Gives a frame to the statements, as a temporary table.

    Args:
        connection: where to create it.
        name: name of the table.
        frame: the rows; may be empty.
        types: its columns and their DuckDB types, since an empty frame has none.
    """
    fields = ", ".join(f"{column} {kind}" for column, kind in types.items())
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} ({fields})")
    if len(frame):
        connection.register("given_frame", frame)
        connection.execute(f"INSERT INTO {name} BY NAME FROM given_frame")
        connection.unregister("given_frame")
