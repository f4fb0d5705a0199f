"""Writes tables as sheets of a workbook: notes from the dictionary, German formats, no formulas."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from weltoffen_etl.catalog import Column, Table
from weltoffen_etl.database import Connection
from weltoffen_etl.distribution.cells import LONG, NUMBERS, Cells, selected
from weltoffen_etl.reports.dictionary.entries import NEVER, column_entry
from weltoffen_etl.warehouse.published import quoted, row_order

MOST_ROWS: Final = 1_048_575
"""Rows that a sheet can hold below its headings."""
CONTENTS: Final = "Inhalt"
"""Name of the first sheet of a release's workbook."""
ACCENT: Final = "#1F5561"
FONT_SIZE: Final = 10
FONT: Final = "Arial"

_NAME_LENGTH: Final = 31
_TOGETHER: Final = 10_000
_WIDEST, _NARROWEST = 62, 9
_NUMBER_WIDTH: Final = 12
_FILTER_WIDTH: Final = 5
_NOTE_LETTERS: Final = 46
_NOTE_LINE, _NOTE_WIDTH = 17, 320
_MOST_FROZEN: Final = 3
_FROZEN_WIDTH: Final = 70
_PAGE_WIDTH: Final = 210
_LINE, _HIGHEST = 13, 400


@dataclass(frozen=True, slots=True)
class Sheet:
    """What became of one table.

    Attributes:
        table: the table.
        name: name of its sheet.
        rows: number of its rows.
        fits: whether a sheet can hold them; otherwise there is none.
    """

    table: Table
    name: str
    rows: int
    fits: bool


def new_workbook(target: Path, properties: Mapping[str, Any], created: datetime) -> Workbook:
    """Starts a workbook in which nothing is calculated and whose bytes follow from its content.

    Args:
        target: the new file.
        properties: title, subject and the like.
        created: the moment that the file names as that of its making.
    """
    options = {
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    workbook = Workbook(str(target), options)
    moment = created.astimezone(UTC).replace(tzinfo=None, microsecond=0)
    workbook.set_properties({**properties, "created": moment})
    workbook.formats[0].set_font_name(FONT)
    workbook.formats[0].set_font_size(FONT_SIZE)
    return workbook


def sheets_of(
    connection: Connection, tables: Sequence[Table], most_rows: int = MOST_ROWS
) -> list[Sheet]:
    """Names the sheet of each table and says whether it can hold it.

    Tables of the comparison stand under their own name, all others with their schema.

    Args:
        connection: an open published database.
        tables: the tables in order.
        most_rows: rows that a sheet can hold.
    """
    sheets: list[Sheet] = []
    taken = {CONTENTS.lower()}
    for table in tables:
        whole = table.name if table.schema_name == "comparison" else table.full_name
        name, number = whole[:_NAME_LENGTH], 1
        while name.lower() in taken:
            number += 1
            name = f"{whole[: _NAME_LENGTH - len(str(number)) - 1]}~{number}"
        taken.add(name.lower())
        (rows,) = connection.execute(f"SELECT count(*) FROM {quoted(table)}").fetchone() or (0,)
        sheets.append(Sheet(table, name, rows, rows <= most_rows))
    return sheets


class TableSheets:
    """Writes the sheets of tables into one workbook."""

    def __init__(self, workbook: Workbook, connection: Connection) -> None:
        """Prepares the formats.

        Args:
            workbook: the new workbook.
            connection: an open published database.
        """
        self._workbook = workbook
        self._connection = connection
        self._cells = Cells(workbook, FONT, FONT_SIZE)
        head = {
            "bold": True,
            "font_color": "#FFFFFF",
            "font_name": FONT,
            "font_size": FONT_SIZE,
            "bg_color": ACCENT,
            "valign": "vcenter",
            "num_format": "@",
        }
        self._head = workbook.add_format(head)
        # Above their numbers, and clear of the button of the filter.
        self._number_head = workbook.add_format({**head, "align": "right", "indent": 2})

    def write(self, described: Sheet) -> None:
        """Adds the sheet of one table, with the rows in the order of its key.

        Args:
            described: the table and the name of its sheet; one that fits.
        """
        table = described.table
        sheet = self._workbook.add_worksheet(described.name)
        longest = self._longest(table)
        widths = [_width(column, longest[place]) for place, column in enumerate(table.columns)]
        for place, column in enumerate(table.columns):
            sheet.set_column(place, place, widths[place])
            form = self._number_head if column.type in NUMBERS else self._head
            sheet.write_string(0, place, column.name, form)
            note = note_of(column)
            lines = sum(1 + len(line) // _NOTE_LETTERS for line in note.split("\n"))
            sheet.write_comment(
                0,
                place,
                note,
                {"author": "", "width": _NOTE_WIDTH, "height": _NOTE_LINE * (lines + 1),
                 "font_name": FONT, "font_size": 9, "color": "#FFFDF2"},
            )  # fmt: skip
        sheet.set_row(0, 22)
        self._rows(sheet, table, longest, widths)
        last = max(described.rows, 1)
        sheet.autofilter(0, 0, last, len(table.columns) - 1)
        sheet.freeze_panes(1, _frozen(table, widths))
        # Keys are texts of digits on purpose; a green corner in each cell would say „mistake“.
        sheet.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})
        _print(sheet, table, widths)

    def _rows(
        self, sheet: Worksheet, table: Table, longest: Sequence[int], widths: Sequence[float]
    ) -> None:
        write: list[Callable[[int, int, Any], None]] = [
            self._cells.writer(sheet, column, longest[place])
            for place, column in enumerate(table.columns)
        ]
        wrapped = [(place, widths[place]) for place, length in enumerate(longest) if length > LONG]
        columns = ", ".join(selected(column) for column in table.columns)
        result = self._connection.execute(
            f"SELECT {columns} FROM {quoted(table)} ORDER BY {row_order(table)}"
        )
        number = 0
        while rows := result.fetchmany(_TOGETHER):
            for row in rows:
                number += 1
                for place, value in enumerate(row):
                    if value is not None:
                        write[place](number, place, value)
                lines = max((_lines(row[place], width) for place, width in wrapped), default=1)
                if lines > 1:
                    # Excel would find the height by itself, LibreOffice does not.
                    sheet.set_row(number, min(_LINE * lines + 2, _HIGHEST))

    def _longest(self, table: Table) -> list[int]:
        lengths = ", ".join(
            f'coalesce(max(length("{column.name}")), 0)' if column.type == "VARCHAR" else "0"
            for column in table.columns
        )
        row = self._connection.execute(f"SELECT {lengths} FROM {quoted(table)}").fetchone()
        return [int(length) for length in row or ()]


