"""Workbooks (xlsx, xlsm, xls, ods): a look through the package, then calamine, as text."""

from __future__ import annotations

import itertools
import math
import posixpath
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Final

import duckdb
import msoffcrypto
import pandas as pd
from defusedxml import ElementTree
from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from weltoffen_etl.exports.files import open_document, opendocument_scan, sheet_scan
from weltoffen_etl.exports.files.package_check import Package
from weltoffen_etl.exports.files.sheet_scan import Scan
from weltoffen_etl.exports.grid import (
    HEAD_ROWS,
    Grid,
    Note,
    Tables,
    UnreadableFileError,
    column_letters,
)
from weltoffen_etl.settings import STANDARD_LIMITS, Limits

_OLE: Final = b"\xd0\xcf\x11\xe0"
_OLE_NAMES: Final = {"doc97": "Word-Dokument", "ppt97": "PowerPoint-Präsentation"}
_CELLS_AT_ONCE: Final = 500_000
_SHOWN_RANGES: Final = 20
_MAX_INDEX_BYTES: Final = 8 * 1024 * 1024
_NOTED: Final = (
    ("vbaproject", "workbook_macros"),
    ("xl/externallinks/", "workbook_links"),
    ("embeddings/", "workbook_objects"),
    ("activex/", "workbook_objects"),
)


@dataclass(slots=True)
class _Package:
    """What the look through the package gave."""

    container: str
    scans: dict[str, Scan] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)


def read(path: Path, scratch: Path, limits: Limits = STANDARD_LIMITS) -> Tables:
    """Reads every visible sheet of a workbook.

    Whole numbers become text without a decimal point, dates ISO text, and nothing is
    skipped: row numbers are those a spreadsheet shows. Formulas without a stored result
    and error values stay empty and are reported.

    Args:
        path: archived workbook.
        scratch: folder for the Parquet files.
        limits: how large the content may be.

    Returns:
        One grid per sheet; hidden sheets are listed without cells.

    Raises:
        UnreadableFileError: encrypted, damaged, no workbook or over a limit.
    """
    package = _look_through(path, limits)
    try:
        # The parser drops tabs inside the cells of an OpenDocument sheet.
        source = open_document.with_tabs(path, scratch) if package.container == "ods" else path
        workbook = CalamineWorkbook.from_path(str(source))
    except (CalamineError, OSError, ValueError) as error:
        raise UnreadableFileError("file_unreadable", package.container) from error
    grids = []
    notes = list(package.notes)
    with workbook:
        for number, sheet in enumerate(workbook.sheets_metadata):
            table = scratch / f"grid{number}.parquet"
            if sheet.typ != SheetTypeEnum.WorkSheet:
                continue
            if sheet.visible != SheetVisibleEnum.Visible:
                grids.append(Grid(sheet.name, table, 0, 0, (), visible=False))
                continue
            try:
                cells = workbook.get_sheet_by_index(number)
            except CalamineError as error:
                raise UnreadableFileError("file_unreadable", sheet.name) from error
            sheet_scan.check_extent(*_extent(cells), limits)
            grid = _grid(cells, table)
            scan = package.scans.get(sheet.name)
            if scan is not None:
                _compare(scan, grid, cells)
                notes.extend(scan.notes(sheet.name))
            notes.extend(_merged(cells))
            grids.append(grid)
    return Tables(package.container, tuple(grids), notes=tuple(notes))


def _look_through(path: Path, limits: Limits) -> _Package:
    """Looks through the file before the parser does; returns the kind of workbook."""
    with path.open("rb") as file:
        start = file.read(4)
    if start == _OLE:
        return _Package(_old_office(path))
    with Package(path, limits) as package:
        found = _Package(package.kind())
        sheets = _sheet_members(package) if found.container == "xlsx" else {}
        for name in package.members:
            chunks = package.chunks(name)
            if name in sheets:
                found.scans[sheets[name]] = sheet_scan.scan(chunks, limits)
            elif found.container == "ods" and name == "content.xml":
                found.scans.update(opendocument_scan.scan(chunks, limits))
            elif name == "xl/sharedStrings.xml":
                sheet_scan.check_strings(chunks, limits)
            else:
                for _ in chunks:
                    pass
        lower = [name.lower() for name in package.members]
        rules = dict.fromkeys(rule for mark, rule in _NOTED if any(mark in name for name in lower))
        found.notes.extend(Note(rule) for rule in rules)
    return found


def _old_office(path: Path) -> str:
    with path.open("rb") as file:
        try:
            office = msoffcrypto.OfficeFile(file)
            encrypted = office.is_encrypted()
        except Exception as error:
            # The library raises many unrelated types on damaged OLE files.
            raise UnreadableFileError("file_unreadable", "Office-Datei") from error
    if encrypted:
        raise UnreadableFileError("file_encrypted")
    if name := _OLE_NAMES.get(str(getattr(office, "format", ""))):
        raise UnreadableFileError("file_format_unknown", name)
    return "xls"


