"""Mentimeter: a workbook with one sheet per question, answers with or without votes.

The file names no date; it comes from the folder.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from weltoffen_etl.exports.grid import Grid, Tables
from weltoffen_etl.exports.workshops.board import Board, BoardEntry, as_export
from weltoffen_etl.exports.workshops.export import WorkshopExport
from weltoffen_etl.exports.workshops.legend import Legend
from weltoffen_etl.exports.workshops.rows import body, find_headings, not_read, unknown_columns
from weltoffen_etl.findings import found
from weltoffen_etl.instrument.model import text_key

_HEADINGS: Final = {
    "text": ("Responses", "Response", "Answers", "Answer", "Choices", "Antworten", "Antwort"),
    "points": ("Votes", "Upvotes", "Stimmen", "Anzahl Stimmen"),
}
# Voters and the time of their answer are not loaded.
_READ_PAST: Final = (
    "Voter",
    "Voters",
    "Participant",
    "Name",
    "Date",
    "Datum",
    "Session",
    "Sitzung",
)
_QUESTION: Final = re.compile(
    r"^(?:question|frage)(?:\s*\d+)?\s*(?::\s*(?P<text>.*))?$", re.IGNORECASE | re.DOTALL
)
_TOOL: Final = "mentimeter"


@dataclass(frozen=True, slots=True)
class _Slide:
    """One question: its text, the row of headings and the columns below it."""

    question: str
    heading_row: int
    columns: dict[str, int]


def recognise(tables: Tables) -> bool:
    """Tells whether a workbook holds questions and answers the way Mentimeter writes them.

    A sheet that says *Question* and *Responses* is enough; where the question stands
    alone above its answers, the tool must be named somewhere in the workbook.
    """
    if tables.container == "csv":
        return False
    named = any(
        _TOOL in text_key(cell or "")
        for grid in tables.grids
        for _, cells in grid.head
        for cell in cells
    )
    return any(_slide(grid, with_label=not named) is not None for grid in tables.grids)


def read(tables: Tables, legend: Legend, delivery_id: str) -> WorkshopExport:
    """Reads the answers of every question.

    Args:
        tables: grids of the file; `recognise` has said yes.
        legend: the workshop's legend.
        delivery_id: SHA-256 of the file, for findings.

    Returns:
        The export; its rows are contributions, with points where votes were counted.
    """
    board = Board(_TOOL, "Mentimeter-Umfrage")
    for grid in tables.grids:
        slide = _slide(grid, with_label=False)
        if slide is None:
            board.findings.append(not_read(grid, delivery_id))
            continue
        place = (slide.heading_row, slide.columns)
        board.findings += unknown_columns(grid, place, _READ_PAST, delivery_id)
        for row, cells in body(grid, slide.heading_row):
            values = {name: cells[column] for name, column in slide.columns.items()}
            if text_key(values["text"]) in legend.total_words:
                board.ignored += 1
                board.findings.append(
                    found(delivery_id, "total_row", sheet=grid.sheet, source_row=row)
                )
                continue
            board.entries.append(
                BoardEntry(
                    source_row=row,
                    sheet=grid.sheet,
                    text=values["text"],
                    marks=(("questions", slide.question),),
                    points=values.get("points", ""),
                )
            )
    return as_export(board, tables, legend, delivery_id)


def _slide(grid: Grid, *, with_label: bool) -> _Slide | None:
    """Finds the question of a sheet above the headings of its answers."""
    place = find_headings(grid, _HEADINGS, ("text",))
    if place is None:
        return None
    heading_row, columns = place
    above = [
        [cell.strip() for cell in cells if cell and cell.strip()]
        for row, cells in grid.head
        if row < heading_row
    ]
    for texts in above:
        label = _QUESTION.match(texts[0])
        if label is not None:
            question = label["text"] or (texts[1] if len(texts) > 1 else "")
            if question:
                return _Slide(question.strip(), heading_row, columns)
    alone = [texts[0] for texts in above if len(texts) == 1 and _TOOL not in text_key(texts[0])]
    if with_label or not alone:
        return None
    return _Slide(alone[-1], heading_row, columns)