def note_of(column: Column) -> str:
    """Returns what the note at a heading says: meaning, unit, values, and what empty means."""
    entry = column_entry(column)
    lines = [f"{entry.meaning[:1].upper()}{entry.meaning[1:]}."]
    if entry.unit:
        lines.append(f"Einheit: {entry.unit}")
    if entry.refers_to or entry.allowed:
        values = f"siehe {entry.refers_to}" if entry.refers_to else ", ".join(entry.allowed)
        lines.append(f"Werte: {values}")
    lines.append("Nie leer." if entry.empty == NEVER else f"Leer heißt: {entry.empty}.")
    return "\n".join(lines)


def _lines(text: str | None, width: float) -> int:
    return sum(1 + int(len(line) / width) for line in text.split("\n")) if text else 1


def _width(column: Column, longest: int) -> float:
    heading = len(column.name) + _FILTER_WIDTH
    content = longest + 2 if column.type == "VARCHAR" else _NUMBER_WIDTH
    return max(heading, min(content, _WIDEST), _NARROWEST)


def _frozen(table: Table, widths: Sequence[float]) -> int:
    """Number of leading columns that stay in view: those of the key, as far as they leave room."""
    leading = 0
    for column in table.columns[:_MOST_FROZEN]:
        if column.name not in table.key or sum(widths[: leading + 1]) > _FROZEN_WIDTH:
            break
        leading += 1
    return leading


def _print(sheet: Worksheet, table: Table, widths: Sequence[float]) -> None:
    """Sets how a sheet is printed: wide tables on several pages across, each with the key."""
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(math.ceil(sum(widths) / _PAGE_WIDTH), 0)
    sheet.repeat_rows(0)
    if frozen := _frozen(table, widths):
        sheet.repeat_columns(0, frozen - 1)
    title = table.label_de.replace("&", "&&")
    sheet.set_footer(f"&L{title}&RSeite &P von &N")
