"""Kinds of random damage to a sound export: what a hand, a spreadsheet or a disk does to it."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import openpyxl
from openpyxl.utils import get_column_letter

from tests.hostile.material import WORKSHOP, as_workbook, board
from tests.hostile.mutations import XLSX_MUTATIONS
from tests.seeded.exports import PLACES, Rows, as_csv, column, rows_of

Draw = random.Random
SURVEY, BOOK, BOARD = "csv", "xlsx", "workshop"
ITEMS = frozenset({"A1", "A2", "A3", "A4", "A9"})
_TIMES = ("submitdate", "startdate", "datestamp", "datum")
_TEXTS = ("vielleicht", "A7", "a2", "3", "A22", "#NV", "1,5", "-", "ja", "trifft zu!", "A 2", "Ä2")


@dataclass(frozen=True, slots=True)
class Sound:
    """A sound file: kind, name of the export, folder below the inbox, bytes."""

    kind: str
    name: str
    place: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Mutant:
    """A spoilt file: which operator made it of which sound one, where it lies, its bytes."""

    operator: str
    sound: Sound
    place: str
    content: bytes


def sound_files() -> list[Sound]:
    """Returns every export as text and as workbook, and a workshop."""
    files = [Sound(SURVEY, name, place, as_csv(rows_of(name))) for name, place in PLACES.items()]
    files += [
        Sound(BOOK, name, place, as_workbook(rows_of(name))) for name, place in PLACES.items()
    ]
    return [*files, Sound(BOARD, "garbsen", WORKSHOP, board(lambda _: None))]


Rewrite = Callable[[Draw, Rows], Any]
Damage = Callable[[Draw, bytes], bytes]
Edit = Callable[[Draw, openpyxl.Workbook], Any]


def _some(draw: Draw, rows: Rows) -> list[str]:
    return draw.choice(rows[1:])


def _answered(draw: Draw, row: list[str]) -> int:
    places = [i for i, text in enumerate(row) if text in ITEMS]
    return draw.choice(places) if places else column("MS[SQ001]")


def _wrong_code(draw: Draw, rows: Rows) -> None:
    row = _some(draw, rows)
    row[_answered(draw, row)] = draw.choice(_TEXTS)


def _any_cell(draw: Draw, rows: Rows) -> None:
    _some(draw, rows)[draw.randrange(len(rows[0]))] = draw.choice(_TEXTS)


def _key(draw: Draw, rows: Rows) -> None:
    keys = ("", "0", "99999999", "Garbsen", "3.241.005", "14524330", "032410051", "3241005", "?")
    _some(draw, rows)[column("AGS")] = draw.choice(keys)


def _wave(draw: Draw, rows: Rows) -> None:
    waves = ("", "t9", "T0", "T1", "Welle 1", "t0", "t1", "2025", "erste")
    _some(draw, rows)[column("welle")] = draw.choice(waves)


def _choice(draw: Draw, rows: Rows) -> None:
    boxes = [i for i, code in enumerate(rows[0]) if code.startswith(("HF[", "PRIO["))]
    _some(draw, rows)[draw.choice(boxes)] = draw.choice(("X", "1", "ja", "Y", "MS", "XX", ""))


def _number(draw: Draw, rows: Rows) -> None:
    other = _some(draw, rows)[column("id")]
    numbers = ("", other, other, f"{other}.5", "neu", str(draw.randrange(10_000)))
    _some(draw, rows)[column("id")] = draw.choice(numbers)


def _blanked(draw: Draw, rows: Rows) -> None:
    row, place = _some(draw, rows), draw.randrange(len(rows[0]))
    match draw.randrange(5):
        case 0:
            row[place] = ""
        case 1:
            row[:] = [""] * place + row[place:]
        case 2:
            for each in rows[1:]:
                each[place] = ""
        case 3:
            row[:] = row[:place] + [""] * (len(row) - place)
        case _:
            first = draw.randrange(1, len(rows))
            for below in rows[first:]:
                below[place : place + 40] = [""] * len(below[place : place + 40])


def _column_deleted(draw: Draw, rows: Rows) -> None:
    place = draw.randrange(len(rows[0]))
    for row in rows:
        del row[place]


def _column_copied(draw: Draw, rows: Rows) -> None:
    source, target = draw.sample(range(len(rows[0])), 2)
    for row in rows:
        row[target] = row[source]


def _columns_swapped(draw: Draw, rows: Rows) -> None:
    """Whole columns change places, headings too: the file says the same."""
    first, second = draw.sample(range(len(rows[0])), 2)
    for row in rows:
        row[first], row[second] = row[second], row[first]


def _headings_swapped(draw: Draw, rows: Rows) -> None:
    first, second = draw.sample(range(len(rows[0])), 2)
    heads = rows[0]
    heads[first], heads[second] = heads[second], heads[first]


def _heading_changed(draw: Draw, rows: Rows) -> None:
    place = draw.randrange(len(rows[0]))
    head = rows[0][place]
    rows[0][place] = draw.choice(("", head[:-1], f"{head}x", f"{head}.1", "Spalte1"))


def _columns_shifted(draw: Draw, rows: Rows) -> None:
    """The cells of all rows from some column on move by one, the headings stay."""
    place = draw.randrange(len(rows[0]))
    for row in rows[1:]:
        row.insert(place, "")
        row.pop()


def _row_shifted(draw: Draw, rows: Rows) -> None:
    row = _some(draw, rows)
    place = draw.randrange(len(row))
    if draw.random() < 0.5:
        row.insert(place, "")
        row.pop()
    else:
        row.pop(place)
        row.append("")


def _row_touched(draw: Draw, rows: Rows) -> None:
    kind, row = draw.randrange(3), _some(draw, rows)
    if kind:
        rows.insert(draw.randrange(1, len(rows)), list(row))
    if kind != 1:
        rows.remove(row)


def _decimals(draw: Draw, rows: Rows) -> None:
    row = _some(draw, rows)
    code, change = draw.choice(
        (
            ("AGS", lambda text: f"{int(text or 0):,}".replace(",", ".") if text.isdigit() else "1,0"),
            ("id", lambda text: f"{text},0"),
            ("jahre", lambda text: f"{text.replace('.', '')}00"),
            ("GES", lambda text: f"{text or 3},5"),
            ("lastpage", lambda text: f"{text}000"),
        )
    )  # fmt: skip
    row[column(code)] = change(row[column(code)])


def _date_rewritten(draw: Draw, rows: Rows) -> None:
    row = _some(draw, rows)
    place = column(draw.choice(_TIMES))
    form = draw.choice(
        ("%m/%d/%Y %H:%M", "%d.%m.%Y %H:%M", "%y%m%d", "%d-%b-%y", "excel", "%d. %B")
    )
    moment = _moment(row[place])
    if moment is None:
        row[place] = "unbekannt"
    elif form == "excel":
        row[place] = f"{(moment - datetime(1899, 12, 30)).total_seconds() / 86400:.4f}"  # noqa: DTZ001
    else:
        row[place] = moment.strftime(form)


def _day_and_month(draw: Draw, rows: Rows) -> None:
    """A spreadsheet of another country reads the days as months where it can."""
    place = column(draw.choice(_TIMES))
    for row in rows[1:]:
        moment = _moment(row[place])
        if moment is not None and moment.day <= 12:
            row[place] = str(moment.replace(month=moment.day, day=moment.month))


def _moment(text: str) -> datetime | None:
    try:
        return datetime.strptime(text, "%Y-%m-%d %H:%M:%S")  # noqa: DTZ007
    except ValueError:
        return None


def _waves_mixed(draw: Draw, rows: Rows) -> None:
    name = draw.choice(list(PLACES))
    rows += draw.sample(rows_of(name)[1:], 4)


def _line_inserted(draw: Draw, rows: Rows) -> None:
    width = len(rows[0])
    lines = (
        ["Summe", *[str(i) for i in range(1, width)]],
        ["Stand: 1. April"],
        list(rows[0]),
        ["bitte prüfen", *[""] * (width - 1)],
        ["x"] * width,
    )
    rows.insert(draw.randrange(len(rows)), draw.choice(lines))


def _heading_lost(draw: Draw, rows: Rows) -> None:
    del rows[0]


def _at(draw: Draw, content: bytes) -> int:
    return draw.randrange(len(content))


def _truncated(draw: Draw, content: bytes) -> bytes:
    return content[: _at(draw, content)]


def _flipped(draw: Draw, content: bytes) -> bytes:
    data = bytearray(content)
    for _ in range(draw.randrange(1, 4)):
        data[_at(draw, content)] ^= 1 << draw.randrange(8)
    return bytes(data)


def _bytes_lost(draw: Draw, content: bytes) -> bytes:
    at = _at(draw, content)
    return content[:at] + content[at + draw.choice((1, 7, 40, 512)) :]


def _block_again(draw: Draw, content: bytes) -> bytes:
    first = _at(draw, content)
    piece = content[first : first + draw.randrange(20, 3000)]
    return content[: first + len(piece)] + piece + content[first + len(piece) :]


def _block_of_zeros(draw: Draw, content: bytes) -> bytes:
    at = _at(draw, content)
    return content[:at] + b"\0" * 64 + content[at + 64 :]


def _dropped(mark: bytes, by: bytes = b"") -> Damage:
    """Takes out one occurrence of a mark."""

    def damage(draw: Draw, content: bytes) -> bytes:
        pieces = content.split(mark)
        at = draw.randrange(1, len(pieces))
        return mark.join(pieces[:at]) + by + mark.join(pieces[at:])

    return damage


def _unquoted(draw: Draw, content: bytes) -> bytes:
    """All quotes are gone, and the separator is that of another country."""
    return content.replace(b'"', b"").replace(b";", draw.choice((b",", b";", b"|")))


def _recoded(draw: Draw, content: bytes) -> bytes:
    text = content.decode("utf-8-sig")
    return draw.choice(
        (
            text.encode("cp1252", "replace"),
            text.encode("utf-16"),
            text.encode("utf-16-le"),
            text.encode("ascii", "replace"),
            text.encode("ascii", "ignore"),
            text.encode("utf-8").decode("cp1252", "replace").encode(),
            text.encode("cp437", "replace"),
        )
    )


def _sheet(book: openpyxl.Workbook) -> Any:
    return book.worksheets[0]


def _place(draw: Draw, book: openpyxl.Workbook) -> tuple[int, int]:
    sheet = _sheet(book)
    filled = [
        (cell.row, cell.column)
        for row in sheet.iter_rows(min_row=2)
        for cell in row
        if cell.value not in (None, "")
    ]
    return draw.choice(filled)


def _merged(draw: Draw, book: openpyxl.Workbook) -> None:
    row, place = _place(draw, book)
    letter = get_column_letter(place)
    first = min(row, _sheet(book).max_row - 2)
    _sheet(book).merge_cells(f"{letter}{first}:{letter}{first + 2}")


def _formula(draw: Draw, book: openpyxl.Workbook) -> None:
    row, place = _place(draw, book)
    _sheet(book).cell(row, place).value = draw.choice(("=A1&B1", '=IF(1,"A1","")', "=#REF!"))


def _error_value(draw: Draw, book: openpyxl.Workbook) -> None:
    row, place = _place(draw, book)
    cell = _sheet(book).cell(row, place)
    cell.value = draw.choice(("#REF!", "#N/A", "#VALUE!"))
    cell.data_type = "e"


def _as_number(draw: Draw, book: openpyxl.Workbook) -> None:
    """A cell becomes a number or a day, as if typed into a spreadsheet."""
    row, place = _place(draw, book)
    _sheet(book).cell(row, place).value = draw.choice(
        (45_722.6, 1e15, datetime(2025, 5, 1), True, 2)  # noqa: DTZ001
    )


def _moved_to_other_sheet(draw: Draw, book: openpyxl.Workbook) -> None:
    """The lower rows stand on a sheet of their own."""
    sheet, other = _sheet(book), book.create_sheet("Tabelle2")
    first = draw.randrange(3, sheet.max_row)
    for row in sheet.iter_rows(min_row=first, values_only=True):
        other.append(row)
    sheet.delete_rows(first, sheet.max_row)
    if draw.random() < 0.5:
        other.sheet_state = "hidden"


def _block_pushed(draw: Draw, book: openpyxl.Workbook) -> None:
    """Cells were inserted in the middle of the sheet: what is below or right of them moves."""
    row, place = _place(draw, book)
    letter, last = get_column_letter(place), get_column_letter(place + draw.randrange(20))
    _sheet(book).move_range(f"{letter}{row}:{last}{_sheet(book).max_row}", rows=1)


def _package(draw: Draw, content: bytes) -> bytes:
    kinds = ("packed_byte", "truncate", "without_member", "xml_truncate", "xml_delete", "delete")
    return XLSX_MUTATIONS[draw.choice(kinds)](draw, content)


_TABLES = {"Teilnehmende": 2, "Beiträge": 6, "Maßnahmen": 6}


def _board_cell(draw: Draw, book: openpyxl.Workbook) -> None:
    name = draw.choice(list(_TABLES))
    cell = book[name].cell(2, draw.randrange(1, _TABLES[name] + 1))
    cell.value = draw.choice((None, "unklar", "ca. 5", -3, 99_999, "siehe oben", "31.02.2026"))


def _board_key(draw: Draw, book: openpyxl.Workbook) -> None:
    cell, value = draw.choice(
        (("B2", "14524330"), ("B2", None), ("B2", 3241005.5), ("B3", "05/14/2025"), ("B3", "Mai"),
         ("B3", None), ("B3", "14.05.1925"), ("B2", "Garbsen"))
    )  # fmt: skip
    book["Workshop"][cell].value = value


def _board_sheet(draw: Draw, book: openpyxl.Workbook) -> None:
    name = draw.choice(["Workshop", *_TABLES])
    if draw.random() < 0.5:
        del book[name]
    else:
        book[name].title = "Tabelle1"


def _board_heading(draw: Draw, book: openpyxl.Workbook) -> None:
    name = draw.choice(list(_TABLES))
    book[name].cell(1, draw.randrange(1, _TABLES[name] + 1)).value = draw.choice(
        (None, "Sonstiges")
    )


def _board_rows(draw: Draw, book: openpyxl.Workbook) -> None:
    sheet = book["Beiträge"]
    line = draw.choice(
        ((None, None, None, None, "noch ein Beitrag", 1), ("Summe", None, None, None, None, 40),
         (1, "Was läuft gut?", None, None, "ohne Feld", 2))
    )  # fmt: skip
    sheet.append(line)


ROWS: dict[str, Rewrite] = {
    "wrong code": _wrong_code,
    "any cell overwritten": _any_cell,
    "key changed": _key,
    "wave changed": _wave,
    "choice or rank changed": _choice,
    "number of a form changed": _number,
    "cells or a column blanked": _blanked,
    "column deleted": _column_deleted,
    "column copied over another": _column_copied,
    "columns swapped": _columns_swapped,
    "headings swapped": _headings_swapped,
    "heading changed": _heading_changed,
    "columns shifted": _columns_shifted,
    "row shifted": _row_shifted,
    "row deleted, doubled or moved": _row_touched,
    "decimals or thousands": _decimals,
    "time in another form": _date_rewritten,
    "day and month swapped": _day_and_month,
    "two files mixed": _waves_mixed,
    "line inserted": _line_inserted,
    "headings lost": _heading_lost,
}
BYTES: dict[str, Damage] = {
    "cut": _truncated,
    "bits flipped": _flipped,
    "bytes lost": _bytes_lost,
    "block twice": _block_again,
    "block of zeros": _block_of_zeros,
    "separator dropped": _dropped(b";"),
    "quote dropped": _dropped(b'"'),
    "line end dropped": _dropped(b"\r\n", b" "),
    "quotes gone, other separator": _unquoted,
    "encoded otherwise": _recoded,
}
BOOKS: dict[str, Edit] = {
    "cells merged": _merged,
    "formula without value": _formula,
    "error value": _error_value,
    "text became a number": _as_number,
    "rows on another sheet": _moved_to_other_sheet,
    "block pushed down": _block_pushed,
}
BOARDS: dict[str, Edit] = {
    "workshop cell": _board_cell,
    "workshop key": _board_key,
    "workshop sheet": _board_sheet,
    "workshop heading": _board_heading,
    "workshop row": _board_rows,
}
IN_PLACE = frozenset(
    {
        "wrong code", "any cell overwritten", "key changed", "wave changed",
        "choice or rank changed", "number of a form changed", "cells or a column blanked",
        "row shifted", "decimals or thousands", "time in another form", "day and month swapped",
        "formula without value", "error value", "text became a number", "workshop cell",
    }
)  # fmt: skip
"""Operators after which every row and column stands where it stood."""
OPERATORS = (*ROWS, *BYTES, *BOOKS, "package damaged", "wrong folder", *BOARDS)


def mutant(draw: Draw, sounds: list[Sound]) -> Mutant:
    """Draws an operator, a file for it and a place in it."""
    operator = draw.choice(OPERATORS)
    kinds = {BOARD} if operator in BOARDS else {BOOK} if operator in BOOKS else {SURVEY}
    if operator in ROWS:
        kinds = {SURVEY, BOOK}
    if operator in ("package damaged", "wrong folder"):
        kinds = {BOOK, BOARD} if operator == "package damaged" else {SURVEY, BOOK, BOARD}
    sound = draw.choice([x for x in sounds if x.kind in kinds])
    place, content = sound.place, sound.content
    if operator == "wrong folder":
        others = {
            *PLACES.values(),
            WORKSHOP,
            "99999999/t0/selfcheck",
            "03241005/t9/selfcheck",
            "t0",
        }
        place = draw.choice(sorted(others - {sound.place}))
    elif operator in BYTES:
        content = BYTES[operator](draw, content)
    elif operator == "package damaged":
        content = _package(draw, content)
    elif operator in BOARDS:
        content = board(lambda book: BOARDS[operator](draw, book))
    else:
        rows = rows_of(sound.name)
        if operator in ROWS:
            ROWS[operator](draw, rows)
        if sound.kind == SURVEY:
            content = as_csv(rows)
        else:
            edit = BOOKS.get(operator)
            content = as_workbook(rows, (lambda book: edit(draw, book)) if edit else None)
    return Mutant(operator, sound, place, content)
