"""Looks through the package of a workbook before any parser opens it."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import msoffcrypto

from weltoffen_etl.exports.files.sheet_scan import SheetScan, scan_open_document, scan_sheet
from weltoffen_etl.exports.grid import Note, UnreadableFileError
from weltoffen_etl.settings import Limits

_CHUNK: Final = 1024 * 1024
_SMALL_FILE: Final = 100_000
_ENCRYPTED: Final = 0x1
_OLE: Final = b"\xd0\xcf\x11\xe0"
_KINDS: Final = (
    ("xl/workbook.xml", "xlsx"),
    ("xl/workbook.bin", "xlsx"),
    ("content.xml", "ods"),
)
_FOREIGN: Final = (
    ("word/", "Word-Dokument"),
    ("ppt/", "Präsentation"),
    ("AndroidManifest.xml", "Programm"),
    ("META-INF/container.xml", "E-Book"),
)
_EXTRAS: Final = (
    (re.compile(r"vbaProject\.bin$|^Basic/"), "Makros"),
    (re.compile(r"externalLinks/"), "Verknüpfungen mit anderen Dateien"),
    (re.compile(r"embeddings/|^Object "), "eingebettete Dateien"),
)
_SHEET: Final = re.compile(r"xl/(?:worksheets|macrosheets)/[^/]+\.xml")
_BAD_NAME: Final = re.compile(r"^[/\\]|^[A-Za-z]:|(^|[/\\])\.\.([/\\]|$)|\\|[\x00-\x1f]")
_DTD: Final = re.compile(rb"<!\s*(DOCTYPE|ENTITY)")


@dataclass(slots=True)
class Package:
    """What a workbook is made of.

    Attributes:
        container: ``xlsx``, ``xls`` or ``ods``.
        sheets: what was seen in each sheet part, by member name (xlsx only).
        notes: parts that are not read.
    """

    container: str
    sheets: dict[str, SheetScan] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()


def check_package(path: Path, limits: Limits) -> Package:
    """Checks a workbook's package by unpacking it once, piece by piece, into nothing.

    Args:
        path: archived file with the signature of a ZIP or OLE file.
        limits: how large the content may be.

    Returns:
        What was seen.

    Raises:
        UnreadableFileError: encrypted, damaged, no workbook, over a limit, or built in a
            way that no spreadsheet program builds.
    """
    with path.open("rb") as file:
        if file.read(4) == _OLE:
            return _old_workbook(path)
    try:
        with zipfile.ZipFile(path) as package:
            members = package.infolist()
            found = Package(_kind(members, package, limits))
            _look_through(package, members, path.stat().st_size, limits, found)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError) as error:
        raise UnreadableFileError("file_unreadable", "Arbeitsmappe") from error
    except (NotImplementedError, RuntimeError) as error:
        # A packing method or encryption that no spreadsheet program uses.
        raise UnreadableFileError("package_suspicious", "unbekannte Packart") from error
    extras = [name for pattern, name in _EXTRAS if any(pattern.search(x.filename) for x in members)]
    if extras:
        found.notes = (Note("workbook_extras", value=", ".join(extras)),)
    return found


def _old_workbook(path: Path) -> Package:
    """An OLE file: a workbook of the old kind, or an encrypted one of the new kind."""
    with path.open("rb") as file:
        try:
            encrypted = msoffcrypto.OfficeFile(file).is_encrypted()
        except Exception as error:
            # The library raises many unrelated types on damaged OLE files.
            raise UnreadableFileError("file_unreadable", "Office-Datei") from error
    if encrypted:
        raise UnreadableFileError("file_encrypted")
    return Package("xls")


def _kind(members: list[zipfile.ZipInfo], package: zipfile.ZipFile, limits: Limits) -> str:
    names = Counter(member.filename for member in members)
    if len(members) > limits.members:
        raise UnreadableFileError("limit_exceeded", f"{len(members)} Teile in der Arbeitsmappe")
    for name, number in names.items():
        if number > 1 or _BAD_NAME.search(name):
            raise UnreadableFileError("package_suspicious", f"Bestandteil „{name[:60]}“")
    if any(member.flag_bits & _ENCRYPTED for member in members):
        raise UnreadableFileError("file_encrypted")
    container = next((kind for name, kind in _KINDS if name in names), None)
    if container is None or (container == "ods" and "mimetype" not in names):
        for start, kind in _FOREIGN:
            if any(name.startswith(start) for name in names):
                raise UnreadableFileError("file_format_unknown", kind)
        raise UnreadableFileError("file_format_unknown", "ZIP-Archiv")
    if container == "ods":
        with package.open("mimetype") as file:
            if b"spreadsheet" not in file.read(200):
                raise UnreadableFileError("file_format_unknown", "Office-Dokument ohne Tabellen")
    return container


def _look_through(
    package: zipfile.ZipFile,
    members: list[zipfile.ZipInfo],
    size: int,
    limits: Limits,
    found: Package,
) -> None:
    """Unpacks every member once; what the headers promise is not believed."""
    allowed = min(limits.unpacked_bytes, limits.pack_ratio * max(size, _SMALL_FILE))
    total = 0
    for member in members:
        pieces = _pieces(package, member, allowed - total, limits)
        if _SHEET.fullmatch(member.filename):
            found.sheets[member.filename] = scan_sheet(pieces, limits)
        elif member.filename == "content.xml" and found.container == "ods":
            found.sheets[member.filename] = scan_open_document(pieces, limits)
        elif member.filename == "META-INF/manifest.xml":
            if any(b"encryption-data" in piece for piece in pieces):
                raise UnreadableFileError("file_encrypted")
        else:
            for _ in pieces:
                pass
        total += member.file_size


def _pieces(
    package: zipfile.ZipFile, member: zipfile.ZipInfo, allowed: int, limits: Limits
) -> Iterator[bytes]:
    """Yields a member's content; in XML also refuses DTDs and endless texts."""
    is_xml = member.filename.endswith((".xml", ".rels", ".vml"))
    tail = b""
    text = 0
    with package.open(member) as file:
        while piece := file.read(_CHUNK):
            allowed -= len(piece)
            if allowed < 0:
                raise UnreadableFileError("limit_exceeded", "auffällige Packrate der Arbeitsmappe")
            if is_xml:
                if not tail and piece.startswith((b"\xff\xfe", b"\xfe\xff")):
                    raise UnreadableFileError("package_suspicious", "XML nicht in UTF-8")
                if _DTD.search(tail + piece):
                    raise UnreadableFileError("package_suspicious", "XML mit DTD oder Entitäten")
                text = _longest_text(piece, text, limits)
            tail = piece[-16:]
            yield piece


def _longest_text(piece: bytes, open_text: int, limits: Limits) -> int:
    """Checks the texts between two tags; returns the length of the one left open."""
    first = piece.find(b"<")
    if first < 0:
        longest = rest = open_text + len(piece)
    else:
        rest = len(piece) - piece.rfind(b"<")
        longest = max(open_text + first, rest)
        if longest <= limits.cell_characters:
            longest = max(map(len, piece.split(b"<")))
    # A letter takes up to four bytes, and a mark such as &quot; six.
    if longest > 6 * limits.cell_characters:
        raise UnreadableFileError(
            "limit_exceeded", f"eine Zelle mit mehr als {limits.cell_characters} Zeichen"
        )
    return rest
