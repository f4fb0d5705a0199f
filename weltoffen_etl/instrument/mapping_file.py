"""The shape of ``mapping.yml``: what a person writes about the columns of a questionnaire."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Final

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from weltoffen_etl.instrument.model import ROLES, ColumnMapping, InstrumentError
from weltoffen_etl.text_yaml import load_texts

UNKNOWN: Final = "unknown"
"""Role or outcome that a draft leaves to a person; the loader refuses it."""

_TARGETS: Final = {"item": "item", "field_choice": "action_field", "priority": "rank"}
_WITH_SCALE: Final = frozenset({"item", "overall"})


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ScaleEntry(_Entry):
    """What an answer code or answer label means.

    Attributes:
        value: 1 to 4 on the canonical scale, or a missing reason.
        expect: label the code must carry in the structure.
    """

    value: str
    expect: str | None = None


def _spelled_out(entry: Any) -> Any:
    """``AO01: 4`` is short for ``AO01: {value: 4}``."""
    return {"value": entry} if isinstance(entry, str) else entry


class MappingFile(_Entry):
    """A whole ``mapping.yml``.

    Attributes:
        tool: survey tool whose files carry these columns.
        synthetic: whether texts and answers are invented.
        scales: entry by answer code or label, by name of the scale.
        values: our code by answer code or label, by question code or heading.
        columns: entry by the tool's code or heading.
    """

    tool: Annotated[str, Field(min_length=1)]
    synthetic: bool
    scales: dict[str, dict[str, Annotated[ScaleEntry, BeforeValidator(_spelled_out)]]] = {}
    values: dict[str, dict[str, str]] = {}
    columns: dict[str, ColumnMapping]


def read_mapping(path: Path) -> MappingFile:
    """Reads a ``mapping.yml``.

    Args:
        path: file to read.

    Returns:
        The checked content.

    Raises:
        InstrumentError: no YAML, a key given twice, an unknown or missing entry, an
            unknown role, or something not yet assigned by a person.
    """
    where = f"Instrument {path.parent.name}, {path.name}"
    try:
        mapping = MappingFile.model_validate(load_texts(path.read_text(encoding="utf-8")))
    except yaml.YAMLError as error:
        raise InstrumentError(f"{where}: kein gültiges YAML: {error}") from error
    except ValidationError as error:
        raise InstrumentError(f"{where}: {'; '.join(_sentences(error))}.") from error
    if problems := [*_undecided(mapping), *_incomplete(mapping)]:
        raise InstrumentError(f"{where}: {' '.join(problems)}")
    return mapping


def _sentences(error: ValidationError) -> list[str]:
    says = {
        "extra_forbidden": "unbekannte Angabe",
        "unexpected_keyword_argument": "unbekannte Angabe",
        "missing": "fehlt",
    }
    return [
        f"{' → '.join(str(step) for step in problem['loc']) or 'Datei'}: "
        f"{says.get(problem['type'], problem['msg'])}"
        for problem in error.errors()
    ]


def _undecided(mapping: MappingFile) -> list[str]:
    columns = [key for key, entry in mapping.columns.items() if entry.role == UNKNOWN]
    codes = [
        f"{name} → {code}"
        for name, scale in mapping.scales.items()
        for code, entry in scale.items()
        if entry.value == UNKNOWN
    ]
    codes += [
        f"{question} → {code}"
        for question, values in mapping.values.items()
        for code, target in values.items()
        if target == UNKNOWN
    ]
    problems = []
    if columns:
        problems.append(
            f"Diese Spalten sind noch nicht zugeordnet: {', '.join(columns)}. Bitte jeder eine "
            "Rolle geben (zum Beispiel item, comment, ignored oder never_loaded)."
        )
    if codes:
        problems.append(
            f"Diese Antwortcodes sind noch nicht zugeordnet: {', '.join(codes)}. Bitte jedem "
            "einen Wert oder einen Grund für das Fehlen geben."
        )
    return problems


def _incomplete(mapping: MappingFile) -> list[str]:
    problems = []
    for key, entry in mapping.columns.items():
        if entry.role not in ROLES and entry.role != UNKNOWN:
            problems.append(f"Spalte {key}: unbekannte Rolle „{entry.role}“.")
        target = _TARGETS.get(entry.role)
        if target is not None and getattr(entry, target) is None:
            problems.append(f"Spalte {key}: der Rolle {entry.role} fehlt die Angabe {target}.")
        if entry.role in _WITH_SCALE and entry.scale is None:
            problems.append(f"Spalte {key}: der Rolle {entry.role} fehlt die Skala.")
        if entry.scale is not None and entry.scale not in mapping.scales:
            problems.append(f"Spalte {key}: nennt die unbekannte Skala {entry.scale}.")
        if entry.role == "field_choice_list" and entry.values not in mapping.values:
            problems.append(
                f"Spalte {key}: nennt keine bekannte Liste von Optionen ({entry.values})."
            )
    return problems
