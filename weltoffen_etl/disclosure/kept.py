"""Parquet files that one release leaves for the next."""

from __future__ import annotations

from pathlib import Path

from weltoffen_etl.database import Connection, literal


def keep_table(connection: Connection, relation: str, folder: Path, name: str) -> None:
    """Writes the rows of a relation, in a fixed order.

    Args:
        connection: where the relation is.
        relation: a table, or a registered frame.
        folder: where to keep it.
        name: name of the file, without its ending.
    """
    connection.execute(
        f"COPY (FROM {relation} ORDER BY ALL) TO {literal(str(_file(folder, name)))} "
        "(FORMAT parquet, COMPRESSION zstd)"
    )


def kept_table(folder: Path | None, name: str) -> str | None:
    """Returns the statement that reads a kept table; None where there is none.

    Args:
        folder: where it is kept; None before the first release.
        name: name of the file, without its ending.
    """
    if folder is None or not _file(folder, name).is_file():
        return None
    return f"FROM read_parquet({literal(str(_file(folder, name)))})"


def _file(folder: Path, name: str) -> Path:
    return folder / f"{name}.parquet"
