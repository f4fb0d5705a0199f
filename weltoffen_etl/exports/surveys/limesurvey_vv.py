"""LimeSurvey's VV export: two rows of headings, and a mark for what was not shown."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Final

import duckdb

from weltoffen_etl.exports.grid import Grid, Tables
from weltoffen_etl.exports.surveys.limesurvey import OWN_COLUMNS, own_headings
from weltoffen_etl.exports.surveys.table import SurveyTable

NOT_SHOWN: Final = "{question_not_shown}"
_ESCAPES: Final = (
    ("{newline}", "\n"),
    ("{cr}", "\r"),
    ("{tab}", "\t"),
    ("{quote}", '"'),
    # Last, so that a brace that was typed never becomes the start of a mark.
    ("{lbrace}", "{"),
)
_ENOUGH: Final = 3


def recognise(tables: Tables) -> bool:
    """Tells whether a file is a VV export: own headings in words, below them their codes."""
    return _place(tables) is not None


def read(tables: Tables) -> SurveyTable:
    """Reads a VV export of either version.

    The marks of the format are undone: what was not shown becomes nothing, an empty cell
    becomes an empty text, and escaped line breaks, tabs, quotes and braces stand as typed.
    Access codes and addresses are not taken over.

    Args:
        tables: grids of the file; `recognise` has said yes.

    Returns:
        The table of responses; its headings are the second row, codes or field names.
    """
    place = _place(tables)
    if place is None:
        raise ValueError("not a VV export")
    grid, heading_row = place
    head = dict(grid.head)
    headings = tuple(cell or "" for cell in head[heading_row])
    return SurveyTable(
        tool="limesurvey",
        variant="vv",
        container=tables.container,
        encoding=tables.encoding,
        delimiter=tables.delimiter,
        grid=replace(grid, table=_unescaped(grid, headings, heading_row)),
        heading_row=heading_row,
        headings=headings,
        texts=tuple(cell or "" for cell in head[heading_row - 1]),
        own_columns=OWN_COLUMNS,
        notes=tables.notes,
    )


def _place(tables: Tables) -> tuple[Grid, int] | None:
    codes = {column.code for column in OWN_COLUMNS}
    for grid in tables.grids:
        for (above, words), (row, cells) in zip(grid.head, grid.head[1:], strict=False):
            hits = sum((cell or "").strip() in codes for cell in cells)
            if row == above + 1 and hits >= _ENOUGH and own_headings(words) >= _ENOUGH:
                return grid, row
    return None


def _unescaped(grid: Grid, headings: tuple[str, ...], heading_row: int) -> Path:
    """Writes the rows with the marks undone beside the grid."""
    private = {column.code for column in OWN_COLUMNS if column.role == "never_loaded"}
    fields = []
    for position, heading in enumerate(headings):
        name = f"c{position}"
        if heading.strip() in private:
            fields.append(f"NULL::VARCHAR AS {name}")
            continue
        cell = f"coalesce({name}, '')"
        for mark, typed in _ESCAPES:
            cell = f"replace({cell}, {_literal(mark)}, {_literal(typed)})"
        fields.append(
            f"CASE WHEN {name} = {_literal(NOT_SHOWN)} THEN NULL ELSE {cell} END AS {name}"
        )
    target = grid.table.with_name(f"{grid.table.stem}_vv.parquet")
    with duckdb.connect() as connection:
        connection.execute(
            f"COPY (SELECT source_row, {', '.join(fields)} "
            f"FROM read_parquet({_literal(str(grid.table))}) WHERE source_row > {heading_row} "
            f"ORDER BY source_row) TO {_literal(str(target))} (FORMAT parquet)"
        )
    return target


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
