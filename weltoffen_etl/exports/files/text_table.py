"""Text files: encoding, separator and quoting, then DuckDB with explicit options."""

from __future__ import annotations

import codecs
import csv
from pathlib import Path

import duckdb
import numpy as np

from weltoffen_etl.exports.grid import HEAD_ROWS, Grid, Tables, UnreadableFileError

_CHUNK = 8 * 1024 * 1024
_MAX_LINE = 1024 * 1024
_MAX_COLUMNS = 20_000
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def read(path: Path, scratch: Path) -> Tables:
    """Reads a delimited text file into one grid.

    The encoding is decided once: byte order mark, else strict UTF-8, else cp1252. The
    text is rewritten as UTF-8 with plain line feeds; DuckDB finds the separator on it
    and reads it with explicit options, every cell as text, ``""`` kept apart from
    nothing. Records are counted a second time without DuckDB.

    Args:
        path: archived file.
        scratch: folder for intermediate files.

    Returns:
        One grid; the heading row is row 1.

    Raises:
        UnreadableFileError: no text, cut off, or counted differently twice.
    """
    encoding = _encoding(path)
    text = scratch / "text.csv"
    _rewrite(path, text, encoding)
    delimiter = _delimiter(text)
    columns = _width(text, delimiter)
    grid = _load(text, scratch / "grid0.parquet", delimiter, columns)
    return Tables("csv", (grid,), encoding=encoding, delimiter=delimiter)


def _encoding(path: Path) -> str:
    with path.open("rb") as file:
        start = file.read(4)
        for mark, name in _BOMS:
            if start.startswith(mark):
                return name
        file.seek(0)
        decoder = codecs.getincrementaldecoder("utf-8")("strict")
        try:
            while chunk := file.read(_CHUNK):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "cp1252"
    return "utf-8"


