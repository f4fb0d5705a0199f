"""Looks through a ZIP package before any parser does: names, sizes counted, no DTD."""

from __future__ import annotations

import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Final, Self
from xml.parsers import expat

from weltoffen_etl.exports.grid import UnreadableFileError
from weltoffen_etl.settings import Limits

_CHUNK: Final = 256 * 1024
_LOCAL_HEADER: Final = struct.Struct("<4s5H3L2H")
_XML: Final = (".xml", ".rels")
_CONTROLS: Final = bytes(set(range(32)) - {9, 10, 13})
_TOLERATED: Final = (expat.errors.XML_ERROR_BAD_CHAR_REF, expat.errors.XML_ERROR_FINISHED)
_ENCRYPTED: Final = 0x1
_RATIO_FROM: Final = 100_000
_OVERLAP: Final = 16
_DECLARATION: Final = re.compile(rb"<!(DOCTYPE|ENTITY)", re.IGNORECASE)
_ENCODING: Final = re.compile(rb"^<\?xml[^>]*encoding\s*=\s*[\"'](?!utf-8|us-ascii)", re.IGNORECASE)
_MARKUP: Final = re.compile(rb"(?:\xef\xbb\xbf)?\s*<")
_ODD_NAME: Final = re.compile(r"^[/\\]|^[A-Za-z]:|\\|(^|/)\.\.(/|$)|[\x00-\x1f\x7f]")
_KINDS: Final = {
    "xl/workbook.xml": "xlsx",
    "content.xml": "ods",
}
_FOREIGN: Final = {
    "word/document.xml": "Word-Dokument",
    "ppt/presentation.xml": "PowerPoint-Präsentation",
    "xl/workbook.bin": "binäre Arbeitsmappe (XLSB)",
    "visio/document.xml": "Visio-Zeichnung",
    "index/document.iwa": "Numbers- oder Pages-Dokument",
    "meta-inf/container.xml": "E-Book",
    "androidmanifest.xml": "Android-App",
}
_DAMAGED: Final = (
    zipfile.BadZipFile,
    OSError,
    ValueError,
    struct.error,
    NotImplementedError,
)
_ODS_MIMETYPE: Final = b"application/vnd.oasis.opendocument.spreadsheet"


