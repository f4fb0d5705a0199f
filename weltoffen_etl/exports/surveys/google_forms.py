"""Google Forms responses as sheet or CSV, known by the time stamp in the first column."""

from __future__ import annotations

import re
from typing import Final

from weltoffen_etl.exports.grid import Tables
from weltoffen_etl.exports.surveys import place as places
from weltoffen_etl.exports.surveys.place import Place
from weltoffen_etl.exports.surveys.table import OwnColumn, SurveyTable
from weltoffen_etl.instrument.model import text_key

OWN_COLUMNS: Final[tuple[OwnColumn, ...]] = (
    OwnColumn("Timestamp", "submitted_at", ("Zeitstempel",)),
    OwnColumn(
        "Email Address",
        "never_loaded",
        ("E-Mail-Adresse", "Email address", "Username", "Nutzername"),
    ),
    OwnColumn("Score", "ignored", ("Punktzahl", "Punkte")),
)
"""Columns Google Forms adds itself; it gives responses no number."""

_STAMPS = frozenset({"timestamp", "zeitstempel"})
_MOMENT = re.compile(r"\d{1,4}[-./]\d{1,2}[-./]\d{1,4}[ T]\d{1,2}:\d{2}")
_QUESTIONS = 2


def recognise(tables: Tables) -> bool:
    """Tells whether a file holds responses of Google Forms."""
    return places.find(tables, _is_heading) is not None


def read(tables: Tables) -> SurveyTable:
    """Finds the headings of a Google Forms file.

    Args:
        tables: grids of the file; `recognise` has said yes.

    Returns:
        The table of responses; headings are question texts.
    """
    place = places.require(places.find(tables, _is_heading))
    return places.table(tables, place, tool="google_forms", own_columns=OWN_COLUMNS)


def _is_heading(place: Place) -> bool:
    """A time stamp stands first and moments stand under it; many logs begin so, too."""
    return (
        text_key(place.cells[0]) in _STAMPS
        and sum(map(bool, place.cells)) > _QUESTIONS
        and bool(place.below)
        and all(_MOMENT.match(cells[0]) for _, cells in place.below if cells[0])
    )
