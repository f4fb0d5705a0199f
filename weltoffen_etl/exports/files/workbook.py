"""Workbooks (xlsx, xlsm, xls, ods) through calamine, every cell as text."""

from __future__ import annotations

import zipfile
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import duckdb
import msoffcrypto
import pandas as pd
from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from weltoffen_etl.exports.grid import HEAD_ROWS, Grid, Tables, UnreadableFileError

_MAX_CELLS = 30_000_000
_MAX_UNPACKED = 400 * 1024 * 1024
_MAX_RATIO = 150


def read(path: Path, scratch: Path) -> Tables:
    """Reads every visible sheet of a workbook.

    Whole numbers become text without a decimal point, dates ISO text, and nothing is
    skipped: row numbers are those a spreadsheet shows.

    Args:
        path: archived workbook.
        scratch: folder for the Parquet files.

    Returns:
        One grid per sheet; hidden sheets are listed without cells.

    Raises:
        UnreadableFileError: encrypted, damaged or larger than a workbook should be.
    """
    container = _check(path)
    try:
        workbook = CalamineWorkbook.from_path(str(path))
    except (CalamineError, OSError, ValueError) as error:
        raise UnreadableFileError("file_unreadable", container) from error
    grids = []
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
                if cells.total_height * max(cells.total_width, 1) > _MAX_CELLS:
                    raise UnreadableFileError("file_format_unknown", f"Blatt {sheet.name} zu groß")
                rows = cells.to_python(skip_empty_area=False)
            except CalamineError as error:
                raise UnreadableFileError("file_unreadable", sheet.name) from error
            grids.append(_grid(connection, sheet.name, rows, table))
    return Tables(container, tuple(grids))


def _check(path: Path) -> str:
    """Looks at the package before anything is parsed; returns the kind of workbook."""
    with path.open("rb") as file:
        if file.read(4) == b"\xd0\xcf\x11\xe0":
            file.seek(0)
            try:
                if msoffcrypto.OfficeFile(file).is_encrypted():
                    raise UnreadableFileError("file_encrypted")
            except UnreadableFileError:
                raise
            except Exception as error:
                # The library raises many unrelated types on damaged OLE files.
                raise UnreadableFileError("file_unreadable", "Office-Datei") from error
            return "xls"
    try:
        with zipfile.ZipFile(path) as package:
            members = package.infolist()
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise UnreadableFileError("file_unreadable", "Arbeitsmappe") from error
    names = {member.filename for member in members}
    unpacked = sum(member.file_size for member in members)
    if unpacked > _MAX_UNPACKED or unpacked > _MAX_RATIO * max(path.stat().st_size, 100_000):
        raise UnreadableFileError("file_format_unknown", "Arbeitsmappe mit auffälliger Packrate")
    if "xl/workbook.xml" in names or "xl/workbook.bin" in names:
        return "xlsx"
    if "content.xml" in names and "mimetype" in names:
        return "ods"
    raise UnreadableFileError("file_format_unknown", "ZIP-Archiv")


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
