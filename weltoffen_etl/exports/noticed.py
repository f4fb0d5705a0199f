"""Turns what readers noticed about a file into findings of its delivery."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace

from weltoffen_etl.exports.engine import engine
from weltoffen_etl.exports.grid import Grid, Note, Tables
from weltoffen_etl.findings import Finding, found

_LOST = frozenset({"formula_without_value", "cell_error"})


def finding_of(note: Note, delivery_id: str) -> Finding:
    """Returns a note as a finding with its German sentence."""
    return found(
        delivery_id,
        note.rule,
        sheet=note.sheet,
        source_row=note.row,
        source_column=note.column,
        value=note.value,
        position=note.position,
        expected=note.expected,
    )


def about_file(tables: Tables) -> tuple[Note, ...]:
    """Returns the notes about a workbook as a whole; those of a text file are its sheet's."""
    if any(grid.sheet is None for grid in tables.grids):
        return ()
    return tuple(note for note in tables.notes if note.sheet is None)


def about_sheet(
    notes: Iterable[Note],
    grid: Grid,
    heading_row: int,
    harmless: Collection[int] = (),
    skipped: Collection[int] = (),
) -> Iterator[Note]:
    """Yields the notes about one sheet that matter for its data.

    A data row that lost a cell is kept back as a whole: nobody can tell an answer that
    was not given from one that was lost.

    Args:
        notes: what was noticed about the bytes.
        grid: the sheet whose rows are read.
        heading_row: last row of headings; merged cells up to there are usual.
        harmless: columns from 0 whose content may be lost without harm to a row.
        skipped: rows that are no data, such as totals.

    Yields:
        Notes, those of lost cells with the rule ``row_cell_lost`` where a row is kept back.
    """
    own = [note for note in notes if note.sheet == grid.sheet]
    lost = [note.row for note in own if note.rule in _LOST and note.row is not None]
    data_rows = _rows_of(grid, lost) if lost else set()
    for note in own:
        row = note.row or 0
        if note.rule == "cells_merged" and row <= heading_row:
            continue
        is_data = row > heading_row and row in data_rows and row not in skipped
        if note.rule in _LOST and is_data and note.position not in harmless:
            yield replace(note, rule="row_cell_lost")
        else:
            yield note


def _rows_of(grid: Grid, rows: list[int]) -> set[int]:
    with engine() as connection:
        found_rows = connection.execute(
            "SELECT source_row FROM read_parquet($path) WHERE list_contains($rows, source_row)",
            {"path": str(grid.table), "rows": rows},
        ).fetchall()
    return {row for (row,) in found_rows}
