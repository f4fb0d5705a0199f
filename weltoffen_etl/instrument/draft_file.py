"""Writes a proposed mapping as a file that a person completes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

from weltoffen_etl.instrument.draft import ColumnDraft, Draft
from weltoffen_etl.instrument.mapping_file import UNKNOWN
from weltoffen_etl.instrument.model import ColumnMapping, InstrumentError
from weltoffen_etl.instrument.store import MAPPING

DRAFT = "mapping.draft.yml"
_LONGEST_REMARK = 100
_LONGEST_KEY = 1000
_ONE_BYTE = 0x100


def draft_target(folder: Path) -> Path:
    """Returns where a draft goes: ``mapping.yml``, or beside one that is there already.

    Raises:
        InstrumentError: a draft lies there already, perhaps with someone's work in it.
    """
    target = folder / (DRAFT if (folder / MAPPING).exists() else MAPPING)
    if target.exists():
        raise InstrumentError(
            f"{target} liegt schon da. Bitte erst fertigstellen, umbenennen oder löschen."
        )
    return target


def write_draft(draft: Draft, target: Path, tool: str, *, synthetic: bool) -> None:
    """Writes a draft as a new file.

    Args:
        draft: the proposal.
        target: what `draft_target` returned.
        tool: survey tool.
        synthetic: whether texts and answers are invented.
    """
    with target.open("x", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in _lines(draft, tool, synthetic=synthetic))


def _lines(draft: Draft, tool: str, *, synthetic: bool) -> Iterator[str]:
    yield "# Entwurf. Jede Zeile bitte prüfen; die Zahl ist die Ähnlichkeit der Texte von 0 bis 100."
    yield "# Solange etwas „unknown“ ist, wird dieser Fragebogen nicht geladen."
    yield f"tool: {tool}"
    yield f"synthetic: {str(synthetic).lower()}"
    if draft.scales:
        yield ""
        yield "scales:"
        for name, scale in draft.scales.items():
            yield f"  {name}:"
            for code, outcome in scale.items():
                yield _scale_line(code, outcome, draft.labels[name][code])
    if draft.values:
        yield ""
        yield "values:"
        for question, values in draft.values.items():
            yield f"  {_text(question)}:"
            for code, target in values.items():
                label = draft.value_labels[question][code]
                yield f"    {_text(code)}: {_text(target)}  # {_remark(label)}"
    yield ""
    yield "columns:"
    for entry in draft.placed:
        yield f"{_key(entry.column.source_code)} {_mapping(entry)}"
    if draft.open:
        yield ""
        yield "  # nicht zugeordnet"
        for entry in draft.open:
            yield (
                f"{_key(entry.column.source_code)} {{role: {UNKNOWN}}}  "
                f"# {_remark(_open_remark(entry))}"
            )


def _scale_line(code: str, outcome: str, label: str) -> str:
    if label == code:
        line = f"    {_text(code)}: {outcome}"
    else:
        line = f"    {_text(code)}: {{value: {outcome}, expect: {_text(label)}}}"
    return f"{line}  # nicht zugeordnet" if outcome == UNKNOWN else line


def _mapping(entry: ColumnDraft) -> str:
    if entry.mapping is None:
        raise ValueError(f"{entry.column.source_code} has no proposal")
    given = {x.name: getattr(entry.mapping, x.name) for x in fields(ColumnMapping)}
    parts = ", ".join(
        f"{name}: {_text(value) if name in ('expect', 'reason') else value}"
        for name, value in given.items()
        if value is not None
    )
    return f"{{{parts}}}  # {entry.score:.0f} {_remark(entry.note)}"


def _open_remark(entry: ColumnDraft) -> str:
    text = next((x for x in entry.column.sub_text.values() if x), "") or next(
        iter(entry.column.text.values()), ""
    )
    near = f"{entry.score:.0f} {entry.note}: " if entry.note else ""
    return near + text


def _text(text: str) -> str:
    """A text as YAML in double quotes, whatever a file may have put into it."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(x if x.isprintable() else _escape(ord(x)) for x in escaped) + '"'


def _escape(point: int) -> str:
    return f"\\x{point:02x}" if point < _ONE_BYTE else f"\\U{point:08x}"


def _key(text: str) -> str:
    """A text as key of a column; YAML allows no more than 1024 letters before a colon."""
    quoted = _text(text)
    return f"  {quoted}:" if len(quoted) <= _LONGEST_KEY else f"  ? {quoted}\n  :"


def _remark(text: str) -> str:
    """A text that stays on its line of comment."""
    clean = " ".join("".join(x if x.isprintable() else " " for x in text).split())
    return clean if len(clean) <= _LONGEST_REMARK else clean[: _LONGEST_REMARK - 1] + "…"
