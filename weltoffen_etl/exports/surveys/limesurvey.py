"""LimeSurvey response exports in every heading and answer style."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from weltoffen_etl.exports.grid import Tables
from weltoffen_etl.exports.surveys import place as places
from weltoffen_etl.exports.surveys.place import Place
from weltoffen_etl.exports.surveys.table import OwnColumn, SurveyTable
from weltoffen_etl.instrument.model import text_key

TOOL: Final = "limesurvey"
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

_CODES = frozenset(column.code for column in OWN_COLUMNS)
_LABELS = frozenset(text_key(label) for column in OWN_COLUMNS for label in column.headings)
_ENOUGH = 3
_ASKED = re.compile(r".*\[.*\](\.\d+)?", re.DOTALL)
_SUFFIX = re.compile(r"\.\d+$")


def recognise(tables: Tables) -> bool:
    """Tells whether a file is a LimeSurvey response export."""
    return places.find(tables, _is_heading) is not None


def read(tables: Tables) -> SurveyTable:
    """Finds the headings of a LimeSurvey response export.

    Args:
        tables: grids of the file; `recognise` has said yes.

    Returns:
        The table of responses.
    """
    place = places.require(places.find(tables, _is_heading))
    # As they stand: a blank after ``..`` shows where an abbreviated heading was cut.
    cells = dict(place.grid.head)[place.row]
    return places.table(
        tables,
        place,
        tool=TOOL,
        headings=_without_suffixes([cell or "" for cell in cells]),
        texts=place.grid.labels,
        own_columns=OWN_COLUMNS,
    )


def own_headings(cells: Sequence[str]) -> int:
    """Counts LimeSurvey's own headings, in every heading style, among the cells of a row."""
    hits = 0
    for cell in cells:
        # Abbreviated headings keep 15 letters; "code. text" starts with the code.
        start = cell.split(". ")[0]
        stem = text_key(start).split("..")[0]
        hits += (
            start in _CODES
            or text_key(start) in _LABELS
            or (".." in start and any(label.startswith(stem) for label in _LABELS))
        )
    return hits


def _is_heading(place: Place) -> bool:
    return own_headings(place.cells) >= _ENOUGH or _is_stripped(place.cells)


def _is_stripped(cells: Sequence[str]) -> bool:
    """Whether only the number of the response is left of LimeSurvey's own columns.

    Then the questions must show it: most of them with a sub-question in brackets.
    """
    number = OWN_COLUMNS[0]
    first, *others = cells
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
