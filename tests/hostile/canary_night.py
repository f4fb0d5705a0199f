"""Puts marks into every kind of cell, heading, sheet, file and folder of a night's deliveries."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import cycle, islice
from pathlib import Path

import openpyxl

from tests import workshop_files
from tests.hostile.canaries import Canary
from tests.hostile.material import WORKSHOP, as_workbook, board, repacked
from tests.seeded.exports import PLACES, Rows, as_csv, column, rows_of, sound_rows
from weltoffen_etl.settings import Settings

COLUMNS = (
    "id", "AGS", "welle", "kommune", "rolle", "rolle[other]", "amt", "jahre", "datum",
    "submitdate", "startdate", "datestamp", "lastpage", "startlanguage", "seed", "refurl",
    "HF[MS]", "anzHF", "MS[SQ001]", "IA[SQ002]", "MSKOM", "GES", "PRIO[1]", "gesamtkom",
)  # fmt: skip
"""One column of every kind that the questionnaire has."""

_ERRORS = (
    {"submitdate": "2027-06-01 10:00:00"},
    {"datum": "2019-03-20 00:00:00"},
    {"startdate": "2025-03-28 10:00:00", "submitdate": "2025-03-27 10:00:00"},
    {"startdate": "2025-03-28 10:00:00", "submitdate": "2025-03-28 10:00:50"},
    {"gesamtkom": "Test"},
    {"amt": "Testamt"},
    {"rolle": "", "submitdate": ""},
)
_KEYS = ("B1", "B2", "B3", "B4", "B5", "B6", "B7")
_SHEETS = {
    "Teilnehmende": (("A", "B"), ("Verwaltung", 6)),
    "Beiträge": (
        ("A", "B", "C", "D", "E", "F"),
        (1, "Was läuft gut?", "Management und Steuerung", "Wirtschaft", "Runder Tisch {}", 4),
    ),
    "Maßnahmen": (
        ("A", "B", "C", "D", "E", "F"),
        (1, "Management und Steuerung", "Maßnahme {}", "Stabsstelle", "10.02.2026", "geplant"),
    ),
}
_OTHER_FOLDERS = (
    "{}", "03241005/{}/selfcheck", "03241005/workshops/{}", "_multi/{}", "14524330/t0/selfcheck",
)  # fmt: skip
_FORBIDDEN = str.maketrans(dict.fromkeys("[]:*?/\\", "-"))


def deliver_all(settings: Settings, marks: Sequence[Canary]) -> int:
    """Writes the deliveries into the inbox; returns how many files they are."""
    number = 0
    for place, name, content in _files(marks):
        folder = settings.inbox / place
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
        number += 1
    return number


def _files(marks: Sequence[Canary]) -> Iterator[tuple[str, str, bytes]]:
    exports = list(PLACES)
    share = -(-len(COLUMNS) // len(exports))
    for position, name in enumerate(exports):
        own = COLUMNS[position * share : (position + 1) * share]
        yield PLACES[name], "bogen.csv", as_csv(_spoilt_rows(name, own, marks))
    texts = [mark.text for mark in marks]
    yield "_multi/t1", "spalten.csv", as_csv(_with_headings(texts))
    yield "_multi/t0", "formeln.xlsx", _error_cells(texts)
    yield "12054000/t0/selfcheck", "blaetter.xlsx", _with_sheets(texts)
    yield "12054000/t1/selfcheck", "titel.csv", as_csv(_renamed_headings(texts))
    yield WORKSHOP, "workshop.xlsx", board(lambda book: _fill_board(book, texts))
    yield from _keyed_boards(marks)
    yield from _boards(texts)
    for number, text in enumerate(texts):
        name = text.replace("/", "-")
        small = f"a;b\r\n1;{number}\r\n".encode()
        yield f"{name}/t0/selfcheck", f"{name}.csv", small + b"1"
        place = _OTHER_FOLDERS[number % len(_OTHER_FOLDERS)].format(name)
        yield place, f"{name}.csv", small + b"2"


def _spoilt_rows(name: str, columns: Iterable[str], marks: Sequence[Canary]) -> Rows:
    """Sound forms, in each of which one cell is a mark.

    Where the mark is the form's number, something else is wrong too, so that a sentence
    names the number: each form with another of the errors that do.
    """
    rows = rows_of(name)
    sound = cycle([rows[place - 1] for place in sound_rows(name)])
    errors = cycle(_ERRORS)
    spoilt: Rows = [rows[0]]
    for code in columns:
        for mark in marks:
            row = list(next(sound))
            row[column("id")] = str(1000 + len(spoilt))
            row[column("startdate")] = ""
            if code == "id":
                for other, text in next(errors).items():
                    row[column(other)] = text
            row[column(code)] = mark.text
            spoilt.append(row)
            if code == "id" and len(spoilt) % len(_ERRORS) == 0:
                spoilt.append(list(row))
    return spoilt


def _with_headings(texts: Sequence[str]) -> Rows:
    rows = rows_of("garbsen_t1")
    rows[0] += texts
    for row in rows[1:]:
        row.extend(texts)
    return rows


def _renamed_headings(texts: Sequence[str]) -> Rows:
    rows = rows_of("kaufbeuren_t1")
    items = [place for place, code in enumerate(rows[0]) if "[SQ" in code]
    for place, text in zip(items[20:], texts, strict=False):
        rows[0][place] = text
    return rows


def _error_cells(texts: Sequence[str]) -> bytes:
    """Marks as content of cells of kind error, as titles and as areas of merged cells."""
    rows = rows_of("konstanz_t0")
    places = islice(cycle(range(column("MS[SQ001]"), column("MS[SQ014]"))), len(texts))
    for row, place, text in zip(cycle(rows[1:]), places, texts, strict=False):
        row[place] = f"#{text}"
    content = as_workbook(rows, lambda book: setattr(book.worksheets[0], "title", texts[0][:20]))
    return repacked(
        content,
        {"xl/worksheets/sheet1.xml": lambda xml: xml.replace(b't="inlineStr"', b't="e"')},
    )


def _with_sheets(texts: Sequence[str]) -> bytes:
    """The forms on a sheet named by a mark, and all others beside it, half of them hidden."""

    def change(book: openpyxl.Workbook) -> None:
        book.worksheets[0].title = texts[-1].translate(_FORBIDDEN)[:31]
        for number, text in enumerate(texts[:-1]):
            sheet = book.create_sheet(text.translate(_FORBIDDEN)[:31])
            sheet.append([text])
            if number % 2:
                sheet.sheet_state = "hidden"

    return as_workbook(rows_of("kaufbeuren_t0"), change)


def _fill_board(book: openpyxl.Workbook, texts: Sequence[str]) -> None:
    for name, (letters, sound) in _SHEETS.items():
        sheet = book[name]
        row = sheet.max_row
        for letter in letters:
            for text in texts:
                row += 1
                for place, value in zip(letters, sound, strict=True):
                    filled = value.format(row) if isinstance(value, str) else value
                    sheet[f"{place}{row}"] = text if place == letter else filled


def _keyed_boards(marks: Sequence[Canary]) -> Iterator[tuple[str, str, bytes]]:
    """Workshops whose sheet of keys holds marks: key of the place, day, and all the others."""
    for number, kind in enumerate(dict.fromkeys(mark.kind for mark in marks), start=1):
        own = cycle([mark.text for mark in marks if mark.kind == kind])
        for month, keys in enumerate((("B2",), ("B3",), ("B1", *_KEYS[3:])), start=5):
            cells = {key: next(own) for key in keys}
            place = f"09762000/workshops/2025-{month:02d}-{number:02d}"
            yield place, f"{kind}{month}.xlsx", board(partial(_set_keys, cells=cells))


def _set_keys(book: openpyxl.Workbook, cells: Mapping[str, str]) -> None:
    for key, text in cells.items():
        book["Workshop"][key] = text


def _boards(texts: Sequence[str]) -> Iterator[tuple[str, str, bytes]]:
    """Boards of other tools, with a mark as text, area, colour, section, author and judgement."""
    for number, cells in enumerate(
        (
            [workshop_files.MURAL_HEADINGS]
            + [[n, t, t, "square", "", 0, 0, t, "", t, t, t, t, t, t] for n, t in enumerate(texts)],
            [
                ["Subject", "Body", "Attachment", "Author", "Created At", "Updated At", "Section"],
                *[[t, t, t, t, t, t, t] for t in texts],
            ],
            [
                [
                    "timestamp",
                    "datetime",
                    "comment-id",
                    "author-id",
                    "agrees",
                    "disagrees",
                    "moderated",
                    "comment-body",
                ],
                *[[1, t, n, t, t, t, t, t] for n, t in enumerate(texts)],
            ],
            [
                ["StartDate", "Status", "Finished", "ResponseId", "Q1"],
                ["Start", "Status", "Fertig", "Nummer", texts[0]],
                [f'{{"ImportId":"x{n}","timeZone":"{t}"}}' for n, t in enumerate(texts[:5])],
                *[[t, t, t, t, t] for t in texts],
            ],
        )
    ):
        text = io.StringIO(newline="")
        csv.writer(text).writerows(cells)
        place = (
            WORKSHOP.replace("2025-05-14", "2025-06-25") if number < 3 else "13003000/t0/selfcheck"
        )
        yield place, f"brett{number}.csv", text.getvalue().encode()


def files_of(*folders: Path) -> list[Path]:
    """All files below some folders, links not followed."""
    return sorted(
        file
        for folder in folders
        for file in folder.rglob("*")
        if file.is_file() and not file.is_symlink()
    )
