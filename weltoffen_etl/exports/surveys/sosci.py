"""SoSci Survey data files (data_…, rdata_…, XLSX); its codebooks are turned away."""

from __future__ import annotations

import re
from typing import Final

from weltoffen_etl.exports.grid import Tables, UnreadableFileError
from weltoffen_etl.exports.surveys import place as places
from weltoffen_etl.exports.surveys.place import Place
from weltoffen_etl.exports.surveys.table import OwnColumn, SurveyTable

OWN_COLUMNS: Final[tuple[OwnColumn, ...]] = (
    OwnColumn("CASE", "response_id"),
    OwnColumn("SERIAL", "never_loaded"),
    OwnColumn("REF", "ignored"),
    OwnColumn("QUESTNNR", "ignored"),
    OwnColumn("MODE", "test_marker"),
    OwnColumn("LANGUAGE", "language"),
    OwnColumn("STARTED", "started_at"),
    OwnColumn("TIME_SUM", "ignored", is_last=True),
    OwnColumn("MAILSENT", "ignored", is_last=True),
    OwnColumn("LASTDATA", "last_action_at", is_last=True),
    OwnColumn("STATUS", "ignored", is_last=True),
    OwnColumn("FINISHED", "finished", is_last=True),
    OwnColumn("Q_VIEWER", "ignored", is_last=True),
    OwnColumn("LASTPAGE", "last_page", is_last=True),
    OwnColumn("MAXPAGE", "ignored", is_last=True),
    OwnColumn("MISSING", "ignored", is_last=True),
    OwnColumn("MISSREL", "ignored", is_last=True),
    OwnColumn("TIME_RSI", "ignored", is_last=True),
    OwnColumn("DEG_MISS", "ignored", is_last=True),
    OwnColumn("DEG_TIME", "ignored", is_last=True),
    OwnColumn("DEGRADE", "ignored", is_last=True),
)
"""Variables SoSci Survey adds itself, in its order."""

REAL_CASES: Final = ("interview",)
FINISHED_CASES: Final = ("1", "true", "t", "wahr")

_PAGE_TIME = re.compile(r"TIME\d+")
_CODEBOOKS = ({"VAR", "RESPONSE", "MEANING"}, {"VAR", "LABEL", "TYPE"})


def recognise(tables: Tables) -> bool:
    """Tells whether a file comes from SoSci Survey, codebooks included."""
    return any(places.find(tables, test) is not None for test in (_is_data, _is_codebook))


def read(tables: Tables) -> SurveyTable:
    """Finds the variables of a SoSci Survey data file.

    Args:
        tables: grids of the file; `recognise` has said yes.

    Returns:
        The table of responses; a row of labels under the variables gives the texts.

    Raises:
        UnreadableFileError: the file is one of the codebooks.
    """
    place = places.find(tables, _is_data)
    if place is None:
        codebook = places.require(places.find(tables, _is_codebook))
        raise UnreadableFileError("file_codebook", ", ".join(filter(None, codebook.cells)))
    heading_row = place.row
    texts: tuple[str, ...] = ()
    case = place.cells.index("CASE")
    if place.below and place.below[0][1][case] and not place.below[0][1][case].isdigit():
        heading_row, texts = place.below[0]
    timings = [
        OwnColumn(x, "ignored", is_last=True) for x in place.cells if _PAGE_TIME.fullmatch(x)
    ]
    return places.table(
        tables,
        place,
        tool="sosci",
        texts=texts,
        heading_row=heading_row,
        own_columns=(*OWN_COLUMNS, *timings),
        real_cases=REAL_CASES,
        finished_cases=FINISHED_CASES,
    )


def _is_data(place: Place) -> bool:
    return "CASE" in place.cells and bool({"QUESTNNR", "MODE", "STARTED"} & set(place.cells))


def _is_codebook(place: Place) -> bool:
    is_first = place.grid.head[0][0] == place.row
    return is_first and any(marks <= set(place.cells) for marks in _CODEBOOKS)
