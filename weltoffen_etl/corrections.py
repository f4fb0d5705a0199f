"""Corrections as data: what a person decided about a delivered cell, row or column, and why."""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    model_validator,
)

from weltoffen_etl.text_yaml import load_texts

FILE: Final = "corrections.yml"
_ID: Final = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,59}$"
_PLACE: Final = re.compile(
    r"_multi(/[^/]+)?|\d{5,8}/[^/]+/selfcheck|\d{5,8}/workshops/\d{4}-\d{2}-\d{2}"
)


class CorrectionError(ValueError):
    """The file of corrections is not valid; the German sentence names the entry."""


def _plain_place(place: str) -> str:
    if _PLACE.fullmatch(place) is None:
        raise ValueError(
            "place ist ein Ordner im Eingang: <AGS>/<Welle>/selfcheck, "
            "<AGS>/workshops/<JJJJ-MM-TT>, _multi/<Welle> oder _multi"
        )
    return place


def _useful_factor(factor: Decimal) -> Decimal:
    if not factor.is_finite() or factor in (0, 1):
        raise ValueError("factor ist eine Zahl außer 0 und 1, mit Punkt geschrieben (0.1)")
    return factor


def _told_day(value: object) -> object:
    """Days are written as 2025-11-03; a bare number is no day."""
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value) is None:
        raise ValueError("said_on ist ein Tag wie 2025-11-03")
    return value


_Text = Annotated[str, Field(min_length=1)]
_Row = Annotated[int, Field(ge=1)]


class NumberRange(BaseModel):
    """Smallest and largest number that a column should hold before it is scaled."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    min: Annotated[Decimal, Field(allow_inf_nan=False)]
    max: Annotated[Decimal, Field(allow_inf_nan=False)]

    def __str__(self) -> str:
        """The range as a sentence names it."""
        return f"{self.min} bis {self.max}"


class _Located(BaseModel):
    """Who corrected what, where and why.

    Attributes:
        id: unique name of the correction.
        file: SHA-256 of the delivered file, or its first digits.
        place: folder below the inbox; every file delivered there.
        sheet: sheet of a workshop file, as the spreadsheet shows it or as in the template.
        response: number of the form in the survey tool.
        row: row as a spreadsheet shows it.
        reason: why the file is wrong.
        said_by: who said so; stays internal.
        said_on: when.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Annotated[str, Field(pattern=_ID)]
    file: (
        Annotated[str, Field(pattern=r"^[0-9a-fA-F]{12,64}$"), AfterValidator(str.lower)] | None
    ) = None
    place: Annotated[str, AfterValidator(_plain_place)] | None = None
    sheet: _Text | None = None
    response: _Text | None = None
    row: _Row | None = None
    reason: _Text
    said_by: _Text
    said_on: Annotated[date, BeforeValidator(_told_day)]

    @property
    def names_row(self) -> bool:
        """Whether the correction is about one row."""
        return self.response is not None or self.row is not None

    @model_validator(mode="after")
    def _locates_once(self) -> Self:
        if (self.file is None) == (self.place is None):
            raise ValueError("entweder file oder place angeben")
        if self.response is not None and (self.row is not None or self.sheet is not None):
            raise ValueError("response steht allein, ohne row und sheet")
        return self


class Override(_Located):
    """Replaces the text of one cell before it is interpreted.

    Attributes:
        column: code in the survey tool, or heading of the workshop template.
        value: what should stand there.
        expect: what stands there now; empty for an empty cell.
    """

    action: Literal["override"]
    column: _Text
    value: str
    expect: str

    @model_validator(mode="after")
    def _is_one_cell(self) -> Self:
        if not self.names_row and self.sheet is None:
            raise ValueError("override braucht response oder row (oder das Blatt Workshop)")
        if self.value == self.expect:
            raise ValueError("value und expect sind gleich, es gäbe nichts zu berichtigen")
        return self


class Drop(_Located):
    """Takes one row out of the data.

    Attributes:
        expect: text that stands in some columns of the row, by column.
    """

    action: Literal["drop"]
    expect: Annotated[dict[_Text, str], Field(min_length=1)]

    @model_validator(mode="after")
    def _is_one_row(self) -> Self:
        if not self.names_row:
            raise ValueError("drop braucht response oder row")
        return self


class Scale(_Located):
    """Multiplies the number of one cell, or all numbers of a column.

    Attributes:
        column: code in the survey tool, or heading of the workshop template.
        factor: what to multiply by.
        expect: text of the one cell, or range of the column's numbers.
    """

    action: Literal["scale"]
    column: _Text
    factor: Annotated[Decimal, AfterValidator(_useful_factor)]
    expect: str | NumberRange

    @model_validator(mode="after")
    def _expects_what_it_scales(self) -> Self:
        if self.names_row and not isinstance(self.expect, str):
            raise ValueError("expect ist für eine Zelle der Text, der dort steht")
        if not self.names_row and isinstance(self.expect, str):
            raise ValueError("expect ist für eine ganze Spalte {min: …, max: …}")
        return self


Correction = Override | Drop | Scale
"""One correction of the file."""

_ENTRY: Final[TypeAdapter[Correction]] = TypeAdapter(
    Annotated[Correction, Field(discriminator="action")]
)


