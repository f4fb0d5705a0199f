"""Workshop files → workshop, participation, contributions and measures."""

from __future__ import annotations

import json
from datetime import date
from typing import Any, Final

from weltoffen_etl.database import Connection, insert
from weltoffen_etl.deliveries.places import Place
from weltoffen_etl.exports.workshops.export import SheetRow, WorkshopExport
from weltoffen_etl.exports.workshops.template import Template
from weltoffen_etl.findings import Finding, found, without_addresses, without_personal
from weltoffen_etl.instrument.model import text_key
from weltoffen_etl.interpret.keys import read_ags, read_code, read_count, read_date

_Row = tuple[Any, ...]
NO_ROW: Final = 0
"""Source row of a workshop that stands in the folder and not in the file."""
_WORDED: Final = ("contribution", "measure")
_WORTH_COMPARING: Final = 15
"""Shorter texts, such as "mehr Personal", are said by several people."""
_POINTS_EACH: Final = 20
"""The most votes that a board tool gives to one person (Conceptboard)."""
_NOT_BEGUN: Final = frozenset({"planned", "agreed"})
_EARLIEST: Final = date(2015, 1, 1)
_YEARS_AHEAD: Final = 2
_YEARS_BEHIND_DUE: Final = 1
_YEARS_TO_DUE: Final = 15


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
    last_wave = _last_wave_ends(connection)
    workshop = _workshop(export, place, delivery_id, known, last_wave)
    if workshop is not None:
        insert(connection, "raw.workshop", [workshop])
    refused = {
        (x.sheet, x.source_row)
        for x in export.findings
        if x.severity == "critical" and x.source_row is not None
    }
    for name in ("participation", "contribution", "measure"):
        rows = [
            (
                delivery_id,
                row.sheet or "",
                row.source_row,
                *_values(name, row.cells, codes, place.workshop_date),
            )
            for row in export.rows.get(name, [])
            if (row.sheet, row.source_row) not in refused
        ]
        insert(connection, f"raw.{name}", _with_repeats(rows) if name in _WORDED else rows)


def notes(
    connection: Connection, export: WorkshopExport, template: Template, delivery_id: str
) -> list[Finding]:
    """Findings about a workshop file as a whole: nobody there, more points than people give."""
    if export.part != "whole":
        return []
    row = connection.execute(
        "SELECT (SELECT sum(persons) FROM raw.participation WHERE delivery_id = $delivery_id), "
        "(SELECT sum(points) FROM raw.contribution WHERE delivery_id = $delivery_id)",
        {"delivery_id": delivery_id},
    ).fetchone()
    persons, points = (int(number or 0) for number in row or (0, 0))
    if persons <= 0:
        label = next(sheet.label for sheet in template.sheets if sheet.name == "participation")
        return [found(delivery_id, "participation_none", sheet=label)]
    if points > _POINTS_EACH * persons:
        return [
            found(delivery_id, "points_exceed_participants", value=str(points), persons=persons)
        ]
    return []


def is_synthetic(export: WorkshopExport, template: Template) -> bool:
    """Tells whether the sheet *Workshop* labels its content as synthetic."""
    kind = export.keys.cells.get("data_kind", "") if export.keys else ""
    return text_key(kind) in template.synthetic_words


def original_rows(export: WorkshopExport) -> dict[tuple[str | None, int | None], str]:
    """Returns every row as delivered, as JSON by (sheet, row); a ragged one as its text."""
    rows = [row for sheet in export.rows.values() for row in sheet]
    if export.keys is not None:
        rows.append(export.keys)
    originals: dict[tuple[str | None, int | None], str] = {
        (row.sheet, row.source_row): without_addresses(
            json.dumps(
                export.delivered.get((row.sheet, row.source_row), row.cells), ensure_ascii=False
            )
        )
        for row in rows
    }
    return originals | {
        (None, row): json.dumps({"Zeile": without_personal(text)}, ensure_ascii=False)
        for row, text in export.ragged
    }


def headings(template: Template) -> dict[tuple[str, str], str]:
    """Returns the template's heading by table and column name, to name a column in a finding."""
    return {
        (sheet.name, entry.name): entry.label
        for sheet in template.sheets
        for entry in sheet.entries
    }


def template_names(template: Template) -> frozenset[str]:
    """Returns all labels of the template's sheets, headings and keys."""
    return frozenset(sheet.label for sheet in template.sheets) | frozenset(
        headings(template).values()
    )


def _with_repeats(rows: list[_Row]) -> list[_Row]:
    """Adds to each row the earlier row that says the same, word for word."""
    first: dict[tuple[str, tuple[Any, ...]], int] = {}
    marked = []
    for row in rows:
        *values, text, same = row
        said = text_key(text or "")
        earlier = (
            first.setdefault((said, same), row[2]) if len(said) >= _WORTH_COMPARING else row[2]
        )
        marked.append((*values, text, None if earlier == row[2] else str(earlier)))
    return marked


