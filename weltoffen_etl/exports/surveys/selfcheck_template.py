"""The project's own workbook for forms typed from paper: codes, question texts, answers."""

from __future__ import annotations

import itertools
from typing import Final

from weltoffen_etl.exports.grid import Grid, Tables
from weltoffen_etl.exports.surveys.table import OwnColumn, SurveyTable
from weltoffen_etl.instrument.model import text_key

TOOL: Final = "selfcheck_template"
OWN_COLUMNS: Final[tuple[OwnColumn, ...]] = (
    OwnColumn("formular", "response_id", ("Formular-Nr.",)),
    OwnColumn("abgetippt", "submitted_at", ("Vollständig abgetippt am",)),
)
"""Columns that the template has beside those of the questionnaire, in its order."""

OWN_SHEETS: Final = ("Listen", "Hinweise")
"""Sheets with drop-downs and explanations, read past."""


def recognise(tables: Tables) -> bool:
    """Tells whether a file is a filled-in template for typed forms."""
    return _place(tables) is not None


def read(tables: Tables) -> SurveyTable:
    """Finds the codes and question texts of the template.

    Args:
        tables: grids of the file; `recognise` has said yes.

    Returns:
        The table of responses, one per typed form.
    """
    place = _place(tables)
    if place is None:
        raise ValueError("not a template for typed forms")
    grid, code_row, text_row = place
    rows = dict(grid.head)
    return SurveyTable(
        tool=TOOL,
        variant="",
        container=tables.container,
        encoding=tables.encoding,
        delimiter=tables.delimiter,
        grid=grid,
        heading_row=text_row,
        headings=tuple(cell or "" for cell in rows[code_row]),
        texts=(),
        own_columns=OWN_COLUMNS,
        own_sheets=frozenset(text_key(name) for name in OWN_SHEETS),
        notes=tables.notes,
    )


def _place(tables: Tables) -> tuple[Grid, int, int] | None:
    """The sheet whose codes stand above the texts that the template wrote."""
    codes = tuple(text_key(column.code) for column in OWN_COLUMNS)
    texts = tuple(text_key(column.headings[0]) for column in OWN_COLUMNS)
    for grid in tables.grids:
        starts = [
            (row, tuple(text_key(cell or "") for cell in cells[: len(codes)]))
            for row, cells in grid.head
        ]
        for (above, first), (below, second) in itertools.pairwise(starts):
            if first == codes and second == texts:
                return grid, above, below
    return None
