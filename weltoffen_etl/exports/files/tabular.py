"""Bytes → text tables: signature, encoding, separator, sheets. Knows no survey tool.

Runs in a child process; see `isolation`.
"""

from __future__ import annotations

import codecs
from pathlib import Path

from weltoffen_etl.exports.files import text_table, workbook
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
    b"$FL2": "SPSS-Datei",
    b"<?xml": "XML-Datei",
    b"{\\rtf": "RTF-Dokument",
    b"<!DOC": "HTML-Seite",
    b"<html": "HTML-Seite",
}


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
    if start.startswith((_ZIP, _OLE)):
        return workbook.read(path, scratch)
    for signature, name in _OTHER.items():
        if start.removeprefix(codecs.BOM_UTF8).startswith(signature):
            raise UnreadableFileError("file_format_unknown", name)
    return text_table.read(path, scratch)
