"""Files of a survey tool that look like an export and hold no responses, or too much."""

from __future__ import annotations

import re
from typing import Final

from weltoffen_etl.exports.grid import Grid, UnreadableFileError

_TYPE: Final = re.compile(rb"<LimeSurveyDocType>\s*([^<]*?)\s*</LimeSurveyDocType>")
_STRUCTURES: Final = {
    "Survey": "LimeSurvey-Struktur, .lss",
    "Group": "LimeSurvey-Fragengruppe, .lsg",
    "Question": "LimeSurvey-Frage, .lsq",
    "Label set": "LimeSurvey-Beschriftungen, .lsl",
}
_PERSONAL: Final = {
    "Responses": "die rohe Antworttabelle (.lsr)",
    "Timings": "die Tabelle der Bearbeitungszeiten",
    "Tokens": "die Teilnehmerliste (.lst)",
    "Participants": "die Teilnehmerliste (.lst)",
}
_STRUCTURE_HEADINGS: Final = frozenset({"class", "type/scale", "name", "relevance", "text"})


def refuse_document(start: bytes) -> None:
    """Refuses the XML documents of LimeSurvey that are no response export.

    Args:
        start: the first bytes of an XML file.

    Raises:
        UnreadableFileError: the document says that it is one of them.
    """
    kind = _TYPE.search(start)
    if kind is None:
        return
    name = kind[1].decode("utf-8", "replace")
    if name in _STRUCTURES:
        raise UnreadableFileError("file_is_questionnaire", _STRUCTURES[name])
    raise UnreadableFileError("file_is_personal", _PERSONAL.get(name, name))


def refuse_table(grid: Grid) -> None:
    """Refuses the tab-separated structure file, which looks like a table of data.

    Raises:
        UnreadableFileError: the headings are those of a structure file.
    """
    headings = {(cell or "").strip().lower() for _, cells in grid.head[:1] for cell in cells}
    if headings >= _STRUCTURE_HEADINGS:
        raise UnreadableFileError("file_is_questionnaire", "Struktur als Text, .txt")
