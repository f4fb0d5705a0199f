"""Bytes → text tables: signature, encoding, separator, sheets. Knows no survey tool.

Runs in a child process; see `isolation`.
"""

from __future__ import annotations

import codecs
from pathlib import Path

from weltoffen_etl.exports.files import (
    json_table,
    limesurvey_archive,
    not_data,
    signatures,
    spss,
    stata_xml,
    text_table,
    workbook,
)
from weltoffen_etl.exports.grid import Tables, UnreadableFileError
from weltoffen_etl.settings import STANDARD_LIMITS, Limits

_ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_OLE = b"\xd0\xcf\x11\xe0"
_XML = (b"<?xml", b"<dta", b"<document", b"<!doctype")


def read(path: Path, scratch: Path, limits: Limits = STANDARD_LIMITS) -> Tables:
    """Reads any table file, chosen by content, never by name.

    Args:
        path: archived file.
        scratch: empty folder for the Parquet files of the grids.
        limits: how large the content may be.

    Returns:
        All grids of the file, every cell as text.

    Raises:
        UnreadableFileError: with the rule that tells the sender why.
    """
    with path.open("rb") as file:
        start = file.read(4096)
    if not start:
        raise UnreadableFileError("file_empty")
    if start.startswith(_ZIP) and limesurvey_archive.recognise(path):
        return limesurvey_archive.read(path, scratch, limits)
    if start.startswith((*_ZIP, _OLE)):
        return workbook.read(path, scratch, limits)
    if start.startswith(spss.SIGNATURES):
        return spss.read(path, scratch, limits)
    if json_table.recognise(start):
        return json_table.read(path, scratch, limits)
    if name := signatures.foreign(start):
        raise UnreadableFileError("file_format_unknown", name)
    if start.removeprefix(codecs.BOM_UTF8).lstrip().lower().startswith(_XML):
        return _read_xml(path, scratch, start, limits)
    tables = text_table.read(path, scratch, limits)
    not_data.refuse_table(tables.grids[0])
    return tables


def _read_xml(path: Path, scratch: Path, start: bytes, limits: Limits) -> Tables:
    not_data.refuse_document(start)
    if b"<dta" in start:
        return stata_xml.read(path, scratch, limits)
    raise UnreadableFileError("file_format_unknown", "XML-Datei")
