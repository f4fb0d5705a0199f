"""JSON response exports: a list of records, each an object of heading and value."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NoReturn

from weltoffen_etl.exports.files.rows import Row, write_grid
from weltoffen_etl.exports.grid import Tables, UnreadableFileError
from weltoffen_etl.settings import STANDARD_LIMITS, Limits

MAX_BYTES: Final = 256 * 1024 * 1024
_START: Final = re.compile(rb'\s*(\{\s*("|\})|\[\s*(\{|\]))')
_LIST_START: Final = re.compile(r'\s*(?:\{\s*"(?P<name>[^"\\]*)"\s*:\s*)?\[\s*')
_LIST_END: Final = re.compile(r"\s*\](?P<rest>\s*(?:,.*|\}\s*)?)\Z", re.DOTALL)
_NEXT: Final = re.compile(r"\s*,\s*")
_NUL: Final = r"\u0000"
_ESCAPED: Final = re.compile(
    r"\\\\|\\u0000|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    r"|(?P<half>\\u[dD][89a-fA-F][0-9a-fA-F]{2})"
)
"""Escapes in order of reading: a backslash, NUL, a whole pair, half of a pair."""
_LISTS: Final = frozenset({"responses", "results", "data"})


def recognise(start: bytes) -> bool:
    """Tells from the first bytes whether a file is JSON."""
    return _START.match(start.removeprefix(codecs.BOM_UTF8)) is not None


def read(path: Path, scratch: Path, limits: Limits = STANDARD_LIMITS) -> Tables:
    """Reads a JSON file of records into one grid.

    Understood are ``[{…}, …]``, ``{"responses": [{…}, …]}`` and the older form in which
    each record is wrapped under its number, ``{"responses": [{"1": {…}}, …]}``. Headings
    are all keys in the order in which they first occur; a key that a record lacks is
    nothing, an empty text is an empty text. Numbers keep their digits, whole numbers lose
    the decimal point, true and false become 1 and 0, nested values stay JSON text.

    Args:
        path: archived file.
        scratch: folder for the Parquet file.
        limits: how large the content may be.

    Returns:
        One grid; row 1 holds the headings, record n stands in row n + 1.

    Raises:
        UnreadableFileError: cut off, damaged, no list of records, or a key that occurs
            twice in one record.
    """
    size = path.stat().st_size
    if size > MAX_BYTES:
        raise UnreadableFileError("file_too_large", str(size))
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableFileError("file_unreadable", f"Zeichen {error.start}") from error
    places: dict[str, int] = {}
    rows: list[dict[str, Any]] = []
    for record in _records(text):
        for heading in record:
            places.setdefault(heading, len(places))
        rows.append(record)
    if not places:
        raise UnreadableFileError("file_without_rows")
    if len(places) > limits.columns:
        raise UnreadableFileError("limit_exceeded", f"{len(places)} Spalten")
    headings = list(places)
    grid = write_grid(scratch / "grid0.parquet", headings, _cells(rows, headings))
    return Tables("json", (grid,), encoding="utf-8")


def _records(text: str) -> Iterator[dict[str, Any]]:
    start = _LIST_START.match(text)
    if start is None or start["name"] not in {None, *_LISTS}:
        raise UnreadableFileError("file_format_unknown", "JSON ohne Liste von Antworten")
    decoder = json.JSONDecoder(
        object_pairs_hook=_unique,
        parse_int=str,
        parse_float=_decimal,
        parse_constant=_no_number,
    )
    place = start.end()
    number = 1
    while not text.startswith("]", place):
        number += 1
        record, place = _next_record(decoder, text, place, number)
        yield record
        following = _NEXT.match(text, place)
        if following is None:
            break
        place = following.end()
    end = _LIST_END.match(text, place)
    if start["name"] is None and end is not None and end["rest"].strip():
        end = None
    if end is None and text[place:].strip():
        raise UnreadableFileError("file_unreadable", f"Zeichen {place}", number)
    if end is None or (start["name"] is not None and "}" not in end["rest"]):
        raise UnreadableFileError("file_truncated", row=number)


def _next_record(
    decoder: json.JSONDecoder, text: str, place: int, row: int
) -> tuple[dict[str, Any], int]:
    try:
        record, end = decoder.raw_decode(text, place)
    except json.JSONDecodeError as error:
        # Where no object is closed any more, the end is missing; else the middle is damaged.
        rule = "file_unreadable" if "}" in text[error.pos :] else "file_truncated"
        raise UnreadableFileError(rule, f"Zeichen {error.pos}", row) from error
    except RecursionError as error:
        raise UnreadableFileError("file_unreadable", "zu tief verschachtelt", row) from error
    except _RepeatedKeyError as error:
        raise UnreadableFileError("json_key_repeated", error.key, row) from error
    except _NoNumberError as error:
        raise UnreadableFileError("file_unreadable", f"{error.word} ist keine Zahl", row) from error
    if isinstance(record, dict) and len(record) == 1:
        (inner,) = record.values()
        record = inner if isinstance(inner, dict) else record
    if not isinstance(record, dict):
        raise UnreadableFileError("file_format_unknown", "JSON ohne Liste von Antworten", row)
    _refuse_no_text(text, place, end, row)
    return record, end


def _refuse_no_text(text: str, place: int, end: int, row: int) -> None:
    """Refuses records with letters that no text holds: half of a surrogate pair, or NUL."""
    for mark in _ESCAPED.finditer(text, place, end):
        if mark[0] == _NUL:
            raise UnreadableFileError("file_format_unknown", "enthält Nullbytes", row)
        if mark["half"] is not None:
            raise UnreadableFileError("file_unreadable", f"Zeichen {mark.start()}", row)


def _cells(records: list[dict[str, Any]], headings: list[str]) -> Iterator[Row]:
    for record in records:
        yield [_text(record.get(heading)) for heading in headings]


def _text(value: Any) -> str | None:
    match value:
        case None | str():
            return value
        case bool():
            return "1" if value else "0"
        case _:
            return json.dumps(value, ensure_ascii=False)


class _RepeatedKeyError(Exception):
    """A key occurs twice in one object, so one of the two values would be lost."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


class _NoNumberError(Exception):
    """NaN or Infinity, which JSON does not know."""

    def __init__(self, word: str) -> None:
        super().__init__(word)
        self.word = word


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) < len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise _RepeatedKeyError(key)
            seen.add(key)
    return content


def _decimal(digits: str) -> str:
    """A number as text; ``3241005.0`` is the whole number that was typed."""
    whole, point, rest = digits.partition(".")
    return whole if point and rest.strip("0") == "" else digits


def _no_number(word: str) -> NoReturn:
    raise _NoNumberError(word)
