"""Applies corrections to the cells of one export, and says what became of each."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal, localcontext
from typing import Final, Literal, Protocol

from weltoffen_etl.corrections import Correction, Drop, NumberRange, Override, Scale
from weltoffen_etl.database import Connection, insert
from weltoffen_etl.findings import Finding, found
from weltoffen_etl.interpret.keys import read_count

Outcome = Literal["applied", "expectation_failed", "not_found"]

_NUMBER: Final = re.compile(r"[+-]?\d+(?:[.,]\d+)?")
# 1.200 is 1200 to one and 1.2 to another.
_AMBIGUOUS: Final = re.compile(r"[+-]?\d{1,3}[.,]\d{3}")
_NO_FILE: Final = "nicht vorhanden"
_ROW_KEPT: Final = "Die Zeile wurde zurückgestellt."
_FILE_KEPT: Final = "Die Datei wurde zurückgestellt."


@dataclass(frozen=True, slots=True)
class Spot:
    """A row that a correction may be about.

    Attributes:
        sheet: sheet as findings name it, None in surveys and text files.
        row: row in the file; None for the sheet *Workshop*, which speaks for the whole file.
        part: sheet of the template, empty in surveys.
    """

    sheet: str | None
    row: int | None
    part: str = ""


@dataclass(frozen=True, slots=True)
class CellColumn:
    """A column of an export.

    Attributes:
        name: the export's own name of it.
        label: code of the questionnaire or heading of the template.
        heading: heading as it stands in the file, or that of the template.
        position: place in the file from 0, where it is known.
        part: sheet of the template, empty in surveys.
        sheet: sheet as findings name it.
    """

    name: str
    label: str
    heading: str
    position: int | None = None
    part: str = ""
    sheet: str | None = None


class Cells(Protocol):
    """Cells of one export before they are interpreted."""

    def spots(self, correction: Correction) -> list[Spot]:
        """Returns the rows that a correction's locator fits."""

    def columns(self, correction: Correction, name: str, spot: Spot | None) -> list[CellColumn]:
        """Returns the columns a name fits, in the row's sheet where a row is given."""

    def text(self, spot: Spot, column: CellColumn) -> str:
        """Returns the text of a cell, empty where nothing stands."""

    def put(self, spot: Spot, column: CellColumn, text: str) -> None:
        """Replaces the text of a cell."""

    def drop(self, spot: Spot) -> None:
        """Takes a row out."""

    def texts(self, column: CellColumn) -> list[str]:
        """Returns the distinct texts of a column."""

    def rows_with(self, column: CellColumn, text: str) -> list[Spot]:
        """Returns the rows whose cell holds exactly a text."""

    def put_all(self, column: CellColumn, texts: dict[str, str]) -> None:
        """Replaces texts of a whole column."""


