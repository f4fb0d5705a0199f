"""Rows of small grids: workshop files have hundreds of rows, not millions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache

from weltoffen_etl.exports.engine import engine
from weltoffen_etl.exports.grid import Grid, Head, UnreadableFileError
from weltoffen_etl.findings import Finding, found
from weltoffen_etl.instrument.model import text_key

MAX_ROWS = 20_000
"""No workshop has more; a larger file is none, and its rows are not taken into memory."""


def body(grid: Grid, heading_row: int) -> list[tuple[int, list[str]]]:
    """Returns the rows below the headings as (row in the file, trimmed cells).

    Raises:
        UnreadableFileError: far more rows than a workshop has.
    """
    if grid.rows > MAX_ROWS:
        raise UnreadableFileError("workshop_too_long", str(grid.rows))
    with engine() as connection:
        rows = connection.execute(
            "FROM read_parquet($path) WHERE source_row > $row ORDER BY source_row",
            {"path": str(grid.table), "row": heading_row},
        ).fetchall()
    return [(row[0], [(cell or "").strip() for cell in row[1:]]) for row in rows]


def find_headings(
    grid: Grid, spellings: Mapping[str, Iterable[str]], required: Iterable[str]
) -> tuple[int, dict[str, int]] | None:
    """Finds the first row that holds all required headings.

    Args:
        grid: the sheet.
        spellings: headings by our name for the column.
        required: names that must be there.

    Returns:
        The row and the column of each name found, or None.
    """
    names = {text_key(text): name for name, texts in spellings.items() for text in texts}
    for row, keys in _head_keys(grid.head):
        places: dict[str, int] = {}
        for column, key in enumerate(keys):
            name = names.get(key)
            if name is not None:
                places.setdefault(name, column)
        if places.keys() >= set(required):
            return row, places
    return None


@lru_cache(maxsize=8)
def _head_keys(head: Head) -> tuple[tuple[int, tuple[str, ...]], ...]:
    """The first rows as headings are compared; every tool's module looks at the same ones."""
    return tuple((row, tuple(text_key(cell or "") for cell in cells)) for row, cells in head)


def unknown_columns(
    grid: Grid, place: tuple[int, dict[str, int]], read_past: Iterable[str], delivery_id: str
) -> list[Finding]:
    """Reports headings that are neither read nor known to be of no use.

    Args:
        grid: the sheet.
        place: what `find_headings` returned.
        read_past: headings whose columns are left out on purpose.
        delivery_id: SHA-256 of the file.
    """
    heading_row, columns = place
    known = {text_key(text) for text in read_past}
    return [
        found(
            delivery_id,
            "workshop_column_unknown",
            sheet=grid.sheet,
            source_row=heading_row,
            source_column=cell,
            position=column,
        )
        for column, cell in enumerate(dict(grid.head)[heading_row])
        if cell and column not in columns.values() and text_key(cell) not in known
    ]


def not_read(grid: Grid, delivery_id: str) -> Finding:
    """Reports a sheet that holds nothing of the tool, or is hidden and so unread."""
    rule = "sheet_not_used" if grid.visible else "sheet_hidden"
    return found(delivery_id, rule, sheet=grid.sheet)
