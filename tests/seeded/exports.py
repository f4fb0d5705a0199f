"""The real exports that errors are put into, as rows of text."""

from __future__ import annotations

import csv
import io
import json
from functools import cache
from pathlib import Path
from typing import Any

FIXTURES = Path(__file__).parent.parent / "fixtures" / "limesurvey"
PLACES = {
    "garbsen_t0": "03241005/t0/selfcheck",
    "garbsen_t1": "03241005/t1/selfcheck",
    "kaufbeuren_t0": "09762000/t0/selfcheck",
    "kaufbeuren_t1": "09762000/t1/selfcheck",
    "konstanz_t0": "08335043/t0/selfcheck",
    "konstanz_t1": "08335043/t1/selfcheck",
}
"""Folder below the inbox of each export."""
ANSWERED = 30
"""A form with so many answers is worth spoiling."""

_USED = (":MSKOM", ":IAKOM")
Rows = list[list[str]]


@cache
def _read(name: str) -> tuple[tuple[str, ...], ...]:
    with (FIXTURES / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
        return tuple(tuple(row) for row in csv.reader(file, delimiter=";") if row)


def rows_of(name: str) -> Rows:
    """Returns an export as rows, headings first; changing them changes nothing else."""
    return [list(row) for row in _read(name)]


def column(code: str) -> int:
    """Returns the position of a question; all exports have the same columns."""
    return _read("garbsen_t0")[0].index(code)


def as_csv(rows: Rows) -> bytes:
    """Returns rows as the survey tool writes them."""
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=";", quoting=csv.QUOTE_ALL).writerows(rows)
    return text.getvalue().encode("utf-8-sig")


@cache
def truth() -> list[dict[str, Any]]:
    """Returns what was really entered, one entry per form that still exists."""
    content = json.loads((FIXTURES / "truth.json").read_text(encoding="utf-8"))
    return [entry for entry in content["responses"] if not entry["deleted"]]


def sound_rows(name: str) -> list[int]:
    """Returns the rows of finished forms that the truth does not call spoilt.

    Odd free texts do not count, unless they stand where an error is put.
    """
    rows = rows_of(name)
    spoilt = {
        str(x["response_id"])
        for x in truth()
        if any(not flag.startswith("comment:") or flag.endswith(_USED) for flag in x["flags"])
    }
    number, submitted = column("id"), column("submitdate")
    items = [position for position, code in enumerate(rows[0]) if "[SQ" in code]
    return [
        place
        for place, row in enumerate(rows[1:], start=2)
        if row[number] not in spoilt
        and row[submitted]
        and sum(row[position] in {"A1", "A2", "A3", "A4"} for position in items) >= ANSWERED
    ]
