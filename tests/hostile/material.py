"""Sound survey files, workbooks and packages that the hostile cases are made from."""

import csv
import io
import warnings
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl

from tests.conftest import DEMO_INBOX

SELFCHECK = "08335043/t0/selfcheck"
"""Folder of the survey files: Konstanz, first wave."""
WORKSHOP = "03241005/workshops/2025-05-14"
"""Folder of the workshop files: Garbsen."""
FORMS = 13
"""Forms in the sound survey file."""

_ANSWERS = DEMO_INBOX / "08335043" / "t0" / "selfcheck" / "konstanz_t0_results-survey352021.csv"
_CODES = DEMO_INBOX / "09762000" / "t1" / "selfcheck" / "kaufbeuren_t1_results-survey352021.xlsx"
_BOARD = DEMO_INBOX / "03241005" / "workshops" / "2025-05-14" / "workshop_1.xlsx"

Rows = list[list[str]]
Build = Callable[[Path], Path | bytes]


@dataclass(frozen=True, slots=True)
class Case:
    """One hostile file and what must be said about it.

    Attributes:
        name: short name, also the file name unless ``file_name`` says otherwise.
        build: makes the bytes, or a file in the given folder that is moved to the inbox.
        rules: at least one of these findings must occur; empty: no critical finding may.
        place: folder below the inbox.
        loaded: rows that must be loaded, None where that is not the question.
        kept_back: rows that must be in quarantine; a file that cannot be read is one.
        file_name: name in the inbox.
        also: further folders that get the same bytes.
        left_alone: reason why the file is not taken in at all.
        may_pass: also sound when everything is loaded without a word.
        slow: too large for every run.
    """

    name: str
    build: Build
    rules: frozenset[str] = frozenset()
    place: str = SELFCHECK
    loaded: int | None = 0
    kept_back: int = 0
    file_name: str | bytes | None = None
    also: tuple[str, ...] = ()
    left_alone: str | None = None
    may_pass: bool = False
    slow: bool = False


def refused(name: str, build: Build | bytes, *rules: str, **more: object) -> Case:
    """A file of which nothing can be loaded."""
    return Case(name, _build(build), frozenset(rules), kept_back=1, **more)  # type: ignore[arg-type]


def spoilt(name: str, build: Build | bytes, *rules: str, rows: int = 1, **more: object) -> Case:
    """A survey file of which some rows are kept back."""
    return Case(
        name,
        _build(build),
        frozenset(rules),
        loaded=FORMS - rows,
        kept_back=rows,
        **more,  # type: ignore[arg-type]
    )


def noted(name: str, build: Build | bytes, *rules: str, **more: object) -> Case:
    """A survey file that is loaded as a whole, with a finding where rules are named."""
    return Case(name, _build(build), frozenset(rules), **({"loaded": FORMS} | more))  # type: ignore[arg-type]


def _build(build: Build | bytes) -> Build:
    return build if callable(build) else lambda _: build


@cache
def _sound() -> tuple[tuple[str, ...], ...]:
    with _ANSWERS.open(encoding="utf-8-sig", newline="") as file:
        body = list(csv.reader(file, delimiter=";"))[1:]
    sheet = openpyxl.load_workbook(_CODES).worksheets[0]
    (codes,) = sheet.iter_rows(max_row=1, values_only=True)
    return (tuple(str(code) for code in codes), *map(tuple, body))


def survey(mark: str = "") -> Rows:
    """The sound survey file as rows: question codes, then forms with answer codes.

    A mark is written into a free text, so that no two files have the same bytes.
    """
    rows = [list(row) for row in _sound()]
    rows[-1][column("gesamtkom")] = f"Satz {mark}."
    return rows


def column(code: str) -> int:
    """Position of a question in the sound survey file."""
    return _sound()[0].index(code)


def with_cells(mark: str, cells: Mapping[str, str], row: int = 1) -> Rows:
    """The survey with some cells of one form replaced."""
    rows = survey(mark)
    for code, text in cells.items():
        rows[row][column(code)] = text
    return rows


def as_csv(rows: Sequence[Sequence[str]], delimiter: str = ";") -> bytes:
    """Rows as the survey tool writes them: byte order mark, all cells quoted, CRLF."""
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows(rows)
    return text.getvalue().encode("utf-8-sig")


def as_workbook(
    rows: Sequence[Sequence[object]], change: Callable[..., None] | None = None
) -> bytes:
    """Rows as the only sheet of a workbook; ``change`` may edit the workbook before it is saved."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = "Selbstcheck"
    for row in rows:
        sheet.append(list(row))
    if change is not None:
        change(book)
    return saved(book)


def board(change: Callable[..., None]) -> bytes:
    """The sound workshop workbook after a change."""
    book = openpyxl.load_workbook(_BOARD)
    change(book)
    return saved(book)


def set_cell(sheet: str, place: str, value: Any) -> Callable[[Any], None]:
    """A change of a workbook that writes one value into one cell."""

    def change(book: Any) -> None:
        book[sheet][place] = value

    return change


def saved(book: openpyxl.Workbook) -> bytes:
    """A workbook as bytes."""
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def package(members: Iterable[tuple[str, bytes | Iterable[bytes]]]) -> bytes:
    """Members as a ZIP file, in order, names as given; large ones come in pieces."""
    content = io.BytesIO()
    with (
        warnings.catch_warnings(),
        zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as target,
    ):
        # A name given twice is meant.
        warnings.simplefilter("ignore")
        for name, data in members:
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            with target.open(info, "w", force_zip64=True) as member:
                for piece in (data,) if isinstance(data, bytes) else data:
                    member.write(piece)
    return content.getvalue()


def unpacked(content: bytes) -> dict[str, bytes]:
    """Members of a ZIP file by name."""
    with zipfile.ZipFile(io.BytesIO(content)) as source:
        return {name: source.read(name) for name in source.namelist()}


def repacked(content: bytes, changes: Mapping[str, Callable[[bytes], bytes] | None]) -> bytes:
    """A ZIP file with some members changed, or left out where the change is None."""
    members = unpacked(content)
    kept = {name: data for name, data in members.items() if changes.get(name, bytes) is not None}
    return package(
        (name, change(data) if (change := changes.get(name)) else data)
        for name, data in kept.items()
    )


SHEET = "xl/worksheets/sheet1.xml"


def with_sheet(rows: Rows, change: Callable[[bytes], bytes]) -> bytes:
    """The survey as a workbook whose sheet XML was edited."""
    return repacked(as_workbook(rows), {SHEET: change})
