"""XML from outside: forbidden control characters taken out, entities and DTDs refused."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import IO, Any, Final
from xml.etree.ElementTree import Element

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, iterparse

from weltoffen_etl.exports.grid import Note, UnreadableFileError

Events = Iterator[tuple[str, Element]]

_CHUNK: Final = 1024 * 1024
_FORBIDDEN: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_FORBIDDEN_MARK: Final = re.compile(
    r"&#(?:0*(?:[0-8]|1[124-9]|2\d|3[01]|65534|65535)|x0*(?:[0-8bcef]|1[0-9a-f]|fff[ef]));",
    re.IGNORECASE,
)
_LONGEST_MARK: Final = 16


class CleanXml:
    """A readable stream of UTF-8 XML without the characters that XML forbids.

    Survey tools write answers as they were typed; one vertical tab from a word processor
    makes the whole file unreadable to every XML parser.

    Attributes:
        removed: number of characters taken out so far.
    """

    def __init__(self, source: IO[bytes], limit: int) -> None:
        """Takes the source and the number of bytes after which it is refused."""
        self._source = source
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")("strict")
        self._pending = ""
        self._left = limit
        self.removed = 0

    def read(self, _: int = -1) -> bytes:
        """Returns the next piece, empty at the end.

        Raises:
            UnreadableFileError: no UTF-8, or longer than the limit.
        """
        while chunk := self._source.read(_CHUNK):
            self._left -= len(chunk)
            if self._left < 0:
                raise UnreadableFileError("limit_exceeded", "XML")
            if piece := self._clean(chunk, last=False):
                return piece
        return self._clean(b"", last=True)

    def _clean(self, chunk: bytes, *, last: bool) -> bytes:
        try:
            text = self._pending + self._decoder.decode(chunk, final=last)
        except UnicodeDecodeError as error:
            raise UnreadableFileError("file_unreadable", "XML nicht in UTF-8") from error
        # A reference such as &#11; may be cut in two by the end of the piece.
        cut = len(text) if last else text.rfind("&", max(0, len(text) - _LONGEST_MARK))
        cut = len(text) if cut < 0 else cut
        self._pending = text[cut:]
        clean, plain = _FORBIDDEN.subn("\n", text[:cut])
        clean, marks = _FORBIDDEN_MARK.subn("\n", clean)
        self.removed += plain + marks
        return clean.encode()

    def note(self) -> tuple[Note, ...]:
        """What to tell the sender, nothing if the stream was clean."""
        return (Note("control_characters_removed", value=str(self.removed)),) * bool(self.removed)


def events(stream: CleanXml) -> Events:
    """Yields start and end of every element.

    Raises:
        UnreadableFileError: not well-formed, cut off, or with a DTD or entities.
    """
    parsed: Any = iterparse(stream, events=("start", "end"), forbid_dtd=True)
    try:
        yield from parsed
    except DefusedXmlException as error:
        raise UnreadableFileError("file_format_unknown", "XML mit DTD oder Entitäten") from error
    except ParseError as error:
        row, _ = error.position
        # Expat's "no element found" and "unclosed token" mean that the end is missing.
        rule = "file_truncated" if error.code in (3, 5) else "file_unreadable"
        raise UnreadableFileError(rule, "XML", row) from error


def texts(source: Element) -> dict[str, str | None]:
    """Returns the children of a record as tag → text; an empty element is an empty text."""
    return {child.tag: child.text or "" for child in source}
