"""The cells of a workshop file as corrections see them: its rows in the template's terms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from weltoffen_etl.corrections import Correction, Drop
from weltoffen_etl.database import Connection
from weltoffen_etl.exports.workshops.export import SheetRow, WorkshopExport
from weltoffen_etl.exports.workshops.template import Sheet, Template
from weltoffen_etl.findings import Finding
from weltoffen_etl.instrument.model import text_key
from weltoffen_etl.interpret.correction import CellColumn, Spot, apply


def correct_workshop(
    connection: Connection,
    export: WorkshopExport,
    corrections: Sequence[Correction],
    template: Template,
    delivery_id: str,
) -> tuple[WorkshopExport, list[Finding]]:
    """Corrects the rows of a workshop file and records the uses.

    Args:
        connection: database with the schema ``raw``.
        export: what was read.
        corrections: those of the delivery.
        template: the workshop template, whose headings corrections name.
        delivery_id: SHA-256 of the file.

    Returns:
        The export with corrected cells, which knows what had been delivered, and the
        findings.
    """
    if not corrections:
        return export, []
    cells = _WorkshopCells(template, dict(export.rows), export.keys)
    uses = apply(cells, corrections, delivery_id)
    uses.record(connection)
    corrected = replace(
        export,
        keys=cells.keys,
        rows=cells.rows,
        ignored_rows=export.ignored_rows + cells.dropped,
        delivered=cells.delivered,
    )
    return corrected, uses.findings


@dataclass(slots=True)
class _WorkshopCells:
    template: Template
    rows: dict[str, list[SheetRow]]
    keys: SheetRow | None
    delivered: dict[tuple[str | None, int], dict[str, str]] = field(default_factory=dict)
    dropped: int = 0

    def spots(self, correction: Correction) -> list[Spot]:
        """Rows of a row number in the sheet; the sheet *Workshop* counts as one row."""
        if correction.response is not None:
            return []
        named = self._sheets(correction.sheet)
        keys = self.keys
        if keys is not None and correction.sheet is not None and self._of_keys(keys) in named:
            # Each key stands once, so the sheet is enough; without it there is no workshop,
            # so it cannot be dropped.
            dropping = isinstance(correction, Drop)
            return [] if dropping else [Spot(keys.sheet, None, self._keyed().name)]
        return [
            Spot(row.sheet, row.source_row, part)
            for part, rows in self.rows.items()
            for row in rows
            if row.source_row == correction.row and (part, row.sheet) in named
        ]

    def columns(self, correction: Correction, name: str, spot: Spot | None) -> list[CellColumn]:
        """Columns of a heading of the template, in sheets that the file has."""
        places = {(spot.part, spot.sheet)} if spot is not None else self._sheets(correction.sheet)
        wanted = text_key(name)
        return [
            CellColumn(entry.name, entry.label, entry.label, None, part, sheet_name)
            for part, sheet_name in sorted(places, key=str)
            for sheet in self.template.sheets
            if sheet.name == part and (spot is not None or not sheet.keyed)
            for entry in sheet.entries
            if wanted in entry.spellings
        ]

    def text(self, spot: Spot, column: CellColumn) -> str:
        """Text of a cell; a column the sheet does not have is empty."""
        return self._row(spot).cells.get(column.name, "")

    def put(self, spot: Spot, column: CellColumn, text: str) -> None:
        """Replaces a cell, and remembers the row as it was delivered."""
        row = self._row(spot)
        changed = self._changed(row, column, text)
        if spot.row is None:
            self.keys = changed
            return
        self.rows[spot.part] = [changed if x is row else x for x in self.rows[spot.part]]

    def drop(self, spot: Spot) -> None:
        """Takes a row out."""
        row = self._row(spot)
        self.rows[spot.part] = [other for other in self.rows[spot.part] if other is not row]
        self.dropped += 1

    def texts(self, column: CellColumn) -> list[str]:
        """Distinct texts, without empty cells."""
        texts = {x.cells.get(column.name, "") for x in self._rows_of(column)}
        return sorted(texts - {""})

    def rows_with(self, column: CellColumn, text: str) -> list[Spot]:
        """Rows whose cell holds a text."""
        return [
            Spot(row.sheet, row.source_row, column.part)
            for row in self._rows_of(column)
            if row.cells.get(column.name, "") == text
        ]

    def put_all(self, column: CellColumn, texts: dict[str, str]) -> None:
        """Replaces texts of a column in one go."""
        self.rows[column.part] = [
            self._changed(row, column, texts[row.cells[column.name]])
            if row.sheet == column.sheet and row.cells.get(column.name) in texts
            else row
            for row in self.rows[column.part]
        ]

    def _changed(self, row: SheetRow, column: CellColumn, text: str) -> SheetRow:
        self.delivered.setdefault((row.sheet, row.source_row), row.cells)
        return replace(row, cells=row.cells | {column.name: text.strip()})

    def _rows_of(self, column: CellColumn) -> list[SheetRow]:
        return [row for row in self.rows.get(column.part, []) if row.sheet == column.sheet]

    def _row(self, spot: Spot) -> SheetRow:
        if spot.row is None and self.keys is not None:
            return self.keys
        return next(
            row
            for row in self.rows[spot.part]
            if (row.sheet, row.source_row) == (spot.sheet, spot.row)
        )

    def _keyed(self) -> Sheet:
        return next(sheet for sheet in self.template.sheets if sheet.keyed)

    def _of_keys(self, keys: SheetRow) -> tuple[str, str | None]:
        return self._keyed().name, keys.sheet

    def _sheets(self, name: str | None) -> set[tuple[str, str | None]]:
        """Sheets of the file that a name means, as (sheet of the template, its name here).

        The file's own name counts first; where no sheet is called so, the template's does.
        """
        own = {(part, row.sheet) for part, rows in self.rows.items() for row in rows}
        if self.keys is not None:
            own.add(self._of_keys(self.keys))
        if name is None:
            return own
        wanted = text_key(name)
        by_file = {(part, sheet) for part, sheet in own if text_key(sheet or "") == wanted}
        meant = {sheet.name for sheet in self.template.sheets if wanted in sheet.spellings}
        return by_file or {(part, sheet) for part, sheet in own if part in meant}
