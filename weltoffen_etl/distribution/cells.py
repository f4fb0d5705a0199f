"""One value in one cell of a workbook: exact, of its own type, and never a formula."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date, datetime
from typing import Any, Final

from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from weltoffen_etl.catalog import Column
from weltoffen_etl.distribution.csv_files import FORMULA_STARTS

CELL_LENGTH: Final = 32_767
"""Letters that a cell can hold, counted as UTF-16 does."""
CUT: Final = " … (gekürzt; vollständig in weltoffen.duckdb)"

LONG: Final = 45
"""Longest text in letters that stands on one line; a column with longer ones is wrapped."""

_EXACT: Final = 2**53
_FIRST_DAY: Final = date(1900, 3, 1)
_NUMBERS: Final = {
    "Anteil": "[$-407]0.000",
    "Skala 1 bis 4": "[$-407]0.00",
    "Maß": "[$-407]0.00",
    "Punkte": "[$-407]0.0",
}
_NUMBER: Final = "[$-407]#,##0.00"
_INTEGER: Final = "[$-407]#,##0"
_DAY: Final = "[$-407]dd.mm.yyyy"
_TRUTH: Final = "General"
_TIME: Final = "[$-407]dd.mm.yyyy hh:mm:ss"
_INTEGERS: Final = frozenset(
    {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT"}
)
NUMBERS: Final = _INTEGERS | {"DOUBLE", "FLOAT"}
"""Types whose values stand at the right of their cell."""

Write = Callable[[int, int, Any], None]
"""Writes a value of one column: row, column, value, which is not None."""


class _Exact(float):
    """A number that is written with all its digits; the library would keep 16 of 17."""

    __slots__ = ()

    def __format__(self, _: str) -> str:
        return float.__repr__(self)


def selected(column: Column) -> str:
    """Returns what to select for a column: types that a cell does not have become text."""
    name = f'"{column.name}"'
    own = {"DOUBLE", "FLOAT", "BOOLEAN", "DATE", "TIMESTAMP", "VARCHAR"}
    return name if column.type in _INTEGERS | own else f"{name}::VARCHAR"


class Cells:
    """Writes the cells of a workbook's tables, with formats that all sheets share."""

    def __init__(self, workbook: Workbook, font: str, size: int) -> None:
        """Starts without any format; each is made when it is first needed.

        Args:
            workbook: the new workbook.
            font: name of the font.
            size: its size in points.
        """
        self._workbook = workbook
        self._font = {"font_name": font, "font_size": size}
        self._formats: dict[tuple[str, bool, bool], Format] = {}

    def writer(self, sheet: Worksheet, column: Column, longest: int) -> Write:
        """Returns what writes the values of one column.

        Args:
            sheet: the sheet.
            column: the column's type and unit.
            longest: letters of its longest text.
        """
        wrapped = longest > LONG
        plain = self._format("@", wrapped=wrapped)
        marked = self._format("@", wrapped=wrapped, quoted=True)

        def text(row: int, place: int, value: object) -> None:
            write_text(sheet, row, place, str(value), plain, marked)

        if column.type in _INTEGERS:
            integer = self._format(_INTEGER)

            def whole(row: int, place: int, value: int) -> None:
                if abs(value) > _EXACT:
                    text(row, place, value)
                else:
                    sheet.write_number(row, place, value, integer)

            return whole
        if column.type in {"DOUBLE", "FLOAT"}:
            decimal = self._format(_NUMBERS.get(column.unit or "", _NUMBER))

            def number(row: int, place: int, value: float) -> None:
                if math.isfinite(value):
                    sheet.write_number(row, place, _Exact(value), decimal)
                else:
                    text(row, place, value)

            return number
        if column.type == "BOOLEAN":
            centred = self._format(_TRUTH)

            def boolean(row: int, place: int, value: bool) -> None:  # noqa: FBT001 - a cell's value
                sheet.write_boolean(row, place, value, centred)

            return boolean
        if column.type in {"DATE", "TIMESTAMP"}:
            moment = self._format(_DAY if column.type == "DATE" else _TIME)

            def when(row: int, place: int, value: date) -> None:
                day = value.date() if isinstance(value, datetime) else value
                if day < _FIRST_DAY or (isinstance(value, datetime) and value.microsecond):
                    text(row, place, value.isoformat())
                else:
                    sheet.write_datetime(row, place, value, moment)

            return when
        return text

    def _format(self, number: str, *, wrapped: bool = False, quoted: bool = False) -> Format:
        wanted = (number, wrapped, quoted)
        if wanted not in self._formats:
            # Numbers stand a little apart from the text of the next column.
            place = {"@": {}, _TRUTH: {"align": "center"}}.get(
                number, {"align": "right", "indent": 1}
            )
            self._formats[wanted] = self._workbook.add_format(
                {
                    **self._font,
                    **place,
                    "num_format": number,
                    "valign": "top",
                    "text_wrap": wrapped,
                    "quote_prefix": quoted,
                }
            )
        return self._formats[wanted]


def write_text(
    sheet: Worksheet, row: int, place: int, text: str, plain: Format, marked: Format
) -> None:
    """Writes a text that stays text, whatever it begins with, also when it is edited.

    Args:
        sheet: the sheet.
        row: row, from 0.
        place: column, from 0.
        text: the text; beyond `CELL_LENGTH` it is cut, and says so.
        plain: format of a text.
        marked: format of a text that a spreadsheet would calculate.
    """
    if not text:
        return
    # What XML cannot hold would make the whole file unreadable.
    text = text.translate(_NOT_XML)
    if len(encoded := text.encode("utf-16-le")) > 2 * CELL_LENGTH:
        text = encoded[: 2 * (CELL_LENGTH - len(CUT))].decode("utf-16-le", "ignore") + CUT
    form = marked if text.startswith(FORMULA_STARTS) else plain
    if text.startswith("<r>") and text.endswith("</r>"):
        # The library takes these for its own markup and would not escape them.
        sheet.write_rich_string(row, place, text[0], text[1], text[2:], form)
    else:
        sheet.write_string(row, place, text, form)


_NOT_XML: Final = {
    **dict.fromkeys(range(0xD800, 0xE000), "\ufffd"),
    0xFFFE: "\ufffd",
    0xFFFF: "\ufffd",
}
