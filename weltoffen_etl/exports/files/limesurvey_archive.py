"""LimeSurvey's survey archive (.lsa): the questionnaire and the responses, nothing else."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from weltoffen_etl.exports.files.rows import Row, write_grid
from weltoffen_etl.exports.files.xml_stream import CleanXml, Events, events, texts
from weltoffen_etl.exports.grid import Tables, UnreadableFileError
from weltoffen_etl.instrument.limesurvey_structure import parse_structure
from weltoffen_etl.instrument.model import InstrumentError, SourceColumn
from weltoffen_etl.settings import STANDARD_LIMITS, Limits

_STRUCTURE: Final = re.compile(r"survey_\d+\.lss")
_RESPONSES: Final = re.compile(r"survey_\d+_responses\.lsr")
_MAX_STRUCTURE: Final = 64 * 1024 * 1024
_SMALL: Final = 10_000
_PRIVATE: Final = frozenset({"token", "ipaddr", "refurl"})
_ENCRYPTED: Final = 0x1


def recognise(path: Path) -> bool:
    """Tells whether a ZIP file is a survey archive: it holds a member ``survey_<id>.lss``."""
    try:
        with zipfile.ZipFile(path) as package:
            return any(_STRUCTURE.fullmatch(name) for name in package.namelist())
    except (zipfile.BadZipFile, OSError, ValueError):
        return False


def read(path: Path, scratch: Path, limits: Limits = STANDARD_LIMITS) -> Tables:
    """Reads the responses of a survey archive into one grid.

    Only the structure and the responses are unpacked, in memory; members with
    participants, access codes or timings are never touched. Columns of the responses are
    named by the codes of the archive's own structure, access codes and addresses are left
    out while reading. A missing element is nothing, an empty element an empty text.

    Args:
        path: archived file; `recognise` has said yes.
        scratch: folder for the Parquet file.
        limits: how large the content may be.

    Returns:
        One grid; row 1 holds the codes, response n stands in row n + 1, its labels are
        the question texts.

    Raises:
        UnreadableFileError: damaged, without responses, or larger than an archive should be.
    """
    try:
        with zipfile.ZipFile(path) as package:
            structure = _member(package, _STRUCTURE, _MAX_STRUCTURE, limits)
            responses = _member(package, _RESPONSES, limits.unpacked_bytes, limits)
            columns = _columns(package.read(structure))
            with package.open(responses) as member:
                return _responses(CleanXml(member, limits.unpacked_bytes), columns, scratch)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise UnreadableFileError("file_unreadable", "LimeSurvey-Archiv") from error


def _member(
    package: zipfile.ZipFile, name: re.Pattern[str], limit: int, limits: Limits
) -> zipfile.ZipInfo:
    members = package.infolist()
    if len(members) > limits.members:
        raise UnreadableFileError("limit_exceeded", f"Archiv mit {len(members)} Dateien")
    found = [member for member in members if name.fullmatch(member.filename)]
    if not found:
        raise UnreadableFileError("archive_without_responses")
    if len(found) > 1:
        raise UnreadableFileError("file_format_unknown", "Archiv mit mehreren Umfragen")
    (member,) = found
    if member.flag_bits & _ENCRYPTED:
        raise UnreadableFileError("file_unreadable", "verschlüsseltes Archiv")
    if member.file_size > min(limit, limits.pack_ratio * max(member.compress_size, _SMALL)):
        raise UnreadableFileError("limit_exceeded", "Archiv mit auffälliger Packrate")
    return member


def _columns(structure: bytes) -> dict[str, SourceColumn]:
    """Columns by their name in the table of responses."""
    try:
        parsed = parse_structure(structure, "survey.lss")
    except InstrumentError as error:
        raise UnreadableFileError("file_unreadable", "Fragebogen im Archiv") from error
    return {column.field_name: column for column in parsed.columns}


def _responses(stream: CleanXml, columns: dict[str, SourceColumn], scratch: Path) -> Tables:
    reading = events(stream)
    names = _field_names(reading)
    kept = [name for name in names if name not in _PRIVATE]
    headings = [columns[name].source_code if name in columns else name for name in kept]
    labels = [_label(columns.get(name)) for name in kept]
    grid = write_grid(scratch / "grid0.parquet", headings, _rows(reading, names, kept), labels)
    return Tables("lsa", (grid,), encoding="utf-8", notes=stream.note())


def _field_names(reading: Events) -> list[str]:
    for event, element in reading:
        if event == "end" and element.tag == "fields":
            return [field.text or "" for field in element]
    raise UnreadableFileError("file_unreadable", "Antworten im Archiv ohne Spalten")


def _rows(reading: Events, names: list[str], kept: list[str]) -> Iterator[Row]:
    # XML names cannot begin with a digit, so the tool puts an underscore before field names.
    tags = {name: f"_{name}" if name[:1].isdigit() else name for name in kept}
    known = {f"_{name}" if name[:1].isdigit() else name for name in names}
    number = 1
    for event, element in reading:
        if event != "end" or element.tag != "row":
            continue
        number += 1
        cells = texts(element)
        if unknown := sorted(cells.keys() - known):
            raise UnreadableFileError("file_unreadable", f"unbekannte Spalte {unknown[0]}", number)
        yield [cells.get(tags[name]) for name in kept]
        element.clear()


def _label(column: SourceColumn | None) -> str:
    if column is None:
        return ""
    text = next(iter(column.text.values()), "")
    sub = next(iter(column.sub_text.values()), "")
    return f"{text} [{sub}]" if sub else text
