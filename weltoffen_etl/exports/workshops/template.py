"""Workshop template: one workbook with four sheets, or one text file per sheet."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import yaml

from weltoffen_etl.exports.grid import Grid, Tables, UnreadableFileError
from weltoffen_etl.exports.workshops.export import SheetRow, WorkshopExport
from weltoffen_etl.findings import Finding, found
from weltoffen_etl.instrument.model import text_key


@dataclass(frozen=True, slots=True)
class Entry:
    """One heading or key of the template."""

    name: str
    label: str
    spellings: frozenset[str]
    required: bool


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet of the template; ``keyed`` sheets hold a key and a value per row."""

    name: str
    label: str
    spellings: frozenset[str]
    keyed: bool
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Template:
    """The whole template; ``own_sheets`` hold its drop-downs and are read past."""

    sheets: tuple[Sheet, ...]
    own_sheets: frozenset[str]
    total_words: tuple[str, ...]
    synthetic_words: frozenset[str]


def load_template(reference_dir: Path) -> Template:
    """Reads ``workshop_template.yml`` of the reference folder."""
    content = yaml.safe_load((reference_dir / "workshop_template.yml").read_text(encoding="utf-8"))
    sheets = []
    for name, sheet in content["sheets"].items():
        entries = sheet.get("keys") or sheet["columns"]
        sheets.append(
            Sheet(
                name=name,
                label=sheet["label"],
                spellings=_keys(sheet),
                keyed="keys" in sheet,
                entries=tuple(
                    Entry(key, entry["label"], _keys(entry), bool(entry.get("required")))
                    for key, entry in entries.items()
                ),
            )
        )
    return Template(
        sheets=tuple(sheets),
        own_sheets=frozenset(text_key(name) for name in content["own_sheets"]),
        total_words=tuple(text_key(word) for word in content["total_words"]),
        synthetic_words=frozenset(text_key(word) for word in content["synthetic_words"]),
    )


def recognise(tables: Tables, template: Template) -> bool:
    """Tells whether a file holds at least one sheet of the template."""
    return any(
        _locate(grid, sheet) is not None
        for grid in tables.grids
        if grid.visible
        for sheet in template.sheets
    )


def read(tables: Tables, template: Template, delivery_id: str) -> WorkshopExport:
    """Finds the template's sheets in a file and reads their rows.

    Sheets are known by their headings; the name decides where headings fit twice. Rows
    above the headings, such as titles and merged heads, are read past; a total row is
    reported and not counted.

    Args:
        tables: grids of the file; `recognise` has said yes.
        template: the template.
        delivery_id: SHA-256 of the file, for findings.

    Returns:
        All rows by template sheet.

    Raises:
        UnreadableFileError: the sheet *Workshop* lacks a required key.
    """
    findings: list[Finding] = []
    rows: dict[str, list[SheetRow]] = {}
    keys: SheetRow | None = None
    ignored = 0
    for grid in tables.grids:
        if text_key(grid.sheet or "") in template.own_sheets:
            continue
        if not grid.visible:
            findings.append(found(delivery_id, "sheet_hidden", sheet=grid.sheet))
            continue
        sheet = _which(grid, template)
        if sheet is None:
            findings.append(found(delivery_id, "sheet_not_used", sheet=grid.sheet))
            continue
        located = _locate(grid, sheet) or {}
        if sheet.keyed:
            keys = _key_values(grid, sheet)
            continue
        heading_row = max(row for row, _ in located.values())
        body = _body(grid, heading_row)
        for source_row, cells in body:
            values = {name: cells[place] for name, (_, place) in located.items()}
            if not any(values.values()):
                continue
            if _is_total(values, cells, template):
                ignored += 1
                findings.append(
                    found(delivery_id, "total_row", sheet=grid.sheet, source_row=source_row)
                )
                continue
            rows.setdefault(sheet.name, []).append(SheetRow(grid.sheet, source_row, values))
    if tables.container != "csv":
        for sheet in template.sheets:
            present = (
                keys is not None
                if sheet.keyed
                else any(grid.visible and _which(grid, template) == sheet for grid in tables.grids)
            )
            if not present:
                findings.append(found(delivery_id, "sheet_missing", sheet=sheet.label))
    findings.extend(
        found(delivery_id, "row_ragged", source_row=row, value=str(width), expected=grid.columns)
        for grid in tables.grids
        for row, width in grid.ragged
    )
    return WorkshopExport(
        container=tables.container,
        encoding=tables.encoding,
        delimiter=tables.delimiter,
        keys=keys,
        rows=rows,
        ignored_rows=ignored,
        findings=tuple(findings),
    )