class Package:
    """An opened ZIP package whose members are unpacked in pieces and counted.

    Sizes in the headers are never believed: what counts is what comes out. Use as a
    context manager.
    """

    def __init__(self, path: Path, limits: Limits) -> None:
        """Opens the package and checks the names and places of its members.

        Raises:
            UnreadableFileError: damaged, encrypted, or a member has no business here.
        """
        self._limits = limits
        self._size = path.stat().st_size
        self._unpacked = 0
        self._file = path.open("rb")
        try:
            with zipfile.ZipFile(self._file) as archive:
                self.members = {member.filename: member for member in archive.infolist()}
                self._names = [member.orig_filename for member in archive.infolist()]
                self._places = self._check(archive.infolist())
        except _DAMAGED as error:
            self._file.close()
            raise UnreadableFileError("file_unreadable", "ZIP-Paket") from error
        except UnreadableFileError:
            self._file.close()
            raise

    def __enter__(self) -> Self:
        """Returns the package."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Closes the file."""
        self._file.close()

    def kind(self) -> str:
        """Returns ``xlsx`` or ``ods``.

        Raises:
            UnreadableFileError: the package is something else, which is named.
        """
        names = {name.lower() for name in self.members}
        for name, foreign in _FOREIGN.items():
            if name in names:
                raise UnreadableFileError("file_format_unknown", foreign)
        for name, kind in _KINDS.items():
            if name in self.members:
                if kind == "ods":
                    self._check_opendocument()
                return kind
        raise UnreadableFileError("file_format_unknown", "ZIP-Archiv")

    def chunks(self, name: str) -> Iterator[bytes]:
        """Unpacks one member in pieces, counting them and refusing declarations in XML.

        Args:
            name: name of a member.

        Yields:
            Pieces of at most 256 kB.

        Raises:
            UnreadableFileError: damaged, over a limit, or XML with a DTD.
        """
        member = self.members[name]
        checksum = 0
        size = 0
        tail = b""
        # Declarations are refused before the parser sees them; it only checks the nesting.
        parser = expat.ParserCreate(namespace_separator=None)
        is_part = name.lower().endswith(_XML)
        is_xml = False
        for piece in self._inflated(member):
            if not size:
                is_xml = "/media/" not in name and _MARKUP.match(piece) is not None
                if is_part and (not is_xml or _ENCODING.search(piece)):
                    raise UnreadableFileError("package_suspicious", f"{name}: kein UTF-8-XML")
            if is_xml and _DECLARATION.search(tail + piece):
                raise UnreadableFileError("package_suspicious", "DTD oder ENTITY im XML")
            if is_part:
                _require_well_formed(parser, piece, name)
            tail = piece[-_OVERLAP:]
            size += len(piece)
            checksum = zlib.crc32(piece, checksum)
            yield piece
        if is_part:
            _require_well_formed(parser, b"", name, is_last=True)
        if (checksum, size) != (member.CRC, member.file_size):
            raise UnreadableFileError("file_unreadable", f"Prüfsumme von {name}")

    def _check(self, members: list[zipfile.ZipInfo]) -> dict[str, int]:
        """Checks the members' names and that no two share bytes; returns where each begins."""
        if len(members) > self._limits.members:
            raise UnreadableFileError("limit_exceeded", f"{len(members)} Teile im Paket")
        if len({name.lower() for name in self._names}) < len(self._names):
            raise UnreadableFileError("package_suspicious", "derselbe Teil mehrmals im Paket")
        for name in self._names:
            if _ODD_NAME.search(name):
                raise UnreadableFileError("package_suspicious", f"Name eines Teils: {name}")
        places = {}
        last = 0
        for member in sorted(members, key=lambda member: member.header_offset):
            if member.flag_bits & _ENCRYPTED:
                raise UnreadableFileError("file_encrypted")
            if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise UnreadableFileError(
                    "file_format_unknown", "ZIP-Archiv, fremdes Packverfahren"
                )
            self._file.seek(member.header_offset)
            header = _LOCAL_HEADER.unpack(self._file.read(_LOCAL_HEADER.size))
            written = self._file.read(header[9])
            encoding = "utf-8" if member.flag_bits & 0x800 else "cp437"
            start = member.header_offset + _LOCAL_HEADER.size + header[9] + header[10]
            if member.header_offset < last or start + member.compress_size > self._size:
                raise UnreadableFileError("package_suspicious", "Teile des Pakets überlappen sich")
            if header[0] != b"PK\x03\x04" or written != member.orig_filename.encode(encoding):
                raise UnreadableFileError("file_unreadable", "ZIP-Paket")
            last = start + member.compress_size
            places[member.filename] = start
        return places

    def _inflated(self, member: zipfile.ZipInfo) -> Iterator[bytes]:
        self._file.seek(self._places[member.filename])
        left = member.compress_size
        inflater = zlib.decompressobj(-15)
        stored = member.compress_type == zipfile.ZIP_STORED
        while left:
            packed = self._file.read(min(_CHUNK, left))
            if not packed:
                raise UnreadableFileError("file_unreadable", f"{member.filename} ist abgeschnitten")
            left -= len(packed)
            position = self._file.tell()
            while packed:
                try:
                    piece = packed if stored else inflater.decompress(packed, _CHUNK)
                except zlib.error as error:
                    raise UnreadableFileError("file_unreadable", member.filename) from error
                packed = b"" if stored else inflater.unconsumed_tail
                self._count(len(piece))
                if piece:
                    yield piece
            # A consumer may read another member between two pieces.
            self._file.seek(position)

    def _count(self, number: int) -> None:
        self._unpacked += number
        if self._unpacked > self._limits.unpacked_bytes:
            megabytes = self._limits.unpacked_bytes // 1024**2
            raise UnreadableFileError("limit_exceeded", f"ausgepackt mehr als {megabytes} MB")
        if self._unpacked > self._limits.pack_ratio * max(self._size, _RATIO_FROM):
            raise UnreadableFileError(
                "limit_exceeded", f"mehr als {self._limits.pack_ratio}-fach gepackt"
            )

    def _check_opendocument(self) -> None:
        """Tells a spreadsheet from other OpenDocument files and from an encrypted one."""
        if "mimetype" in self.members:
            mimetype = b"".join(self.chunks("mimetype")).strip()
            if not mimetype.startswith(_ODS_MIMETYPE):
                shown = mimetype.decode("ascii", "replace")
                raise UnreadableFileError("file_format_unknown", shown[-40:])
        if "META-INF/manifest.xml" in self.members:
            manifest = b"".join(self.chunks("META-INF/manifest.xml"))
            if b"encryption-data" in manifest:
                raise UnreadableFileError("file_encrypted")


def _require_well_formed(
    parser: expat.XMLParserType, piece: bytes, name: str, *, is_last: bool = False
) -> None:
    try:
        parser.Parse(piece.translate(None, _CONTROLS), is_last)
    except expat.ExpatError as error:
        # A control character that a survey tool wrote as it was typed; the parser then stops.
        if expat.errors.messages[error.code] in _TOLERATED:
            return
        raise UnreadableFileError("file_unreadable", name, error.lineno) from error