@dataclass(slots=True)
class Uses:
    """What became of the corrections of one delivery.

    Attributes:
        delivery_id: SHA-256 of the file.
        findings: one for each use.
        rows: rows of ``raw.correction_use``.
    """

    delivery_id: str
    findings: list[Finding] = field(default_factory=list)
    rows: list[tuple[object, ...]] = field(default_factory=list)

    def applied(
        self, correction: Correction, what: str, spot: Spot | None, column: CellColumn | None
    ) -> None:
        """Notes a correction that was applied."""
        self._note(correction, "applied", spot, column)
        self._find(
            "correction_applied", spot, column, correction.id, what=what, where=_where(spot, column)
        )

    def failed(
        self,
        correction: Correction,
        expected: str,
        seen: str | None,
        spot: Spot | None,
        column: CellColumn | None,
        outcome: Outcome = "expectation_failed",
    ) -> None:
        """Notes a correction that does not fit; a finding without a row keeps the file back."""
        whole = spot is None or spot.row is None
        self._note(correction, outcome, spot, column)
        self._find(
            "correction_expectation_failed",
            spot,
            column,
            seen or None,
            correction=correction.id,
            expected=expected or "(leer)",
            where=_where(spot, column),
            kept=_FILE_KEPT if whole else _ROW_KEPT,
        )

    def missed(self, correction: Correction) -> None:
        """Notes a correction whose row or column the file does not have.

        Bytes do not change: if a file named by its hash lacks the row, the correction itself
        is mistyped, and some other row of this file is known to be wrong. Loading it would
        publish what a person has called wrong, and guessing the row is not ours; so the file
        waits until the correction is mended. Under a folder, a newer file may rightly hold
        the form no more; then there is nothing to correct, and a warning says so.
        """
        if correction.file is not None:
            self.failed(correction, _locator(correction), _NO_FILE, None, None, "not_found")
            return
        self._note(correction, "not_found", None, None)
        self._find("correction_unused", None, None, correction.id)

    def record(self, connection: Connection) -> None:
        """Writes the uses into ``raw.correction_use``."""
        insert(connection, "raw.correction_use", self.rows)

    def _note(
        self, correction: Correction, outcome: Outcome, spot: Spot | None, column: CellColumn | None
    ) -> None:
        self.rows.append(
            (
                self.delivery_id,
                correction.id,
                spot.sheet if spot else column.sheet if column else None,
                spot.row if spot else None,
                column.label if column else None,
                outcome,
            )
        )

    def _find(
        self,
        rule: str,
        spot: Spot | None,
        column: CellColumn | None,
        value: str | None,
        **words: str,
    ) -> None:
        self.findings.append(
            found(
                self.delivery_id,
                rule,
                sheet=spot.sheet if spot else column.sheet if column else None,
                source_row=spot.row if spot else None,
                source_column=column.heading if column else None,
                position=column.position if column else None,
                value=value,
                **words,
            )
        )


def apply(cells: Cells, corrections: Iterable[Correction], delivery_id: str) -> Uses:
    """Applies corrections in their order; each expects what those before it left.

    A correction whose expectation fails changes nothing.

    Args:
        cells: cells of one export.
        corrections: the corrections of its delivery.
        delivery_id: SHA-256 of the file.

    Returns:
        What became of each.
    """
    uses = Uses(delivery_id)
    for correction in corrections:
        if isinstance(correction, Scale) and isinstance(correction.expect, NumberRange):
            _scale_column(cells, correction, correction.expect, uses)
            continue
        spots = cells.spots(correction)
        if not spots:
            uses.missed(correction)
        elif len(spots) > 1:
            # Which of them is meant is not ours to choose.
            for spot in spots:
                uses.failed(correction, "eine einzige Zeile", f"{len(spots)} Zeilen", spot, None)
        elif isinstance(correction, Drop):
            _drop(cells, correction, spots[0], uses)
        else:
            _change(cells, correction, spots[0], uses)
    return uses


def scaled(text: str, factor: Decimal) -> str | None:
    """Multiplies the number that a text is.

    Args:
        text: a number with or without one decimal separator.
        factor: what to multiply by.

    Returns:
        The product in the same notation, exact; None if the text is no number or one that
        can be read in two ways.

    >>> scaled("36", Decimal("0.5")), scaled("2,5", Decimal(2)), scaled("1.200", Decimal(2))
    ('18', '5', None)
    """
    number = _number(text)
    if number is None:
        return None
    with localcontext(prec=len(text) + len(factor.as_tuple().digits)):
        product = f"{number * factor:f}"
    if "." in product:
        product = product.rstrip("0").rstrip(".")
    return product.replace(".", ",") if "," in text else product


def _number(text: str) -> Decimal | None:
    plain = text.strip()
    if not plain.isascii() or _NUMBER.fullmatch(plain) is None or _AMBIGUOUS.fullmatch(plain):
        return None
    return Decimal(plain.replace(",", "."))