def _keys(entry: dict[str, Any]) -> frozenset[str]:
    return frozenset(text_key(text) for text in (entry["label"], *entry.get("aliases", [])))


def _which(grid: Grid, template: Template) -> Sheet | None:
    """The template sheet a grid is; its name breaks a tie of headings."""
    fitting = [sheet for sheet in template.sheets if _locate(grid, sheet) is not None]
    named = [sheet for sheet in fitting if text_key(grid.sheet or "") in sheet.spellings]
    if named:
        return named[0]
    # The sheet with more headings found is the more specific one.
    return max(fitting, key=lambda sheet: len(_locate(grid, sheet) or {}), default=None)


def _locate(grid: Grid, sheet: Sheet) -> dict[str, tuple[int, int]] | None:
    """Places of the headings as name → (row, column), or None if required ones lack.

    Tries single rows first, then two rows on top of each other (merged heads).
    """
    if sheet.keyed:
        values = _key_values(grid, sheet)
        wanted = {entry.name for entry in sheet.entries if entry.required}
        return dict.fromkeys(values.cells, (0, 0)) if wanted <= values.cells.keys() else None
    head = [(row, list(cells)) for row, cells in grid.head]
    windows = [[line] for line in head] + [list(pair) for pair in itertools.pairwise(head)]
    for window in windows:
        places: dict[str, tuple[int, int]] = {}
        for row, cells in reversed(window):
            for column, cell in enumerate(cells):
                for entry in sheet.entries:
                    if entry.name not in places and text_key(cell or "") in entry.spellings:
                        places[entry.name] = (row, column)
                        break
        if all(entry.name in places for entry in sheet.entries if entry.required):
            last = window[-1][0]
            return {name: (last, column) for name, (_, column) in places.items()}
    return None


def _key_values(grid: Grid, sheet: Sheet) -> SheetRow:
    """Reads key and value pairs: a known key, then the next filled cell of its row."""
    values: dict[str, str] = {}
    first = grid.head[0][0] if grid.head else 1
    for _, cells in grid.head:
        texts = [(cell or "").strip() for cell in cells]
        for column, text in enumerate(texts):
            key = text_key(text).removesuffix(":")
            for entry in sheet.entries:
                if key and key in entry.spellings and entry.name not in values:
                    values[entry.name] = next((cell for cell in texts[column + 1 :] if cell), "")
    return SheetRow(grid.sheet, first, values)


def _body(grid: Grid, heading_row: int) -> list[tuple[int, list[str]]]:
    with duckdb.connect() as connection:
        rows = connection.execute(
            "FROM read_parquet($path) WHERE source_row > $row ORDER BY source_row",
            {"path": str(grid.table), "row": heading_row},
        ).fetchall()
    return [(row[0], [(cell or "").strip() for cell in row[1:]]) for row in rows]


def _is_total(values: dict[str, str], cells: list[str], template: Template) -> bool:
    """A row that begins with a word for a sum and has no number of its own."""
    first = next((cell for cell in cells if cell), "")
    word = re.split(r"[\s:]", first.strip(), maxsplit=1)[0]
    return text_key(word) in template.total_words and not values.get("number", "").isdigit()


def require_keys(export: WorkshopExport, template: Template) -> None:
    """Checks that the sheet *Workshop*, where present, names what it must.

    Raises:
        UnreadableFileError: a required key has no value.
    """
    if export.keys is None:
        return
    sheet = next(sheet for sheet in template.sheets if sheet.keyed)
    for entry in sheet.entries:
        if entry.required and not export.keys.cells.get(entry.name):
            raise UnreadableFileError("template_key_missing", entry.label)
