"""Plain response tables without marks of a tool, also with two rows of headings."""

from __future__ import annotations

import re

from weltoffen_etl.exports.engine import engine
from weltoffen_etl.exports.grid import Grid, Tables
from weltoffen_etl.exports.surveys import place as places
from weltoffen_etl.exports.surveys.place import Place
from weltoffen_etl.exports.surveys.table import SurveyTable

TOOL = "generic"

_COLUMNS = 5
_ROWS = 2
_FILLED = 0.8
_FEW = 12
_CODED = 0.5
_NUMBER = re.compile(r"[+-]?\d+([.,]\d+)?")


def recognise(tables: Tables) -> bool:
    """Tells whether a file is shaped like a table of responses.

    That is: a row of distinct headings in words or codes, and under it columns of which
    at least half hold a few values again and again, as answers from a scale do.
    """
    return _place(tables) is not None


def read(tables: Tables) -> SurveyTable:
    """Finds the headings of a plain response table.

    Where a row of questions stands over the headings, with gaps, a heading reads
    ``question [heading]``, and the heading alone stands beside it as text.

    Args:
        tables: grids of the file; `recognise` has said yes.

    Returns:
        The table of responses, without columns of a tool.
    """
    place = places.require(_place(tables))
    above = [cells for row, cells in place.grid.head if row < place.row]
    questions = [(cell or "").replace("\ufeff", "").strip() for cell in above[-1]] if above else []
    if sum(map(bool, questions)) <= 1:
        return places.table(tables, place, tool=TOOL, own_columns=())
    headings, question = [], ""
    for over, heading in zip(questions, place.cells, strict=True):
        question = over or question
        headings.append(f"{question} [{heading}]" if question and heading else question or heading)
    return places.table(
        tables, place, tool=TOOL, headings=headings, texts=place.cells, own_columns=()
    )


def _place(tables: Tables) -> Place | None:
    """The heading row of the widest sheet that is shaped like a table of responses."""
    found = [
        place
        for grid in tables.grids
        if (place := _heading(tables, grid)) is not None and _is_coded(place)
    ]
    return max(found, key=lambda place: place.grid.columns, default=None)


def _heading(tables: Tables, grid: Grid) -> Place | None:
    """The first row that is filled nearly throughout, if it reads like headings."""
    if grid.columns < _COLUMNS:
        return None
    place = places.find(
        tables, lambda x: x.grid is grid and sum(map(bool, x.cells)) >= _FILLED * grid.columns
    )
    if place is None:
        return None
    filled = [cell for cell in place.cells if cell]
    numbers = sum(bool(_NUMBER.fullmatch(cell)) for cell in filled)
    return place if len(set(filled)) > _FILLED * len(filled) and numbers * 2 < len(filled) else None


def _is_coded(place: Place) -> bool:
    """Whether at least half of the columns hold only a few different values."""
    grid = place.grid
    counts = ", ".join(f"count(DISTINCT nullif(trim(c{x}), ''))" for x in range(grid.columns))
    with engine() as connection:
        row = connection.execute(
            f"SELECT count(*), {counts} FROM read_parquet($path) WHERE source_row > $row",
            {"path": str(grid.table), "row": place.row},
        ).fetchone()
    rows, *kinds = row or (0,)
    filled = [kind for kind in kinds if kind]
    coded = sum(kind <= _FEW for kind in filled)
    return rows >= _ROWS and len(filled) >= _COLUMNS and coded >= _CODED * len(filled)
