"""Workbooks that people fill in: locked headings, open cells, drop-downs, prompts, help."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Final

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill, Protection
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

LISTS: Final = "Listen"
HELP: Final = "Hinweise"
ROWS: Final = 300
"""Last row with drop-downs and checks."""
DATE_FORMAT: Final = "DD.MM.YYYY"
TEXT_FORMAT: Final = "@"

_HEAD = PatternFill("solid", fgColor="DCE6F1")
_FIRST_DAY, _LAST_DAY = date(2015, 1, 1), date(2049, 12, 31)
_EXCEL_EPOCH = date(1899, 12, 30)
_PROMPT_LENGTH, _TITLE_LENGTH = 255, 32


def new_workbook() -> Workbook:
    """Returns a workbook without sheets."""
    workbook = Workbook()
    if workbook.active is not None:
        workbook.remove(workbook.active)
    return workbook


def heading(page: Worksheet, row: int, column: int, text: str) -> None:
    """Writes a heading; it stays locked."""
    cell = page.cell(row, column, text)
    cell.font = Font(bold=True)
    cell.fill = _HEAD
    cell.alignment = Alignment(wrap_text=True, vertical="top")


def open_column(page: Worksheet, column: int, width: float, number_format: str) -> None:
    """Makes the empty cells of a column writable; cells with content keep their own style.

    Args:
        page: the sheet.
        column: number of the column, from 1.
        width: width in characters.
        number_format: format of what will be entered.
    """
    dimension = page.column_dimensions[get_column_letter(column)]
    dimension.width = width
    dimension.protection = Protection(locked=False)
    dimension.number_format = number_format
    dimension.alignment = Alignment(wrap_text=True, vertical="top")


def open_cell(page: Worksheet, row: int, column: int, value: str | int | None, form: str) -> None:
    """Writes a cell, or leaves it empty, and makes it writable."""
    cell = page.cell(row, column, value)
    cell.protection = Protection(locked=False)
    cell.number_format = form
    cell.alignment = Alignment(wrap_text=True, vertical="top")


def lock(page: Worksheet) -> None:
    """Protects a sheet without a password: open cells can be filled, rows sorted and added."""
    protection = page.protection
    protection.sheet = True
    protection.formatColumns = protection.formatRows = False
    protection.insertRows = protection.deleteRows = False
    protection.sort = protection.autoFilter = False


def fit_to_width(page: Worksheet) -> None:
    """Makes a sheet print across, on the width of one page."""
    page.page_setup.orientation = "landscape"
    page.page_setup.fitToHeight = 0
    page.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)


def choice(page: Worksheet, places: Iterable[str], formula: str, title: str, prompt: str) -> None:
    """Adds a drop-down.

    Args:
        page: the sheet.
        places: ranges of cells.
        formula: a range such as ``Listen!$A$1:$A$7``, or quoted words with commas.
        title: heading of the prompt.
        prompt: what to enter.
    """
    rule = DataValidation(type="list", formula1=formula, allow_blank=True)
    rule.error = "Bitte einen Eintrag aus der Liste wählen."
    _add(page, rule, places, title, prompt)


def day(page: Worksheet, places: Iterable[str], title: str, prompt: str) -> None:
    """Lets only dates in that a project can have."""
    rule = DataValidation(
        type="date",
        operator="between",
        formula1=str((_FIRST_DAY - _EXCEL_EPOCH).days),
        formula2=str((_LAST_DAY - _EXCEL_EPOCH).days),
        allow_blank=True,
    )
    rule.error = "Bitte ein Datum als TT.MM.JJJJ eintragen."
    _add(page, rule, places, title, prompt)


def whole_number(
    page: Worksheet, places: Iterable[str], limit: int, title: str, prompt: str
) -> None:
    """Lets only whole numbers from 0 to a limit in."""
    rule = DataValidation(
        type="whole", operator="between", formula1="0", formula2=str(limit), allow_blank=True
    )
    rule.error = "Bitte nur die Zahl eintragen."
    _add(page, rule, places, title, prompt)


def explain(page: Worksheet, places: Iterable[str], title: str, prompt: str) -> None:
    """Shows a prompt at cells where anything may be entered."""
    rule = DataValidation(allow_blank=True)
    _add(page, rule, places, title, prompt)


def write_lists(workbook: Workbook, lists: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Adds the hidden sheet of drop-down entries.

    Args:
        workbook: the workbook.
        lists: entries by name of the list.

    Returns:
        Formula for `choice` by name of the list.
    """
    page = workbook.create_sheet(LISTS)
    page.sheet_state = "hidden"
    places = {}
    for column, (name, entries) in enumerate(lists.items(), start=1):
        for number, label in enumerate(entries, start=1):
            cell = page.cell(number, column, label)
            cell.number_format = TEXT_FORMAT
        letter = get_column_letter(column)
        places[name] = f"{LISTS}!${letter}$1:${letter}${len(entries)}"
    lock(page)
    return places


def write_help(
    workbook: Workbook, intro: Sequence[str], heads: Sequence[str], rows: Iterable[Sequence[str]]
) -> None:
    """Adds the help sheet in front: sentences, then a table.

    Args:
        workbook: the workbook.
        intro: sentences, one per row.
        heads: headings of the table.
        rows: its rows.
    """
    page = workbook.create_sheet(HELP, 0)
    for number, sentence in enumerate(intro, start=1):
        cell = page.cell(number, 1, sentence)
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        page.merge_cells(start_row=number, end_row=number, start_column=1, end_column=len(heads))
        page.row_dimensions[number].height = 15 * (1 + len(sentence) // 110)
    page.cell(1, 1).font = Font(bold=True, size=14)
    page.row_dimensions[1].height = 22
    top = len(intro) + 2
    for column, head in enumerate(heads, start=1):
        heading(page, top, column, head)
        page.column_dimensions[get_column_letter(column)].width = _help_width(column)
    for number, row in enumerate(rows, start=top + 1):
        for column, text in enumerate(row, start=1):
            cell = page.cell(number, column, text)
            cell.number_format = TEXT_FORMAT
            cell.alignment = Alignment(wrap_text=True, vertical="top")
        lines = (1 + len(text) // _help_width(column) for column, text in enumerate(row, start=1))
        page.row_dimensions[number].height = 15 * max(lines)
    fit_to_width(page)
    page.freeze_panes = page.cell(top + 1, 1)
    lock(page)
    workbook.active = 0


def _help_width(column: int) -> int:
    """Letters in a line of the help table: narrow names first, then sentences."""
    return {1: 16, 2: 28}.get(column, 52)


def _add(
    page: Worksheet, rule: DataValidation, places: Iterable[str], title: str, prompt: str
) -> None:
    rule.showInputMessage = rule.showErrorMessage = True
    rule.errorTitle = "Eintrag prüfen"
    rule.promptTitle = title[:_TITLE_LENGTH]
    rule.prompt = prompt[:_PROMPT_LENGTH]
    for place in places:
        rule.add(place)
    page.add_data_validation(rule)
