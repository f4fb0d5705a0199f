"""Workshop template → workshop, participation, contributions and measures."""

from __future__ import annotations

import json
from typing import Any

from weltoffen_etl.database import Connection, insert
from weltoffen_etl.deliveries import Place
from weltoffen_etl.exports.workshops.export import SheetRow, WorkshopExport
from weltoffen_etl.exports.workshops.template import Entry, Template
from weltoffen_etl.findings import without_addresses
from weltoffen_etl.instrument.model import text_key
from weltoffen_etl.interpret.keys import read_ags, read_code, read_count, read_date

_Row = tuple[Any, ...]


def interpret(
    connection: Connection,
    export: WorkshopExport,
    place: Place,
    delivery_id: str,
    known: dict[str, str],
    codes: dict[str, dict[str, str]],
) -> None:
    """Adds one workshop file to the workshop tables of schema ``raw``.

    Args:
        connection: database with schema ``raw``.
        export: what was read.
        place: what the folder says.
        delivery_id: SHA-256 of the file.
        known: municipalities by key.
        codes: code by spelling, for each list.
    """
    if export.keys is not None:
        insert(connection, "raw.workshop", [_workshop(export.keys, place, delivery_id, known)])
    readers = {"participation": _participation, "contribution": _contribution, "measure": _measure}
    for name, reader in readers.items():
        rows = [
            (delivery_id, row.sheet or "", row.source_row, *reader(row.cells, codes))
            for row in export.rows.get(name, [])
        ]
        insert(connection, f"raw.{name}", rows)


def is_synthetic(export: WorkshopExport, template: Template) -> bool:
    """Tells whether the sheet *Workshop* labels its content as synthetic."""
    kind = export.keys.cells.get("data_kind", "") if export.keys else ""
    return text_key(kind) in template.synthetic_words


def original_rows(export: WorkshopExport) -> dict[tuple[str | None, int | None], str]:
    """Returns every row of the file as JSON by (sheet, row)."""
    rows = [row for sheet in export.rows.values() for row in sheet]
    if export.keys is not None:
        rows.append(export.keys)
    return {
        (row.sheet, row.source_row): without_addresses(json.dumps(row.cells, ensure_ascii=False))
        for row in rows
    }


def headings(template: Template) -> dict[str, str]:
    """Returns the template's heading by column name, to name a column in a finding."""
    entries: list[Entry] = [entry for sheet in template.sheets for entry in sheet.entries]
    return {entry.name: entry.label for entry in entries}


def _workshop(keys: SheetRow, place: Place, delivery_id: str, known: dict[str, str]) -> _Row:
    cells = keys.cells
    ags, _ = read_ags(cells["ags"], known)
    held_on = read_date(cells["held_on"])
    ags_conflict = date_conflict = None
    if ags is not None and place.ags is not None and ags != place.ags:
        ags_conflict = f"Blatt {ags}, Ordner {place.ags}"
    if held_on is not None and place.workshop_date is not None and held_on != place.workshop_date:
        date_conflict = f"Blatt {held_on.isoformat()}, Ordner {place.workshop_date.isoformat()}"
    return (
        delivery_id,
        keys.sheet,
        keys.source_row,
        cells["ags"],
        ags,
        ags_conflict,
        cells["held_on"],
        held_on,
        date_conflict,
        cells.get("number") or None,
        cells.get("format") or None,
        without_addresses(cells.get("moderation", "")) or None,
    )


def _participation(cells: dict[str, str], codes: dict[str, dict[str, str]]) -> _Row:
    group, persons = cells["actor_group"], cells["persons"]
    return (group, read_code(group, codes["actor_group"]), persons, read_count(persons))


def _contribution(cells: dict[str, str], codes: dict[str, dict[str, str]]) -> _Row:
    question, field = cells["guiding_question"], cells["action_field"]
    group, points = cells.get("actor_group", ""), cells.get("points", "")
    read_group, read_points = read_code(group, codes["actor_group"]), read_count(points)
    return (
        cells["number"] or None,
        question,
        read_code(question, codes["guiding_question"]),
        field,
        read_code(field, codes["action_field"]),
        group or None,
        read_group,
        group if group and read_group is None else None,
        points or None,
        read_points,
        points if points and read_points is None else None,
        without_addresses(cells["text"]) or None,
    )


def _measure(cells: dict[str, str], codes: dict[str, dict[str, str]]) -> _Row:
    field = cells["action_field"]
    due, status = cells.get("due_on", ""), cells.get("status", "")
    due_on, measure_status = read_date(due), read_code(status, codes["measure_status"])
    return (
        cells["number"] or None,
        field,
        read_code(field, codes["action_field"]),
        without_addresses(cells.get("responsible", "")) or None,
        due or None,
        due_on,
        due if due and due_on is None else None,
        status or None,
        measure_status,
        status if status and measure_status is None else None,
        without_addresses(cells["text"]) or None,
    )
