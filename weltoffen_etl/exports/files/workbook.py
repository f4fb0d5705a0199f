"""Workbooks (xlsx, xlsm, xls, ods) through calamine, every cell as text."""

from __future__ import annotations

import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path, PurePosixPath
from typing import Any, Final

import duckdb
import pandas as pd
from defusedxml.ElementTree import fromstring
from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from weltoffen_etl.exports.files import open_document
from weltoffen_etl.exports.files.package_check import check_package
from weltoffen_etl.exports.files.sheet_scan import SheetScan
from weltoffen_etl.exports.grid import HEAD_ROWS, Grid, Note, Tables, UnreadableFileError
from weltoffen_etl.settings import STANDARD_LIMITS, Limits

_REFERENCE: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


def read(path: Path, scratch: Path, limits: Limits = STANDARD_LIMITS) -> Tables:
    """Reads every visible sheet of a workbook.

    Whole numbers become text without a decimal point, dates ISO text, and nothing is
    skipped: row numbers are those a spreadsheet shows. Cells whose value the parser does
    not give (formulas that were never calculated, errors) are noted with their place.

    Args:
        path: archived workbook.
        scratch: folder for the Parquet files.
        limits: how large the content may be.

    Returns:
        One grid per sheet; hidden sheets are listed without cells.

    Raises:
        UnreadableFileError: encrypted, damaged or larger than a workbook should be.
    """
    package = check_package(path, limits)
    scans = _scans_by_name(path, package.sheets)
    if package.container == "ods":
        path = open_document.with_tabs(path, scratch)
    try:
        workbook = CalamineWorkbook.from_path(str(path))
    except (CalamineError, OSError, ValueError) as error:
        raise UnreadableFileError("file_unreadable", package.container) from error
    grids: list[Grid] = []
    notes = list(package.notes)
    formulas = sum(scan.formulas for scan in package.sheets.values())
    if formulas:
        notes.append(Note("formula_without_value", value=f"{formulas} Zellen"))
    with workbook, duckdb.connect() as connection:
        for number, sheet in enumerate(workbook.sheets_metadata):
            table = scratch / f"grid{number}.parquet"
            if sheet.typ != SheetTypeEnum.WorkSheet:
                continue
            if sheet.visible != SheetVisibleEnum.Visible:
                grids.append(Grid(sheet.name, table, 0, 0, (), visible=False))
                continue
            try:
                cells = workbook.get_sheet_by_index(number)
                if cells.total_height * max(cells.total_width, 1) > limits.cells:
                    raise UnreadableFileError("limit_exceeded", f"Blatt {sheet.name}")
                rows = cells.to_python(skip_empty_area=False)
            except CalamineError as error:
                raise UnreadableFileError("file_unreadable", sheet.name) from error
            scan = scans.get(sheet.name, SheetScan())
            _require_rows(sheet.name, scan, rows)
            notes.extend(_notes(sheet.name, scan, cells))
            grids.append(_grid(connection, sheet.name, rows, table))
    return Tables(package.container, tuple(grids), notes=tuple(notes))


def _scans_by_name(path: Path, scans: dict[str, SheetScan]) -> dict[str, SheetScan]:
    """Ties what was seen in a sheet's XML to the name of the sheet."""
    if not any(name.startswith("xl/") for name in scans):
        return {}
    try:
        with zipfile.ZipFile(path) as package:
            workbook = fromstring(package.read("xl/workbook.xml"))
            links = fromstring(package.read("xl/_rels/workbook.xml.rels"))
    except (KeyError, ET.ParseError, ValueError) as error:
        raise UnreadableFileError("file_unreadable", "Arbeitsmappe") from error
    targets = {link.get("Id"): link.get("Target", "") for link in links}
    by_name = {}
    for element in workbook.iter():
        if element.tag.rpartition("}")[2] == "sheet":
            target = targets.get(element.get(_REFERENCE), "")
            member = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
            scan = scans.get(str(PurePosixPath(member)))
            if scan is not None:
                by_name[element.get("name", "")] = scan
    return by_name


def _require_rows(name: str, scan: SheetScan, rows: list[list[Any]]) -> None:
    """Checks that the parser gave every row in which the XML has a number."""
    given = {number for number, row in enumerate(rows, start=1) if any(x != "" for x in row)}
    if lost := scan.rows - given:
        raise UnreadableFileError("file_unreadable", f"Blatt {name}", min(lost))


def _notes(name: str, scan: SheetScan, cells: CalamineSheet) -> Iterator[Note]:
    for rule, places in (
        ("formula_without_value", scan.without_value),
        ("cell_error", scan.errors),
    ):
        for row, column in places:
            yield Note(rule, sheet=name, row=row, value=f"{_letters(column)}{row}", position=column)
    if scan.hidden_rows:
        yield Note("rows_hidden", sheet=name, value=str(scan.hidden_rows))
    for (first, left), (last, right) in cells.merged_cell_ranges or []:
        if last > first:
            # Merged across rows, only the first row keeps the value.
            place = f"{_letters(left)}{first + 1}:{_letters(right)}{last + 1}"
            yield Note("cells_merged", sheet=name, row=first + 1, value=place)


def _letters(column: int) -> str:
    """Name of a column counted from 0: 0 is ``A``, 26 is ``AA``."""
    letters = ""
    number = column + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _grid(
    connection: duckdb.DuckDBPyConnection, name: str, rows: list[list[Any]], table: Path
) -> Grid:
    width = max((len(row) for row in rows), default=0)
    cells = [[_text(cell) for cell in row] for row in rows]
    frame = pd.DataFrame(cells, columns=[f"c{x}" for x in range(width)], dtype="object")
    frame.insert(0, "source_row", range(1, len(rows) + 1))
    frame = frame[[any(cell not in (None, "") for cell in row) for row in cells]]
    fields = ", ".join(f"c{x}::VARCHAR AS c{x}" for x in range(width))
    connection.execute(
        f"COPY (SELECT source_row::BIGINT AS source_row{', ' + fields if fields else ''} "
        f"FROM frame ORDER BY source_row) TO '{table}' (FORMAT parquet)"
    )
    head = [
        (number, tuple(row))
        for number, row in enumerate(cells, start=1)
        if any(cell not in (None, "") for cell in row)
    ][:HEAD_ROWS]
    return Grid(sheet=name, table=table, columns=width, rows=len(frame), head=tuple(head))


def _text(cell: Any) -> str | None:
    """One cell as text, the way the person who typed it would have written it."""
    match cell:
        case "" | None:
            return ""
        case bool():
            return "1" if cell else "0"
        case float() if cell.is_integer() and abs(cell) < 1e15:
            return str(int(cell))
        case float():
            return repr(cell)
        case datetime():
            return cell.isoformat(sep=" ", timespec="seconds")
        case date() | time():
            return cell.isoformat()
        case timedelta():
            return str(cell)
        case _:
            return str(cell)
