"""Tivian EFS (Questback, Unipark) exports, also spread over several sheets."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import duckdb

from weltoffen_etl.exports.grid import HEAD_ROWS, Grid, Tables, UnreadableFileError
from weltoffen_etl.exports.surveys import place as places
from weltoffen_etl.exports.surveys.place import Place
from weltoffen_etl.exports.surveys.table import OwnColumn, SurveyTable

OWN_COLUMNS: Final[tuple[OwnColumn, ...]] = (
    OwnColumn("lfdn", "response_id"),
    OwnColumn("external_lfdn", "ignored"),
    OwnColumn("tester", "test_marker"),
    OwnColumn("dispcode", "finished"),
    OwnColumn("lastpage", "ignored"),
    OwnColumn("quality", "ignored"),
    OwnColumn("duration", "ignored"),
    OwnColumn("u_email", "never_loaded"),
    OwnColumn("u_name", "never_loaded"),
    OwnColumn("u_firstname", "never_loaded"),
    OwnColumn("browser", "ignored", is_last=True),
    OwnColumn("referer", "never_loaded", is_last=True),
    OwnColumn("device_type", "ignored", is_last=True),
    OwnColumn("participant_browser", "ignored", is_last=True),
    OwnColumn("participant_browser_language", "ignored", is_last=True),
    OwnColumn("quota", "ignored", is_last=True),
    OwnColumn("quota_assignment", "ignored", is_last=True),
    OwnColumn("quota_rejected_id", "ignored", is_last=True),
    OwnColumn("page_history", "ignored", is_last=True),
    OwnColumn("hflip", "ignored", is_last=True),
    OwnColumn("vflip", "ignored", is_last=True),
    OwnColumn("output_mode", "ignored", is_last=True),
    OwnColumn("javascript", "ignored", is_last=True),
    OwnColumn("flash", "ignored", is_last=True),
    OwnColumn("session_id", "never_loaded", is_last=True),
    OwnColumn("ip_addr", "never_loaded", is_last=True),
    OwnColumn("language", "language", is_last=True),
    OwnColumn("cleaned", "ignored", is_last=True),
    OwnColumn("ats", "ignored", is_last=True),
    OwnColumn("datetime", "started_at", is_last=True),
    OwnColumn("date_of_last_access", "last_action_at", is_last=True),
    OwnColumn("date_of_first_mail", "ignored", is_last=True),
)
"""Variables EFS adds itself. ``lastpage`` is the number of a page in the database, not its
place in the questionnaire, so it cannot tell how far a form got."""

REAL_CASES: Final = ("0",)
FINISHED_CASES: Final = ("31", "32")
"""Disposition codes of completed forms, without and with an interruption."""

_KEY = "lfdn"
_MARKS = frozenset({"dispcode", "tester", "external_lfdn", "lastpage"})


def recognise(tables: Tables) -> bool:
    """Tells whether a file is an export of EFS."""
    return places.find(tables, _is_heading) is not None


def read(tables: Tables) -> SurveyTable:
    """Finds the variables of an EFS export and joins its sheets on ``lfdn``.

    Args:
        tables: grids of the file; `recognise` has said yes.

    Returns:
        The table of responses with the columns of all sheets.

    Raises:
        UnreadableFileError: the sheets do not hold the same responses.
    """
    place = places.require(places.find(tables, _is_heading))
    others = [
        Place(grid, row, tuple((cell or "").strip() for cell in cells), ())
        for grid in tables.grids
        for row, cells in grid.head[:1]
        if grid.sheet != place.grid.sheet and _KEY in cells
    ]
    headings = list(place.cells)
    for other in others:
        headings += [cell for cell in other.cells if cell != _KEY]
    return places.table(
        tables,
        place,
        tool="efs",
        headings=headings,
        grid=_joined(place, others, len(headings)) if others else None,
        joined=[other.grid.sheet for other in others],
        own_columns=OWN_COLUMNS,
        real_cases=REAL_CASES,
        finished_cases=FINISHED_CASES,
    )


def _is_heading(place: Place) -> bool:
    return _KEY in place.cells and bool(_MARKS & set(place.cells))


def _joined(first: Place, others: list[Place], width: int) -> Grid:
    """One grid of all sheets, row numbers those of the first."""
    target = first.grid.table.with_name("joined.parquet")
    columns = [f"sheet0.c{x}" for x in range(len(first.cells))]
    joins = [_responses(first, 0)]
    key = f"sheet0.c{first.cells.index(_KEY)}"
    for number, other in enumerate(others, start=1):
        own = other.cells.index(_KEY)
        columns += [f"sheet{number}.c{x}" for x in range(len(other.cells)) if x != own]
        joins.append(f"JOIN {_responses(other, number)} ON sheet{number}.c{own} = {key}")
    fields = ", ".join(f"{column} AS c{x}" for x, column in enumerate(columns))
    with duckdb.connect() as connection:
        connection.execute(
            f"COPY (SELECT sheet0.source_row, {fields} FROM {' '.join(joins)} "
            f"ORDER BY sheet0.source_row) TO '{target}' (FORMAT parquet)"
        )
        rows = _count(connection, f"(SELECT DISTINCT source_row FROM '{target}')")
        sources = [(first, f"'{target}'"), *((x, _responses(x, 0)) for x in (first, *others))]
        for place, source in sources:
            if _count(connection, source) != rows:
                raise UnreadableFileError("sheets_not_joinable", place.grid.sheet)
        head = connection.execute(f"FROM '{target}' LIMIT {HEAD_ROWS}").fetchall()
    # The heading rows are not in the joined table.
    return replace(
        first.grid,
        table=target,
        columns=width,
        rows=rows,
        head=tuple((row[0], tuple(row[1:])) for row in head),
    )


def _responses(place: Place, number: int) -> str:
    """The rows below the headings of a sheet, as a source of a statement."""
    return (
        f"(SELECT * FROM read_parquet('{place.grid.table}') WHERE source_row > {place.row}) "
        f"AS sheet{number}"
    )


def _count(connection: duckdb.DuckDBPyConnection, source: str) -> int:
    row = connection.execute(f"SELECT count(*) FROM {source}").fetchone()
    return int(row[0]) if row else 0
