"""Writes the workbook of a release: the sheet „Inhalt“, then each table."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from weltoffen_etl.catalog import Table
from weltoffen_etl.database import Connection
from weltoffen_etl.distribution.about import Edition
from weltoffen_etl.distribution.cells import write_text
from weltoffen_etl.distribution.parquet import parquet_path
from weltoffen_etl.distribution.workbook import (
    ACCENT,
    CONTENTS,
    FONT,
    FONT_SIZE,
    MOST_ROWS,
    Sheet,
    TableSheets,
    new_workbook,
    sheets_of,
)
from weltoffen_etl.reports.pages import german
from weltoffen_etl.reports.usage import usage
from weltoffen_etl.warehouse.published import SECTIONS

WORKBOOK: Final = "weltoffen.xlsx"

_WIDTHS: Final = (36, 46, 76, 10, 44)
_HEADINGS: Final = ("Blatt", "Titel", "Was eine Zeile ist", "Zeilen", "Schlüssel")
_LINE: Final = 13.5
_GAP: Final = 4
_LETTERS: Final = 1.08
"""Letters of prose in the width of a digit."""
_ACROSS: Final = 198
"""Letters in a line across all columns."""


def write_workbook(
    connection: Connection,
    tables: Sequence[Table],
    edition: Edition,
    target: Path,
    most_rows: int = MOST_ROWS,
) -> None:
    """Writes the workbook of a release.

    Args:
        connection: an open published database.
        tables: its tables in order.
        edition: the release.
        target: the new file.
        most_rows: rows that a sheet can hold; a longer table is named and not written.
    """
    about = edition.about
    properties = {
        "title": about.title,
        "subject": f"Stand {edition.release}",
        "author": german.listed(publisher.name for publisher in about.publishers),
        "keywords": ", ".join(about.keywords),
        "comments": edition.citation,
    }
    sheets = sheets_of(connection, tables, most_rows)
    with new_workbook(target, properties, edition.published) as workbook:
        _Contents(workbook).write(edition, sheets)
        writer = TableSheets(workbook, connection)
        for sheet in sheets:
            if sheet.fits:
                writer.write(sheet)


class _Contents:
    """The first sheet: what this is, what to mind, what is where."""

    def __init__(self, workbook: Workbook) -> None:
        self._workbook = workbook
        self._sheet: Worksheet = workbook.add_worksheet(CONTENTS)
        self._row = 0
        self._title = self._form(bold=True, font_size=18, font_color=ACCENT)
        self._lead = self._form(text_wrap=True)
        self._quiet = self._form(text_wrap=True, font_color="#545C63")
        self._section = self._form(bold=True, font_size=13, font_color=ACCENT)
        head = {"bold": True, "font_color": "#FFFFFF", "bg_color": ACCENT, "valign": "vcenter"}
        self._heads = [
            self._form(**head),
            self._form(**head),
            self._form(**head),
            self._form(align="right", **head),
            self._form(align="left", indent=1, **head),
        ]
        line = {"bottom": 1, "bottom_color": "#DAD7CF", "text_wrap": True}
        self._band = self._form(bold=True, bg_color="#EFEDE7", **line)
        self._cell = self._form(**line)
        self._link = self._form(font_color=ACCENT, underline=1, **line)
        self._number = self._form(num_format="[$-407]#,##0", **line)
        self._key = self._form(font_color="#545C63", align="left", indent=1, **line)
        self._warning = self._form(bold=True, text_wrap=True, font_color="#8A3D12")
        self._strong = self._form(bold=True, text_wrap=True)

    def _form(self, **content: object) -> Format:
        return self._workbook.add_format(
            {"font_name": FONT, "font_size": FONT_SIZE, "valign": "top", "num_format": "@"}
            | content
        )

    def write(self, edition: Edition, sheets: Sequence[Sheet]) -> None:
        sheet = self._sheet
        sheet.hide_gridlines(2)
        for place, width in enumerate(_WIDTHS):
            sheet.set_column(place, place, width)
        self._across(edition.about.title, self._title, height=32)
        self._across(edition.about.description, self._lead)
        moment = german.moment(edition.published).replace("\u00a0", " ")
        self._across(f"Stand {edition.release}, veröffentlicht am {moment}", self._quiet)
        rules, words = usage(edition.manifest)
        self._heading("Gebrauch und Grenzen")
        for rule in rules:
            invented = edition.manifest["contains_synthetic_data"] and rule is rules[0]
            self._pair(rule.title, rule.text, self._warning if invented else self._lead)
        self._heading("Warum Werte fehlen (withheld_because)")
        for word in words:
            self._pair(
                word.word, f"{word.label[:1].upper()}{word.label[1:]}. {word.text}", self._lead
            )
        self._heading("Lizenz und Zitat")
        self._pair(edition.about.licence.title, edition.about.licence.text, self._lead)
        for taken in edition.about.attributions:
            self._pair(
                taken.source,
                f"{taken.covers}; {taken.licence_title} ({taken.licence_name}). {taken.note}",
                self._lead,
            )
        self._pair("Bitte so zitieren", edition.citation, self._lead)
        self._heading("Tabellen")
        self._tables(sheets)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.set_footer(f"&L{edition.release}&RSeite &P von &N")
        sheet.activate()

    def _tables(self, sheets: Sequence[Sheet]) -> None:
        sheet = self._sheet
        for place, heading in enumerate(_HEADINGS):
            sheet.write_string(self._row, place, heading, self._heads[place])
        sheet.set_row(self._row, 20)
        sheet.repeat_rows(self._row)
        self._row += 1
        section = ""
        for entry in sheets:
            table = entry.table
            if table.schema_name != section:
                section = table.schema_name
                for place in range(len(_WIDTHS)):
                    sheet.write_blank(self._row, place, None, self._band)
                sheet.write_string(self._row, 0, f"{SECTIONS[section]} ({section})", self._band)
                sheet.set_row(self._row, 20)
                self._row += 1
            self._name(entry)
            says = table.description
            if not entry.fits:
                says = f"Zu lang für ein Blatt; bitte {parquet_path(table)} oder die CSV-Datei verwenden. {says}"
            texts = {1: table.label_de, 2: says, 4: ", ".join(table.key)}
            for place, text in texts.items():
                form = self._key if place == len(_WIDTHS) - 1 else self._cell
                write_text(sheet, self._row, place, text, form, form)
            sheet.write_number(self._row, 3, entry.rows, self._number)
            lines = max(_lines(text, _WIDTHS[place]) for place, text in texts.items())
            sheet.set_row(self._row, _LINE * lines + _GAP)
            self._row += 1

    def _name(self, entry: Sheet) -> None:
        """Writes the name of a sheet, which leads to it; of a table without a sheet just its name."""
        if entry.fits:
            place = f"internal:'{entry.name}'!A1"
            tip = entry.table.label_de
            self._sheet.write_url(self._row, 0, place, self._link, entry.name, tip)
        else:
            name = entry.table.full_name
            write_text(self._sheet, self._row, 0, name, self._cell, self._cell)

    def _heading(self, text: str) -> None:
        self._row += 1
        self._sheet.write_string(self._row, 0, text, self._section)
        self._sheet.set_row(self._row, 22)
        self._row += 1

    def _across(self, text: str, form: Format, height: float | None = None) -> None:
        last = len(_WIDTHS) - 1
        self._sheet.merge_range(self._row, 0, self._row, last, "", form)
        write_text(self._sheet, self._row, 0, text, form, form)
        self._sheet.set_row(self._row, height or _LINE * _lines(text, _ACROSS) + _GAP)
        self._row += 1

    def _pair(self, name: str, text: str, form: Format) -> None:
        """Writes a name and, across the other columns, its sentences."""
        last = len(_WIDTHS) - 1
        strong = form if form is self._warning else self._strong
        write_text(self._sheet, self._row, 0, name, strong, strong)
        self._sheet.merge_range(self._row, 1, self._row, last, "", form)
        write_text(self._sheet, self._row, 1, text, form, form)
        lines = max(_lines(name, _WIDTHS[0]), _lines(text, sum(_WIDTHS[1:])))
        self._sheet.set_row(self._row, _LINE * lines + _GAP)
        self._row += 1


def _lines(text: str, width: int) -> int:
    """Lines that a text takes in a column whose width is given in digits."""
    return 1 + int(len(text) / (_LETTERS * width))
