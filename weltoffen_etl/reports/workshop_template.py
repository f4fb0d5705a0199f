"""Writes the workshop template as a workbook with drop-downs, empty or filled in."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from weltoffen_etl.exports.workshops.template import Entry, Sheet, Template, load_template
from weltoffen_etl.reports import input_workbook as form

_LISTS = {
    "action_field": "action_fields.csv",
    "guiding_question": "guiding_questions.csv",
    "actor_group": "actor_groups.csv",
    "status": "measure_statuses.csv",
}
_WIDTHS = {"text": 60, "guiding_question": 44, "action_field": 42, "responsible": 28}
_LIMITS: Final = {"count": 2000, "points": 1000}
_INTRO: Final = (
    "Workshop-Vorlage: so wird sie ausgefüllt",
    (
        "Eine Arbeitsmappe je Workshop. Weiße Zellen sind zum Ausfüllen, die Überschriften sind "
        "geschützt (ohne Kennwort). Blätter und Spalten bitte nicht löschen, auch wenn sie leer bleiben."
    ),
    (
        "Jede Zeile ist ein Eintrag. Bitte keine Summenzeilen, keine verbundenen Zellen und keine "
        "Beispielzeilen in die Blätter schreiben; ein Beispiel steht unten in der rechten Spalte."
    ),
    "Bitte keine Namen, E-Mail-Adressen oder Telefonnummern von Personen eintragen.",
    (
        "Ablegen unter <AGS>/workshops/<JJJJ-MM-TT>/, mit dem Tag des Workshops als Ordnernamen. "
        "Eine neue Fassung ersetzt die alte."
    ),
)
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
    workbook = form.new_workbook()
    labels = {name: _labels(reference_dir / file) for name, file in _LISTS.items()}
    places = form.write_lists(workbook, labels)
    for sheet in template.sheets:
        page = workbook.create_sheet(sheet.label)
        rows = (content or {}).get(sheet.name, ())
        if sheet.keyed:
            _write_keys(page, sheet, rows[0] if rows else ())
        else:
            _write_table(page, sheet, rows, places)
        form.lock(page)
        form.fit_to_width(page)
    workbook.move_sheet(form.LISTS, offset=len(template.sheets))
    form.write_help(
        workbook,
        _INTRO,
        ("Blatt", "Spalte oder Angabe", "Was hineingehört", "Beispiel"),
        _explanations(template),
    )
    workbook.save(target)


def _write_keys(page: Worksheet, sheet: Sheet, values: Sequence[str | int]) -> None:
    for number, entry in enumerate(sheet.entries, start=1):
        form.heading(page, number, 1, entry.label)
        form.open_cell(page, number, 2, values[number - 1] if values else None, _format(entry))
        _check(page, entry, f"B{number}", {})
    page.column_dimensions["A"].width = 18
    page.column_dimensions["B"].width = 44


def _write_table(
    page: Worksheet,
    sheet: Sheet,
    rows: Sequence[Sequence[str | int]],
    places: Mapping[str, str],
) -> None:
    for column, entry in enumerate(sheet.entries, start=1):
        form.heading(page, 1, column, entry.label)
        form.open_column(page, column, _WIDTHS.get(entry.name, 18), _format(entry))
        letter = get_column_letter(column)
        _check(page, entry, f"{letter}2:{letter}{form.ROWS}", places)
    for number, row in enumerate(rows, start=2):
        for column, value in enumerate(row, start=1):
            form.open_cell(page, number, column, value, _format(sheet.entries[column - 1]))
    page.freeze_panes = "A2"


def _check(page: Worksheet, entry: Entry, place: str, places: Mapping[str, str]) -> None:
    """Adds the drop-down or check of an entry, with its prompt."""
    if entry.name in places:
        form.choice(page, [place], places[entry.name], entry.label, entry.help)
    elif entry.input == "date":
        form.day(page, [place], entry.label, entry.help)
    elif entry.input in _LIMITS:
        form.whole_number(page, [place], _LIMITS[entry.input], entry.label, entry.help)
    else:
        form.explain(page, [place], entry.label, entry.help)


def _format(entry: Entry) -> str:
    if entry.input == "date":
        return form.DATE_FORMAT
    return "0" if entry.input in _LIMITS else form.TEXT_FORMAT


def _explanations(template: Template) -> list[tuple[str, str, str, str]]:
    return [
        (
            sheet.label,
            entry.label + (" (Pflicht)" if entry.required else ""),
            entry.help,
            entry.example,
        )
        for sheet in template.sheets
        for entry in sheet.entries
    ]


def _labels(file: Path) -> list[str]:
    with file.open(encoding="utf-8", newline="") as rows:
        return [row["label_de"] for row in csv.DictReader(rows)]
