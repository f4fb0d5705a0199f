"""What a damaged file really holds, told by Python's own readers and strict rules."""

import codecs
import csv
import io
import re
import warnings
import zipfile
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from xml.parsers import expat

import openpyxl

from tests.hostile.material import SHEET

Verdict = Literal["legal", "ragged", "broken", "doubtful"]
_NEEDED = ("[Content_Types].xml", "xl/workbook.xml", SHEET)
_READ = (*_NEEDED, "xl/sharedStrings.xml", "xl/_rels/workbook.xml.rels")


@dataclass(frozen=True, slots=True)
class Truth:
    """What a file holds.

    Attributes:
        verdict: ``doubtful`` where readers may rightly disagree.
        rows: cells by row of the file, from 1; empty where there is no agreement.
        ragged: rows with another number of fields.
    """

    verdict: Verdict
    rows: dict[int, tuple[str, ...]]
    ragged: frozenset[int] = frozenset()


def truth_of_csv(content: bytes, delimiter: str) -> Truth:
    """Parses a text file as RFC 4180 says, UTF-8 or else cp1252."""
    text = _decoded(content)
    if text is None or "\0" in text:
        return Truth("broken", {})
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        return Truth("broken", {})
    if _has_stray_quote(text, delimiter):
        return Truth("doubtful", {})
    csv.field_size_limit(10**9)
    try:
        records = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error:
        return Truth("broken", {})
    rows = {number: tuple(row) for number, row in enumerate(filter(None, records), start=1)}
    if any(not row or not any(row) for row in records):
        return Truth("doubtful", {})
    width = len(rows[1])
    ragged = frozenset(number for number, row in rows.items() if len(row) != width)
    return Truth("ragged" if ragged else "legal", rows, ragged)


def _decoded(content: bytes) -> str | None:
    for mark, name in ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")):
        if content.startswith(mark):
            content, encoding = content.removeprefix(mark), name
            break
    else:
        encoding = "utf-8"
        if not content.startswith(codecs.BOM_UTF8):
            try:
                content.decode()
            except UnicodeDecodeError:
                encoding = "cp1252"
        content = content.removeprefix(codecs.BOM_UTF8)
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        return None


def _has_stray_quote(text: str, delimiter: str) -> bool:
    """Whether a quote stands in the middle of a field, where readers disagree."""
    mark = re.escape(delimiter)
    field = rf'(?:"(?:[^"]|"")*"|[^"{mark}\n]*)'
    whole = re.compile(rf"{field}(?:[{mark}\n]{field})*+(?P<open>\"?)", re.DOTALL)
    match = whole.match(text)
    if match is None:
        return True
    rest = text[match.end() :]
    # What is left is a quote that opens and never closes: that is broken, not doubtful.
    opens = match["open"] == '"' and text[: match.start("open")][-1:] in ("", delimiter, "\n")
    return bool(rest or match["open"]) and not opens


def truth_of_workbook(content: bytes) -> Truth:
    """Reads the first sheet with openpyxl after looking at the package."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as source:
            names = source.namelist()
            if len(set(names)) < len(names):
                return Truth("doubtful", {})
            if not set(_NEEDED[1:]) <= set(names):
                return Truth("broken", {})
            parts = {name: source.read(name) for name in _READ if name in names}
            whole = source.testzip() is None
    except (zipfile.BadZipFile, zipfile.LargeZipFile, OSError, ValueError, EOFError):
        return Truth("broken", {})
    except Exception:
        return Truth("broken", {})
    if not all(_is_well_formed(part) for name, part in parts.items() if name in _NEEDED[1:]):
        return Truth("broken", {})
    # A part that the package names and lacks: some readers need it, some do not.
    declared = {
        name.decode().lstrip("/")
        for name in re.findall(rb'PartName="([^"]+)"', parts.get(_NEEDED[0], b""))
    }
    if not whole or not declared or not declared <= set(names) or "_rels/.rels" not in names:
        return Truth("doubtful", {})
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            book = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
    except Exception:
        return Truth("doubtful", {})
    if len(book.worksheets) != 1 or not _is_ordered(parts[SHEET]):
        return Truth("doubtful", {})
    sheet: Any = book.worksheets[0]
    if sheet.max_row * sheet.max_column > 100_000:
        return Truth("doubtful", {})
    rows = {
        number: tuple(_text(cell) for cell in row)
        for number, row in enumerate(sheet.iter_rows(values_only=True), start=1)
    }
    return Truth("legal", {n: row for n, row in rows.items() if any(row)})


def _is_well_formed(xml: bytes) -> bool:
    try:
        expat.ParserCreate().Parse(xml, True)
    except expat.ExpatError:
        return False
    return True


def _is_ordered(sheet: bytes) -> bool:
    """Whether cells stand where their references say and of plain kinds."""
    if re.search(rb"<f\b", sheet):
        return False
    # A kind that no standard knows, or one that contradicts the cell's content: one reader
    # takes the text that stands there, another nothing.
    if re.search(rb'<c [^>]*\bt="(?!(?:s|n|inlineStr)")', sheet):
        return False
    if re.search(rb'<c (?![^>]*\bt="inlineStr")[^>]*><is>', sheet):
        return False
    rows = re.findall(rb'<row [^>]*?\br="(\d+)"[^>]*>(.*?)</row>', sheet, re.DOTALL)
    if sheet.count(b"<row") != len(rows) or [int(n) for n, _ in rows] != sorted(
        {int(n) for n, _ in rows}
    ):
        return False
    for number, body in rows:
        cells = re.findall(rb"<c\b[^>]*>", body)
        places = [re.search(rb'\br="([A-Z]{1,3})(\d+)"', cell) for cell in cells]
        if any(place is None or place[2] != number for place in places):
            return False
        letters = [(len(x[1]), x[1]) for x in places if x is not None]
        if letters != sorted(set(letters)):
            return False
    return True


def _text(cell: Any) -> str:
    match cell:
        case None:
            return ""
        case bool():
            return "1" if cell else "0"
        case float() if cell.is_integer() and abs(cell) < 1e15:
            return str(int(cell))
        case datetime():
            return cell.isoformat(sep=" ", timespec="seconds")
        case _:
            return str(cell)
