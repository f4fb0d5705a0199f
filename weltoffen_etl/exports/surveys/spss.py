"""SPSS files of any tool: variable names as codes, variable labels as question texts."""

from __future__ import annotations

from weltoffen_etl.exports.grid import Tables
from weltoffen_etl.exports.surveys.table import SurveyTable


def recognise(tables: Tables) -> bool:
    """Tells whether a file is an SPSS file; tools with marks of their own are asked before."""
    return tables.container == "sav"


def read(tables: Tables) -> SurveyTable:
    """Takes the one table of an SPSS file as it stands.

    Args:
        tables: grids of the file; `recognise` has said yes.

    Returns:
        The table of responses; SPSS itself adds no columns.
    """
    (grid,) = tables.grids
    row, cells = grid.head[0]
    return SurveyTable(
        tool="spss",
        variant="",
        container=tables.container,
        encoding=tables.encoding,
        delimiter=tables.delimiter,
        grid=grid,
        heading_row=row,
        headings=tuple(cell or "" for cell in cells),
        texts=grid.labels,
        own_columns=(),
        notes=tables.notes,
    )
