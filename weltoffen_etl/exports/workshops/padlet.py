"""Padlet: the posts of a board as CSV or workbook; the section carries the meaning."""

from __future__ import annotations

from typing import Final

from weltoffen_etl.exports.grid import Grid, Tables
from weltoffen_etl.exports.workshops.board import Board, BoardEntry, as_export, text_of
from weltoffen_etl.exports.workshops.export import WorkshopExport
from weltoffen_etl.exports.workshops.legend import Legend
from weltoffen_etl.exports.workshops.rows import body, find_headings, not_read, unknown_columns

_HEADINGS: Final = {
    "subject": ("Subject", "Title", "Betreff", "Titel"),
    "body": ("Body", "Inhalt"),
    "section": ("Section", "Abschnitt"),
    "created": ("Created At", "Erstellt am"),
    "points": ("Reactions", "Reaktionen", "Upvotes", "Likes", "Votes", "Stimmen"),
}
_READ_PAST: Final = (
    "Attachment",
    "Anhang",
    "Updated At",
    "Aktualisiert am",
    # The name of the person who wrote the post; never loaded.
    "Author",
    "Autor",
    "Autor*in",
    "Verfasser",
)
_REQUIRED: Final = ("subject", "body", "created")


def recognise(tables: Tables) -> bool:
    """Tells whether a file is Padlet's list of posts."""
    return any(_headings(grid) is not None for grid in tables.grids)


def read(tables: Tables, legend: Legend, delivery_id: str) -> WorkshopExport:
    """Reads the posts, with their reactions as points where the file has them.

    Args:
        tables: grids of the file; `recognise` has said yes.
        legend: the workshop's legend.
        delivery_id: SHA-256 of the file, for findings.

    Returns:
        The export; its rows are contributions.
    """
    board = Board("padlet", "Padlet-Board")
    for grid in tables.grids:
        place = _headings(grid)
        if place is None:
            board.findings.append(not_read(grid, delivery_id))
            continue
        board.findings += unknown_columns(grid, place, _READ_PAST, delivery_id)
        heading_row, columns = place
        for row, cells in body(grid, heading_row):
            values = {name: cells[column] for name, column in columns.items()}
            section = values.get("section", "")
            parts = (text_of(values["subject"]), text_of(values["body"]))
            board.entries.append(
                BoardEntry(
                    source_row=row,
                    sheet=grid.sheet,
                    text=": ".join(part for part in parts if part),
                    marks=(("sections", section),) if section else (),
                    points=values.get("points", ""),
                )
            )
    return as_export(board, tables, legend, delivery_id)


def _headings(grid: Grid) -> tuple[int, dict[str, int]] | None:
    return find_headings(grid, _HEADINGS, _REQUIRED)
