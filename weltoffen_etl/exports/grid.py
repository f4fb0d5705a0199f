"""Text grids: the common form of every table that was read from a file."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Self

HEAD_ROWS = 40
"""So many rows of each grid are kept at hand to find headings in."""
_ALPHABET = 26


class UnreadableFileError(Exception):
    """A file cannot be read.

    Attributes:
        rule: id of the reading rule that tells the sender.
        value: what was seen.
        row: row in question, if one is known.
    """

    def __init__(self, rule: str, value: str | None = None, row: int | None = None) -> None:
        """Keeps rule, value and row."""
        super().__init__(rule, value, row)
        self.rule = rule
        self.value = value
        self.row = row


@dataclass(frozen=True, slots=True)
class Note:
    """Something a reader noticed; becomes a finding of the delivery.

    Attributes:
        rule: id of a reading rule.
        sheet: sheet of a workbook.
        row: row in the file, from 1.
        column: heading in the file.
        value: the value in question.
        expected: what should have stood there.
        position: column counted from 0, where the note is about one.
    """

    rule: str
    sheet: str | None = None
    row: int | None = None
    column: str | None = None
    value: str | None = None
    expected: str | None = None
    position: int | None = None


@dataclass(frozen=True, slots=True)
class Grid:
    """One sheet or text table, all cells as text.

    Attributes:
        sheet: sheet name, empty for text files.
        table: Parquet file with ``source_row`` (row in the file, from 1) and the text
            columns ``c0``, ``c1`` …; empty rows are left out.
        columns: number of columns.
        rows: number of rows in ``table``.
        head: the first rows, as ``(source_row, cells)``.
        visible: False for hidden sheets, whose cells are not read.
        ragged: rows with another number of fields, as ``(source_row, fields)``; they are
            not in ``table``.
        ragged_text: text of those rows as it stood, as ``(source_row, text)``.
        labels: question text of each column where the format keeps it apart from the
            cells (SPSS, Stata), else empty.
    """

    sheet: str | None
    table: Path
    columns: int
    rows: int
    head: tuple[tuple[int, tuple[str | None, ...]], ...]
    visible: bool = True
    ragged: tuple[tuple[int, int], ...] = ()
    labels: tuple[str, ...] = ()
    ragged_text: tuple[tuple[int, str], ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Returns the grid as JSON-ready values."""
        return asdict(self) | {"table": str(self.table)}

    @classmethod
    def from_json(cls, content: dict[str, Any]) -> Self:
        """Makes a grid from what `as_json` returned."""
        return cls(
            sheet=content["sheet"],
            table=Path(content["table"]),
            columns=content["columns"],
            rows=content["rows"],
            head=tuple((row, tuple(cells)) for row, cells in content["head"]),
            visible=content["visible"],
            ragged=tuple((row, fields) for row, fields in content["ragged"]),
            labels=tuple(content["labels"]),
            ragged_text=tuple((row, text) for row, text in content["ragged_text"]),
        )


@dataclass(frozen=True, slots=True)
class Tables:
    """All grids of one file and how its bytes were read.

    Attributes:
        container: ``csv``, ``xlsx``, ``xls``, ``ods``, ``json``, ``sav``, ``dta.xml``,
            ``lsa``.
        grids: one per sheet, in order.
        encoding: encoding of a text file.
        delimiter: separator of a text file.
        notes: what was noticed while reading the bytes.
    """

    container: str
    grids: tuple[Grid, ...]
    encoding: str | None = None
    delimiter: str | None = None
    notes: tuple[Note, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Returns the tables as JSON-ready values."""
        return asdict(self) | {"grids": [grid.as_json() for grid in self.grids]}

    @classmethod
    def from_json(cls, content: dict[str, Any]) -> Self:
        """Makes tables from what `as_json` returned."""
        return cls(
            container=content["container"],
            grids=tuple(Grid.from_json(grid) for grid in content["grids"]),
            encoding=content["encoding"],
            delimiter=content["delimiter"],
            notes=tuple(Note(**note) for note in content["notes"]),
        )


Head = tuple[tuple[int, tuple[str | None, ...]], ...]


@lru_cache(maxsize=8)
def plain_head(head: Head) -> tuple[tuple[int, tuple[str, ...]], ...]:
    """Returns the first rows without empty cells, blanks at the edges and byte order marks.

    Every tool's module looks at the same rows, one after the other.
    """
    return tuple(
        (row, tuple((cell or "").replace("\ufeff", "").strip() for cell in cells))
        for row, cells in head
    )


def column_letters(position: int) -> str:
    """Returns a spreadsheet's letters of a column, from its position counted from 0."""
    letters = ""
    number = position + 1
    while number:
        number, rest = divmod(number - 1, _ALPHABET)
        letters = chr(ord("A") + rest) + letters
    return letters
