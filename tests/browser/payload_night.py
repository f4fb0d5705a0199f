"""A night in which forty municipalities are called by a payload and deliver it in every place."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from tests.hostile.material import WORKSHOP, as_workbook, board
from tests.nights import run_night
from tests.seeded.exports import Rows, as_csv, column, rows_of, sound_rows
from weltoffen_etl.settings import PROJECT_ROOT, Settings

_CELLS = (
    ("AGS",), ("welle",), ("id",), ("submitdate",),
    ("MS[SQ001]", "rolle", "jahre", "HF[KK]", "PRIO[1]", "GES", "MSKOM", "amt", "gesamtkom"),
)  # fmt: skip
_FORBIDDEN = str.maketrans(dict.fromkeys("[]:*?/\\", "-"))
_NAME_BYTES = 200
_CELL_LENGTH = 32_000


def key_of(number: int) -> str:
    """Key of the municipality that is called by a payload."""
    return f"{100 + number:08d}"


def make_night(folder: Path, texts: Sequence[str]) -> Settings:
    """Runs one night over all payloads in all places and returns its settings."""
    reference = folder / "reference"
    shutil.copytree(PROJECT_ROOT / "data" / "reference", reference)
    for number, text in enumerate(texts):
        key = key_of(number)
        _append(
            reference / "municipalities.csv", key, text, "Stadt", "25000", "2019-12-31", "", "x"
        )
        _append(reference / "participants.csv", key, "fictional", "", "", text)
        _append(reference / "expected_deliveries.csv", key, "selfcheck", "t1", "2025-12-31", text)
    settings = Settings(
        data_dir=folder / "data",
        reference_dir=reference,
        settle_seconds=0.0,
        as_of=date(2026, 10, 1),
    )
    for number, text in enumerate(texts):
        place = settings.inbox / key_of(number) / "t0" / "selfcheck"
        place.mkdir(parents=True)
        (place / f"{file_name(text)}.csv").write_bytes(as_csv(_forms(number, text)))
    _write(settings, WORKSHOP, "workshop.xlsx", board(lambda book: _fill(book, texts)))
    _write(settings, "12054000/t0/selfcheck", "x.xlsx", _sheets(texts))
    record = run_night(settings)
    assert record.outcome == "published", record.failures
    # A name that is no single line of text cannot stand in a letter's header, and that is said.
    assert [x.split(":")[0] for x in record.message_problems] == [
        f"Keine Nachricht für {key_of(number)}"
        for number, text in enumerate(texts)
        if not text.isprintable()
    ]
    return settings


def file_name(text: str) -> str:
    """As much of a text as a file can be called; a slash cannot stand there."""
    return text.replace("/", "\u2215").encode()[:_NAME_BYTES].decode(errors="ignore")


def _append(file: Path, *cells: str) -> None:
    with file.open("a", encoding="utf-8", newline="") as target:
        csv.writer(target, lineterminator="\n").writerow(cells)


def _write(settings: Settings, place: str, name: str, content: bytes) -> None:
    (settings.inbox / place).mkdir(parents=True, exist_ok=True)
    (settings.inbox / place / name).write_bytes(content)


def _forms(number: int, text: str) -> Rows:
    """Sound forms, then one for each kind of cell; a column and a heading of its own too."""
    rows = rows_of("garbsen_t0")
    sound = [rows[place - 1] for place in sound_rows("garbsen_t0")[:12]]
    made: Rows = [[*rows[0], text]]
    made[0][column("IA[SQ003]")] = f"IA[SQ003]. {text}"
    made[0][column("IA[SQ004]")] = text
    for place, row in enumerate(sound):
        form = list(row)
        form[column("AGS")], form[column("kommune")] = key_of(number), ""
        for code in _CELLS[place] if place < len(_CELLS) else ():
            form[column(code)] = text
        made.append([*form, text])
    return made


def _fill(book: Any, texts: Sequence[str]) -> None:
    for text in texts:
        cell = text[:_CELL_LENGTH]
        sound = (1, "Was läuft gut?", "Management und Steuerung", "Wirtschaft", cell, 4)
        _add(book["Beiträge"], sound)
        _add(book["Beiträge"], (cell, cell, cell, cell, cell, cell))
        _add(book["Maßnahmen"], (1, "Management und Steuerung", cell, cell, cell, cell))
        _add(book["Maßnahmen"], (cell, cell, cell, cell, "10.02.2026", "geplant"))
        _add(book["Teilnehmende"], (cell, cell))


def _add(sheet: Any, cells: Sequence[object]) -> None:
    """Appends a row as text; a formula would lose its value."""
    row = sheet.max_row + 1
    for place, value in enumerate(cells, start=1):
        cell = sheet.cell(row, place)
        cell.value = _plain(value) if isinstance(value, str) else value
        if isinstance(value, str):
            cell.data_type = "s"


def _plain(text: str) -> str:
    """A workbook has no control characters."""
    return "".join(letter for letter in text if letter.isprintable() or letter in "\n\t")


def _sheets(texts: Sequence[str]) -> bytes:
    def change(book: Any) -> None:
        for number, text in enumerate(texts):
            name = _plain(text).replace("\n", " ").translate(_FORBIDDEN).strip("' ")
            sheet = book.create_sheet(f"{number}{name}"[:31])
            if number % 2:
                sheet.sheet_state = "hidden"

    return as_workbook(rows_of("kaufbeuren_t0"), change)
