"""Looks through the bytes of a text file once and rewrites it as plain UTF-8."""

from __future__ import annotations

import codecs
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from weltoffen_etl.exports.grid import Note, UnreadableFileError
from weltoffen_etl.settings import Limits

CHUNK: Final = 1024 * 1024
_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_LINE_FEED: Final = ord("\n")
_CONTROLS: Final = bytes(set(range(32)) - {9, 10, 13}) + b"\x7f"
_LATE_CONTROLS: Final = re.compile("[\x80-\x9f]")
_BEFORE_LATE: Final = b"\xc2"
"""First byte of each of them; umlauts have another one."""
_TWICE_ENCODED: Final = re.compile(
    "Ã[\xa4\xb6\xbc\u201e\u2013\u0153\u0178\x84\x96\x9c\x9f]|â\u20ac"
)


@dataclass(frozen=True, slots=True)
class PlainText:
    """A text file rewritten as UTF-8 with plain line feeds.

    Attributes:
        path: the rewritten file.
        encoding: encoding of the delivered file.
        notes: signs of damaged letters.
    """

    path: Path
    encoding: str
    notes: tuple[Note, ...]


def rewrite(path: Path, target: Path, limits: Limits) -> PlainText:
    """Decides the encoding and writes the text as UTF-8 with plain line feeds.

    The encoding is decided once for the whole file: byte order mark, else strict UTF-8,
    else cp1252, where a byte that cp1252 does not know becomes U+FFFD with a note.

    Args:
        path: archived file.
        target: file to write.
        limits: the longest line.

    Returns:
        The rewritten file and what was noticed.

    Raises:
        UnreadableFileError: no text, cut off, or a line is longer than any record is.
    """
    encoding = _encoding(path)
    signs: Counter[str] = Counter()
    open_line = 0
    with target.open("wb") as output:
        for piece in _decoded(path, encoding):
            content = piece.encode("utf-8")
            _look_for_damage(piece, content, signs)
            open_line = _longest_open_line(content, open_line, limits.line_bytes)
            output.write(content)
    notes = [Note(rule, value=f"{number}-mal") for rule, number in sorted(signs.items())]
    return PlainText(target, encoding, tuple(notes))


def _encoding(path: Path) -> str:
    with path.open("rb") as file:
        start = file.read(4)
        for mark, name in _BOMS:
            if start.startswith(mark):
                return name
        file.seek(0)
        decoder = codecs.getincrementaldecoder("utf-8")("strict")
        try:
            while chunk := file.read(CHUNK):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "cp1252"
    return "utf-8"


def _decoded(path: Path, encoding: str) -> Iterator[str]:
    """Yields the text in pieces, without byte order mark and with plain line feeds."""
    errors = "replace" if encoding == "cp1252" else "strict"
    decoder = codecs.getincrementaldecoder(encoding)(errors)
    pending = ""
    first = True
    with path.open("rb") as source:
        while True:
            chunk = source.read(CHUNK)
            try:
                piece = pending + decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                raise UnreadableFileError("file_unreadable", f"kein {encoding}-Text") from error
            if first:
                piece = piece.removeprefix("\ufeff")
                first = not piece
            if "\0" in piece:
                raise UnreadableFileError("file_format_unknown", "enthält Nullbytes")
            pending = "\r" if chunk and piece.endswith("\r") else ""
            piece = piece.removesuffix(pending) if pending else piece
            if "\r" in piece:
                piece = piece.replace("\r\n", "\n").replace("\r", "\n")
            yield piece
            if not chunk:
                return


def _look_for_damage(piece: str, content: bytes, signs: Counter[str]) -> None:
    """Counts signs that letters were damaged before the file was sent."""
    if not piece.isascii():
        if lost := piece.count("\ufffd"):
            signs["text_characters_lost"] += lost
        if "Ã" in piece or "â\u20ac" in piece:
            signs["text_twice_encoded"] += len(_TWICE_ENCODED.findall(piece))
        if _BEFORE_LATE in content:
            signs["text_control_characters"] += len(_LATE_CONTROLS.findall(piece))
    if controls := len(content) - len(content.translate(None, _CONTROLS)):
        signs["text_control_characters"] += controls
    for rule in [rule for rule, number in signs.items() if not number]:
        del signs[rule]


def _longest_open_line(content: bytes, open_line: int, limit: int) -> int:
    """Checks the lines that end in this piece; returns the length of the one left open."""
    breaks = np.flatnonzero(np.frombuffer(content, dtype=np.uint8) == _LINE_FEED)
    if not len(breaks):
        longest = rest = open_line + len(content)
    else:
        rest = len(content) - int(breaks[-1]) - 1
        longest = max(open_line + int(breaks[0]), int(np.diff(breaks).max(initial=0)) - 1, rest)
    if longest > limit:
        raise UnreadableFileError("limit_exceeded", f"eine Zeile ist länger als {limit} Bytes")
    return rest
