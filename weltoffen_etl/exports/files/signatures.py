"""Truthful names of files that are no table, by their first bytes."""

from __future__ import annotations

import codecs
from typing import Final

_STARTS: Final = {
    b"%PDF": "PDF",
    b"\x89PNG": "PNG-Bild",
    b"\xff\xd8\xff": "JPEG-Bild",
    b"GIF8": "GIF-Bild",
    b"BM": "BMP-Bild",
    b"II*\x00": "TIFF-Bild",
    b"MM\x00*": "TIFF-Bild",
    b"RIFF": "Bild oder Tonaufnahme",
    b"ID3": "Tonaufnahme",
    b"OggS": "Tonaufnahme",
    b"\x1f\x8b": "gzip-Archiv",
    b"BZh": "bzip2-Archiv",
    b"\xfd7zXZ": "xz-Archiv",
    b"(\xb5/\xfd": "Zstandard-Archiv",
    b"7z\xbc\xaf": "7-Zip-Archiv",
    b"Rar!": "RAR-Archiv",
    b"\x7fELF": "Programm",
    b"MZ": "Programm",
    b"SQLite format 3": "SQLite-Datenbank",
    b"PAR1": "Parquet-Datei",
    b"{\\rtf": "RTF-Dokument",
}
# Two or three letters may also begin a heading; then a byte that no text has must follow.
_SHORT: Final = frozenset({b"BM", b"MZ", b"ID3", b"BZh", b"RIFF"})
_MARKUP: Final = (b"<!doctype html", b"<html", b"<head", b"<style", b"<table", b"<!--")


def foreign(start: bytes) -> str | None:
    """Names a file that is neither text nor workbook, else returns None.

    Args:
        start: the first 4 kB of the file.
    """
    plain = start.removeprefix(codecs.BOM_UTF8)
    for signature, name in _STARTS.items():
        if plain.startswith(signature) and (signature not in _SHORT or b"\0" in start):
            return name
    if plain.lstrip().lower().startswith(_MARKUP):
        return "HTML-Seite"
    return None
