"""Polis: the comments of a conversation as CSV, one idea per row with its approvals."""

from __future__ import annotations

from typing import Final

from weltoffen_etl.exports.grid import Grid, Tables, UnreadableFileError
from weltoffen_etl.exports.workshops.board import Board, BoardEntry, as_export
from weltoffen_etl.exports.workshops.export import WorkshopExport
from weltoffen_etl.exports.workshops.legend import Legend
from weltoffen_etl.exports.workshops.rows import body, find_headings, not_read, unknown_columns
from weltoffen_etl.findings import found
from weltoffen_etl.instrument.model import text_key

_HEADINGS: Final = {
    "number": ("comment-id",),
    "text": ("comment-body",),
    "points": ("agrees",),
    "moderated": ("moderated",),
}
# The author is a number of Polis; it is not needed and not loaded.
_READ_PAST: Final = ("timestamp", "datetime", "author-id", "disagrees")
_OTHER_FILES: Final = {
    "votes.csv": frozenset({"comment-id", "voter-id", "vote"}),
    "participants-votes.csv": frozenset({"participant", "n-votes", "n-agree"}),
}
_SUMMARY: Final = frozenset({"topic", "voters", "comments"})
_MODERATED_OUT: Final = "-1"
_SHOWN: Final = frozenset({"", "0", "1"})


def recognise(tables: Tables) -> bool:
    """Tells whether a file is one of the files that Polis exports."""
    return any(
        _headings(grid) is not None or _other_file(grid) is not None for grid in tables.grids
    )


def read(tables: Tables, legend: Legend, delivery_id: str) -> WorkshopExport:
    """Reads the comments; those that moderation took out are counted and left out.

    Args:
        tables: grids of the file; `recognise` has said yes.
        legend: the workshop's legend.
        delivery_id: SHA-256 of the file, for findings.

    Returns:
        The export; its rows are contributions with approvals as points.

    Raises:
        UnreadableFileError: another of Polis' files, which holds no ideas.
    """
    board = Board("polis", "Polis-Dialog")
    moderated_out = 0
    for grid in tables.grids:
        place = _headings(grid)
        if place is None:
            if other := _other_file(grid):
                raise UnreadableFileError("polis_other_file", other)
            board.findings.append(not_read(grid, delivery_id))
            continue
        board.findings += unknown_columns(grid, place, _READ_PAST, delivery_id)
        heading_row, columns = place
        for row, cells in body(grid, heading_row):
            values = {name: cells[column] for name, column in columns.items()}
            if values["moderated"] == _MODERATED_OUT:
                moderated_out += 1
                continue
            if values["moderated"] not in _SHOWN:
                board.findings.append(
                    found(
                        delivery_id,
                        "polis_moderation_unknown",
                        sheet=grid.sheet,
                        source_row=row,
                        source_column="moderated",
                        position=columns["moderated"],
                        value=values["moderated"],
                    )
                )
            board.entries.append(
                BoardEntry(
                    source_row=row,
                    sheet=grid.sheet,
                    number=values["number"],
                    text=values["text"],
                    marks=(),
                    points=values["points"],
                )
            )
    board.ignore(delivery_id, "polis_moderated_out", moderated_out)
    return as_export(board, tables, legend, delivery_id)


def _headings(grid: Grid) -> tuple[int, dict[str, int]] | None:
    return find_headings(grid, _HEADINGS, _HEADINGS)


def _other_file(grid: Grid) -> str | None:
    """Which other file of Polis a grid is; the summary has a key and a value per row."""
    for name, wanted in _OTHER_FILES.items():
        if find_headings(grid, {word: (word,) for word in wanted}, wanted) is not None:
            return name
    keys = {text_key(cells[0] or "") for _, cells in grid.head if cells}
    return "summary.csv" if grid.columns == 2 and keys >= _SUMMARY else None