def _rewrite(path: Path, target: Path, encoding: str) -> None:
    """Writes the text as UTF-8 without byte order mark and with plain line feeds."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    pending = ""
    first = True
    longest = 0
    with path.open("rb") as source, target.open("w", encoding="utf-8", newline="") as output:
        while True:
            chunk = source.read(_CHUNK)
            try:
                piece = pending + decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                raise UnreadableFileError("file_unreadable", f"Zeichen {error.start}") from error
            if first:
                piece = piece.removeprefix("\ufeff")
                first = False
            if "\0" in piece:
                raise UnreadableFileError("file_format_unknown", "enthält Nullbytes")
            pending = "\r" if chunk and piece.endswith("\r") else ""
            piece = piece.removesuffix(pending).replace("\r\n", "\n").replace("\r", "\n")
            output.write(piece)
            longest = longest + len(piece) if "\n" not in piece else len(piece) - piece.rfind("\n")
            if longest > _MAX_LINE + _CHUNK:
                raise UnreadableFileError("file_format_unknown", "eine Zeile ist zu lang")
            if not chunk:
                break


def _delimiter(text: Path) -> str:
    with duckdb.connect() as connection:
        try:
            row = connection.execute(
                "SELECT Delimiter FROM sniff_csv($path, all_varchar=true, ignore_errors=true)",
                {"path": str(text)},
            ).fetchone()
        except duckdb.Error as error:
            raise UnreadableFileError("file_format_unknown", "keine Tabelle") from error
    sniffed = row[0] if row else ","
    # The sniffer sees the body; a heading row that splits elsewhere is the better witness.
    with text.open(encoding="utf-8", newline="") as file:
        heading = file.readline()
    counts = {mark: heading.count(mark) for mark in ";,\t|"}
    best = max(counts, key=lambda mark: counts[mark])
    return str(sniffed) if counts.get(sniffed, 0) >= counts[best] else best


def _width(text: Path, delimiter: str) -> int:
    with text.open(encoding="utf-8", newline="") as file:
        try:
            heading = next(csv.reader(file, delimiter=delimiter), [])
        except csv.Error as error:
            raise UnreadableFileError("file_unreadable", "Überschriften") from error
    if not heading:
        raise UnreadableFileError("file_empty")
    if len(heading) > _MAX_COLUMNS:
        raise UnreadableFileError("file_format_unknown", f"{len(heading)} Spalten")
    return len(heading)


def _load(text: Path, table: Path, delimiter: str, columns: int) -> Grid:
    records, open_quote = _count_records(text)
    names = [f"c{number}" for number in range(columns)]
    with duckdb.connect() as connection:
        connection.execute("SET memory_limit = '1GB'; SET threads = 1")
        try:
            connection.execute(
                "CREATE TABLE grid AS SELECT row_number() OVER () AS ordinal, * FROM read_csv("
                "$path, auto_detect=false, header=false, columns=$columns, delim=$delimiter, "
                "quote='\"', escape='\"', new_line='\\n', allow_quoted_nulls=false, "
                "null_padding=false, strict_mode=true, store_rejects=true, rejects_limit=0, "
                f"max_line_size={2 * _MAX_LINE})",
                {
                    "path": str(text),
                    "columns": dict.fromkeys(names, "VARCHAR"),
                    "delimiter": delimiter,
                },
            )
        except duckdb.Error as error:
            raise UnreadableFileError("file_unreadable", "Zeilen zu lang") from error
        loaded = _scalar(connection, "SELECT count(*) FROM grid")
        rejected = connection.execute(
            "SELECT DISTINCT line_byte_position, error_type FROM reject_errors ORDER BY 1"
        ).fetchall()
        widths = _widths(text, delimiter, columns)
        if open_quote or (widths and widths[-1][0] == records):
            raise UnreadableFileError("file_truncated", row=records)
        if loaded + len(widths) != records or len(rejected) != len(widths):
            raise UnreadableFileError(
                "file_unreadable", f"{records} Datensätze gezählt, {loaded} gelesen"
            )
        connection.execute("CREATE TABLE ragged (source_row BIGINT)")
        if widths:
            connection.executemany("INSERT INTO ragged VALUES (?)", [[row] for row, _ in widths])
        # Rejected records are missing from the ordinals; the rows keep their place in the file.
        connection.execute(
            "CREATE TABLE placed AS SELECT source_row, ordinal FROM ("
            "SELECT r AS source_row, row_number() OVER (ORDER BY r) AS ordinal "
            f"FROM range(1, {records + 1}) t(r) WHERE r NOT IN (FROM ragged))"
        )
        connection.execute(
            "COPY (SELECT source_row, grid.* EXCLUDE (ordinal) FROM grid JOIN placed "
            "USING (ordinal) ORDER BY source_row) "
            f"TO '{table}' (FORMAT parquet)"
        )
        head = connection.execute(f"FROM read_parquet('{table}') LIMIT {HEAD_ROWS}").fetchall()
    return Grid(
        sheet=None,
        table=table,
        columns=columns,
        rows=loaded,
        head=tuple((row[0], tuple(row[1:])) for row in head),
        ragged=tuple(widths),
    )


def _scalar(connection: duckdb.DuckDBPyConnection, statement: str) -> int:
    row = connection.execute(statement).fetchone()
    return int(row[0]) if row else 0


def _count_records(text: Path) -> tuple[int, bool]:
    """Counts records by line feeds outside quotes; also tells of a quote left open."""
    records = 0
    inside = 0
    last = ord("\n")
    filled = False
    with text.open("rb") as file:
        while chunk := file.read(_CHUNK):
            data = np.frombuffer(chunk, dtype=np.uint8)
            quotes = np.cumsum(data == ord('"'), dtype=np.int64) + inside
            outside = quotes % 2 == 0
            breaks = np.flatnonzero((data == ord("\n")) & outside)
            before = np.concatenate(([last], data[:-1]))
            # A blank line is no record: its line feed follows another line feed directly.
            records += int(np.count_nonzero(before[breaks] != ord("\n")))
            inside = int(quotes[-1]) % 2
            last = int(data[-1])
            filled = True
    if filled and last != ord("\n"):
        records += 1
    return records, bool(inside)


def _widths(text: Path, delimiter: str, columns: int) -> list[tuple[int, int]]:
    """Returns the records whose number of fields differs from the heading's."""
    found = []
    number = 0
    csv.field_size_limit(16 * _MAX_LINE)
    with text.open(encoding="utf-8", newline="") as file:
        for record in csv.reader(file, delimiter=delimiter):
            if not record:
                continue
            number += 1
            if len(record) != columns:
                found.append((number, len(record)))
    return found
