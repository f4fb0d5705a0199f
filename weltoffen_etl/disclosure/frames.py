"""Tables kept as Parquet between releases, as pandas frames."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from weltoffen_etl.database import Connection, literal


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
    if folder is None or not (folder / f"{name}.parquet").is_file():
        return pd.DataFrame(columns=list(columns))
    return connection.execute(f"FROM read_parquet({literal(str(folder / f'{name}.parquet'))})").df()


def save_frame(connection: Connection, folder: Path, name: str, frame: pd.DataFrame) -> None:
    """Keeps a table."""
    connection.register("kept_frame", frame)
    connection.execute(
        f"COPY (FROM kept_frame ORDER BY ALL) TO {literal(str(folder / f'{name}.parquet'))} "
        "(FORMAT parquet, COMPRESSION zstd)"
    )
    connection.unregister("kept_frame")
