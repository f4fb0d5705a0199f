"""Broken files of the rules about survey tables: headings, rows, sheets and choices."""

from collections.abc import Callable, Sequence
from typing import Any

from tests import own_survey
from tests.hostile.material import FORMS, Rows, as_csv, as_workbook, column
from tests.questionnaires import QUESTIONS
from tests.rules.fixture import File, Fixture, place
from tests.rules.sound import (
    CSV,
    EFS,
    EFS_SHEETS,
    FORMS_BOOK,
    FORMS_ROWS,
    KOBO,
    KOBO_ROWS,
    OWN,
    QUALTRICS,
    WORKBOOK,
    book,
    forms,
    qualtrics,
)

BOOK_SHEET = "Selbstcheck"
ABBREVIATED = "Möchten Sie Ihr.. "
"""A heading cut short, as the survey tool does; seven questions begin like this."""


def _csv(change: Callable[[Rows], Rows]) -> File:
    return CSV.but(lambda: as_csv(change(forms())))


def _workbook(change: Callable[[Any], None]) -> File:
    return WORKBOOK.but(lambda: as_workbook(forms(), change))


def _hide_column(workbook: Any) -> None:
    workbook.worksheets[0].column_dimensions["C"].hidden = True


def _hide_row(workbook: Any) -> None:
    workbook.worksheets[0].row_dimensions[5].hidden = True


def _merge_texts(workbook: Any) -> None:
    """Two cells of a free text that is empty in both rows."""
    sheet = workbook.worksheets[0]
    position = column("AWKOM") + 1
    sheet.merge_cells(start_row=3, end_row=4, start_column=position, end_column=position)


def _second_sheet(state: str) -> Callable[[Any], None]:
    def change(workbook: Any) -> None:
        sheet = workbook.create_sheet("Notizen")
        sheet.append(["Bitte noch prüfen"])
        sheet.sheet_state = state

    return change


def _shorter(rows: Rows) -> Rows:
    rows[5] = rows[5][:-1]
    return rows


def _wider(rows: Rows) -> Rows:
    return [[*row, "Notiz" if number == 0 else ""] for number, row in enumerate(rows)]


def _renamed(code: str, heading: str) -> Callable[[Rows], Rows]:
    def change(rows: Rows) -> Rows:
        rows[0][column(code)] = heading
        return rows

    return change


def _without(*codes: str) -> Callable[[Rows], Rows]:
    left_out = {column(code) for code in codes}

    def change(rows: Rows) -> Rows:
        return [[cell for at, cell in enumerate(row) if at not in left_out] for row in rows]

    return change


def _with_last_first(rows: Rows) -> Rows:
    """The columns in another order than the questionnaire's, which proves nothing then."""
    return [[row[-1], *row[:-1]] for row in rows]


def _in_words(rows: Rows) -> Rows:
    rows[1][column("MS[SQ001]")] = "trifft zu"
    return rows


def _with_total(rows: Rows) -> Rows:
    return [*rows, ["Summe", *[""] * (len(rows[0]) - 1)]]


def _with_hint(rows: Rows) -> Rows:
    return [rows[0], ["Erläuterung"] * len(rows[0]), *rows[1:]]


_OWN_COLUMNS = (
    "submitdate", "lastpage", "startlanguage", "seed", "startdate", "datestamp", "refurl",
)  # fmt: skip
_NUMBERED = _csv(_without(*_OWN_COLUMNS))
_UNORDERED = _csv(_with_last_first)


def _with_texts(text: str | None = None) -> bytes:
    """The own survey with "code. question" above one item; the question can be another."""
    made = own_survey.make()
    code = next(iter(made.items))
    asked = text or made.items[code][1]
    heading = f"{code}. {own_survey.QUESTION} [{asked}]"
    return OWN.make().replace(f'"{code}"'.encode(), f'"{heading}"'.encode(), 1)


def _own_position() -> int:
    """Number of the first item's column in the own survey."""
    made = own_survey.make()
    return len(own_survey.OWN) + list(made.headings).index(next(iter(made.items))) + 1


_TEXTED = OWN.but(_with_texts)


def _sheets(*second: Sequence[object]) -> bytes:
    return book(Daten1=EFS_SHEETS[0], Daten2=second)


def _other_choice() -> bytes:
    """A choice that is none of the options."""
    *others, last = FORMS_ROWS
    cells = list(last)
    cells[5] = "Bildung; Teilhabe;Tanzen;"
    return book(Sheet1=[*others, cells])


_KOBO_MEMBERS = (("name", "_index", "_parent_index"), ("a", 1, 1))

FIXTURES = {
    "columns_hidden": Fixture(WORKBOOK, _workbook(_hide_column), place(BOOK_SHEET)),
    "rows_hidden": Fixture(WORKBOOK, _workbook(_hide_row), place(BOOK_SHEET)),
    "cells_merged": Fixture(
        WORKBOOK, _workbook(_merge_texts), place(BOOK_SHEET, 3, column("AWKOM") + 1)
    ),
    "row_ragged": Fixture(CSV, _csv(_shorter), place(row=6)),
    "heading_unknown": Fixture(CSV, _csv(_wider), place(column=len(forms()[0]) + 1)),
    "heading_ambiguous": Fixture(
        _UNORDERED,
        _csv(lambda rows: _with_last_first(_renamed("MSKOM", ABBREVIATED)(rows))),
        place(column=column("MSKOM") + 2),
    ),
    "heading_repeated": Fixture(
        CSV, _csv(_renamed("MS[SQ002]", "MS[SQ001]")), place(column=column("MS[SQ002]") + 1)
    ),
    "expectation_failed": Fixture(
        _TEXTED,
        OWN.but(lambda: _with_texts("Es gibt ein Leitbild für alle Ämter.")),
        place(column=_own_position()),
    ),
    "item_not_delivered": Fixture(CSV, _csv(_without("KK[SQ003]"))),
    "long_answers": Fixture(CSV, _csv(_in_words)),
    "sheet_hidden": Fixture(WORKBOOK, _workbook(_second_sheet("hidden")), place("Notizen")),
    "sheet_not_used": Fixture(WORKBOOK, _workbook(_second_sheet("visible")), place("Notizen")),
    "total_row": Fixture(CSV, _csv(_with_total), place(row=FORMS + 2)),
    "row_inserted": Fixture(CSV, _csv(_with_hint), place(row=2)),
    "sheets_not_joinable": Fixture(
        EFS, EFS.but(lambda: _sheets(EFS_SHEETS[1][0], (101, 3, 4), (103, 1, 2)))
    ),
    "sheet_repeat_group": Fixture(
        KOBO, KOBO.but(lambda: book(main=KOBO_ROWS, members=_KOBO_MEMBERS)), place("members")
    ),
    "times_in_zone": Fixture(
        QUALTRICS,
        QUALTRICS.but(lambda: qualtrics('{"ImportId":"%s","timeZone":"Europe/Berlin"}')),
    ),
    "responses_without_number": Fixture(_NUMBERED, _csv(_without("id", *_OWN_COLUMNS))),
    "choice_unknown": Fixture(
        FORMS_BOOK,
        FORMS_BOOK.but(_other_choice),
        place("Sheet1", 3, FORMS_ROWS[0].index(QUESTIONS["Felder"]) + 1),
    ),
}
