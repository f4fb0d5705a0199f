"""Tells in the terminal what a draft placed and what the instruments cover."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from gettext import gettext as _

from weltoffen_etl.drafting import Drafted
from weltoffen_etl.instrument.coverage import Coverage
from weltoffen_etl.instrument.mapping_file import UNKNOWN

_LONGEST = 90


def draft_lines(drafted: Drafted) -> Iterator[str]:
    """Yields what was placed, how sure, and what a person must decide."""
    draft = drafted.draft
    yield _("Fragebogen {name}: {columns} Spalten, davon zugeordnet: {placed}").format(
        name=drafted.instrument_id, columns=len(draft.columns), placed=len(draft.placed)
    )
    for entry in draft.placed:
        role = entry.mapping.role if entry.mapping is not None else UNKNOWN
        yield _short(f"  {entry.score:5.0f}  {entry.column.source_code} → {role}, {entry.note}")
    for name, scale in draft.scales.items():
        meanings = ", ".join(f"{code} = {outcome}" for code, outcome in scale.items())
        yield _("Skala {name}: {meanings}").format(
            name=name, meanings=meanings or _("keine Antworten gefunden")
        )
    undecided = [
        f"{name} → {code}"
        for name, codes in (*draft.scales.items(), *draft.values.items())
        for code, target in codes.items()
        if target == UNKNOWN
    ]
    if undecided:
        yield _("Antwortcodes, die zu entscheiden sind: {codes}").format(codes=", ".join(undecided))
    if draft.open:
        yield _("Nicht zugeordnet: {n}").format(n=len(draft.open))
        for entry in draft.open:
            yield _short(f"         {entry.column.source_code}  {entry.note}".rstrip())
    if drafted.unfinished:
        yield _("Nicht verglichen, weil selbst noch nicht fertig: {names}").format(
            names=", ".join(drafted.unfinished)
        )
    yield _("Struktur: {file}").format(file=drafted.version)
    yield _("Bitte prüfen und ergänzen: {file}").format(file=drafted.mapping)
    if draft.open or undecided:
        yield _("Bis dahin meldet „weltoffen instrument check“, was fehlt.")


def coverage_lines(entries: Iterable[Coverage], fields: dict[str, str]) -> Iterator[str]:
    """Yields one paragraph per instrument.

    Args:
        entries: what `check_instruments` returned.
        fields: action field by item code.
    """
    for entry in entries:
        if entry.problem:
            yield _("{name}: nicht ladbar").format(name=entry.instrument_id)
            yield f"  {entry.problem}"
            continue
        total = len(entry.covered) + len(entry.missing)
        yield _("{name}, Version {version}: {title}").format(
            name=entry.instrument_id, version=entry.version, title=entry.title
        )
        yield "  " + _("{covered} von {all} Fragen des Katalogs").format(
            covered=len(entry.covered), all=total
        )
        by_field: dict[str, list[str]] = {}
        for item in entry.missing:
            by_field.setdefault(fields[item], []).append(item)
        for action_field, items in by_field.items():
            yield "  " + _("es fehlen in {field}: {items}").format(
                field=action_field, items=", ".join(items)
            )


def _short(line: str) -> str:
    clean = "".join(x if x.isprintable() else " " for x in line)
    return clean if len(clean) <= _LONGEST else clean[: _LONGEST - 1] + "…"
