"""Workshop template: one workbook with four sheets, or one text file per sheet."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from weltoffen_etl.exports.grid import Grid, Tables, UnreadableFileError
from weltoffen_etl.exports.noticed import about_file, about_sheet, finding_of
from weltoffen_etl.exports.workshops.export import SheetRow, WorkshopExport
from weltoffen_etl.exports.workshops.rows import body
from weltoffen_etl.findings import Finding, found
from weltoffen_etl.instrument.model import text_key
from weltoffen_etl.text_yaml import load_values

TOOL: Final = "workshop"


@dataclass(frozen=True, slots=True)
class Entry:
    """One heading or key of the template.

    Attributes:
        name: our name.
        label: heading as the template writes it.
        spellings: label and aliases in the form of `text_key`.
        required: whether a file must have it.
        help: what to enter.
        example: an entry as it should look.
        input: ``date``, ``count`` or ``points`` where only such a value is right, else
            empty.
    """

    name: str
    label: str
    spellings: frozenset[str]
    required: bool
    help: str
    example: str
    input: str


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
    """The whole template and the words that mark what is not data.

    Attributes:
        sheets: the sheets with data.
        own_sheets: sheets with drop-downs and explanations, read past.
        total_words: words that begin a total row.
        example_words: words that begin an example row, or are a whole cell of one.
        prompts: cells with exactly this text make a row one to be filled in.
        synthetic_words: words for invented content.
    """

    sheets: tuple[Sheet, ...]
    own_sheets: frozenset[str]
    total_words: tuple[str, ...]
    example_words: frozenset[str]
    prompts: frozenset[str]
    synthetic_words: frozenset[str]


def load_template(reference_dir: Path) -> Template:
    """Reads ``workshop_template.yml`` of the reference folder."""
    content = load_values((reference_dir / "workshop_template.yml").read_text(encoding="utf-8"))
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
                    Entry(
                        name=key,
                        label=entry["label"],
                        spellings=_keys(entry),
                        required=bool(entry.get("required")),
                        help=entry["help"],
                        example=str(entry["example"]),
                        input=entry.get("input", ""),
                    )
                    for key, entry in entries.items()
                ),
            )
        )
    return Template(
        sheets=tuple(sheets),
        own_sheets=frozenset(text_key(name) for name in content["own_sheets"]),
        total_words=tuple(text_key(word) for word in content["total_words"]),
        example_words=frozenset(text_key(word) for word in content["example_words"]),
        prompts=frozenset(text_key(text) for text in content["prompts"]),
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
    above the headings, such as titles and merged heads, are read past. Total rows, example
    rows and rows beside the table are reported and not counted, and so are columns and
    keys that the template does not know.

    Args:
        tables: grids of the file; `recognise` has said yes.
        template: the template.
        delivery_id: SHA-256 of the file, for findings.

    Returns:
        All rows by template sheet.

    Raises:
        UnreadableFileError: the sheet *Workshop* lacks a required key.
    """
    findings = [finding_of(note, delivery_id) for note in about_file(tables)]
    rows: dict[str, list[SheetRow]] = {}
    columns: dict[tuple[str | None, str], int] = {}
    key_cells: dict[tuple[str | None, str], tuple[int, int]] = {}
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
        if sheet.keyed and keys is None:
            keys = _key_values(grid, sheet)
            for row, place, entry, _ in _named_cells(grid, sheet):
                key_cells.setdefault((grid.sheet, entry.label), (row, place))
            findings.extend(_unknown_keys(grid, sheet, delivery_id))
            noticed = about_sheet(tables.notes, grid, grid.head[-1][0])
            findings.extend(finding_of(note, delivery_id) for note in noticed)
            continue
        if sheet.keyed:
            findings.append(found(delivery_id, "sheet_not_used", sheet=grid.sheet))
            continue
        labels = {entry.name: entry.label for entry in sheet.entries}
        columns |= {(grid.sheet, labels[name]): place for name, (_, place) in located.items()}
        heading_row = max(row for row, _ in located.values())
        beside: set[int] = set()
        skipped: set[int] = set()
        for source_row, cells in body(grid, heading_row):
            values = {name: cells[place] for name, (_, place) in located.items()}
            rule = _no_data(values, cells, template)
            if rule is not None:
                skipped.add(source_row)
                findings.append(found(delivery_id, rule, sheet=grid.sheet, source_row=source_row))
                continue
            beside |= {place for place, cell in enumerate(cells) if cell}
            rows.setdefault(sheet.name, []).append(SheetRow(grid.sheet, source_row, values))
        ignored += len(skipped)
        used = {place for _, place in located.values()}
        beside -= used
        noticed = about_sheet(
            tables.notes, grid, heading_row, set(range(grid.columns)) - used, skipped
        )
        findings.extend(finding_of(note, delivery_id) for note in noticed)
        findings.extend(_unknown_columns(grid, heading_row, beside, delivery_id))
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
    whole = tables.container != "csv"
    return WorkshopExport(
        tool=TOOL,
        part="whole" if whole else "+".join(sorted(rows)) or TOOL,
        format=None,
        container=tables.container,
        encoding=tables.encoding,
        delimiter=tables.delimiter,
        keys=keys,
        rows=rows,
        ragged=tuple(row for grid in tables.grids for row in grid.ragged_text),
        ignored_rows=ignored,
        findings=tuple(findings),
        columns=columns,
        key_cells=key_cells,
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
    """Reads key and value pairs: a known key, then the next filled cell of its row.

    A value may also stand in the key's own cell behind a colon; another key is no value.
    """
    values: dict[str, str] = {}
    first = grid.head[0][0] if grid.head else 1
    for _, _, entry, value in _named_cells(grid, sheet):
        values.setdefault(entry.name, value)
    return SheetRow(grid.sheet, first, values)


def _named_cells(grid: Grid, sheet: Sheet) -> Iterator[tuple[int, int, Entry, str]]:
    """Yields row, column from 0 of the value's cell, key and value."""
    for row, cells in grid.head:
        texts = [(cell or "").strip() for cell in cells]
        for column, text in enumerate(texts):
            entry, inside = _key(text, sheet)
            if entry is None:
                continue
            beside = next((x for x in range(column + 1, len(texts)) if texts[x]), None)
            if not inside and beside is not None and _key(texts[beside], sheet)[0] is None:
                yield row, beside, entry, texts[beside]
            else:
                yield row, column if inside else column + 1, entry, inside


def _key(text: str, sheet: Sheet) -> tuple[Entry | None, str]:
    """The key a cell names, and the value behind its colon."""
    name, _, inside = text.partition(":")
    key = text_key(name)
    entry = next((entry for entry in sheet.entries if key and key in entry.spellings), None)
    return entry, inside.strip()


def _unknown_keys(grid: Grid, sheet: Sheet, delivery_id: str) -> list[Finding]:
    """Rows with something beside a word that is no key of the template."""
    findings = []
    for row, cells in grid.head:
        texts = [cell.strip() for cell in cells if cell and cell.strip()]
        if len(texts) > 1 and all(_key(text, sheet)[0] is None for text in texts):
            findings.append(
                found(
                    delivery_id,
                    "template_key_unknown",
                    sheet=grid.sheet,
                    source_row=row,
                    value=texts[0],
                )
            )
    return findings


def _unknown_columns(
    grid: Grid, heading_row: int, columns: set[int], delivery_id: str
) -> list[Finding]:
    """Columns with content that no heading of the template stands above."""
    heads = dict(grid.head)[heading_row]
    return [
        found(
            delivery_id,
            "workshop_column_unknown",
            sheet=grid.sheet,
            source_row=heading_row,
            source_column=heads[column] or f"Spalte {column + 1}",
            position=column,
        )
        for column in sorted(columns)
    ]


def _no_data(values: dict[str, str], cells: list[str], template: Template) -> str | None:
    """The rule by which a row is no data, None for a row of data."""
    if not any(values.values()):
        return "row_beside_table"
    if any(text_key(x) in template.prompts | template.example_words for x in values.values()):
        return "example_row"
    first = next((cell for cell in cells if cell), "")
    word = text_key(re.split(r"[\s:]", first.strip(), maxsplit=1)[0])
    if values.get("number", "").isdigit():
        # A contribution may begin with such a word; then it has a number of its own.
        return None
    if word in template.example_words:
        return "example_row"
    return "total_row" if word in template.total_words else None


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
