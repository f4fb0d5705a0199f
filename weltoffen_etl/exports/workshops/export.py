"""A workshop export: keys and rows of one workshop file, in the template's terms."""

from __future__ import annotations

from dataclasses import dataclass

from weltoffen_etl.findings import Finding


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row of a sheet: its place in the file and its cells by template name."""

    sheet: str | None
    source_row: int
    cells: dict[str, str]


@dataclass(frozen=True, slots=True)
class WorkshopExport:
    """What one workshop file holds, still as text.

    Attributes:
        container: ``xlsx``, ``ods``, ``csv`` …
        encoding: encoding of a text file.
        delimiter: separator of a text file.
        keys: content of the sheet *Workshop*; None when the file has no such sheet.
        rows: data rows by template sheet.
        ignored_rows: number of total rows that were read past.
        findings: what was noticed while reading.
    """

    container: str
    encoding: str | None
    delimiter: str | None
    keys: SheetRow | None
    rows: dict[str, list[SheetRow]]
    ignored_rows: int
    findings: tuple[Finding, ...]
