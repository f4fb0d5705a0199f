"""Text files: separator and quoting, then DuckDB with explicit options."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

import duckdb
import numpy as np
import pandas as pd

from weltoffen_etl.exports.engine import bounded_engine, give_up_engine
from weltoffen_etl.exports.files import records
from weltoffen_etl.exports.files.records import Records
from weltoffen_etl.exports.files.text_check import rewrite
from weltoffen_etl.exports.grid import HEAD_ROWS, Grid, Tables, UnreadableFileError
from weltoffen_etl.settings import STANDARD_LIMITS, Limits

_DELIMITERS: Final = ";,\t|"
_CELLS_IN_MEMORY: Final = 3_000_000


def read(path: Path, scratch: Path, limits: Limits = STANDARD_LIMITS) -> Tables:
    """Reads a delimited text file into one grid.

    The text is rewritten as UTF-8 with plain line feeds. Records and their fields are
    counted without DuckDB; rows without content are read past, and rows with too many or
    too few fields are set aside with their text. DuckDB must then load every other
    record, each cell as text, ``""`` kept apart from nothing.

    Args:
        path: archived file.
        scratch: folder for intermediate files.
        limits: how large the content may be.

    Returns:
        One grid; the heading row is row 1.

    Raises:
        UnreadableFileError: no text, cut off, over a limit, or counted differently twice.
    """
    plain = rewrite(path, scratch / "text.csv", limits)
    heading = _Heading.of(plain.path, limits)
    delimiter = heading.delimiter or _sniffed(plain.path, scratch, heading)
    try:
        columns = _width(plain.path, delimiter, limits)
        grid = _load(plain.path, scratch, delimiter, columns, limits)
    except UnreadableFileError:
        if heading.delimiter:
            _sniffed(plain.path, scratch, heading)  # what is no table at all is told as that
        raise
    return Tables("csv", (grid,), encoding=plain.encoding, delimiter=delimiter, notes=plain.notes)


@dataclass(frozen=True, slots=True)
class _Heading:
    """How often each separator stands in the heading row, and the most frequent one.

    Attributes:
        counts: number by separator.
        best: the most frequent one, of equals the first.
        delimiter: the same, if it is certain without a look at the body.
    """

    counts: dict[str, int]
    best: str
    delimiter: str | None

    @classmethod
    def of(cls, text: Path, limits: Limits) -> Self:
        with text.open(encoding="utf-8", newline="") as file:
            heading = next((line for line in file if line.strip()), "")
        if not heading:
            raise UnreadableFileError("file_empty")
        counts = {mark: heading.count(mark) for mark in _DELIMITERS}
        best = max(counts, key=lambda mark: counts[mark])
        if counts[best] >= limits.columns:
            raise UnreadableFileError("limit_exceeded", f"mehr als {limits.columns} Spalten")
        is_alone = list(counts.values()).count(counts[best]) == 1
        return cls(counts, best, best if is_alone else None)


def _sniffed(text: Path, scratch: Path, heading: _Heading) -> str:
    with bounded_engine(scratch) as connection:
        try:
            row = connection.execute(
                "SELECT Delimiter FROM sniff_csv($path, all_varchar=true, ignore_errors=true)",
                {"path": str(text)},
            ).fetchone()
        except duckdb.Error as error:
            give_up_engine()
            raise UnreadableFileError("file_format_unknown", "keine Tabelle") from error
    sniffed = row[0] if row else ","
    # The sniffer sees the body; a heading row that splits elsewhere is the better witness.
    counts, best = heading.counts, heading.best
    return str(sniffed) if sniffed in counts and counts[sniffed] >= counts[best] else best


def _width(text: Path, delimiter: str, limits: Limits) -> int:
    csv.field_size_limit(limits.line_bytes)
    with text.open(encoding="utf-8", newline="") as file:
        try:
            heading = next((row for row in csv.reader(file, delimiter=delimiter) if row), [])
        except csv.Error as error:
            raise UnreadableFileError("file_unreadable", "Überschriften") from error
    return len(heading)


def _load(text: Path, scratch: Path, delimiter: str, columns: int, limits: Limits) -> Grid:
    counted = records.count(text, delimiter, columns, limits, quotes=True)
    quote = '"'
    if counted.stray_line is not None and not counted.quoted:
        # No field begins with a quote: the program that wrote this file quotes nothing.
        counted = records.count(text, delimiter, columns, limits, quotes=False)
        quote = ""
    _refuse(counted, limits)
    originals = _originals(text, counted)
    body = text
    # DuckDB skips blank lines by itself, except where a row has one field only.
    if columns == 1 or bool(np.any(counted.spans[:, 0] != counted.spans[:, 1])):
        body = scratch / "body.csv"
        records.without(text, body, counted.spans)
    odd = np.concatenate((counted.empty, counted.ragged))
    kept = np.setdiff1d(np.arange(1, counted.total + 1), odd, assume_unique=True)
    table = scratch / "grid0.parquet"
    loaded, reason = _copy(body, table, kept, delimiter, quote, columns, limits)
    if loaded != len(kept) or reason:
        seen = f"{len(kept)} Zeilen gezählt, {loaded} gelesen"
        if counted.stray_line is not None:
            seen = f"Anführungszeichen mitten im Feld, Textzeile {counted.stray_line}"
        raise UnreadableFileError("file_unreadable", seen)
    with bounded_engine(scratch) as connection:
        head = connection.execute(f"FROM read_parquet('{table}') LIMIT {HEAD_ROWS}").fetchall()
    return Grid(
        sheet=None,
        table=table,
        columns=columns,
        rows=loaded,
        head=tuple((row[0], tuple(row[1:])) for row in head),
        ragged=tuple(
            (int(row), int(fields))
            for row, fields in zip(counted.ragged, counted.fields, strict=True)
        ),
        ragged_text=originals,
    )


def _refuse(counted: Records, limits: Limits) -> None:
    """Refuses a text that ends in the middle of a record or is no table."""
    if counted.stray_line is not None and (counted.open_quote or len(counted.ragged)):
        # Such a quote may have drawn many rows into one: nobody knows where they begin.
        seen = f"Anführungszeichen mitten im Feld, Textzeile {counted.stray_line}"
        raise UnreadableFileError("file_unreadable", seen)
    if counted.open_quote:
        raise UnreadableFileError("file_truncated", row=counted.total)
    last_is_ragged = len(counted.ragged) > 0 and int(counted.ragged[-1]) == counted.total
    if last_is_ragged and not counted.ends_in_line_feed:
        raise UnreadableFileError("file_truncated", row=counted.total)
    if counted.longest > limits.line_bytes:
        seen = f"Zeile {counted.longest_record} ist länger als {limits.line_bytes} Bytes"
        raise UnreadableFileError("limit_exceeded", seen)
    if len(counted.ragged) > limits.ragged_rows:
        seen = f"{len(counted.ragged)} Zeilen mit einer anderen Zahl von Feldern"
        raise UnreadableFileError("file_unreadable", seen)


def _originals(text: Path, counted: Records) -> tuple[tuple[int, str], ...]:
    """Reads the ragged records, and only these, from their places in the text."""
    if not len(counted.ragged):
        return ()
    odd = np.sort(np.concatenate((counted.empty, counted.ragged)))
    spans = counted.spans[np.isin(odd, counted.ragged)]
    texts = []
    with text.open("rb") as file:
        for number, (first, last) in zip(counted.ragged, spans, strict=True):
            file.seek(int(first))
            texts.append((int(number), file.read(int(last - first)).decode("utf-8")))
    return tuple(texts)


def _copy(
    body: Path,
    table: Path,
    kept: records.Positions,
    delimiter: str,
    quote: str,
    columns: int,
    limits: Limits,
) -> tuple[int, str | None]:
    """Loads the text into Parquet; returns the rows read and why a record was rejected."""
    rows = pd.DataFrame({"source_row": kept})
    names = [f"c{number}" for number in range(columns)]
    with bounded_engine(table.parent) as connection:
        connection.register("kept", rows)
        try:
            connection.execute(
                "COPY (SELECT * FROM kept POSITIONAL JOIN read_csv("
                "$path, auto_detect=false, header=false, columns=$columns, delim=$delimiter, "
                "quote=$quote, escape=$quote, new_line='\\n', allow_quoted_nulls=false, "
                "null_padding=false, strict_mode=true, store_rejects=true, rejects_limit=0, "
                f"max_line_size={2 * limits.line_bytes})) TO '{table}' "
                f"(FORMAT parquet, ROW_GROUP_SIZE {max(2048, _CELLS_IN_MEMORY // columns)})",
                {
                    "path": str(body),
                    "columns": dict.fromkeys(names, "VARCHAR"),
                    "delimiter": delimiter,
                    "quote": quote,
                },
            )
        except duckdb.Error as error:
            give_up_engine()
            raise UnreadableFileError("file_unreadable", "keine lesbare Tabelle") from error
        (read,) = connection.execute(
            f"SELECT count(*) FROM read_parquet('{table}') "
            "WHERE source_row IS NOT NULL AND NOT (" + _nothing(names, "IS NULL") + ")"
        ).fetchone() or (0,)
        reject = connection.execute("SELECT error_type FROM reject_errors LIMIT 1").fetchone()
        if reject is not None:
            give_up_engine()
    return int(read), None if reject is None else str(reject[0])


def _nothing(names: list[str], test: str) -> str:
    return " AND ".join(f"{name} {test}" for name in names)
