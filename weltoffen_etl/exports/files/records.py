"""Counts the records of a text file and their fields without the reader that loads them."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from weltoffen_etl.exports.files.text_check import CHUNK
from weltoffen_etl.exports.grid import UnreadableFileError
from weltoffen_etl.settings import Limits

_QUOTE: Final = ord('"')
_LINE_FEED: Final = ord("\n")
_BLANKS: Final = (ord(" "), ord("\t"))

Positions = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Records:
    """Where the records of a text file lie; a record is a row, blank lines included.

    Attributes:
        total: number of records.
        empty: numbers of the records without any content, from 1.
        ragged: numbers of the records with another number of fields than the heading.
        fields: number of fields of each ragged record.
        spans: first and last byte of each record in ``empty`` and ``ragged`` together, in
            the order of the file; the last byte is the line feed.
        longest: bytes of the longest record.
        longest_record: its number.
        open_quote: whether the file ends inside quotes.
        ends_in_line_feed: whether the last record is terminated.
        stray_line: line of the first quote that stands in the middle of a field.
        quoted: whether any field begins with a quote.
    """

    total: int
    empty: Positions
    ragged: Positions
    fields: Positions
    spans: Positions
    longest: int
    longest_record: int
    open_quote: bool
    ends_in_line_feed: bool
    stray_line: int | None
    quoted: bool


@dataclass(slots=True)
class _State:
    """What is carried from one piece of the file to the next."""

    base: int = 0
    parity: int = 0
    ends_in_edge: bool = True
    ends_in_quote: bool = False
    closed_last: bool = False
    started: int = 0
    delimiters: int = 0
    filled: bool = False
    total: int = 0
    lines: int = 0
    longest: tuple[int, int] = (0, 0)
    stray_line: int | None = None
    quoted: bool = False
    empty: list[Positions] = field(default_factory=list)
    ragged: list[Positions] = field(default_factory=list)
    fields: list[Positions] = field(default_factory=list)
    spans: list[Positions] = field(default_factory=list)


def count(text: Path, delimiter: str, columns: int, limits: Limits, *, quotes: bool) -> Records:
    """Counts records and fields by the line feeds and separators outside quotes.

    Args:
        text: UTF-8 with plain line feeds.
        delimiter: separator, one ASCII character.
        columns: number of fields of the heading.
        limits: number of rows.
        quotes: whether ``"`` encloses fields; else it is a letter like any other.

    Returns:
        What was counted.

    Raises:
        UnreadableFileError: more rows than allowed.
    """
    state = _State()
    with text.open("rb") as file:
        while chunk := file.read(CHUNK):
            _piece(
                np.frombuffer(chunk, dtype=np.uint8), state, ord(delimiter), columns, quotes=quotes
            )
            if state.total > limits.rows:
                raise UnreadableFileError("limit_exceeded", f"mehr als {limits.rows} Zeilen")
    terminated = state.started == state.base
    if not terminated:
        # The last record lacks its line feed; it is one all the same.
        ends = np.array([state.base], dtype=np.int64)
        inner = np.array([state.delimiters], dtype=np.int64)
        _close(state, ends, inner, np.array([state.filled]), columns)
    return Records(
        total=state.total,
        empty=_joined(state.empty),
        ragged=_joined(state.ragged),
        fields=_joined(state.fields),
        spans=_joined(state.spans).reshape(-1, 2),
        longest=state.longest[0],
        longest_record=state.longest[1],
        open_quote=bool(state.parity),
        ends_in_line_feed=terminated,
        stray_line=state.stray_line,
        quoted=state.quoted,
    )


def without(text: Path, target: Path, spans: Positions) -> None:
    """Copies a text without the given spans of bytes.

    Args:
        text: source.
        target: file to write.
        spans: first and last byte of each span, ordered, not overlapping.
    """
    base = 0
    with text.open("rb") as source, target.open("wb") as output:
        while chunk := source.read(CHUNK):
            data = np.frombuffer(chunk, dtype=np.uint8)
            inside = spans[(spans[:, 1] >= base) & (spans[:, 0] < base + len(data))] - base
            edges = np.zeros(len(data) + 1, dtype=np.int8)
            np.add.at(edges, np.clip(inside[:, 0], 0, None), 1)
            np.add.at(edges, np.clip(inside[:, 1] + 1, None, len(data)), -1)
            output.write(data[np.cumsum(edges[:-1], dtype=np.int8) == 0].tobytes())
            base += len(data)


def _piece(
    data: npt.NDArray[np.uint8], state: _State, delimiter: int, columns: int, *, quotes: bool
) -> None:
    breaking = data == _LINE_FEED
    dividing = data == delimiter
    edges = breaking | dividing
    quoting = data == _QUOTE
    if quotes:
        parity = np.bitwise_xor.accumulate(quoting.view(np.uint8)) ^ np.uint8(state.parity)
        inside = parity.view(np.bool_)
        _look_for_stray(quoting, inside, edges, breaking, state)
        state.parity = int(parity[-1])
        ends = np.flatnonzero(breaking & ~inside)
        marks = np.flatnonzero(dividing & ~inside)
    else:
        ends = np.flatnonzero(breaking)
        marks = np.flatnonzero(dividing)
    # Whether each record, and the one left open, has a byte that says something.
    content = np.zeros(len(data) + 1, dtype=np.bool_)
    np.logical_not(edges | quoting, out=content[:-1])
    for blank in _BLANKS:
        content[:-1] &= data != blank
    filled = np.logical_or.reduceat(content, np.concatenate(([0], ends + 1)))
    filled[0] |= state.filled
    before = np.searchsorted(marks, ends)
    inner = np.diff(before, prepend=0)
    if len(inner):
        inner[0] += state.delimiters
        state.delimiters = 0
    left = len(marks) - (int(before[-1]) if len(before) else 0)
    _close(state, ends + state.base, inner, filled[:-1], columns)
    state.delimiters += left
    state.filled = bool(filled[-1])
    state.lines += int(np.count_nonzero(breaking))
    state.base += len(data)


def _close(
    state: _State,
    ends: Positions,
    inner: Positions,
    filled: Flags,
    columns: int,
) -> None:
    """Books the records that end at the given bytes."""
    if not len(ends):
        return
    starts = np.concatenate(([state.started], ends[:-1] + 1))
    lengths = ends - starts
    numbers = np.arange(state.total + 1, state.total + len(ends) + 1)
    ragged = filled & (inner + 1 != columns)
    odd = ragged | ~filled
    state.empty.append(numbers[~filled])
    state.ragged.append(numbers[ragged])
    state.fields.append(inner[ragged] + 1)
    state.spans.append(np.column_stack((starts[odd], ends[odd])).ravel())
    at = int(np.argmax(lengths))
    state.longest = max(state.longest, (int(lengths[at]), int(numbers[at])))
    state.total += len(ends)
    state.started = int(ends[-1]) + 1


def _look_for_stray(
    quoting: Flags, inside: Flags, edges: Flags, breaking: Flags, state: _State
) -> None:
    """Remembers the first quote that neither opens nor closes a whole field.

    Args:
        quoting: where quotes stand.
        inside: whether a byte lies inside quotes; an opening quote does, a closing one does not.
        edges: where separators and line feeds stand.
        breaking: where line feeds stand.
        state: what the piece before ended with.
    """
    after_edge = np.concatenate(([state.ends_in_edge], edges[:-1]))
    after_quote = np.concatenate(([state.ends_in_quote], quoting[:-1]))
    state.quoted |= bool(np.any(quoting & after_edge))
    stray = quoting & inside & ~(after_edge | after_quote)
    # What stands behind the last quote shows in the next piece.
    stray[:-1] |= quoting[:-1] & ~inside[:-1] & ~(edges | quoting)[1:]
    if state.closed_last and not (edges[0] or quoting[0]):
        stray[0] = True
    state.closed_last = bool(quoting[-1] and not inside[-1])
    state.ends_in_edge = bool(edges[-1])
    state.ends_in_quote = bool(quoting[-1])
    if state.stray_line is None and stray.any():
        feeds = int(np.count_nonzero(breaking[: int(np.argmax(stray))]))
        state.stray_line = state.lines + feeds + 1


def _joined(parts: list[Any]) -> Positions:
    return np.concatenate(parts).astype(np.int64) if parts else np.zeros(0, dtype=np.int64)
