"""Tells in the terminal what a draft placed and what the instruments cover."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from weltoffen_etl.drafting import Drafted
from weltoffen_etl.instrument.coverage import Coverage
from weltoffen_etl.instrument.mapping_file import UNKNOWN

_LONGEST = 90


def draft_lines(drafted: Drafted) -> Iterator[str]:
    """Yields what was placed, how sure, and what a person must decide."""
    draft = drafted.draft
    yield f"Fragebogen {drafted.instrument_id}: {len(draft.columns)} Spalten, davon zugeordnet: {len(draft.placed)}"
    for entry in draft.placed:
        role = entry.mapping.role if entry.mapping is not None else UNKNOWN
        yield _short(f"  {entry.score:5.0f}  {entry.column.source_code} → {role}, {entry.note}")
    for name, scale in draft.scales.items():
        meanings = ", ".join(f"{code} = {outcome}" for code, outcome in scale.items())
        yield f"Skala {name}: {meanings or 'keine Antworten gefunden'}"
    undecided = [
        f"{name} → {code}"
        for name, codes in (*draft.scales.items(), *draft.values.items())
        for code, target in codes.items()
        if target == UNKNOWN
    ]
    if undecided:
        yield f"Antwortcodes, die zu entscheiden sind: {', '.join(undecided)}"
    if draft.open:
        yield f"Nicht zugeordnet: {len(draft.open)}"
        for entry in draft.open:
            yield _short(f"         {entry.column.source_code}  {entry.note}".rstrip())
    if drafted.unfinished:
        yield f"Nicht verglichen, weil selbst noch nicht fertig: {', '.join(drafted.unfinished)}"
    yield f"Struktur: {drafted.version}"
    yield f"Bitte prüfen und ergänzen: {drafted.mapping}"
    if draft.open or undecided:
        yield "Bis dahin meldet „weltoffen instrument check“, was fehlt."


def coverage_lines(entries: Iterable[Coverage], fields: dict[str, str]) -> Iterator[str]:
    """Yields one paragraph per instrument.

    Args:
        entries: what `check_instruments` returned.
        fields: action field by item code.
    """
    for entry in entries:
        if entry.problem:
            yield f"{entry.instrument_id}: nicht ladbar"
            yield f"  {entry.problem}"
            continue
        total = len(entry.covered) + len(entry.missing)
        yield f"{entry.instrument_id}, Version {entry.version}: {entry.title}"
        yield f"  {len(entry.covered)} von {total} Fragen des Katalogs"
        by_field: dict[str, list[str]] = {}
        for item in entry.missing:
            by_field.setdefault(fields[item], []).append(item)
        for action_field, items in by_field.items():
            yield f"  es fehlen in {action_field}: {', '.join(items)}"


def _short(line: str) -> str:
    clean = "".join(x if x.isprintable() else " " for x in line)
    return clean if len(clean) <= _LONGEST else clean[: _LONGEST - 1] + "…"
