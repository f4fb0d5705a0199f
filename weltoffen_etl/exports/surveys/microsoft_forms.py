"""Microsoft Forms responses, German and English, as workbook or saved again as CSV."""

from __future__ import annotations

import re
from typing import Final

from weltoffen_etl.exports.grid import Tables
from weltoffen_etl.exports.surveys import place as places
from weltoffen_etl.exports.surveys.place import Place
from weltoffen_etl.exports.surveys.table import OwnColumn, SurveyTable

OWN_COLUMNS: Final[tuple[OwnColumn, ...]] = (
    OwnColumn("ID", "response_id", ("Id",)),
    OwnColumn("Start time", "started_at", ("Startzeit",)),
    OwnColumn("Completion time", "submitted_at", ("Fertigstellungszeit",)),
    OwnColumn("Email", "never_loaded", ("E-Mail", "E-Mail-Adresse")),
    OwnColumn("Name", "never_loaded"),
    OwnColumn(
        "Last modified time",
        "last_action_at",
        ("Zeitpunkt der letzten Änderung", "Uhrzeit der letzten Änderung"),
    ),
    OwnColumn("Language", "language", ("Sprache",)),
    OwnColumn("Total points", "ignored", ("Gesamtpunktzahl",)),
    OwnColumn("Quiz feedback", "ignored", ("Quizfeedback", "Testfeedback")),
)
"""Columns Microsoft Forms adds itself, in its order."""

_MARKS = (("starttime", "completiontime"), ("startzeit", "fertigstellungszeit"))
_QUIZ = re.compile(r"(Points|Punkte|Feedback) [-–] ")


def recognise(tables: Tables) -> bool:
    """Tells whether a file holds responses of Microsoft Forms."""
    return places.find(tables, _is_heading) is not None


def read(tables: Tables) -> SurveyTable:
    """Finds the headings of a Microsoft Forms file.

    Args:
        tables: grids of the file; `recognise` has said yes.

    Returns:
        The table of responses; headings are question texts.
    """
    place = places.require(places.find(tables, _is_heading))
    points = [OwnColumn(x, "ignored", is_last=True) for x in place.cells if _QUIZ.match(x)]
    return places.table(tables, place, tool="microsoft_forms", own_columns=(*OWN_COLUMNS, *points))


def _is_heading(place: Place) -> bool:
    found = places.keys(place.cells)
    return any(found.issuperset(marks) for marks in _MARKS)
