"""Broken files of the rules about workshops: the template as people edit it, and boards."""

from collections.abc import Callable
from typing import Any

from tests import workshop_files
from tests.hostile.material import board, set_cell
from tests.rules.fixture import File, Fixture, place, written
from tests.rules.reference import WITHOUT_LEGEND
from tests.rules.sound import (
    COMMENTS,
    CONTRIBUTION_ROWS,
    CONTRIBUTIONS,
    MURAL,
    NOTES,
    POLIS,
    WORKSHOP_BOOK,
    contributions,
    mural,
    polis,
)
from weltoffen_etl.exports.workshops.rows import MAX_ROWS

_SHEET = "Beiträge"
_NEXT_ROW = 8
"""The first empty row of the sound workbook's sheet of contributions."""


def _book(change: Callable[[Any], None]) -> File:
    return WORKSHOP_BOOK.but(lambda: board(change))


def _without_measures(workbook: Any) -> None:
    workbook.remove(workbook["Maßnahmen"])


def _row(*cells: object) -> Callable[[Any], None]:
    """A further row of contributions."""

    def change(workbook: Any) -> None:
        for number, cell in enumerate(cells, start=1):
            workbook[_SHEET].cell(_NEXT_ROW, number, cell)

    return change


def _column_beside(workbook: Any) -> None:
    """A heading of one's own with something below it."""
    workbook[_SHEET].cell(1, 7, "Stimmung")
    workbook[_SHEET].cell(2, 7, "gut")


def _other_key(workbook: Any) -> None:
    workbook["Workshop"].cell(8, 1, "Wetter")
    workbook["Workshop"].cell(8, 2, "sonnig")


def _votes() -> bytes:
    columns = ["timestamp", "datetime", "comment-id", "voter-id", "vote"]
    return written(lambda path: workshop_files.write_csv(path, [columns, [1] * len(columns)]))


_LONG = [*CONTRIBUTION_ROWS, *[CONTRIBUTION_ROWS[-1]] * (MAX_ROWS + 1)]
_UNEXPLAINED = MURAL.at(WITHOUT_LEGEND)

FIXTURES = {
    "workshop_too_long": Fixture(CONTRIBUTIONS, CONTRIBUTIONS.but(lambda: contributions(_LONG))),
    "sheet_missing": Fixture(WORKSHOP_BOOK, _book(_without_measures), place("Maßnahmen")),
    "example_row": Fixture(
        WORKSHOP_BOOK, _book(_row(None, None, None, None, "Beispiel")), place(_SHEET, _NEXT_ROW)
    ),
    "row_beside_table": Fixture(
        WORKSHOP_BOOK,
        _book(set_cell(_SHEET, f"G{_NEXT_ROW}", "Quelle: Flipchart")),
        place(_SHEET, _NEXT_ROW),
    ),
    "workshop_column_unknown": Fixture(WORKSHOP_BOOK, _book(_column_beside), place(_SHEET, 1, 7)),
    "template_key_unknown": Fixture(WORKSHOP_BOOK, _book(_other_key), place("Workshop", 8)),
    "template_key_missing": Fixture(WORKSHOP_BOOK, _book(set_cell("Workshop", "B3", None))),
    "legend_missing": Fixture(MURAL, _UNEXPLAINED, follows=frozenset({"legend_mark"})),
    "legend_mark": Fixture(
        MURAL,
        _UNEXPLAINED,
        ((None, None, None),) * len(NOTES),
        frozenset({"legend_missing"}),
    ),
    "board_entry_without_meaning": Fixture(
        MURAL, MURAL.but(lambda: mural(("Wohin?", "#123456", "", 0.0, 0.0))), place(row=4)
    ),
    "board_marks_conflict": Fixture(
        MURAL,
        MURAL.but(lambda: mural(("Zweierlei", "#FFF9B1", "Gruppe 2", 0.0, 0.0))),
        place(row=4),
    ),
    "board_row_empty": Fixture(MURAL, MURAL.but(lambda: mural(("", "#FFF9B1", "", 0.0, 0.0)))),
    "board_row_ignored": Fixture(
        MURAL, MURAL.but(lambda: mural(("Legende", "#FFF9B1", "", 0.0, 0.0)))
    ),
    "polis_moderated_out": Fixture(
        POLIS, POLIS.but(lambda: polis([*COMMENTS, (3, 5, -1, "gehört nicht hierher")]))
    ),
    "polis_moderation_unknown": Fixture(
        POLIS, POLIS.but(lambda: polis([*COMMENTS, (3, 5, 7, "seltsam")])), place(row=4, column=7)
    ),
    "polis_other_file": Fixture(POLIS, POLIS.but(_votes)),
}
