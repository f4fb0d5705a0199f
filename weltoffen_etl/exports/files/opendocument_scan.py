"""Scans the content of an OpenDocument spreadsheet: extent, repeats and lost values."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final
from xml.parsers import expat

from weltoffen_etl.exports.files.sheet_scan import Scan, check_extent
from weltoffen_etl.exports.grid import UnreadableFileError
from weltoffen_etl.settings import Limits

_HIDDEN: Final = ("collapse", "filter")


def scan(chunks: Iterable[bytes], limits: Limits) -> dict[str, Scan]:
    """Scans ``content.xml``; repeated cells and rows count as often as they are repeated.

    Args:
        chunks: the member in pieces.
        limits: rows, columns and cells of a sheet.

    Returns:
        What each sheet holds, by its name.

    Raises:
        UnreadableFileError: no well-formed XML, or a sheet is larger than allowed.
    """
    handler = _Handler(limits)
    parser = expat.ParserCreate()
    parser.StartElementHandler = handler.start
    parser.EndElementHandler = handler.end
    parser.CharacterDataHandler = handler.text
    parser.StartDoctypeDeclHandler = handler.refuse
    try:
        for chunk in chunks:
            parser.Parse(chunk, False)  # noqa: FBT003
        parser.Parse(b"", True)  # noqa: FBT003
    except expat.ExpatError as error:
        raise UnreadableFileError("file_unreadable", "content.xml") from error
    return handler.sheets


class _Handler:
    """Follows tables, rows and cells; empty cells count only before a filled one."""

    def __init__(self, limits: Limits) -> None:
        self.sheets: dict[str, Scan] = {}
        self._limits = limits
        self._sheet = Scan()
        self._row = self._column = self._last_filled = 0
        self._row_repeats = self._cell_repeats = 1
        self._filled = False
        self._formula = False
        self._error = False
        self._characters = 0
        self._depth = 0
        self._has_number = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        match name:
            case "table:table":
                self._sheet = Scan()
                self.sheets[attributes.get("table:name", "")] = self._sheet
                self._row = 0
            case "table:table-column":
                hidden = attributes.get("table:visibility") in _HIDDEN
                self._sheet.hidden_columns += hidden
            case "table:table-row":
                self._row_repeats = _count(attributes, "table:number-rows-repeated")
                self._column = self._last_filled = 0
                self._has_number = False
                if attributes.get("table:visibility") in _HIDDEN:
                    self._sheet.hidden_rows += min(self._row_repeats, self._limits.rows)
            case "table:table-cell" | "table:covered-table-cell":
                self._cell_repeats = _count(attributes, "table:number-columns-repeated")
                kind = attributes.get("office:value-type")
                self._formula = "table:formula" in attributes
                self._error = attributes.get("calcext:value-type") == "error"
                self._filled = kind is not None
                self._has_number |= kind in ("float", "percentage", "currency")
                self._characters = 0
                self._depth = 1

    def end(self, name: str) -> None:
        match name:
            case "table:table-cell" | "table:covered-table-cell":
                self._depth = 0
                place = (self._row + 1, _letters(self._column + 1))
                if self._error:
                    self._sheet.lose("cell_error", *place, "Fehler")
                elif self._formula and not self._filled:
                    self._sheet.lose("formula_without_value", *place, None)
                self._column += self._cell_repeats
                if self._filled or self._characters:
                    self._last_filled = self._column
            case "table:table-row":
                self._row += self._row_repeats
                if self._last_filled:
                    self._sheet.rows = self._row
                    self._sheet.columns = max(self._sheet.columns, self._last_filled)
                    self._sheet.valued_rows += self._row_repeats if self._has_number else 0
                    check_extent(self._sheet.rows, self._sheet.columns, self._limits)

    def text(self, text: str) -> None:
        if self._depth:
            self._characters += len(text)
            if self._characters > self._limits.cell_characters:
                shown = f"eine Zelle hat mehr als {self._limits.cell_characters} Zeichen"
                raise UnreadableFileError("limit_exceeded", shown)

    def refuse(self, *_: Any) -> None:
        raise UnreadableFileError("package_suspicious", "DTD oder ENTITY im XML")


def _count(attributes: dict[str, str], name: str) -> int:
    text = attributes.get(name, "1")
    if not text.isascii() or not text.isdigit():
        raise UnreadableFileError("file_unreadable", name)
    return max(1, int(text[:10]))


def _letters(number: int) -> str:
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
