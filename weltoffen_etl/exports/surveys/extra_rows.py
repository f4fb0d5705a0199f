"""Finds rows that people add to an export: a hint under the headings, a total at the end."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from weltoffen_etl.exports.engine import engine
from weltoffen_etl.exports.grid import Note
from weltoffen_etl.exports.surveys.table import SurveyTable
from weltoffen_etl.instrument.model import text_key

_TOTAL = re.compile(
    r"(gesamt|gesamtsumme|summe|insgesamt|total|sum|mittelwert|durchschnitt|mean|average)\W*"
)
_NUMBER = re.compile(r"[+-]?\d+([.,]\d+)?")
_MISSING = frozenset({"", "N/A", "NA", "-"})
_WITNESSES = 2

_Row = tuple[int, Sequence[str | None]]


def without_extra_rows(table: SurveyTable) -> SurveyTable:
    """Takes hand-made rows out of a table of responses and notes each of them.

    Args:
        table: responses as a tool's module found them.

    Returns:
        The table without a hint row directly under the headings and without a total row
        at the end; row numbers stay those of the file.
    """
    below = [entry for entry in table.grid.head if entry[0] > table.heading_row]
    if len(below) <= _WITNESSES:
        return table
    notes = []
    if _is_hint(below[0], below[1:], _number_column(table)):
        notes.append(Note("row_inserted", sheet=table.grid.sheet, row=below[0][0]))
    last = _last_row(table)
    first_text = next((cell for cell in last[1] if cell and cell.strip()), "")
    if _TOTAL.fullmatch(text_key(first_text)):
        notes.append(Note("total_row", sheet=table.grid.sheet, row=last[0], value=first_text))
    if not notes:
        return table
    rows = {note.row for note in notes}
    target = table.grid.table.with_name(f"{table.grid.table.stem}_responses.parquet")
    listed = ", ".join(str(row) for row in sorted(row for row in rows if row is not None))
    with engine() as connection:
        connection.execute(
            f"COPY (SELECT * FROM read_parquet($path) WHERE source_row NOT IN ({listed}) "
            f"ORDER BY source_row) TO '{target}' (FORMAT parquet)",
            {"path": str(table.grid.table)},
        )
    grid = replace(
        table.grid,
        table=target,
        rows=table.grid.rows - len(rows),
        head=tuple(entry for entry in table.grid.head if entry[0] not in rows),
    )
    return replace(table, grid=grid, notes=(*table.notes, *notes))


def _last_row(table: SurveyTable) -> _Row:
    if 0 < table.grid.rows <= len(table.grid.head):
        return max(table.grid.head, key=lambda entry: entry[0])
    with engine() as connection:
        row = connection.execute(
            "SELECT * FROM read_parquet($path) ORDER BY source_row DESC LIMIT 1",
            {"path": str(table.grid.table)},
        ).fetchone()
    return (row[0], row[1:]) if row else (0, ())


def _number_column(table: SurveyTable) -> int | None:
    """Position of the column in which the tool numbers its responses."""
    names = {
        text_key(name)
        for column in table.own_columns
        if column.role == "response_id"
        for name in (column.code, *column.headings)
    }
    found = [x for x, heading in enumerate(table.headings) if text_key(heading) in names]
    return found[0] if found else None


def _is_hint(first: _Row, others: Sequence[_Row], number: int | None) -> bool:
    """Whether words stand in a row where all other rows have numbers."""
    differing = filled = 0
    for position, cell in enumerate(first[1]):
        text = (cell or "").strip()
        if text in _MISSING:
            continue
        filled += 1
        values = [(cells[position] or "").strip() for _, cells in others]
        values = [value for value in values if value not in _MISSING]
        if len(values) < _WITNESSES or not all(map(_NUMBER.fullmatch, values)):
            continue
        if not _NUMBER.fullmatch(text):
            if position == number:
                return True
            differing += 1
    return differing >= _WITNESSES and differing * 2 >= filled
