"""LimeSurvey's VV export: two rows of headings, and a mark for what was not shown."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Final

from weltoffen_etl.database import literal
from weltoffen_etl.exports.engine import engine
from weltoffen_etl.exports.grid import Grid, Tables
from weltoffen_etl.exports.surveys import place as places
from weltoffen_etl.exports.surveys.limesurvey import OWN_COLUMNS, TOOL, own_headings
from weltoffen_etl.exports.surveys.place import Place
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
_CODES: Final = frozenset(column.code for column in OWN_COLUMNS)
_ENOUGH: Final = 3


def recognise(tables: Tables) -> bool:
    """Tells whether a file is a VV export: own headings in words, below them their codes."""
    return places.find(tables, _is_words) is not None


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
    place = places.require(places.find(tables, _is_words))
    heading_row, headings = place.below[0]
    return places.table(
        tables,
        place,
        tool=TOOL,
        variant="vv",
        grid=replace(place.grid, table=_unescaped(place.grid, headings, heading_row)),
        heading_row=heading_row,
        headings=headings,
        texts=place.cells,
        own_columns=OWN_COLUMNS,
    )


def _is_words(place: Place) -> bool:
    """Whether the row holds LimeSurvey's headings in words, and the next one their codes."""
    if not place.below or place.below[0][0] != place.row + 1:
        return False
    hits = sum(cell in _CODES for cell in place.below[0][1])
    return hits >= _ENOUGH and own_headings(place.cells) >= _ENOUGH


def _unescaped(grid: Grid, headings: tuple[str, ...], heading_row: int) -> Path:
    """Writes the rows with the marks undone beside the grid."""
    private = {column.code for column in OWN_COLUMNS if column.role == "never_loaded"}
    fields = []
    for position, heading in enumerate(headings):
        name = f"c{position}"
        if heading in private:
            fields.append(f"NULL::VARCHAR AS {name}")
            continue
        cell = f"coalesce({name}, '')"
        for mark, typed in _ESCAPES:
            cell = f"replace({cell}, {literal(mark)}, {literal(typed)})"
        fields.append(
            f"CASE WHEN {name} = {literal(NOT_SHOWN)} THEN NULL ELSE {cell} END AS {name}"
        )
    target = grid.table.with_name(f"{grid.table.stem}_vv.parquet")
    with engine() as connection:
        connection.execute(
            f"COPY (SELECT source_row, {', '.join(fields)} "
            f"FROM read_parquet({literal(str(grid.table))}) WHERE source_row > {heading_row} "
            f"ORDER BY source_row) TO {literal(str(target))} (FORMAT parquet)"
        )
    return target
