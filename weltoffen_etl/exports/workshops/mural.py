"""Mural: the sticky notes of a board as CSV; colour, area and position carry the meaning."""

from __future__ import annotations

from html import unescape
from typing import Final

from weltoffen_etl.exports.grid import Grid, Tables
from weltoffen_etl.exports.workshops.board import Board, BoardEntry, as_export
from weltoffen_etl.exports.workshops.export import WorkshopExport
from weltoffen_etl.exports.workshops.legend import Legend
from weltoffen_etl.exports.workshops.rows import body, find_headings, not_read, unknown_columns

_HEADINGS: Final = {
    "number": ("ID",),
    "text": ("Text",),
    "colour": ("BG Color", "BG Colour"),
    "kind": ("Sticky type",),
    "x": ("Position X",),
    "y": ("Position Y",),
    "area": ("Area",),
    "tags": ("Tags",),
}
_READ_PAST: Final = (
    "Border line",
    "Link to",
    "Integration Labels",
    "Last Updated",
    "Last Content Edited",
    # The names of the people who edited a note; never loaded.
    "Last Updated By",
    "Last Content Edited By",
)
_REQUIRED: Final = ("text", "colour", "kind")


def recognise(tables: Tables) -> bool:
    """Tells whether a file is Mural's list of sticky notes."""
    return any(_headings(grid) is not None for grid in tables.grids)


def read(tables: Tables, legend: Legend, delivery_id: str) -> WorkshopExport:
    """Reads the sticky notes; Mural writes no votes.

    Args:
        tables: grids of the file; `recognise` has said yes.
        legend: the workshop's legend.
        delivery_id: SHA-256 of the file, for findings.

    Returns:
        The export; its rows are contributions without points.
    """
    board = Board("mural", "Mural-Board")
    for grid in tables.grids:
        place = _headings(grid)
        if place is None:
            board.findings.append(not_read(grid, delivery_id))
            continue
        heading_row, columns = place
        board.findings += unknown_columns(grid, place, _READ_PAST, delivery_id)
        for row, cells in body(grid, heading_row):
            values = {name: cells[column] for name, column in columns.items()}
            board.entries.append(
                BoardEntry(
                    source_row=row,
                    sheet=grid.sheet,
                    number=values.get("number", ""),
                    text=unescape(values["text"]).strip(),
                    marks=tuple(_marks(values)),
                    place=_position(values),
                )
            )
    return as_export(board, tables, legend, delivery_id)


def _headings(grid: Grid) -> tuple[int, dict[str, int]] | None:
    return find_headings(grid, _HEADINGS, _REQUIRED)


def _marks(values: dict[str, str]) -> list[tuple[str, str]]:
    marks = []
    if values["colour"]:
        marks.append(("colours", values["colour"].upper()))
    if values.get("area"):
        marks.append(("areas", unescape(values["area"])))
    marks += [("tags", tag.strip()) for tag in values.get("tags", "").split(",") if tag.strip()]
    return marks


def _position(values: dict[str, str]) -> tuple[float, float] | None:
    """Where the note hangs; None where the file does not say it as two numbers."""
    try:
        return float(values["x"].replace(",", ".")), float(values["y"].replace(",", "."))
    except (KeyError, ValueError):
        return None
