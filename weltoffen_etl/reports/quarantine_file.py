"""Writes the quarantine with whole rows into an internal file, in which nothing is a formula."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell
from openpyxl.styles import Alignment, Font
from openpyxl.worksheet.worksheet import Worksheet

from weltoffen_etl.reports.quarantine_list import ListedRow

INTERNAL: Final = (
    "Intern: Diese Datei enthält vollständige Zeilen aus den Lieferungen und damit Angaben von "
    "Personen. Bitte nur im Projektteam verwenden, nicht weiterleiten und nach der Klärung löschen."
)
_CONTENT: Final = (
    "Das Blatt „Zurückgestellt“ nennt jede Zeile, die nicht übernommen wurde, mit dem Grund und "
    "ihrem ganzen Inhalt. Spalten, die nie geladen werden (Namen, Adressen), fehlen."
)
_RELEASE: Final = (
    "Eine Zeile wird frei durch eine berichtigte Datei des Absenders oder durch eine Berichtigung "
    "in data/reference/corrections.yml."
)
_HEADINGS: Final = (
    "Stand", "Absender", "Kommune", "Welle oder Workshop", "Datei", "Prüfsumme", "Blatt", "Zeile",
    "Antwortbogen", "Regeln", "Was ist falsch, was ist zu tun",
)  # fmt: skip
_CELL_LENGTH: Final = 32_767
_CUT: Final = " … (gekürzt; vollständig in der archivierten Datei)"
_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")


def write_workbook(rows: Sequence[ListedRow], file: Path) -> None:
    """Writes the list with whole rows as a workbook in which nothing is a formula.

    Args:
        rows: the list.
        file: target; an older file is replaced.
    """
    workbook = Workbook()
    notice = workbook.active
    if not isinstance(notice, Worksheet):
        raise TypeError("a new workbook begins with a sheet")
    notice.title = "Bitte zuerst lesen"
    for number, line in enumerate(("Quarantäne", INTERNAL, _CONTENT, _RELEASE), start=1):
        cell = notice.cell(number, 1, line)
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        cell.font = Font(bold=number == 1)
    notice.column_dimensions["A"].width = 100
    sheet = workbook.create_sheet("Zurückgestellt")
    keys = _keys(rows)
    for column, text in enumerate((*_HEADINGS, *keys), start=1):
        _write(sheet, 1, column, text)
        sheet.cell(1, column).font = Font(bold=True)
    for number, row in enumerate(rows, start=2):
        for column, content in enumerate(_cells(row, keys), start=1):
            _write(sheet, number, column, content)
    sheet.freeze_panes = "A2"
    workbook.save(file)


def write_csv(rows: Sequence[ListedRow], file: Path) -> None:
    """Writes the list with whole rows as a text table that a German spreadsheet opens.

    A cell that a spreadsheet would take for a formula gets an apostrophe in front.

    Args:
        rows: the list.
        file: target; an older file is replaced.
    """
    keys = _keys(rows)
    with file.open("w", encoding="utf-8-sig", newline="") as target:
        writer = csv.writer(target, delimiter=";", quoting=csv.QUOTE_ALL)
        writer.writerow([_harmless(text) for text in (*_HEADINGS, *keys)])
        for row in rows:
            writer.writerow([_harmless(str(text)) for text in _cells(row, keys)])


def _keys(rows: Sequence[ListedRow]) -> list[str]:
    return list(dict.fromkeys(key for row in rows for key in row.original))


def _cells(row: ListedRow, keys: Sequence[str]) -> list[str | int]:
    return [
        row.state,
        row.sender,
        row.ags or "",
        row.occasion,
        row.path,
        row.delivery_id,
        row.sheet or "",
        "" if row.row is None else row.row,
        row.response or "",
        ", ".join(row.rules),
        " ".join(row.sentences),
        *(row.original.get(key, "") for key in keys),
    ]


def _write(sheet: Worksheet, row: int, column: int, content: str | int) -> None:
    """Writes a cell; text stays text, whatever it begins with, also when it is edited."""
    cell = sheet.cell(row, column)
    if not isinstance(cell, Cell):
        raise TypeError("no cells are merged here")
    if isinstance(content, int):
        cell.value = content
        return
    if not content:
        return
    text = ILLEGAL_CHARACTERS_RE.sub("\ufffd", content)
    if len(text) > _CELL_LENGTH:
        text = text[: _CELL_LENGTH - len(_CUT)] + _CUT
    cell.value = text
    cell.data_type = "s"
    if text.startswith(_FORMULA_STARTS):
        cell.quotePrefix = True


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text
