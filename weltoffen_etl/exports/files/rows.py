"""Writes rows that a parser yields one by one into a text grid."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from pathlib import Path

import duckdb
import pandas as pd

from weltoffen_etl.exports.grid import HEAD_ROWS, Grid

_CHUNK = 5_000
Row = Sequence[str | None]


def write_grid(
    table: Path, headings: Sequence[str], rows: Iterable[Row], labels: Sequence[str] = ()
) -> Grid:
    """Writes a table whose headings are known before its rows.

    Args:
        table: Parquet file to write.
        headings: they become row 1.
        rows: cells of each record, as many as there are headings; the first becomes row 2.
        labels: question text of each column, empty when the format has none.

    Returns:
        The grid; its row numbers count the records of the file.
    """
    names = [f"c{number}" for number in range(len(headings))]
    fields = ", ".join(f"{name} VARCHAR" for name in names)
    head: list[tuple[int, tuple[str | None, ...]]] = []
    written = 0
    with duckdb.connect() as connection:
        connection.execute("SET memory_limit = '1GB'; SET threads = 1")
        connection.execute(f"CREATE TABLE grid (source_row BIGINT, {fields})")
        for chunk in _chunks(chain([headings], rows)):
            numbers = range(written + 1, written + len(chunk) + 1)
            head += [(number, tuple(row)) for number, row in zip(numbers, chunk, strict=True)][
                : HEAD_ROWS - len(head)
            ]
            frame = pd.DataFrame(chunk, columns=names, dtype="object")
            frame.insert(0, "source_row", numbers)
            connection.register("chunk", frame)
            connection.execute("INSERT INTO grid FROM chunk")
            connection.unregister("chunk")
            written += len(chunk)
        target = str(table).replace("'", "''")
        connection.execute(f"COPY (FROM grid ORDER BY source_row) TO '{target}' (FORMAT parquet)")
    return Grid(
        sheet=None,
        table=table,
        columns=len(headings),
        rows=written,
        head=tuple(head),
        labels=tuple(labels),
    )


def _chunks(rows: Iterable[Row]) -> Iterator[list[Row]]:
    iterator = iter(rows)
    while chunk := list(islice(iterator, _CHUNK)):
        yield chunk
