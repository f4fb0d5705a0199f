"""Files that are readable and sound in form, and yet give reason to doubt: one rule each."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import openpyxl

from tests.hostile.material import FORMS, SELFCHECK, WORKSHOP, Rows, as_csv, board, column, survey
from tests.rules.fired import Fired, judge

_STARTED, _SUBMITTED, _FILLED = (column(code) for code in ("startdate", "submitdate", "datum"))
_ROW = 2
"""The first form of the sound file stands in this row."""


def _survey(folder: Path, rows: Rows) -> list[Fired]:
    return judge(folder, SELFCHECK, "export.csv", as_csv(rows))


def _items(rows: Rows, row: int) -> list[int]:
    """Positions of the answered items of a form."""
    return [
        position
        for position, code in enumerate(rows[0])
        if "[SQ" in code and rows[row - 1][position] in {"A1", "A2", "A3", "A4"}
    ]


def ends_before_it_begins(folder: Path) -> list[Fired]:
    rows = survey("times")
    rows[1][_STARTED], rows[1][_SUBMITTED] = "2025-04-10 10:00:00", "2025-04-09 10:00:00"
    rows[1][column("datestamp")] = rows[1][_SUBMITTED]
    return _survey(folder, rows)


def filled_after_the_wave(folder: Path) -> list[Fired]:
    rows = survey("late")
    for position in (_STARTED, _SUBMITTED, column("datestamp")):
        rows[1][position] = "2025-08-01 10:00:00"
    rows[1][_STARTED] = "2025-08-01 09:00:00"
    return _survey(folder, rows)


def dated_another_year(folder: Path) -> list[Fired]:
    rows = survey("dated")
    rows[1][_FILLED] = "2024-03-20 00:00:00"
    return _survey(folder, rows)


def same_answer_everywhere(folder: Path) -> list[Fired]:
    rows = survey("straight")
    assert len(_items(rows, _ROW)) >= 20
    for position in _items(rows, _ROW):
        rows[1][position] = "A2"
    return _survey(folder, rows)


def filled_in_seconds(folder: Path) -> list[Fired]:
    rows = survey("fast")
    assert len(_items(rows, _ROW)) >= 20
    rows[1][_STARTED], rows[1][_SUBMITTED] = "2025-04-01 10:00:00", "2025-04-01 10:00:20"
    return _survey(folder, rows)


def field_ranked_twice(folder: Path) -> list[Fired]:
    rows = survey("ranked")
    rows[1][column("PRIO[1]")] = rows[1][column("PRIO[2]")] = "MS"
    return _survey(folder, rows)


def rank_taken_out(folder: Path) -> list[Fired]:
    rows = survey("gap")
    rows[1][column("PRIO[1]")], rows[1][column("PRIO[2]")] = "", "IA"
    rows[1][column("PRIO[3]")] = ""
    return _survey(folder, rows)


def two_columns_changed_places(folder: Path) -> list[Fired]:
    rows = survey("moved")
    first, second = column("MS[SQ003]"), column("MS[SQ004]")
    for row in rows:
        row[first], row[second] = row[second], row[first]
    return _survey(folder, rows)


def question_emptied(folder: Path) -> list[Fired]:
    rows = survey("silent")
    for row in rows[1:]:
        row[column("MS[SQ003]")] = ""
    return _survey(folder, rows)


def most_questions_emptied(folder: Path) -> list[Fired]:
    rows = survey("empty")
    items = [position for position, code in enumerate(rows[0]) if "[SQ" in code]
    for row in rows[1:]:
        for position in items[::3] + items[1::3]:
            row[position] = ""
    return _survey(folder, rows)


def opened_by_nobody(folder: Path) -> list[Fired]:
    rows = survey("visit")
    rows.append(["" for _ in rows[0]])
    rows[-1][column("id")], rows[-1][column("welle")] = "900", "t0"
    return judge(folder, "_multi/t0", "export.csv", as_csv(rows))


def _workshop(folder: Path, change: Callable[[openpyxl.Workbook], None]) -> list[Fired]:
    return judge(folder, WORKSHOP, "workshop.xlsx", board(change))


def nobody_there(folder: Path) -> list[Fired]:
    def change(book: openpyxl.Workbook) -> None:
        for row in book["Teilnehmende"].iter_rows(min_row=2):
            if isinstance(row[1].value, int):
                row[1].value = 0

    return _workshop(folder, change)


def more_points_than_people_give(folder: Path) -> list[Fired]:
    def change(book: openpyxl.Workbook) -> None:
        book["Beiträge"]["F2"].value = 999

    return _workshop(folder, change)


def contribution_copied(folder: Path) -> list[Fired]:
    def change(book: openpyxl.Workbook) -> None:
        sheet = book["Beiträge"]
        for name in "BCDE":
            sheet[f"{name}3"].value = sheet[f"{name}2"].value

    return _workshop(folder, change)


def measure_copied(folder: Path) -> list[Fired]:
    def change(book: openpyxl.Workbook) -> None:
        sheet = book["Maßnahmen"]
        for name in "BCDEF":
            sheet[f"{name}3"].value = sheet[f"{name}2"].value
        sheet["A3"].value = 2

    return _workshop(folder, change)


def measure_due_before_it_was_agreed(folder: Path) -> list[Fired]:
    def change(book: openpyxl.Workbook) -> None:
        sheet = book["Maßnahmen"]
        sheet["E2"].value, sheet["F2"].value = "01.02.2025", "geplant"

    return _workshop(folder, change)


def measure_without_owner(folder: Path) -> list[Fired]:
    def change(book: openpyxl.Workbook) -> None:
        book["Maßnahmen"]["D2"].value = None

    return _workshop(folder, change)


FIXTURES: dict[str, Callable[[Path], list[Fired]]] = {
    "times_contradict": ends_before_it_begins,
    "submitted_outside_wave": filled_after_the_wave,
    "filled_on_outside_wave": dated_another_year,
    "straight_lining": same_answer_everywhere,
    "speeding": filled_in_seconds,
    "priority_repeated": field_ranked_twice,
    "visit_without_key": opened_by_nobody,
    "priority_gap": rank_taken_out,
    "columns_reordered": two_columns_changed_places,
    "item_never_answered": question_emptied,
    "answered_share_low": most_questions_emptied,
    "participation_none": nobody_there,
    "points_exceed_participants": more_points_than_people_give,
    "contribution_repeated": contribution_copied,
    "measure_repeated": measure_copied,
    "measure_open_past_due": measure_due_before_it_was_agreed,
    "measure_incomplete": measure_without_owner,
}

PLACES: dict[str, Fired] = {
    "times_contradict": Fired("times_contradict", None, _ROW, _STARTED + 1),
    "submitted_outside_wave": Fired("submitted_outside_wave", None, _ROW, _SUBMITTED + 1),
    "filled_on_outside_wave": Fired("filled_on_outside_wave", None, _ROW, _FILLED + 1),
    "straight_lining": Fired("straight_lining", None, _ROW, column("id") + 1),
    "speeding": Fired("speeding", None, _ROW, _SUBMITTED + 1),
    "priority_repeated": Fired("priority_repeated", None, _ROW, column("PRIO[2]") + 1),
    "visit_without_key": Fired("visit_without_key", None, FORMS + 2),
    "priority_gap": Fired("priority_gap", None, _ROW, column("PRIO[2]") + 1),
    "columns_reordered": Fired("columns_reordered"),
    "item_never_answered": Fired("item_never_answered", None, None, column("MS[SQ003]") + 1),
    "answered_share_low": Fired("answered_share_low"),
    "participation_none": Fired("participation_none", "Teilnehmende"),
    "points_exceed_participants": Fired("points_exceed_participants"),
    "contribution_repeated": Fired("contribution_repeated", "Beiträge", 3, 5),
    "measure_repeated": Fired("measure_repeated", "Maßnahmen", 3, 3),
    "measure_open_past_due": Fired("measure_open_past_due", "Maßnahmen", 2, 5),
    "measure_incomplete": Fired("measure_incomplete", "Maßnahmen", 2, 3),
}
"""Where each rule must point: sheet, row, column from 1."""