def load_corrections(reference_dir: Path) -> tuple[Correction, ...]:
    """Reads ``corrections.yml`` of the reference folder.

    Args:
        reference_dir: reference folder; one without the file has no corrections.

    Returns:
        The corrections in the order of the file, in which they are applied.

    Raises:
        CorrectionError: the file is not valid, an id stands twice, or two corrections are
            about the same cell.
    """
    path = reference_dir / FILE
    if not path.is_file():
        return ()
    try:
        content = load_texts(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise CorrectionError(f"{FILE} ist kein gültiges YAML: {error}") from error
    if not isinstance(content, dict) or list(content) != ["corrections"]:
        raise CorrectionError(f"{FILE} enthält genau eine Angabe: corrections, eine Liste.")
    entries = content["corrections"]
    if not isinstance(entries, list):
        raise CorrectionError(f"{FILE}: corrections ist keine Liste.")
    corrections = tuple(_entry(number, entry) for number, entry in enumerate(entries, start=1))
    _refuse_repeated([(x.id,) for x in corrections], corrections, "dieselbe id")
    _refuse_repeated([_target(x) for x in corrections], corrections, "dieselbe Stelle")
    return corrections


def matching(
    corrections: Collection[Correction], delivery_id: str, folders: Collection[str]
) -> tuple[Correction, ...]:
    """Returns the corrections of one delivery, in their order.

    Args:
        corrections: all corrections.
        delivery_id: SHA-256 of the file.
        folders: folders below the inbox to which the delivery belongs.
    """
    return tuple(
        x
        for x in corrections
        if (delivery_id.startswith(x.file) if x.file is not None else x.place in folders)
    )


def correction_row(position: int, correction: Correction) -> tuple[object, ...]:
    """Returns one correction as a row of ``reference.correction``."""
    expect = correction.expect
    expected = json.dumps(expect, ensure_ascii=False) if isinstance(expect, dict) else str(expect)
    return (
        correction.id,
        position,
        correction.file,
        correction.place,
        correction.sheet,
        correction.response,
        correction.row,
        None if isinstance(correction, Drop) else correction.column,
        correction.action,
        correction.value if isinstance(correction, Override) else None,
        float(correction.factor) if isinstance(correction, Scale) else None,
        expected,
        correction.reason,
        correction.said_by,
        correction.said_on,
    )


def _entry(number: int, entry: Any) -> Correction:
    name = f"Eintrag {number}"
    if isinstance(entry, dict) and isinstance(entry.get("id"), str) and entry["id"]:
        name = f"Berichtigung „{entry['id']}“ ({name})"
    if not isinstance(entry, dict):
        raise CorrectionError(f"{FILE}, {name}: ist keine Liste von Angaben (id, file …).")
    try:
        return _ENTRY.validate_python(entry)
    except ValidationError as error:
        raise CorrectionError(f"{FILE}, {name}: {'; '.join(_sentences(error))}.") from None


def _sentences(error: ValidationError) -> list[str]:
    says = {
        "extra_forbidden": "diese Angabe gibt es hier nicht",
        "missing": "fehlt",
        "union_tag_not_found": "action fehlt (override, drop oder scale)",
        "union_tag_invalid": "action ist override, drop oder scale",
        "string_too_short": "ist leer",
        "string_type": "ist kein Text",
        "model_type": "ist {min: …, max: …}",
        "int_parsing": "ist keine ganze Zahl",
        "greater_than_equal": "ist eine Zahl ab 1",
        "decimal_parsing": "ist keine Zahl mit Punkt (0.1)",
        "finite_number": "ist keine Zahl",
        "dict_type": "nennt je Spalte den Text, der dort steht",
        "too_short": "nennt mindestens eine Spalte",
        "date_from_datetime_parsing": "ist kein Tag wie 2025-11-03",
    }
    forms = {
        "id": "besteht aus Buchstaben, Ziffern, Punkt und Strich, höchstens 60",
        "file": "ist die Prüfsumme der Datei, mindestens 12 ihrer Ziffern (0-9, a-f)",
    }
    sentences = []
    for problem in error.errors():
        steps = [str(step) for step in problem["loc"] if step not in ("override", "drop", "scale")]
        steps = [step for step in steps if step not in ("str", "NumberRange")]
        kind, said = problem["type"], says.get(problem["type"], problem["msg"])
        if kind == "value_error":
            said = str(problem.get("ctx", {}).get("error", said))
        if kind == "string_pattern_mismatch" and steps:
            said = forms.get(steps[0], said)
        sentences.append(f"{' → '.join(steps)}: {said}" if steps else said)
    return list(dict.fromkeys(sentences))


def _target(correction: Correction) -> tuple[object, ...]:
    column = None if isinstance(correction, Drop) else correction.column
    place = (correction.file, correction.place, correction.sheet)
    return (*place, correction.response, correction.row, column)


def _refuse_repeated(
    keys: list[tuple[object, ...]], corrections: tuple[Correction, ...], what: str
) -> None:
    seen: dict[tuple[object, ...], str] = {}
    for number, (key, correction) in enumerate(zip(keys, corrections, strict=True), start=1):
        if key in seen:
            raise CorrectionError(
                f"{FILE}, Berichtigung „{correction.id}“ (Eintrag {number}): "
                f"„{seen[key]}“ nennt bereits {what}."
            )
        seen[key] = correction.id
