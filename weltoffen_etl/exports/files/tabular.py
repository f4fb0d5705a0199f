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
    open_document,
    spss,
    stata_xml,
    text_table,
    workbook,
)
from weltoffen_etl.exports.grid import Tables, UnreadableFileError

_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0"
_OTHER = {
    b"%PDF": "PDF",
    b"\x89PNG": "PNG-Bild",
    b"\xff\xd8\xff": "JPEG-Bild",
    b"GIF8": "GIF-Bild",
    b"\x1f\x8b": "gzip-Archiv",
    b"7z\xbc\xaf": "7-Zip-Archiv",
    b"Rar!": "RAR-Archiv",
    b"{\\rtf": "RTF-Dokument",
}
_MARKUP = {b"<!doctype html": "HTML-Seite", b"<html": "HTML-Seite", b"<style": "HTML-Seite"}
_XML = (b"<?xml", b"<dta", b"<document", b"<!doctype")


def read(path: Path, scratch: Path) -> Tables:
    """Reads any table file, chosen by content, never by name.

    Args:
        path: archived file.
        scratch: empty folder for the Parquet files of the grids.

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
        return limesurvey_archive.read(path, scratch)
    if start.startswith((_ZIP, _OLE)):
        return workbook.read(open_document.with_tabs(path, scratch), scratch)
    if start.startswith(spss.SIGNATURES):
        return spss.read(path, scratch)
    if json_table.recognise(start):
        return json_table.read(path, scratch)
    plain = start.removeprefix(codecs.BOM_UTF8).lstrip().lower()
    for signature, name in _MARKUP.items():
        if plain.startswith(signature):
            raise UnreadableFileError("file_format_unknown", name)
    if plain.startswith(_XML):
        return _read_xml(path, scratch, start)
    for signature, name in _OTHER.items():
        if start.startswith(signature):
            raise UnreadableFileError("file_format_unknown", name)
    tables = text_table.read(path, scratch)
    not_data.refuse_table(tables.grids[0])
    return tables


def _read_xml(path: Path, scratch: Path, start: bytes) -> Tables:
    not_data.refuse_document(start)
    if b"<dta" in start:
        return stata_xml.read(path, scratch)
    raise UnreadableFileError("file_format_unknown", "XML-Datei")
