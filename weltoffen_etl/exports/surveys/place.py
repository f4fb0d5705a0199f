"""Finds the row of headings by the marks of a tool and makes the survey table from it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from weltoffen_etl.exports.grid import Grid, Note, Tables, plain_head
from weltoffen_etl.exports.surveys.table import OwnColumn, SurveyTable
from weltoffen_etl.instrument.model import text_key


class Place(NamedTuple):
    """Where a row of headings stands.

    Attributes:
        grid: the sheet.
        row: row in the file, from 1.
        cells: headings, empty text for empty cells.
        below: the rows under it that are at hand, as ``(row, cells)``.
    """

    grid: Grid
    row: int
    cells: tuple[str, ...]
    below: tuple[tuple[int, tuple[str, ...]], ...]


def find(tables: Tables, fits: Callable[[Place], bool]) -> Place | None:
    """Returns the first row of any visible sheet that fits, else None."""
    for grid in tables.grids:
        rows = plain_head(grid.head)
        for number, (row, cells) in enumerate(rows):
            place = Place(grid, row, cells, rows[number + 1 :])
            if fits(place):
                return place
    return None


def require(place: Place | None) -> Place:
    """Returns the place that `recognise` found before.

    Raises:
        ValueError: there is none; `recognise` was not asked.
    """
    if place is None:
        raise ValueError("not an export of this tool")
    return place


def keys(cells: Iterable[str]) -> set[str]:
    """Returns the comparison forms of all filled cells."""
    return {text_key(cell) for cell in cells if cell}


def table(
    tables: Tables,
    place: Place,
    *,
    tool: str,
    own_columns: Sequence[OwnColumn],
    headings: Sequence[str] | None = None,
    texts: Sequence[str] = (),
    heading_row: int | None = None,
    variant: str = "",
    grid: Grid | None = None,
    real_cases: Iterable[str] = (),
    finished_cases: Iterable[str] = (),
    joined: Sequence[str | None] = (),
    own_sheets: Iterable[str] = (),
    notes: Sequence[Note] = (),
) -> SurveyTable:
    """Makes the survey table of a tool's file; what is not given follows from the place.

    Args:
        tables: grids of the file.
        place: row of the headings.
        tool: survey tool.
        own_columns: columns the tool adds itself.
        headings: headings in the tool's code style, else the cells of the row.
        texts: question texts beside the headings.
        heading_row: last row of headings, if there are several.
        variant: kind of export.
        grid: table of responses, if it is not the sheet itself.
        real_cases: values of a test marker that mean a real response.
        finished_cases: values that mean a form sent off.
        joined: further sheets that were joined.
        own_sheets: other sheets the tool writes itself.
        notes: what the tool's module noticed.

    Returns:
        The survey table.
    """
    return SurveyTable(
        tool=tool,
        variant=variant,
        container=tables.container,
        encoding=tables.encoding,
        delimiter=tables.delimiter,
        grid=grid or place.grid,
        heading_row=place.row if heading_row is None else heading_row,
        headings=tuple(place.cells if headings is None else headings),
        texts=tuple(texts),
        own_columns=tuple(own_columns),
        real_cases=frozenset(value.lower() for value in real_cases),
        finished_cases=frozenset(value.lower() for value in finished_cases),
        joined=tuple(joined),
        own_sheets=frozenset(text_key(name) for name in own_sheets),
        notes=(*tables.notes, *notes),
    )
