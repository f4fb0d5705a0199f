"""Scans the XML of sheets in pieces: extent, rows, and cells whose value a parser loses."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from weltoffen_etl.exports.grid import Note, UnreadableFileError
from weltoffen_etl.settings import Limits

SHOWN_CELLS: Final = 50
"""So many cells of a sheet are named for each rule; the others are counted."""

_PREFIX: Final = rb"(?:[A-Za-z][\w.-]*:)?"
_CELL: Final = re.compile(
    rb"<" + _PREFIX + rb"c(?=[\s>])([^>]*)(?<!/)>(.*?)</" + _PREFIX + rb"c\s*>", re.DOTALL
)
_PLACE: Final = re.compile(rb"""(?:^|\s)r\s*=\s*["']([A-Za-z]+)(\d+)["']""")
_FILLED: Final = re.compile(
    rb"<" + _PREFIX + rb"""c\s(?:[^>]*?\s)?r\s*=\s*["']([A-Za-z]+)(\d+)["'][^>]*(?<!/)>"""
)
_WITHOUT_PLACE: Final = re.compile(rb"<" + _PREFIX + rb"""c(?![^>]*\sr\s*=)(?:\s[^>]*)?>""")
_ROW: Final = re.compile(rb"<" + _PREFIX + rb"row(?=[\s>/])")
_ROW_NUMBER: Final = re.compile(rb"<" + _PREFIX + rb"""row\s(?:[^>]*?\s)?r\s*=\s*["'](\d+)["']""")
# Deliberately narrow: what it matches is a value without any doubt.
_VALUED: Final = re.compile(
    rb"<"
    + _PREFIX
    + rb"""c r="[A-Z]+(\d+)"(?: s="\d+")?(?: t="(?:n|b|d|str|inlineStr)")?>"""
    + rb"<(?:[a-z]+:)?(?:v>[^<]|is><(?:[a-z]+:)?t[^>]*>[^<])"
)
_FORMULA: Final = re.compile(rb"<" + _PREFIX + rb"f[\s>/]")
_VALUE: Final = re.compile(rb"<" + _PREFIX + rb"v[^>]*>([^<]+)<|<" + _PREFIX + rb"is[\s>]")
_VALUE_TWICE: Final = re.compile(
    rb"</" + _PREFIX + rb"(?:v|is)\s*>\s*<" + _PREFIX + rb"(?:v|is)[\s>]"
)
_ERROR: Final = re.compile(rb"""\st\s*=\s*["']e["']""")
_HIDDEN_ROW: Final = re.compile(
    rb"<" + _PREFIX + rb"""row\s[^>]*\bhidden\s*=\s*["'](?:1|true)["']"""
)
_HIDDEN_COLUMN: Final = re.compile(
    rb"<" + _PREFIX + rb"""col\s[^>]*\bhidden\s*=\s*["'](?:1|true)["']"""
)
_KNOWN_ERRORS: Final = {
    "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#N/A", "#NULL!", "#NUM!", "#SPILL!", "#CALC!",
    "#GETTING_DATA",
}  # fmt: skip
_IN_WORDS: Final = {
    "cell_error": "Fehlerwert",
    "formula_without_value": "Formel ohne Ergebnis",
}
_CELL_OPEN: Final = re.compile(rb"<" + _PREFIX + rb"c[\s>]")
_CELL_END: Final = re.compile(rb"</" + _PREFIX + rb"c\s*>")
_MARK: Final = 32
_CELL_STARTS: Final = (b"<c ", b"<c>", b":c ")


@dataclass(slots=True)
class Scan:
    """What the XML of one sheet holds.

    Attributes:
        rows: last row with a cell that is not empty.
        columns: last column with such a cell.
        valued_rows: rows that surely hold a value; a parser must return each of them.
        hidden_rows: number of hidden rows.
        hidden_columns: number of column ranges that are hidden.
        lost: cells by rule: ``(row, column letters, value)``; the first ones.
        lost_number: number of such cells by rule.
    """

    rows: int = 0
    columns: int = 0
    valued_rows: int = 0
    hidden_rows: int = 0
    hidden_columns: int = 0
    lost: dict[str, list[tuple[int, str, str | None]]] = field(default_factory=dict)
    lost_number: Counter[str] = field(default_factory=Counter)

    def lose(self, rule: str, row: int, column: str, value: str | None) -> None:
        """Books a cell whose value the parser will not give."""
        self.lost_number[rule] += 1
        if self.lost_number[rule] <= SHOWN_CELLS:
            self.lost.setdefault(rule, []).append((row, column, value))

    def notes(self, sheet: str) -> Iterator[Note]:
        """Words what was noticed in a sheet."""
        for rule, cells in sorted(self.lost.items()):
            for row, column, value in cells:
                position = column_number(column.encode()) - 1 if column.isalpha() else None
                yield Note(rule, sheet, row or None, column, value, position=position)
            if more := self.lost_number[rule] - len(cells):
                yield Note(
                    "more_of_the_same", sheet=sheet, value=str(more), expected=_IN_WORDS[rule]
                )
        if self.hidden_rows:
            yield Note("rows_hidden", sheet=sheet, value=str(self.hidden_rows))
        if self.hidden_columns:
            yield Note("columns_hidden", sheet=sheet, value=str(self.hidden_columns))


def scan(chunks: Iterable[bytes], limits: Limits) -> Scan:
    """Scans the XML of one worksheet of an xlsx workbook.

    Args:
        chunks: the member in pieces.
        limits: rows, columns, cells and characters of a cell.

    Returns:
        What it holds.

    Raises:
        UnreadableFileError: a cell or the sheet is larger than allowed.
    """
    found = Scan()
    seen: set[bytes] = set()
    valued: set[bytes] = set()
    in_cells: set[bytes] = set()
    in_rows: set[bytes] = set()
    place_free = 0
    for buffer in _whole_cells(chunks, limits):
        filled = _FILLED.findall(buffer)
        if filled:
            letters, rows = zip(*filled, strict=True)
            seen.update(letters)
            found.rows = max(found.rows, *map(_number, set(rows)))
            in_cells.update(rows)
        in_rows.update(_ROW_NUMBER.findall(buffer))
        place_free += len(_WITHOUT_PLACE.findall(buffer))
        if place_free:
            # Cells without a place follow one another; a row cannot hold more than there are.
            found.rows = max(found.rows, *map(_number, _ROW_NUMBER.findall(buffer)), 0)
            widths = [len(_WITHOUT_PLACE.findall(part)) for part in _ROW.split(buffer)]
            found.columns = max(found.columns, *widths)
        valued.update(_VALUED.findall(buffer))
        if _FORMULA.search(buffer) or _ERROR.search(buffer):
            _look_for_lost(buffer, found)
        if _VALUE_TWICE.search(buffer):
            raise UnreadableFileError("file_unreadable", "eine Zelle mit zwei Werten")
        found.hidden_rows += len(_HIDDEN_ROW.findall(buffer))
        found.hidden_columns += len(_HIDDEN_COLUMN.findall(buffer))
        found.columns = max(found.columns, max(map(column_number, seen), default=0))
        check_extent(found.rows, found.columns, limits)
    if in_rows and not in_cells <= in_rows:
        raise UnreadableFileError("file_unreadable", "eine Zelle in einer anderen Zeile")
    found.valued_rows = len(valued)
    return found


def check_extent(rows: int, columns: int, limits: Limits) -> None:
    """Refuses a sheet whose filled cells span more than allowed.

    Raises:
        UnreadableFileError: too many rows, columns or cells.
    """
    if rows > limits.rows:
        raise UnreadableFileError("limit_exceeded", f"Zelle in Zeile {rows}")
    if columns > limits.columns:
        raise UnreadableFileError("limit_exceeded", f"Zelle in Spalte {columns}")
    if rows * columns > limits.cells:
        raise UnreadableFileError("limit_exceeded", f"{rows} Zeilen mal {columns} Spalten")


def check_strings(chunks: Iterable[bytes], limits: Limits) -> None:
    """Refuses shared strings of which one is longer than a cell may be.

    Raises:
        UnreadableFileError: a string is too long.
    """
    open_text = 0
    for piece in chunks:
        parts = piece.split(b"</")
        longest = max(open_text + len(parts[0]), *map(len, parts))
        if longest > 4 * limits.cell_characters:
            raise UnreadableFileError(
                "limit_exceeded", f"eine Zelle hat mehr als {limits.cell_characters} Zeichen"
            )
        open_text = open_text + len(piece) if len(parts) == 1 else len(parts[-1])


def column_number(letters: bytes) -> int:
    """Returns the number of a column from its letters, A being 1."""
    number = 0
    for letter in letters[:5].upper():
        number = number * 26 + letter - 64
    return number


def _number(digits: bytes) -> int:
    return int(digits[:12])


def _whole_cells(chunks: Iterable[bytes], limits: Limits) -> Iterator[bytes]:
    """Regroups pieces so that no cell is cut in two."""
    pending = b""
    for piece in chunks:
        buffer = pending + piece
        cut = max(buffer.rfind(mark) for mark in _CELL_STARTS)
        cut = max(cut, buffer.rfind(b"<row"))
        if cut > 0 and buffer[cut : cut + 1] == b":":
            cut = buffer.rfind(b"<", 0, cut)
        if cut > 0:
            yield buffer[:cut]
        pending = buffer[max(cut, 0) :]
        if len(pending) > 4 * limits.cell_characters:
            if _CELL_OPEN.match(pending) and not _CELL_END.search(pending):
                raise UnreadableFileError(
                    "limit_exceeded", f"eine Zelle hat mehr als {limits.cell_characters} Zeichen"
                )
            # The last cell is whole and other XML follows it; keep what may begin a cell.
            yield pending[:-_MARK]
            pending = pending[-_MARK:]
    yield pending


def _look_for_lost(buffer: bytes, found: Scan) -> None:
    """Finds formulas without a stored result and error values, which parsers read as empty."""
    for cell in _CELL.finditer(buffer):
        attributes, content = cell.groups()
        is_error = _ERROR.search(attributes) is not None
        value = _VALUE.search(content)
        if not is_error and (value is not None or not _FORMULA.search(content)):
            continue
        place = _PLACE.search(attributes)
        row = int(place[2]) if place else 0
        column = place[1].decode() if place else "?"
        if is_error:
            shown = value[1].decode("utf-8", "replace") if value and value[1] else ""
            found.lose("cell_error", row, column, shown if shown in _KNOWN_ERRORS else "Fehler")
        else:
            found.lose("formula_without_value", row, column, None)
