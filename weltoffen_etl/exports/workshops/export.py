"""A workshop export: keys and rows of one workshop file, in the template's terms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from weltoffen_etl.findings import Finding


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row of a sheet: its place in the file and its cells by template name.

    Attributes:
        sheet: sheet of a workbook.
        source_row: row in the file, from 1; the first one where keys stand below each other.
        cells: text by name.
    """

    sheet: str | None
    source_row: int
    cells: dict[str, str]


@dataclass(frozen=True, slots=True)
class WorkshopExport:
    """What one workshop file holds, still as text.

    Attributes:
        tool: ``workshop`` for the template, else the board or voting tool.
        part: part of the workshop's results the file holds; a newer file of the same part
            replaces it. ``whole`` for a workbook of the template.
        format: format of the workshop where the tool itself says it, else None.
        container: ``xlsx``, ``ods``, ``csv`` …
        encoding: encoding of a text file.
        delimiter: separator of a text file.
        keys: content of the sheet *Workshop*; None when the file has no such sheet.
        rows: data rows by template sheet.
        ragged: rows of a text file with another number of fields, which were not read, as
            ``(source_row, text)``.
        ignored_rows: number of rows that were read past because they are no data.
        findings: what was noticed while reading.
        columns: position of a column from 0, by sheet and heading of the template.
        key_cells: row and position from 0 of a key's value, by sheet and key of the template.
        delivered: cells as they stood in rows that a correction changed, by (sheet, row).
    """

    tool: str
    part: str
    format: str | None
    container: str
    encoding: str | None
    delimiter: str | None
    keys: SheetRow | None
    rows: dict[str, list[SheetRow]]
    ragged: tuple[tuple[int, str], ...]
    ignored_rows: int
    findings: tuple[Finding, ...]
    columns: Mapping[tuple[str | None, str], int] = field(default_factory=dict)
    key_cells: Mapping[tuple[str | None, str], tuple[int, int]] = field(default_factory=dict)
    delivered: Mapping[tuple[str | None, int], dict[str, str]] = field(default_factory=dict)

    @property
    def data_rows(self) -> int:
        """Number of rows that must be loaded or kept back."""
        return sum(map(len, self.rows.values())) + len(self.ragged) + (self.keys is not None)
