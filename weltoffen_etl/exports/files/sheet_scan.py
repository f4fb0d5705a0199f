"""What a sheet's XML says about its size and its cells, without a parser."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from weltoffen_etl.exports.grid import UnreadableFileError
from weltoffen_etl.settings import Limits

_MAX_NOTED: Final = 200
_ROW: Final = re.compile(rb"<(?:\w+:)?row\b[^>]*>")
_ROW_NUMBER: Final = re.compile(rb"""\br=["'](\d{1,9})["']""")
_HIDDEN: Final = re.compile(rb"""\bhidden=["'](?:1|true)["']""")
_REFERENCE: Final = re.compile(rb"""<(?:\w+:)?c\b[^>]*?\br=["']([A-Z]{1,4})(\d{1,9})["']""")
_CELL: Final = re.compile(rb"<(?:\w+:)?c(?:\s[^>]*)?>")
# A number that is no formula: it is there in any parser's eyes.
_NUMBER: Final = re.compile(
    rb"""<(?:\w+:)?c\b(?![^>]*\bt=["'](?!n["']))[^>]*?\br=["'][A-Z]{1,4}(\d{1,9})["'][^>]*>"""
    rb"<(?:\w+:)?v>[^<]"
)
_FORMULA: Final = re.compile(
    rb"""<(?:\w+:)?c\b([^>]*?)>\s*<(?:\w+:)?f\b(?:[^>]*/>|[^>]*>[^<]*</(?:\w+:)?f>)\s*"""
    rb"(?:<(?:\w+:)?v>([^<]*)</|<(?:\w+:)?v\s*/>)?"
)
_ERROR: Final = re.compile(rb"""<(?:\w+:)?c\b([^>]*\bt=["']e["'][^>]*)>""")
_PLACE: Final = re.compile(rb"""\br=["']([A-Z]{1,4})(\d{1,9})["']""")
_TEXT_TYPE: Final = re.compile(rb"""\bt=["']str["']""")

_ODS_CELL: Final = re.compile(rb"<table:(?:covered-)?table-cell\b[^>]*>")
_ODS_REPEATED: Final = re.compile(rb'number-columns-repeated="(\d{1,9})"')
_ODS_ROW: Final = re.compile(
    rb'<table:table-row\b[^>]*number-rows-repeated="(\d{1,9})"[^>]*>(.*?)</table:table-row>',
    re.DOTALL,
)
_MAX_REPEATED_ROWS: Final = 10_000


@dataclass(slots=True)
class SheetScan:
    """What was seen in the XML of one sheet.

    Attributes:
        rows: numbers of the rows that hold a plain number.
        hidden_rows: number of hidden rows.
        without_value: cells with a formula but no value, as (row, column from 0).
        errors: cells that hold an error such as ``#REF!``, as (row, column from 0).
        formulas: number of formulas without a value whose place is not known (ods).
    """

    rows: set[int] = field(default_factory=set)
    hidden_rows: int = 0
    without_value: list[tuple[int, int]] = field(default_factory=list)
    errors: list[tuple[int, int]] = field(default_factory=list)
    formulas: int = 0


def scan_sheet(pieces: Iterable[bytes], limits: Limits) -> SheetScan:
    """Scans the XML of an xlsx sheet piece by piece.

    Args:
        pieces: the XML in pieces of any size.
        limits: number of rows, columns and cells.

    Returns:
        What was seen.

    Raises:
        UnreadableFileError: the sheet reaches further than the limits allow.
    """
    seen = SheetScan()
    last_row = last_column = 0
    for text in _whole_cells(pieces, limits):
        columns = set()
        numbers = set()
        for letters, digits in set(_REFERENCE.findall(text)):
            columns.add(letters)
            numbers.add(digits)
        last_column = max([last_column, *map(_column, columns)])
        for row in _ROW.findall(text):
            numbers.update(_ROW_NUMBER.findall(row))
            seen.hidden_rows += bool(_HIDDEN.search(row))
        last_row = max([last_row, *map(int, numbers)])
        _refuse(last_row, last_column, limits)
        seen.rows.update(map(int, set(_NUMBER.findall(text))))
        _look_for_lost_values(text, seen)
    return seen


def scan_open_document(pieces: Iterable[bytes], limits: Limits) -> SheetScan:
    """Scans the content of an ods file: repeated cells and formulas without a value.

    Raises:
        UnreadableFileError: filled cells or rows are repeated further than the limits.
    """
    seen = SheetScan()
    for text in _whole_cells(pieces, limits, end=b"</table:table-row>"):
        for cell in _ODS_CELL.findall(text):
            filled = b"office:value-type=" in cell or b"calcext:value-type=" in cell
            repeated = _ODS_REPEATED.search(cell)
            if filled and repeated and int(repeated[1]) > limits.columns:
                raise UnreadableFileError("limit_exceeded", f"{int(repeated[1])} Spalten")
            seen.formulas += b"table:formula=" in cell and not filled
        for number, content in _ODS_ROW.findall(text):
            if int(number) > _MAX_REPEATED_ROWS and b"value-type=" in content:
                raise UnreadableFileError("limit_exceeded", f"{int(number)} gleiche Zeilen")
    return seen


def _whole_cells(pieces: Iterable[bytes], limits: Limits, end: bytes = b"</") -> Iterator[bytes]:
    """Cuts the XML between cells, so that no cell is seen in two halves."""
    pending = b""
    opening = b"<table:table-row" if end != b"</" else b""
    for piece in pieces:
        pending += piece
        if opening:
            cut = pending.rfind(opening)
        else:
            cut = max(pending.rfind(b"<c "), pending.rfind(b":c "), pending.rfind(b"<row"))
            cut = pending.rfind(b"<", 0, cut + 1)
        if cut > 0:
            yield pending[:cut]
            pending = pending[cut:]
        if len(pending) > 64 * limits.cell_characters:
            raise UnreadableFileError("limit_exceeded", "eine endlose Zeile in der Arbeitsmappe")
    yield pending


def _look_for_lost_values(text: bytes, seen: SheetScan) -> None:
    if b"<f" in text or b":f" in text:
        for attributes, value in _FORMULA.findall(text):
            place = _PLACE.search(attributes)
            # A formula may well give an empty text; then its cell says that it is a text.
            if value or _TEXT_TYPE.search(attributes) or place is None:
                continue
            _note(seen.without_value, place)
    if b't="e"' in text or b"t='e'" in text:
        for attributes in _ERROR.findall(text):
            place = _PLACE.search(attributes)
            if place is not None:
                _note(seen.errors, place)


def _note(places: list[tuple[int, int]], place: re.Match[bytes]) -> None:
    if len(places) < _MAX_NOTED:
        places.append((int(place[2]), _column(place[1]) - 1))


def _refuse(rows: int, columns: int, limits: Limits) -> None:
    if rows > limits.rows:
        raise UnreadableFileError("limit_exceeded", f"mehr als {limits.rows} Zeilen")
    if columns > limits.columns:
        raise UnreadableFileError("limit_exceeded", f"mehr als {limits.columns} Spalten")
    if rows * columns > limits.cells:
        raise UnreadableFileError(
            "limit_exceeded", f"ein Blatt, das bis Zeile {rows} und Spalte {columns} reicht"
        )


def _column(letters: bytes) -> int:
    """Number of a column from 1: ``A`` is 1, ``AA`` is 27."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
