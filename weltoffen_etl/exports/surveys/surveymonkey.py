"""SurveyMonkey responses: questions in the first row of headings, options in the second."""

from __future__ import annotations

from typing import Final

from weltoffen_etl.exports.grid import Tables
from weltoffen_etl.exports.surveys import place as places
from weltoffen_etl.exports.surveys.place import Place
from weltoffen_etl.exports.surveys.table import OwnColumn, SurveyTable
from weltoffen_etl.instrument.model import text_key

OWN_COLUMNS: Final[tuple[OwnColumn, ...]] = (
    OwnColumn("Respondent ID", "response_id", ("RespondentID", "respondent_id")),
    OwnColumn("Collector ID", "ignored", ("CollectorID", "collector_id")),
    OwnColumn("Start Date", "started_at", ("StartDate", "date_created")),
    OwnColumn("End Date", "last_action_at", ("EndDate", "date_modified")),
    OwnColumn("IP Address", "never_loaded", ("ip_address",)),
    OwnColumn("Email Address", "never_loaded", ("email_address",)),
    OwnColumn("First Name", "never_loaded", ("first_name",)),
    OwnColumn("Last Name", "never_loaded", ("LastName", "last_name")),
    OwnColumn("Custom Data 1", "never_loaded", ("Custom Data", "custom_1")),
)
"""Columns SurveyMonkey adds itself; an end date stands on unfinished forms as well."""

_MARKS = ("respondentid", "collectorid")
_PLAIN_OPTIONS = frozenset(
    map(text_key, ("", "Response", "Open-Ended Response", "Antwort", "Offene Antwort"))
)


def recognise(tables: Tables) -> bool:
    """Tells whether a file holds responses of SurveyMonkey."""
    return places.find(tables, _is_heading) is not None


def read(tables: Tables) -> SurveyTable:
    """Joins question and option of each column to one heading.

    Args:
        tables: grids of the file; `recognise` has said yes.

    Returns:
        The table of responses; a heading reads ``question [option]``.
    """
    place = places.require(places.find(tables, _is_heading))
    headings, heading_row = list(place.cells), place.row
    number = [text_key(cell).replace("_", "") for cell in place.cells].index(_MARKS[0])
    if place.below and not place.below[0][1][number]:
        heading_row, options = place.below[0]
        question = ""
        for position, option in enumerate(options):
            question = place.cells[position] or question
            is_plain = text_key(option) in _PLAIN_OPTIONS
            headings[position] = question if is_plain else f"{question} [{option}]"
    return places.table(
        tables,
        place,
        tool="surveymonkey",
        headings=headings,
        heading_row=heading_row,
        own_columns=OWN_COLUMNS,
    )


def _is_heading(place: Place) -> bool:
    return {key.replace("_", "") for key in places.keys(place.cells)}.issuperset(_MARKS)
