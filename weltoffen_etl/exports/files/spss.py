"""SPSS system files (.sav, .zsav) through ReadStat, every value as text."""

from __future__ import annotations

import shutil
import struct
from pathlib import Path
from typing import Any, Final

import duckdb
import pandas as pd
import pyreadstat
from pyreadstat import PyreadstatError, ReadstatError

from weltoffen_etl.exports.grid import HEAD_ROWS, Grid, Note, Tables, UnreadableFileError
from weltoffen_etl.settings import STANDARD_LIMITS, Limits

SIGNATURES: Final = (b"$FL2", b"$FL3")
_CHUNK: Final = 50_000
_HEADER: Final = 176
_VARIABLE, _LABELS, _LABELLED, _DOCUMENT, _EXTENSION = 2, 3, 4, 6, 7
_LONG_STRING_LABELS: Final = 21
_UNUSED: Final = 9021


def read(path: Path, scratch: Path, limits: Limits = STANDARD_LIMITS) -> Tables:
    """Reads an SPSS file into one grid.

    Values stay codes; value labels are not applied, and values that the file declares as
    missing stay what they are. Whole numbers become text without a decimal point, dates ISO
    text, a system-missing value nothing.

    Args:
        path: archived file.
        scratch: folder for intermediate files.
        limits: how large the content may be.

    Returns:
        One grid; row 1 holds the variable names, case n stands in row n + 1, its labels
        are the variable labels.

    Raises:
        UnreadableFileError: damaged, cut off or no SPSS file.
    """
    notes: tuple[Note, ...] = ()
    try:
        frame, meta = _part(path, 0)
    except (ReadstatError, PyreadstatError, MemoryError) as error:
        path, notes = _repaired(path, scratch / "repaired.sav", error)
        try:
            frame, meta = _part(path, 0)
        except (ReadstatError, PyreadstatError, MemoryError) as again:
            raise UnreadableFileError("file_unreadable", "SPSS-Datei") from again
    names: list[str] = meta.column_names
    if not names:
        raise UnreadableFileError("file_format_unknown", "SPSS-Datei ohne Spalten")
    if len(names) > limits.columns:
        raise UnreadableFileError("limit_exceeded", f"{len(names)} Spalten")
    table = scratch / "grid0.parquet"
    rows = _write(path, table, frame, names)
    if meta.number_rows not in (None, -1, rows - 1):
        raise UnreadableFileError("file_truncated", row=rows)
    with duckdb.connect() as connection:
        head = connection.execute(
            f"FROM read_parquet($table) ORDER BY source_row LIMIT {HEAD_ROWS}",
            {"table": str(table)},
        ).fetchall()
    grid = Grid(
        sheet=None,
        table=table,
        columns=len(names),
        rows=rows,
        head=tuple((row[0], tuple(row[1:])) for row in head),
        labels=tuple(label or "" for label in meta.column_labels),
    )
    return Tables("sav", (grid,), encoding=meta.file_encoding, notes=notes)


def _part(path: Path, offset: int) -> tuple[pd.DataFrame, Any]:
    frame: pd.DataFrame
    frame, meta = pyreadstat.read_sav(
        str(path), user_missing=True, row_offset=offset, row_limit=_CHUNK
    )
    return frame, meta


def _write(path: Path, table: Path, frame: pd.DataFrame, names: list[str]) -> int:
    """Writes headings and cases as text; returns the number of rows."""
    fields = [f"c{position}" for position in range(len(names))]
    with duckdb.connect() as connection:
        connection.execute("SET memory_limit = '1GB'; SET threads = 1")
        connection.execute(
            f"CREATE TABLE grid (source_row BIGINT, {', '.join(f'{x} VARCHAR' for x in fields)})"
        )
        connection.execute(f"INSERT INTO grid VALUES (1, {', '.join('?' for _ in names)})", names)
        written = 1
        while len(frame):
            frame.columns = pd.Index(fields)
            cells = ", ".join(_as_text(name, frame[name]) for name in fields)
            frame["source_row"] = range(written + 1, written + 1 + len(frame))
            connection.register("part", frame)
            connection.execute(f"INSERT INTO grid SELECT source_row, {cells} FROM part")
            connection.unregister("part")
            written += len(frame)
            if len(frame) < _CHUNK:
                break
            frame, _ = _part(path, written - 1)
        target = str(table).replace("'", "''")
        connection.execute(f"COPY (FROM grid ORDER BY source_row) TO '{target}' (FORMAT parquet)")
    return written


def _as_text(name: str, column: pd.Series[Any]) -> str:
    """The expression that makes one column text."""
    if pd.api.types.is_float_dtype(column):
        return (
            f"CASE WHEN {name} IS NULL OR isnan({name}) THEN NULL "
            f"WHEN {name} = trunc({name}) AND abs({name}) < 1e15 "
            f"THEN {name}::BIGINT::VARCHAR ELSE {name}::VARCHAR END AS {name}"
        )
    return f"{name}::VARCHAR AS {name}"


def _repaired(path: Path, copy: Path, error: Exception) -> tuple[Path, tuple[Note, ...]]:
    """Copies the file with its damaged value labels renamed, so that a reader skips them.

    LimeSurvey counts the lengths inside the record of long value labels in letters where
    bytes are meant; the labels are lost, the data are whole.
    """
    shutil.copyfile(path, copy)
    copy.chmod(0o600)
    with copy.open("r+b") as file:
        place = _label_record(file.read(64 * 1024 * 1024))
        if place is None:
            raise UnreadableFileError("file_unreadable", "SPSS-Datei") from error
        file.seek(place)
        file.write(struct.pack("<i", _UNUSED))
    return copy, (Note("spss_labels_damaged"),)


def _label_record(content: bytes) -> int | None:
    """Walks the dictionary and returns where the subtype of the label record stands."""
    place = _HEADER
    try:
        while True:
            (kind,) = struct.unpack_from("<i", content, place)
            place += 4
            if kind == _VARIABLE:
                place = _after_variable(content, place)
            elif kind == _LABELS:
                place = _after_labels(content, place)
            elif kind == _LABELLED:
                place += 4 + 4 * struct.unpack_from("<i", content, place)[0]
            elif kind == _DOCUMENT:
                place += 4 + 80 * struct.unpack_from("<i", content, place)[0]
            elif kind == _EXTENSION:
                subtype, size, number = struct.unpack_from("<iii", content, place)
                if subtype == _LONG_STRING_LABELS:
                    return place
                place += 12 + size * number
            else:
                return None
    except struct.error:
        return None


def _after_variable(content: bytes, place: int) -> int:
    _, has_label, missing = struct.unpack_from("<iii", content, place)
    place += 28
    if has_label:
        (length,) = struct.unpack_from("<i", content, place)
        place += 4 + -(-length // 4) * 4
    return int(place + 8 * abs(missing))


def _after_labels(content: bytes, place: int) -> int:
    (number,) = struct.unpack_from("<i", content, place)
    place += 4
    for _ in range(number):
        (length,) = struct.unpack_from("B", content, place + 8)
        # Length byte and label together fill whole units of eight bytes.
        place += 8 + -(-(length + 1) // 8) * 8
    return place
