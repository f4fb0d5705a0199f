"""Qualtrics response exports: three rows of headings, and the older form with two."""

from __future__ import annotations

import re
from typing import Final

from weltoffen_etl.exports.grid import Note, Tables
from weltoffen_etl.exports.surveys import place as places
from weltoffen_etl.exports.surveys.place import Place
from weltoffen_etl.exports.surveys.table import OwnColumn, SurveyTable

OWN_COLUMNS: Final[tuple[OwnColumn, ...]] = (
    OwnColumn("StartDate", "started_at", ("Start Date", "Anfangsdatum", "Startdatum")),
    OwnColumn("EndDate", "last_action_at", ("End Date", "Enddatum")),
    OwnColumn("Status", "test_marker", ("Response Type", "Antworttyp")),
    OwnColumn("IPAddress", "never_loaded", ("IP Address", "IP-Adresse")),
    OwnColumn("Progress", "ignored", ("Aktueller Stand", "Fortschritt")),
    OwnColumn("Duration (in seconds)", "ignored", ("Dauer (in Sekunden)",)),
    OwnColumn("Finished", "finished", ("Beendet", "Abgeschlossen")),
    OwnColumn("RecordedDate", "submitted_at", ("Recorded Date", "Erfassungsdatum")),
    OwnColumn("ResponseId", "response_id", ("Response ID", "ResponseID", "Antwort-ID")),
    OwnColumn("ResponseSet", "ignored", ("Response Set",)),
    OwnColumn("RecipientLastName", "never_loaded", ("Nachname des Empfängers",)),
    OwnColumn("RecipientFirstName", "never_loaded", ("Vorname des Empfängers",)),
    OwnColumn("RecipientEmail", "never_loaded", ("E-Mail des Empfängers",)),
    OwnColumn("Name", "never_loaded"),
    OwnColumn("ExternalReference", "never_loaded", ("External Data Reference",)),
    OwnColumn("ExternalDataReference", "never_loaded", ("Externe Datenreferenz",)),
    OwnColumn("EmailAddress", "never_loaded", ("Email Address",)),
    OwnColumn("LocationLatitude", "never_loaded", ("Location Latitude",)),
    OwnColumn("LocationLongitude", "never_loaded", ("Location Longitude",)),
    OwnColumn("LocationAccuracy", "never_loaded", ("Location Accuracy",)),
    OwnColumn("DistributionChannel", "ignored", ("Distribution Channel", "Verteilungskanal")),
    OwnColumn("UserLanguage", "language", ("User Language", "Benutzersprache")),
)
"""Columns Qualtrics adds itself; the older form has some of them under V1, V2 …"""

REAL_CASES: Final = (
    "0",
    "IP Address",
    "IP-Adresse",
    "4",
    "Imported",
    "Importiert",
    "16",
    "Offline",
)
"""Status of real responses, as code and in words; others are previews, tests and spam."""

FINISHED_CASES: Final = ("1", "true", "wahr")

_LEGACY = re.compile(r"V\d+")
_TIMING = re.compile(r"(First Click|Last Click|Page Submit|Click Count)$")
_ZONE = re.compile(r'"timeZone"\s*:\s*"([^"]+)"')
_IMPORT_ID = re.compile(r'\{\s*"ImportId"\s*:')


def recognise(tables: Tables) -> bool:
    """Tells whether a file is a Qualtrics response export."""
    return places.find(tables, _is_current) is not None or _legacy(tables) is not None


def read(tables: Tables) -> SurveyTable:
    """Finds the headings of a Qualtrics export and the time zone of its times.

    Args:
        tables: grids of the file; `recognise` has said yes.

    Returns:
        The table of responses.
    """
    place = places.find(tables, _is_current)
    if place is not None:
        return _read_current(tables, place)
    place = places.require(_legacy(tables))
    last, texts = place.below[0]
    headings = [
        text if _LEGACY.fullmatch(code) else code
        for code, text in zip(place.cells, texts, strict=True)
    ]
    return places.table(
        tables,
        place,
        tool="qualtrics",
        variant="legacy",
        headings=headings,
        texts=texts,
        heading_row=last,
        own_columns=OWN_COLUMNS,
        real_cases=REAL_CASES,
        finished_cases=FINISHED_CASES,
    )


def _read_current(tables: Tables, place: Place) -> SurveyTable:
    """The row with the import ids is the last row of headings; codes stand first."""
    above = [cells for row, cells in place.grid.head if row < place.row]
    headings = [(cell or "").strip() for cell in above[0]]
    texts = [(cell or "").strip() for cell in above[-1]] if len(above) > 1 else []
    timings = [OwnColumn(x, "ignored", is_last=True) for x in headings if _TIMING.search(x)]
    zones = sorted({zone for cell in place.cells for zone in _ZONE.findall(cell)})
    return places.table(
        tables,
        place,
        tool="qualtrics",
        headings=headings,
        texts=texts,
        own_columns=(*OWN_COLUMNS, *timings),
        real_cases=REAL_CASES,
        finished_cases=FINISHED_CASES,
        notes=[Note("times_in_zone", value=zone, sheet=place.grid.sheet) for zone in zones],
    )


def _is_current(place: Place) -> bool:
    """A row of import ids under at least one row of headings."""
    filled = [cell for cell in place.cells if cell]
    marked = sum(bool(_IMPORT_ID.match(cell)) for cell in filled)
    is_first = not place.grid.head or place.grid.head[0][0] == place.row
    return not is_first and bool(filled) and marked * 2 > len(filled)


def _legacy(tables: Tables) -> Place | None:
    return places.find(
        tables,
        lambda place: (
            bool(place.below)
            and bool(_LEGACY.fullmatch(place.cells[0]))
            and places.keys(place.below[0][1]) >= places.keys(("ResponseID", "StartDate"))
        ),
    )
