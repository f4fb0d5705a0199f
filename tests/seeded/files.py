"""Errors of a whole file: columns, rows, sheets, bytes; and the findings that must tell of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import openpyxl

from tests.hostile.material import WORKSHOP, as_workbook, board
from tests.rules.fired import Fired
from tests.seeded.exports import PLACES, Rows, as_csv, column, rows_of, sound_rows

_BASE = "garbsen_t0"
_LAST = len(rows_of(_BASE))


@dataclass(frozen=True, slots=True)
class FileError:
    """An error of a file.

    Attributes:
        name: what was done.
        place: folder below the inbox.
        sound: the file without the error.
        spoilt: the file with it.
        expected: findings that the error must give, and the sound file does not.
        moves: rows or columns stand elsewhere than in the sound file, so that the usual
            findings are compared without their places.
        stops: the file is not read at all; only the expected findings are left.
    """

    name: str
    place: str
    sound: bytes
    spoilt: bytes
    expected: tuple[Fired, ...]
    moves: bool = False
    stops: bool = False


def _rows(change: Callable[[Rows], Any]) -> bytes:
    rows = rows_of(_BASE)
    change(rows)
    return as_csv(rows)


def _survey(
    name: str,
    change: Callable[[Rows], Any],
    *expected: Fired,
    moves: bool = False,
    stops: bool = False,
) -> FileError:
    return FileError(
        name, PLACES[_BASE], as_csv(rows_of(_BASE)), _rows(change), expected, moves, stops
    )


def _bytes(name: str, content: bytes, *expected: Fired, stops: bool = True) -> FileError:
    sound = as_csv(rows_of(_BASE))
    return FileError(name, PLACES[_BASE], sound, content, expected, stops=stops)


def _book(
    name: str, change: Callable[[openpyxl.Workbook], None], *expected: Fired, stops: bool = False
) -> FileError:
    rows = rows_of(_BASE)
    return FileError(
        name, PLACES[_BASE], as_workbook(rows), as_workbook(rows, change), expected, stops=stops
    )


def _workshop(
    name: str, change: Callable[[openpyxl.Workbook], None], *expected: Fired, stops: bool = False
) -> FileError:
    return FileError(name, WORKSHOP, board(lambda _: None), board(change), expected, stops=stops)


def _without(code: str) -> Callable[[Rows], None]:
    def change(rows: Rows) -> None:
        place = column(code)
        for row in rows:
            del row[place]

    return change


def _with_column(heading: str, cell: str) -> Callable[[Rows], None]:
    def change(rows: Rows) -> None:
        for number, row in enumerate(rows):
            row.append(cell if number else heading)

    return change


def _emptied(code: str) -> Callable[[Rows], None]:
    def change(rows: Rows) -> None:
        for row in rows[1:]:
            row[column(code)] = ""

    return change


def _again(rows: Rows) -> None:
    """A finished form is sent off a second time, minutes later, under a new number."""
    copy = list(rows[sound_rows(_BASE)[0] - 1])
    copy[column("id")] = "99001"
    rows.append(copy)


def _same_number(rows: Rows) -> None:
    first, second = sound_rows(_BASE)[:2]
    rows[second - 1][column("id")] = rows[first - 1][column("id")]


def _lines(change: Callable[[list[bytes]], None]) -> bytes:
    lines = as_csv(rows_of(_BASE)).split(b"\r\n")
    change(lines)
    return b"\r\n".join(lines)


def _cell(sheet: str, cell: str, value: object) -> Callable[[openpyxl.Workbook], None]:
    return lambda book: setattr(book[sheet][cell], "value", value)


def _letter(code: str) -> str:
    return openpyxl.utils.get_column_letter(column(code) + 1)


_whole = as_csv(rows_of(_BASE))
_first, _second = sound_rows(_BASE)[:2]
_text = _letter("MS[SQ001]")


def file_errors() -> list[FileError]:
    """Returns every error of a whole file."""
    return [
        _survey("a question left out", _without("EB[SQ004]"), Fired("item_not_delivered"), moves=True),
        _survey(
            "a column of one's own",
            _with_column("Bemerkung der Verwaltung", "x"),
            Fired("heading_unknown", None, None, len(rows_of(_BASE)[0]) + 1),
        ),
        _survey(
            "a column twice",
            _with_column("MS[SQ001]", "A1"),
            Fired("heading_repeated", None, None, len(rows_of(_BASE)[0]) + 1),
            stops=True,
        ),
        _survey(
            "a column emptied",
            _emptied("IA[SQ002]"),
            Fired("item_never_answered", None, None, column("IA[SQ002]") + 1),
        ),
        _survey("a form sent twice", _again, Fired("double_submission", None, _LAST + 1, 1)),
        _survey(
            "a number twice",
            _same_number,
            Fired("response_id_repeated", None, _first, 1),
            Fired("response_id_repeated", None, _second, 1),
        ),
        _survey(
            "a line of sums",
            lambda rows: rows.append(["Summe", str(len(rows) - 1), *[""] * (len(rows[0]) - 2)]),
            Fired("total_row", None, _LAST + 1),
        ),
        _survey(
            "a line of explanations",
            lambda rows: rows.insert(1, ["Erläuterung" for _ in rows[0]]),
            Fired("row_inserted", None, 2),
            moves=True,
        ),
        _bytes(
            "a field too many",
            _lines(lambda lines: lines.__setitem__(-2, lines[-2] + b';"noch etwas"')),
            Fired("row_ragged", None, _LAST),
            stops=False,
        ),
        _bytes("cut in the middle", _whole[: len(_whole) * 2 // 3 - 20], Fired("file_truncated", None, 15)),
        _bytes("nothing in it", b"", Fired("file_empty")),
        _bytes("headings only", _whole.split(b"\r\n")[0] + b"\r\n", Fired("file_without_rows")),
        _bytes("a web page", b"<html><body>Bitte anmelden</body></html>", Fired("file_format_unknown")),
        _bytes(
            "umlauts encoded twice",
            _whole.decode("utf-8-sig").encode().decode("cp1252", "replace").encode(),
            # What the Windows code page lacks is lost on the way.
            Fired("text_twice_encoded"),
            Fired("text_characters_lost"),
            stops=False,
        ),
        _book(
            "a formula without result",
            lambda book: setattr(book.worksheets[0][f"{_text}{_first}"], "value", "=A1"),
            Fired("row_cell_lost", "Selbstcheck", _first, column("MS[SQ001]") + 1),
        ),
        _book(
            "an error value",
            lambda book: (
                setattr(book.worksheets[0][f"{_text}{_second}"], "value", "#REF!"),
                setattr(book.worksheets[0][f"{_text}{_second}"], "data_type", "e"),
            )[0],
            Fired("row_cell_lost", "Selbstcheck", _second, column("MS[SQ001]") + 1),
        ),
        _book(
            "a hidden sheet",
            lambda book: setattr(book.create_sheet("Alt"), "sheet_state", "hidden"),
            Fired("sheet_hidden", "Alt"),
        ),
        _book(
            "hidden rows",
            lambda book: setattr(book.worksheets[0].row_dimensions[_first], "hidden", True),
            Fired("rows_hidden", "Selbstcheck"),
        ),
        _workshop("workshop of another place", _cell("Workshop", "B2", "14524330"), Fired("workshop_ags_conflict", "Workshop", 2, 2), stops=True),
        _workshop("workshop of another day", _cell("Workshop", "B3", "15.05.2025"), Fired("workshop_date_conflict", "Workshop", 3, 2), stops=True),
        _workshop("a day in words", _cell("Workshop", "B3", "neulich"), Fired("workshop_date_unreadable", "Workshop", 3, 2), stops=True),
        _workshop("a group of no list", _cell("Teilnehmende", "A2", "Astronauten"), Fired("participation_group_unknown", "Teilnehmende", 2, 1)),
        _workshop("some people", _cell("Teilnehmende", "B2", "einige"), Fired("participation_count_unreadable", "Teilnehmende", 2, 2)),
        _workshop("too many people", _cell("Teilnehmende", "B2", 4000), Fired("participation_count_implausible", "Teilnehmende", 2, 2)),
        _workshop("a question of one's own", _cell("Beiträge", "B2", "Wie war das Essen?"), Fired("contribution_question_unknown", "Beiträge", 2, 2)),
        _workshop("an eighth field", _cell("Beiträge", "C2", "Verkehr"), Fired("contribution_field_unknown", "Beiträge", 2, 3)),
        _workshop("many points", _cell("Beiträge", "F2", "viele"), Fired("contribution_points_unreadable", "Beiträge", 2, 6)),
        _workshop("no text", _cell("Beiträge", "E2", None), Fired("contribution_text_missing", "Beiträge", 2, 5)),
        _workshop("measure of no field", _cell("Maßnahmen", "B2", "Verkehr"), Fired("measure_field_unknown", "Maßnahmen", 2, 2)),
        _workshop("due some day", _cell("Maßnahmen", "E2", "demnächst"), Fired("measure_due_unreadable", "Maßnahmen", 2, 5)),
        _workshop("due in another century", _cell("Maßnahmen", "E2", "10.02.2126"), Fired("measure_due_implausible", "Maßnahmen", 2, 5)),
        _workshop("a status of no list", _cell("Maßnahmen", "F2", "läuft irgendwie"), Fired("measure_status_unknown", "Maßnahmen", 2, 6)),
    ]  # fmt: skip