def _change(cells: Cells, correction: Override | Scale, spot: Spot, uses: Uses) -> None:
    """Replaces or scales one cell if it holds what is expected."""
    column = _expected(cells, correction, correction.column, str(correction.expect), spot, uses)
    if column is None:
        return
    if isinstance(correction, Override):
        cells.put(spot, column, correction.value)
        uses.applied(correction, "Angabe ersetzt", spot, column)
        return
    seen = cells.text(spot, column)
    product = scaled(seen, correction.factor)
    if product is None:
        uses.failed(correction, "eine eindeutige Zahl", seen, spot, column)
        return
    cells.put(spot, column, product)
    uses.applied(correction, _times(correction), spot, column)


def _drop(cells: Cells, correction: Drop, spot: Spot, uses: Uses) -> None:
    """Takes a row out if all its cells hold what is expected."""
    for name, expected in correction.expect.items():
        if _expected(cells, correction, name, expected, spot, uses) is None:
            return
    cells.drop(spot)
    uses.applied(correction, "nicht als Datensatz gezählt", spot, None)


def _scale_column(cells: Cells, correction: Scale, expected: NumberRange, uses: Uses) -> None:
    """Scales all numbers of a column if their range is the expected one.

    Cells that nothing reads a number from stay. One that holds a digit, or strokes and dots
    that are counted, and is no plain number could be read unscaled: its row is kept back.
    """
    columns = cells.columns(correction, correction.column, None)
    if len(columns) > 1:
        uses.failed(correction, "eine einzige Spalte", f"{len(columns)} Spalten", None, None)
        return
    if not columns:
        uses.missed(correction)
        return
    column = columns[0]
    texts = cells.texts(column)
    numbers = [number for number in map(_number, texts) if number is not None]
    if not numbers or (min(numbers), max(numbers)) != (expected.min, expected.max):
        seen = f"{min(numbers)} bis {max(numbers)}" if numbers else "keine Zahl"
        uses.failed(correction, str(expected), seen, None, column)
        return
    products = {text: scaled(text, correction.factor) for text in texts}
    unclear = [
        text
        for text, product in products.items()
        if product is None
        and (any(letter.isnumeric() for letter in text) or read_count(text)[0] is not None)
    ]
    for text in sorted(unclear):
        for spot in cells.rows_with(column, text):
            uses.failed(correction, "eine eindeutige Zahl", text, spot, column)
    cells.put_all(column, {text: new for text, new in products.items() if new is not None})
    uses.applied(correction, _times(correction), None, column)


def _expected(
    cells: Cells, correction: Correction, name: str, expected: str, spot: Spot, uses: Uses
) -> CellColumn | None:
    """The column of a row's cell that holds what is expected, else None and a failed use."""
    columns = cells.columns(correction, name, spot)
    if len(columns) != 1:
        uses.failed(correction, f"eine Spalte {name}", _NO_FILE, spot, None)
        return None
    seen = cells.text(spot, columns[0])
    if _plain(seen) != _plain(expected):
        uses.failed(correction, expected, seen, spot, columns[0])
        return None
    return columns[0]


def _plain(text: str) -> str:
    """A text as it is compared: outer blanks and the kind of line break mean nothing."""
    return re.sub(r"\r\n?", "\n", text).strip()


def _times(correction: Scale) -> str:
    return f"mit {str(correction.factor).replace('.', ',')} malgenommen"


def _where(spot: Spot | None, column: CellColumn | None) -> str:
    """The place in our own words, so that it may be named outside."""
    words = []
    if spot is not None and spot.row is not None:
        words.append(f"Zeile {spot.row}")
    if column is not None:
        words.append(f"Spalte {column.label}")
    return ", ".join(words) or "in der Datei"


def _locator(correction: Correction) -> str:
    if correction.response is not None:
        return f"Antwortbogen {correction.response}"
    if correction.row is not None:
        return f"Zeile {correction.row}"
    return "die genannte Stelle"