def _last_wave_ends(connection: Connection) -> date:
    row = connection.execute("SELECT max(ends_on) FROM reference.wave").fetchone()
    if row is None or row[0] is None:
        raise LookupError("reference.wave has no rows")
    day: date = row[0]
    return day


def _shifted(day: date, years: int) -> tuple[int, int, int]:
    """A day some years later, as numbers to compare: the calendar ends with the year 9999."""
    return (day.year + years, day.month, day.day)


def _workshop(
    export: WorkshopExport, place: Place, delivery_id: str, known: dict[str, str], last_wave: date
) -> _Row | None:
    """The workshop as the file names it, or as the folder does where the tool cannot."""
    keys = export.keys
    if keys is None and export.format is None:
        return None
    if keys is None:
        keys = SheetRow(None, NO_ROW, {"format": export.format or ""})
        ags_text, ags = None, place.ags
        held_text, held_on = None, place.workshop_date
    else:
        ags_text, held_text = keys.cells["ags"], keys.cells["held_on"]
        ags, held_on = read_ags(ags_text, known)[0], read_date(held_text)
    cells = keys.cells
    ags_conflict = date_conflict = implausible = None
    if ags is not None and place.ags is not None and ags != place.ags:
        ags_conflict = f"Blatt {ags}, Ordner {place.ags}"
    if held_on is not None and place.workshop_date is not None and held_on != place.workshop_date:
        # A day so early can be somebody's date of birth: sentences leave the warehouse.
        told = held_on.isoformat() if held_on >= _EARLIEST else f"vor {_EARLIEST.year}"
        date_conflict = f"Blatt {told}, Ordner {place.workshop_date.isoformat()}"
    if held_on is not None and (
        held_on < _EARLIEST or _shifted(held_on, 0) > _shifted(last_wave, _YEARS_AHEAD)
    ):
        implausible = f"{held_on:%d.%m.%Y}"
    return (
        delivery_id,
        keys.sheet,
        keys.source_row,
        ags_text,
        ags,
        ags_conflict,
        held_text,
        held_on,
        date_conflict,
        implausible,
        cells.get("number") or None,
        cells.get("format") or None,
        without_addresses(cells.get("moderation", "")) or None,
    )


def _values(
    name: str, cells: dict[str, str], codes: dict[str, dict[str, str]], held_on: date | None
) -> _Row:
    match name:
        case "participation":
            return _participation(cells, codes)
        case "contribution":
            return _contribution(cells, codes)
        case _:
            return _measure(cells, codes, held_on)


def _participation(cells: dict[str, str], codes: dict[str, dict[str, str]]) -> _Row:
    group, persons = cells["actor_group"], cells["persons"]
    return (group, read_code(group, codes["actor_group"]), persons, *read_count(persons))


def _contribution(cells: dict[str, str], codes: dict[str, dict[str, str]]) -> _Row:
    question, field = cells["guiding_question"], cells["action_field"]
    group, points = cells.get("actor_group", ""), cells.get("points", "")
    read_group = read_code(group, codes["actor_group"])
    read_points, repair = read_count(points)
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
        repair,
        points if points and read_points is None else None,
        without_addresses(cells["text"]) or None,
        (text_key(question), text_key(field), text_key(group)),
    )


def _measure(cells: dict[str, str], codes: dict[str, dict[str, str]], held_on: date | None) -> _Row:
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
        _implausible_due(due_on, held_on),
        status or None,
        measure_status,
        status if status and measure_status is None else None,
        _open_past_due(due_on, measure_status, held_on),
        _lacking(cells),
        without_addresses(cells["text"]) or None,
        (text_key(field),),
    )


def _open_past_due(due_on: date | None, status: str | None, held_on: date | None) -> str | None:
    """Says that a measure not yet begun was due before the workshop that agreed on it."""
    if due_on is None or held_on is None or status not in _NOT_BEGUN or due_on >= held_on:
        return None
    if _implausible_due(due_on, held_on) is not None:
        return None  # said already, of the year
    return f"Frist {due_on:%d.%m.%Y}, Workshop {held_on:%d.%m.%Y}"


def _lacking(cells: dict[str, str]) -> str | None:
    """Names what an agreed measure needs and this one does not say."""
    names = {"responsible": "Zuständigkeit", "due_on": "Frist", "status": "Stand"}
    return ", ".join(label for name, label in names.items() if not cells.get(name)) or None


def _implausible_due(due_on: date | None, held_on: date | None) -> str | None:
    """Says why a due date cannot be right; a workshop agrees on what is to come."""
    if due_on is None or held_on is None:
        return None
    if _shifted(due_on, _YEARS_BEHIND_DUE) < _shifted(held_on, 0):
        return f"lange vor dem Workshop vom {held_on:%d.%m.%Y}"
    if _shifted(due_on, 0) > _shifted(held_on, _YEARS_TO_DUE):
        return f"mehr als {_YEARS_TO_DUE} Jahre nach dem Workshop vom {held_on:%d.%m.%Y}"
    return None