def _sheet_members(package: Package) -> dict[str, str]:
    """Returns the sheet's name by the package member that holds it."""
    index = {}
    for name in ("xl/workbook.xml", "xl/_rels/workbook.xml.rels"):
        if name not in package.members:
            raise UnreadableFileError("file_unreadable", name)
        content = b""
        for piece in package.chunks(name):
            content += piece
            if len(content) > _MAX_INDEX_BYTES:
                raise UnreadableFileError("limit_exceeded", name)
        try:
            index[name] = ElementTree.fromstring(content)
        except (ElementTree.ParseError, ValueError) as error:
            raise UnreadableFileError("file_unreadable", name) from error
    targets = {
        entry.get("Id"): posixpath.normpath(posixpath.join("/xl", entry.get("Target") or ""))[1:]
        for entry in index["xl/_rels/workbook.xml.rels"].iter()
    }
    sheets: dict[str, str] = {}
    for entry in index["xl/workbook.xml"].iter():
        if entry.tag.rpartition("}")[2] == "sheet":
            relation = next((x for key, x in entry.items() if key.endswith("}id")), None)
            member = targets.get(relation)
            if member in package.members and member is not None:
                if not member.lower().endswith(".xml"):
                    raise UnreadableFileError("package_suspicious", f"Blatt in {member}")
                sheets[member] = entry.get("name") or ""
    return sheets


def _compare(scan: Scan, grid: Grid, cells: CalamineSheet) -> None:
    """Refuses a sheet of which the parser returned other rows than the XML holds."""
    if grid.rows < scan.valued_rows or _extent(cells)[0] > scan.rows:
        seen = f"{grid.sheet}: {scan.valued_rows} Zeilen gezählt, {grid.rows} gelesen"
        raise UnreadableFileError("file_unreadable", seen)


def _extent(cells: CalamineSheet) -> tuple[int, int]:
    """Last row and last column in use, from 1."""
    return (0, 0) if cells.end is None else (cells.end[0] + 1, cells.end[1] + 1)


def _merged(cells: CalamineSheet) -> Iterator[Note]:
    """Notes cells merged over several rows: only the topmost row has the value."""
    ranges = [x for x in cells.merged_cell_ranges or [] if x[1][0] > x[0][0]]
    for (first, left), (last, right) in ranges[:_SHOWN_RANGES]:
        span = f"{column_letters(left)}{first + 1}:{column_letters(right)}{last + 1}"
        yield Note("cells_merged", sheet=cells.name, row=first + 1, value=span, position=left)
    more = len(ranges) - _SHOWN_RANGES
    if more > 0:
        yield Note(
            "more_of_the_same", sheet=cells.name, value=str(more), expected="verbundene Zellen"
        )


def _grid(cells: CalamineSheet, table: Path) -> Grid:
    """Writes a sheet's rows to Parquet in portions, every cell as text."""
    _, width = _extent(cells)
    # The iterator begins with row 1, but in each row with the first column in use.
    margin = [""] * (cells.start[1] if cells.start else 0)
    names = [f"c{x}" for x in range(width)]
    fields = "".join(f", {name}::VARCHAR AS {name}" for name in names)
    head: list[tuple[int, tuple[str | None, ...]]] = []
    total = 0
    source = enumerate(cells.iter_rows(), start=1)
    with duckdb.connect() as connection:
        connection.execute("SET memory_limit = '1GB'; SET threads = 1")
        connection.execute("SET temp_directory = $folder", {"folder": str(table.parent)})
        columns = "".join(f", {name} VARCHAR" for name in names)
        connection.execute(f"CREATE TABLE grid (source_row BIGINT{columns})")
        while portion := list(itertools.islice(source, max(1, _CELLS_AT_ONCE // max(width, 1)))):
            rows = [
                (number, (*margin, *map(_text, row)))
                for number, row in portion
                if any(map(_says, row))
            ]
            if not rows:
                continue
            total += len(rows)
            head += rows[: HEAD_ROWS - len(head)]
            frame = pd.DataFrame([texts for _, texts in rows], columns=names, dtype="object")
            frame.insert(0, "source_row", [number for number, _ in rows])
            connection.register("portion", frame)
            connection.execute(
                f"INSERT INTO grid SELECT source_row::BIGINT AS source_row{fields} FROM portion"
            )
            connection.unregister("portion")
        connection.execute(f"COPY (FROM grid ORDER BY source_row) TO '{table}' (FORMAT parquet)")
    return Grid(sheet=cells.name, table=table, columns=width, rows=total, head=tuple(head))


def _says(cell: Any) -> bool:
    return cell is not None and cell != ""


def _text(cell: Any) -> str:
    """One cell as text, the way the person who typed it would have written it."""
    match cell:
        case "" | None:
            return ""
        case str():
            return cell
        case bool():
            return "1" if cell else "0"
        case float() if not math.isfinite(cell):
            # No spreadsheet shows such a number; this is what it writes instead.
            return "#NUM!"
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
