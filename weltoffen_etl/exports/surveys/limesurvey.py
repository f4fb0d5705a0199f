"""LimeSurvey response exports in every heading and answer style."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from weltoffen_etl.exports.grid import Grid, Tables
from weltoffen_etl.exports.surveys.table import OwnColumn, SurveyTable
from weltoffen_etl.instrument.model import text_key

OWN_COLUMNS: Final[tuple[OwnColumn, ...]] = (
    OwnColumn("id", "response_id", ("Antwort ID", "Antwort-ID", "Response ID", "Answer ID")),
    OwnColumn("token", "never_loaded", ("Zugangsschlüssel", "Zugangscode", "Token", "Access code")),
    OwnColumn("submitdate", "submitted_at", ("Datum Abgeschickt", "Date submitted")),
    OwnColumn("lastpage", "last_page", ("Letzte Seite", "Last page")),
    OwnColumn("startlanguage", "language", ("Start-Sprache", "Startsprache", "Start language")),
    OwnColumn("seed", "ignored", ("Zufallsstartwert", "Zufallsgeneratorstartwert", "Seed")),
    OwnColumn("startdate", "started_at", ("Datum gestartet", "Date started")),
    OwnColumn("datestamp", "last_action_at", ("Datum letzte Aktivität", "Date last action")),
    OwnColumn("ipaddr", "never_loaded", ("IP-Adresse", "IP address")),
    OwnColumn("refurl", "never_loaded", ("Weiterleitungs-URL", "Referrer-URL", "Referrer URL")),
    OwnColumn("interviewtime", "ignored", ("Gesamtzeit", "Total time"), is_last=True),
)
"""Columns LimeSurvey adds itself, in its order."""

_ENOUGH = 3
_ASKED = re.compile(r".*\[.*\](\.\d+)?", re.DOTALL)
_SUFFIX = re.compile(r"\.\d+$")


def recognise(tables: Tables) -> bool:
    """Tells whether a file is a LimeSurvey response export."""
    return _place(tables) is not None


def read(tables: Tables) -> SurveyTable:
    """Finds the headings of a LimeSurvey response export.

    Args:
        tables: grids of the file; `recognise` has said yes.

    Returns:
        The table of responses.
    """
    place = _place(tables)
    if place is None:
        raise ValueError("not a LimeSurvey export")
    grid, heading_row = place
    return SurveyTable(
        tool="limesurvey",
        variant="",
        container=tables.container,
        encoding=tables.encoding,
        delimiter=tables.delimiter,
        grid=grid,
        heading_row=heading_row,
        headings=_without_suffixes([cell or "" for cell in dict(grid.head)[heading_row]]),
        texts=grid.labels,
        own_columns=OWN_COLUMNS,
        notes=tables.notes,
    )


def _place(tables: Tables) -> tuple[Grid, int] | None:
    for grid in tables.grids:
        row = _heading_row(grid)
        if row is not None:
            return grid, row
    return None


def own_headings(cells: tuple[str | None, ...]) -> int:
    """Counts LimeSurvey's own headings, in every heading style, among the cells of a row."""
    codes = {column.code for column in OWN_COLUMNS}
    labels = {text_key(label) for column in OWN_COLUMNS for label in column.headings}
    hits = 0
    for cell in cells:
        # Abbreviated headings keep 15 letters; "code. text" starts with the code.
        start = (cell or "").replace("\ufeff", "").strip().split(". ")[0]
        stem = text_key(start).split("..")[0]
        hits += (
            start in codes
            or text_key(start) in labels
            or (".." in start and any(label.startswith(stem) for label in labels))
        )
    return hits


def _heading_row(grid: Grid) -> int | None:
    """The first row that holds enough of LimeSurvey's own headings."""
    return next(
        (row for row, cells in grid.head if own_headings(cells) >= _ENOUGH or _is_stripped(cells)),
        None,
    )


def _is_stripped(cells: Sequence[str | None]) -> bool:
    """Whether only the number of the response is left of LimeSurvey's own columns.

    Then the questions must show it: most of them with a sub-question in brackets.
    """
    number = OWN_COLUMNS[0]
    first, *others = [(cell or "").replace("\ufeff", "").strip() for cell in cells]
    if text_key(first) not in {text_key(x) for x in (number.code, *number.headings)}:
        return False
    asked = sum(bool(_ASKED.fullmatch(heading)) for heading in others)
    return asked >= _ENOUGH and asked * 2 > len(others)


def _without_suffixes(headings: Sequence[str]) -> tuple[str, ...]:
    """Takes off the ``.1`` by which pandas tells equal headings apart when it saves them."""
    known = set(headings)
    return tuple(
        stem if (stem := _SUFFIX.sub("", heading)) in known else heading for heading in headings
    )
