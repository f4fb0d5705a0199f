"""KoboToolbox and ODK exports: XML names or labels, with or without groups."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Final

from weltoffen_etl.exports.grid import Note, Tables
from weltoffen_etl.exports.surveys import place as places
from weltoffen_etl.exports.surveys.place import Place
from weltoffen_etl.exports.surveys.table import OwnColumn, SurveyTable

OWN_COLUMNS: Final[tuple[OwnColumn, ...]] = (
    OwnColumn("start", "started_at"),
    OwnColumn("end", "last_action_at"),
    OwnColumn("today", "ignored"),
    OwnColumn("username", "never_loaded"),
    OwnColumn("deviceid", "never_loaded"),
    OwnColumn("phonenumber", "never_loaded"),
    OwnColumn("subscriberid", "never_loaded"),
    OwnColumn("simserial", "never_loaded"),
    OwnColumn("__version__", "ignored", is_last=True),
    OwnColumn("instanceID", "ignored", is_last=True),
    OwnColumn("_id", "response_id", is_last=True),
    OwnColumn("_uuid", "ignored", is_last=True),
    OwnColumn("_submission_time", "submitted_at", is_last=True),
    OwnColumn("_validation_status", "ignored", is_last=True),
    OwnColumn("_notes", "ignored", is_last=True),
    OwnColumn("_status", "ignored", is_last=True),
    OwnColumn("_submitted_by", "never_loaded", is_last=True),
    OwnColumn("_geolocation", "never_loaded", is_last=True),
    OwnColumn("_attachments", "never_loaded", is_last=True),
    OwnColumn("_tags", "ignored", is_last=True),
    OwnColumn("_index", "ignored", is_last=True),
)
"""Columns KoboToolbox adds itself, in its order."""

_MARKS = frozenset({"_id", "_uuid", "_submission_time", "_index", "_validation_status"})
_ENOUGH = 2
_CHILD = "_parent_index"
# A group that was never named is called group_ and seven letters or digits.
_GROUP = re.compile(r"group_[a-z]{2}\d{0,2}[a-z0-9]{3,5}[./]")
_PATH = re.compile(r"[A-Za-z_][\w-]*(?:[./][A-Za-z0-9_][\w-]*)*")


def recognise(tables: Tables) -> bool:
    """Tells whether a file is an export of KoboToolbox or ODK."""
    return places.find(tables, _is_heading) is not None


def read(tables: Tables) -> SurveyTable:
    """Finds the headings of a KoboToolbox export.

    XML names lose their groups, because the sender chooses whether and with which
    separator they are written; an option of a multiple choice reads
    ``question/option``.

    Args:
        tables: grids of the file; `recognise` has said yes.

    Returns:
        The table of responses; sheets of repeat groups are noted and left out.
    """
    place = places.require(places.find(tables, _is_heading))
    repeats = [
        Note("sheet_repeat_group", sheet=grid.sheet)
        for grid in tables.grids
        if any(_CHILD in cells for _, cells in grid.head[:1])
    ]
    return places.table(
        tables,
        place,
        tool="kobo",
        headings=_names(place.cells),
        texts=_labels(place.cells),
        own_columns=OWN_COLUMNS,
        notes=repeats,
    )


def _is_heading(place: Place) -> bool:
    filled = [cell for cell in place.cells if cell]
    if _CHILD in filled:
        return False
    grouped = sum(bool(_GROUP.match(cell)) for cell in filled)
    return len(_MARKS & set(filled)) >= _ENOUGH or grouped * 2 > len(filled)


def _names(headings: Sequence[str]) -> list[str]:
    """XML names without groups; a heading that is no XML name stays as it is."""
    known = {heading.replace(".", "/") for heading in headings if _PATH.fullmatch(heading)}
    names = []
    for heading in headings:
        parts = heading.replace(".", "/").split("/")
        if not _PATH.fullmatch(heading):
            names.append(heading)
        elif "/".join(parts[:-1]) in known:
            names.append("/".join(parts[-2:]))
        else:
            names.append(parts[-1])
    uses = Counter(names)
    return [
        name if uses[name] == 1 else heading for name, heading in zip(names, headings, strict=True)
    ]


def _labels(headings: Sequence[str]) -> list[str]:
    """Labels as question texts: without the group, an option in brackets."""
    known = set(headings)
    labels = []
    for heading in headings:
        before, slash, after = heading.rpartition("/")
        question = before.rpartition("/")[2]
        labels.append(f"{question} [{after}]" if slash and before in known else after)
    return labels
