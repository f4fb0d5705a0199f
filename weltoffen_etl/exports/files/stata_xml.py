"""Stata's XML form of a data set (``<dta>``), as LimeSurvey's plugin writes it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from weltoffen_etl.exports.files.rows import Row, write_grid
from weltoffen_etl.exports.files.xml_stream import CleanXml, Events, events
from weltoffen_etl.exports.grid import Tables, UnreadableFileError
from weltoffen_etl.settings import STANDARD_LIMITS, Limits

_EPOCH: Final = datetime(1960, 1, 1)  # noqa: DTZ001  (the tool's times have no zone)
_TIME: Final = "%tc"


@dataclass(slots=True)
class _Dictionary:
    """What stands before the data."""

    names: list[str] = field(default_factory=list)
    times: set[str] = field(default_factory=set)
    labels: dict[str, str] = field(default_factory=dict)
    cases: str | None = None


def read(path: Path, scratch: Path, limits: Limits = STANDARD_LIMITS) -> Tables:
    """Reads a Stata XML file into one grid.

    Times, which the format counts in milliseconds since 1960, become ISO text; everything
    else stays as it was written. Control characters, which the tool's writer passes through
    although XML forbids them, become line breaks, and a note says so.

    Args:
        path: archived file.
        scratch: folder for the Parquet file.
        limits: how large the content may be.

    Returns:
        One grid; row 1 holds the variable names, case n stands in row n + 1, its labels
        are the variable labels.

    Raises:
        UnreadableFileError: damaged, cut off, or with a DTD or entities.
    """
    with path.open("rb") as file:
        stream = CleanXml(file, limits.unpacked_bytes)
        reading = events(stream)
        about = _dictionary(reading)
        labels = [about.labels.get(name, "") for name in about.names]
        grid = write_grid(scratch / "grid0.parquet", about.names, _cases(reading, about), labels)
    if about.cases is not None and about.cases != str(grid.rows - 1):
        raise UnreadableFileError("file_truncated", row=grid.rows)
    return Tables("dta.xml", (grid,), encoding="utf-8", notes=stream.note())


def _dictionary(reading: Events) -> _Dictionary:
    about = _Dictionary()
    for event, element in reading:
        if event == "start" and element.tag == "data":
            break
        if event != "end":
            continue
        name = element.get("varname", "")
        if element.tag == "variable":
            about.names.append(name)
        elif element.tag == "fmt" and (element.text or "").strip() == _TIME:
            about.times.add(name)
        elif element.tag == "vlabel":
            about.labels[name] = element.text or ""
        elif element.tag == "nobs":
            about.cases = (element.text or "").strip()
    if not about.names:
        raise UnreadableFileError("file_format_unknown", "Stata-XML ohne Variablen")
    if len(set(about.names)) < len(about.names):
        raise UnreadableFileError("file_unreadable", "Variable doppelt")
    return about


def _cases(reading: Events, about: _Dictionary) -> Iterator[Row]:
    number = 1
    known = set(about.names)
    for event, element in reading:
        if event != "end" or element.tag != "o":
            continue
        number += 1
        cells = {cell.get("varname", ""): cell.text or "" for cell in element}
        if unknown := sorted(cells.keys() - known):
            raise UnreadableFileError("file_unreadable", f"Variable {unknown[0]}", number)
        if len(cells) < len(element):
            raise UnreadableFileError("file_unreadable", "Variable doppelt", number)
        for name in about.times & cells.keys():
            cells[name] = _time(cells[name])
        yield [cells.get(name) for name in about.names]
        element.clear()


def _time(milliseconds: str) -> str:
    """A time as ISO text; what is no number stays as it stands and is reported later."""
    try:
        moment = _EPOCH + timedelta(milliseconds=float(milliseconds))
    except (ValueError, OverflowError):
        return milliseconds
    return moment.isoformat(sep=" ", timespec="seconds")
