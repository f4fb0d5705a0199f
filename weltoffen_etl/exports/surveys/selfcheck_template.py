"""The project's own workbook for forms typed from paper: codes, question texts, answers."""

from __future__ import annotations

from typing import Final

from weltoffen_etl.exports.grid import Tables
from weltoffen_etl.exports.surveys import place as places
from weltoffen_etl.exports.surveys.place import Place
from weltoffen_etl.exports.surveys.table import OwnColumn, SurveyTable
from weltoffen_etl.instrument.model import text_key

TOOL: Final = "selfcheck_template"
OWN_COLUMNS: Final[tuple[OwnColumn, ...]] = (
    OwnColumn("formular", "response_id", ("Formular-Nr.",)),
    OwnColumn("abgetippt", "submitted_at", ("Vollständig abgetippt am",)),
)
"""Columns that the template has beside those of the questionnaire, in its order."""

OWN_SHEETS: Final = ("Listen", "Hinweise")
"""Sheets with drop-downs and explanations, read past."""


def recognise(tables: Tables) -> bool:
    """Tells whether a file is a filled-in template for typed forms."""
    return places.find(tables, _is_codes) is not None


def read(tables: Tables) -> SurveyTable:
    """Finds the codes and question texts of the template.

    Args:
        tables: grids of the file; `recognise` has said yes.

    Returns:
        The table of responses, one per typed form.
    """
    place = places.require(places.find(tables, _is_codes))
    return places.table(
        tables,
        place,
        tool=TOOL,
        heading_row=place.below[0][0],
        own_columns=OWN_COLUMNS,
        own_sheets=OWN_SHEETS,
    )


def _is_codes(place: Place) -> bool:
    """Whether the row begins with the codes, and the next one with their texts."""
    codes = [text_key(column.code) for column in OWN_COLUMNS]
    texts = [text_key(column.headings[0]) for column in OWN_COLUMNS]
    return (
        bool(place.below)
        and [text_key(cell) for cell in place.cells[: len(codes)]] == codes
        and [text_key(cell) for cell in place.below[0][1][: len(texts)]] == texts
    )
