"""Writes the workshop template as a workbook with drop-downs, empty or filled in."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from weltoffen_etl.exports.workshops.template import Sheet, load_template

_LISTS = {
    "action_field": "action_fields.csv",
    "guiding_question": "guiding_questions.csv",
    "actor_group": "actor_groups.csv",
    "status": "measure_statuses.csv",
}
_WIDTHS = {"text": 60, "guiding_question": 44, "action_field": 42, "responsible": 28}
_ROWS = 300
_HEAD = PatternFill("solid", fgColor="DCE6F1")
Content = Mapping[str, Sequence[Sequence[str | int]]]


def write_template(reference_dir: Path, target: Path, content: Content | None = None) -> None:
    """Writes the workshop workbook.

    Args:
        reference_dir: template and code lists.
        target: ``.xlsx`` file to write.
        content: rows by template sheet, in the order of its headings; for the sheet
            *Workshop* one row of one value per key. None writes an empty template.
    """
    template = load_template(reference_dir)
    labels = {name: _labels(reference_dir / file) for name, file in _LISTS.items()}
    workbook = Workbook()
    first = workbook.active
    if first is not None:
        workbook.remove(first)
    lists = workbook.create_sheet("Listen")
    places = _write_lists(lists, labels)
    lists.sheet_state = "hidden"
    for sheet in template.sheets:
        page = workbook.create_sheet(sheet.label)
        rows = (content or {}).get(sheet.name, ())
        if sheet.keyed:
            _write_keys(page, sheet, rows[0] if rows else ())
        else:
            _write_table(page, sheet, rows, places)
    workbook.move_sheet("Listen", offset=len(template.sheets))
    workbook.active = 0
    workbook.save(target)


def _write_keys(page: Worksheet, sheet: Sheet, values: Sequence[str | int]) -> None:
    for number, entry in enumerate(sheet.entries, start=1):
        page.cell(number, 1, entry.label).font = Font(bold=True)
        cell = page.cell(number, 2, values[number - 1] if values else None)
        cell.number_format = "@"
    page.column_dimensions["A"].width = 18
    page.column_dimensions["B"].width = 44


def _write_table(
    page: Worksheet,
    sheet: Sheet,
    rows: Sequence[Sequence[str | int]],
    places: Mapping[str, str],
) -> None:
    for column, entry in enumerate(sheet.entries, start=1):
        head = page.cell(1, column, entry.label)
        head.font = Font(bold=True)
        head.fill = _HEAD
        letter = get_column_letter(column)
        page.column_dimensions[letter].width = _WIDTHS.get(entry.name, 18)
        if entry.name in places:
            choice = DataValidation(type="list", formula1=places[entry.name], allow_blank=True)
            choice.error = "Bitte einen Eintrag aus der Liste wählen."
            choice.add(f"{letter}2:{letter}{_ROWS}")
            page.add_data_validation(choice)
    for number, row in enumerate(rows, start=2):
        for column, value in enumerate(row, start=1):
            page.cell(number, column, value).alignment = Alignment(wrap_text=True, vertical="top")
    page.freeze_panes = "A2"


def _write_lists(page: Worksheet, labels: Mapping[str, Sequence[str]]) -> dict[str, str]:
    places = {}
    for column, (name, entries) in enumerate(labels.items(), start=1):
        for number, label in enumerate(entries, start=1):
            page.cell(number, column, label)
        letter = get_column_letter(column)
        places[name] = f"=Listen!${letter}$1:${letter}${len(entries)}"
    return places


def _labels(file: Path) -> list[str]:
    with file.open(encoding="utf-8", newline="") as rows:
        return [row["label_de"] for row in csv.DictReader(rows)]
