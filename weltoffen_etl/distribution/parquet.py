"""Writes a table as Parquet, described inside the file."""

from __future__ import annotations

import json
from pathlib import Path

from weltoffen_etl.catalog import Table
from weltoffen_etl.database import Connection, literal
from weltoffen_etl.warehouse.published import quoted, row_order

FOLDER = "parquet"


def parquet_path(described: Table) -> str:
    """Returns where a release keeps the Parquet file of a table, seen from its folder."""
    return f"{FOLDER}/{described.schema_name}/{described.name}.parquet"


def write_parquet(connection: Connection, described: Table, target: Path) -> None:
    """Writes one table in the order of its key.

    The file's own metadata hold ``title``, ``description``, ``key`` and ``columns`` (JSON:
    description, unit and whether it may be empty, by column). They do not name the release:
    the same content gives the same bytes in every release.

    Args:
        connection: an open published database.
        described: the table.
        target: the new file.
    """
    columns = {
        column.name: {
            "description": column.description,
            "unit": column.unit,
            "nullable": column.nullable,
        }
        for column in described.columns
    }
    metadata = {
        "title": described.label_de,
        "description": described.description,
        "key": ", ".join(described.key),
        "columns": json.dumps(columns, ensure_ascii=False),
    }
    pairs = ", ".join(f"{literal(name)}: {literal(text)}" for name, text in metadata.items())
    names = ", ".join(f'"{column.name}"' for column in described.columns)
    connection.execute(
        f"COPY (SELECT {names} FROM {quoted(described)} ORDER BY {row_order(described)}) "
        f"TO {literal(str(target))} (FORMAT parquet, COMPRESSION zstd, KV_METADATA {{{pairs}}})"
    )
