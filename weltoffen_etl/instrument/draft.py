"""Proposes what the columns of an unknown questionnaire mean; a person decides."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from weltoffen_etl.instrument.catalogue import Catalogue
from weltoffen_etl.instrument.combination import shown_texts
from weltoffen_etl.instrument.mapping_file import UNKNOWN
from weltoffen_etl.instrument.model import (
    ColumnMapping,
    Instrument,
    SourceColumn,
    Structure,
    text_key,
)
from weltoffen_etl.instrument.similarity import SAME, Pair, resembling

_MULTIPLE_CHOICE: Final = frozenset("MP")
_TICKS: Final = frozenset({"y", "n", "ja", "nein", "yes", "no", "1", "0"})
_WITH_SCALE: Final = frozenset({"item", "overall"})
_REPEATABLE: Final = frozenset({"comment", "ignored", "never_loaded"})
_TOLD_APART_BY: Final = 1.0


@dataclass(frozen=True, slots=True)
class ColumnDraft:
    """What a column probably is.

    Attributes:
        column: the column.
        mapping: proposed meaning, None where a person must decide.
        score: 0 to 100, how much the texts resemble each other.
        note: German remark: what it resembles, or why it was not placed.
    """

    column: SourceColumn
    mapping: ColumnMapping | None
    score: float
    note: str


@dataclass(frozen=True, slots=True)
class Draft:
    """A proposed mapping.

    Attributes:
        columns: one proposal per column, in the survey's order.
        scales: outcome (``unknown`` for undecided) by code, by name of the scale.
        labels: label by code, by name of the scale.
        values: our code (or ``unknown``) by answer code, by question code.
        value_labels: label by answer code, by question code.
    """

    columns: tuple[ColumnDraft, ...]
    scales: dict[str, dict[str, str]] = field(default_factory=dict)
    labels: dict[str, dict[str, str]] = field(default_factory=dict)
    values: dict[str, dict[str, str]] = field(default_factory=dict)
    value_labels: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def placed(self) -> tuple[ColumnDraft, ...]:
        """Columns with a proposal."""
        return tuple(x for x in self.columns if x.mapping is not None)

    @property
    def open(self) -> tuple[ColumnDraft, ...]:
        """Columns that a person must decide on."""
        return tuple(x for x in self.columns if x.mapping is None)


@dataclass(frozen=True, slots=True)
class _Model:
    """Something a column can be, with the text it would carry."""

    text: str
    mapping: ColumnMapping
    name: str
    code: str = ""
    asks_to_tick: bool = False


def outcomes_by_label(catalogue: Catalogue, instruments: Sequence[Instrument]) -> dict[str, str]:
    """Returns the outcome of every answer label that is known and means one thing only.

    Args:
        catalogue: labels of the canonical scale, of missing reasons, and their spellings.
        instruments: known questionnaires; the labels of their scales count as well.

    Returns:
        1 to 4 or a missing reason, by `text_key` of the label.
    """
    known: dict[str, set[str]] = {}
    for outcome, label in (*catalogue.scale_values.items(), *catalogue.missing_reasons.items()):
        known.setdefault(text_key(label), set()).add(outcome)
    for name, alias, code in catalogue.spellings:
        if name in ("scale", "missing_reason"):
            known.setdefault(text_key(alias), set()).add(code)
    for instrument in instruments:
        scale_of = {
            column.question_code: instrument.mappings[column.source_code].scale
            for column in instrument.structure.columns
            if instrument.mappings[column.source_code].role in _WITH_SCALE
        }
        for answer in instrument.labels:
            scale = scale_of.get(answer.question_code)
            meaning = instrument.scales[scale].get(answer.code) if scale else None
            if meaning is not None:
                known.setdefault(text_key(answer.label), set()).add(meaning)
    return {label: next(iter(found)) for label, found in known.items() if len(found) == 1}


def propose(
    structure: Structure,
    catalogue: Catalogue,
    instruments: Sequence[Instrument],
    like: Instrument | None = None,
) -> Draft:
    """Proposes a mapping for a structure.

    A column is placed only if its text is practically the same as a canonical item's or
    a known questionnaire's, no second target comes as close, and no negation or number
    tells them apart. Everything else is left to a person.

    Args:
        structure: the unknown questionnaire.
        catalogue: canonical lists.
        instruments: known questionnaires to compare with.
        like: questionnaire it is a variant of: where texts are missing, equal codes
            count, and so does its scale where all answer codes are the same.

    Returns:
        The proposal.
    """
    models = list(_models(catalogue, [like] if like else instruments))
    columns = _place(structure, models)
    if like is not None:
        columns = [_by_code(x, like, columns) for x in columns]
    known = outcomes_by_label(catalogue, instruments)
    return _with_answers(structure, columns, known, catalogue, like)


def _models(catalogue: Catalogue, instruments: Sequence[Instrument]) -> Iterator[_Model]:
    for item, text in catalogue.items.items():
        yield _Model(text, ColumnMapping("item", item=item), item)
    for action_field, label in catalogue.action_fields.items():
        mapping = ColumnMapping("field_choice", action_field=action_field)
        yield _Model(label, mapping, f"Handlungsfeld {action_field}", asks_to_tick=True)
    for instrument in instruments:
        for column in instrument.structure.columns:
            mapping = replace(instrument.mappings[column.source_code], scale=None, expect=None)
            name = f"{instrument.instrument_id} {column.source_code}"
            for text in _long_texts(column, item=mapping.role == "item"):
                yield _Model(text, mapping, name, column.source_code)


def _long_texts(column: SourceColumn, *, item: bool) -> set[str]:
    """Texts to compare: an item by its own text, other columns with their question."""
    if item:
        return set(shown_texts(column).values())
    return {f"{text} {column.sub_text.get(x, '')}" for x, text in column.text.items()}


def _place(structure: Structure, models: list[_Model]) -> list[ColumnDraft]:
    lefts, texts = [], []
    for number, column in enumerate(structure.columns):
        for text in {*_long_texts(column, item=True), *_long_texts(column, item=False)}:
            lefts.append(number)
            texts.append(text)
    ticked = {answer.question_code: True for answer in structure.answers} | {
        question: {text_key(code) for code in codes} <= _TICKS
        for question, codes in _codes(structure).items()
    }
    pairs: dict[int, list[Pair]] = {}
    for pair in resembling(texts, [model.text for model in models]):
        column = structure.columns[lefts[pair.left]]
        if models[pair.right].asks_to_tick and not (
            column.kind in _MULTIPLE_CHOICE or ticked.get(column.question_code, False)
        ):
            continue
        pairs.setdefault(lefts[pair.left], []).append(pair)
    drafts = [ColumnDraft(column, None, 0.0, "") for column in structure.columns]
    taken: set[ColumnMapping] = set()
    for number in sorted(pairs, key=lambda number: (-pairs[number][0].score, number)):
        draft = _decide(structure.columns[number], pairs[number], models, taken)
        drafts[number] = draft
        if draft.mapping is not None and draft.mapping.role not in _REPEATABLE:
            taken.add(draft.mapping)
    return drafts


def _decide(
    column: SourceColumn, pairs: list[Pair], models: list[_Model], taken: set[ColumnMapping]
) -> ColumnDraft:
    best = pairs[0]
    model = models[best.right]
    close = {
        _target(models[pair.right].mapping)
        for pair in pairs
        if best.score - pair.score < _TOLD_APART_BY
    }
    resembles = f"ähnlich: {model.name}"
    if best.score < SAME:
        note = resembles
    elif best.says_otherwise:
        note = f"{resembles}, aber Verneinung oder Zahl weicht ab"
    elif len(close) > 1:
        names = {models[p.right].name for p in pairs if best.score - p.score < _TOLD_APART_BY}
        note = f"mehrdeutig: {', '.join(sorted(names))}"
    elif model.mapping in taken:
        note = f"{resembles}, schon an eine andere Spalte vergeben"
    else:
        expect = next((x for x in shown_texts(column).values() if x), None)
        return ColumnDraft(column, replace(model.mapping, expect=expect), best.score, model.name)
    return ColumnDraft(column, None, best.score, note)


def _target(mapping: ColumnMapping) -> ColumnMapping:
    return replace(mapping, reason=None, topic=None)


def _by_code(draft: ColumnDraft, like: Instrument, all_drafts: list[ColumnDraft]) -> ColumnDraft:
    """Takes over the meaning of an equal code where the file has no text to compare."""
    mapping = like.mappings.get(draft.column.source_code)
    code = draft.column.source_code
    has_text = any(text_key(x) != text_key(code) for x in _long_texts(draft.column, item=True))
    if draft.mapping is not None or mapping is None or has_text:
        return draft
    mapping = replace(mapping, scale=None, expect=None)
    if any(other.mapping == mapping for other in all_drafts if other is not draft):
        return draft
    return ColumnDraft(
        draft.column, mapping, 0.0, f"nur am Code erkannt, wie {like.instrument_id} {code}"
    )


def _with_answers(
    structure: Structure,
    columns: list[ColumnDraft],
    known: dict[str, str],
    catalogue: Catalogue,
    like: Instrument | None,
) -> Draft:
    draft = Draft(tuple(columns))
    codes = _codes(structure)
    done: list[ColumnDraft] = []
    names: dict[tuple[tuple[str, str], ...], str] = {}
    for entry in columns:
        question = entry.column.question_code
        if entry.mapping is not None and entry.mapping.role in _WITH_SCALE:
            answers = codes.get(question, {})
            name = names.setdefault(tuple(answers.items()), f"skala_{len(names) + 1}")
            if name not in draft.scales:
                theirs = _scale_of(like, entry.mapping)
                same_codes = theirs.keys() >= answers.keys()
                draft.scales[name] = {
                    code: known.get(text_key(label))
                    or (theirs[code] if same_codes and label == code else UNKNOWN)
                    for code, label in answers.items()
                }
                draft.labels[name] = answers
            entry = replace(entry, mapping=replace(entry.mapping, scale=name))  # noqa: PLW2901
        elif entry.mapping is not None and question not in draft.values:
            ours = _value_labels(entry.mapping.role, catalogue)
            choices = codes.get(question, {})
            if ours and choices:
                draft.values[question] = {
                    code: ours.get(text_key(label), UNKNOWN) for code, label in choices.items()
                }
                draft.value_labels[question] = choices
        done.append(entry)
    return replace(draft, columns=tuple(done))


def _codes(structure: Structure) -> dict[str, dict[str, str]]:
    """First label by answer code, by question."""
    codes: dict[str, dict[str, str]] = {}
    for answer in structure.answers:
        label = next((text for text in answer.text.values() if text), answer.code)
        codes.setdefault(answer.question_code, {})[answer.code] = label
    return codes


def _scale_of(like: Instrument | None, mapping: ColumnMapping) -> dict[str, str]:
    """The scale on which a similar questionnaire asks the same item."""
    if like is None:
        return {}
    for theirs in like.mappings.values():
        if (theirs.role, theirs.item) == (mapping.role, mapping.item) and theirs.scale:
            return like.scales[theirs.scale]
    return {}


def _value_labels(role: str, catalogue: Catalogue) -> dict[str, str]:
    """Our code by `text_key` of its label, for roles whose answers are a list of ours."""
    labels = {
        "municipality": catalogue.municipalities,
        "respondent_role": catalogue.respondent_roles,
        "priority": catalogue.action_fields,
    }.get(role, {})
    return {text_key(label): code for code, label in labels.items()}
