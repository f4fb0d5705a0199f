"""Ties a mapping to one version of a structure and refuses what contradicts it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from weltoffen_etl.instrument.catalogue import Catalogue
from weltoffen_etl.instrument.mapping_file import MappingFile
from weltoffen_etl.instrument.model import (
    IGNORED,
    AnswerLabel,
    ColumnMapping,
    Instrument,
    InstrumentError,
    SourceColumn,
    Structure,
    text_key,
)

_OTHER_CODE = "-oth-"
_OTHER_LABELS = ("Sonstiges", "Other")
_ROLES_WITH_VALUES = frozenset({"municipality", "respondent_role", "priority"})


@dataclass(frozen=True, slots=True)
class Part:
    """One version of a structure."""

    version: str
    structure: Structure


def combine(
    instrument_id: str, parts: Iterable[Part], mapping: MappingFile, catalogue: Catalogue
) -> list[Instrument]:
    """Makes one instrument of each version.

    A mapping may cover columns that a version lacks, but each of its keys must exist in
    some version.

    Args:
        instrument_id: name of the instrument's folder.
        parts: versions of the structure.
        mapping: the instrument's ``mapping.yml``.
        catalogue: what the mapping may point at.

    Returns:
        The instruments in the order of the versions.

    Raises:
        InstrumentError: a column without a role, a key that no version has, an
            expectation that does not hold, an answer code without a meaning, or a
            target that does not exist. All problems found are named.
    """
    known = list(parts)
    problems = list(_unknown_targets(mapping, catalogue))
    problems += _keys_without_column(mapping, [part.structure for part in known])
    if problems:
        raise InstrumentError(f"Instrument {instrument_id}: {' '.join(problems)}")
    return [_one(instrument_id, part, mapping) for part in known]


def _one(instrument_id: str, part: Part, mapping: MappingFile) -> Instrument:
    where = f"Instrument {instrument_id}, Version {part.version}"
    structure = part.structure
    keys, problems = _resolve(mapping.columns, _column_index(structure))
    mappings = {code: mapping.columns[key] for code, key in keys.items()}
    missing = [x.source_code for x in structure.columns if x.source_code not in mappings]
    if missing:
        problems.append(
            f"Für diese Spalten steht nichts in mapping.yml: {', '.join(missing)}. "
            "Jede Spalte braucht eine Rolle."
        )
    if problems:
        raise InstrumentError(f"{where}: {' '.join(problems)}")
    lists = _option_lists(mapping)
    asked = [key for key in mapping.values if key not in lists]
    questions, problems = _resolve(asked, _question_index(structure))
    values = {question: dict(mapping.values[key]) for question, key in questions.items()}
    problems += _broken_expectations(structure, mappings)
    problems += _repeated_items(mappings)
    problems += _broken_scale_expectations(structure, mappings, mapping)
    scales, more = _scales(structure, mappings, mapping)
    values, still_more = _values(structure, mappings, values)
    problems += [*more, *still_more]
    labels, more = _labels(structure, mappings, scales, values)
    problems += more
    values |= {name: dict(mapping.values[name]) for name in lists}
    if problems:
        raise InstrumentError(f"{where}: {' '.join(problems)}")
    return Instrument(
        instrument_id=instrument_id,
        version=part.version,
        title=structure.title,
        tool=mapping.tool,
        synthetic=mapping.synthetic,
        structure=structure,
        mappings=mappings,
        scales=scales,
        values=values,
        labels=labels,
    )


def headings(column: SourceColumn) -> set[str]:
    """Returns what a column can be called in words, as `text_key`."""
    return {
        text_key(f"{text} [{column.sub_text[x]}]" if column.sub_text.get(x) else text)
        for x, text in column.text.items()
        if text
    }


def shown_texts(column: SourceColumn) -> dict[str, str]:
    """Returns the text that tells a column from others, by language."""
    return {x: column.sub_text.get(x) or text for x, text in column.text.items()}


def _column_index(structure: Structure) -> dict[str, set[str]]:
    """Source codes by the code itself and by `text_key` of code and heading."""
    index: dict[str, set[str]] = {}
    for column in structure.columns:
        for key in {text_key(column.source_code), *headings(column)}:
            index.setdefault(key, set()).add(column.source_code)
    # The exact code wins over everything that merely looks like it.
    return index | {x.source_code: {x.source_code} for x in structure.columns}


def _question_index(structure: Structure) -> dict[str, set[str]]:
    index: dict[str, set[str]] = {}
    for column in structure.columns:
        for key in {text_key(column.question_code), *map(text_key, column.text.values())}:
            index.setdefault(key, set()).add(column.question_code)
    return index | {x.question_code: {x.question_code} for x in structure.columns}


def _resolve(keys: Iterable[str], index: dict[str, set[str]]) -> tuple[dict[str, str], list[str]]:
    """Returns the mapping's key by code, and what was not clear."""
    found: dict[str, str] = {}
    problems = []
    for key in keys:
        codes = index.get(key) or index.get(text_key(key)) or set()
        if len(codes) > 1:
            problems.append(f"„{key}“ passt auf mehrere: {', '.join(sorted(codes))}.")
            continue
        for code in codes:
            if code in found:
                problems.append(f"„{found[code]}“ und „{key}“ meinen beide {code}.")
            found[code] = key
    return found, problems


def _unknown_targets(mapping: MappingFile, catalogue: Catalogue) -> Iterator[str]:
    for key, entry in mapping.columns.items():
        if entry.item is not None and entry.item not in catalogue.items:
            yield f"Spalte {key}: die Frage {entry.item} steht nicht in items.csv."
        if entry.action_field is not None and entry.action_field not in catalogue.action_fields:
            yield f"Spalte {key}: das Handlungsfeld {entry.action_field} gibt es nicht."
    for name in sorted(_option_lists(mapping)):
        for option, target in mapping.values[name].items():
            if target not in catalogue.action_fields and target != IGNORED:
                yield f"values {name}, „{option}“: das Handlungsfeld {target} gibt es nicht."
    for name, scale in mapping.scales.items():
        for code, meaning in scale.items():
            if meaning.value not in catalogue.outcomes:
                yield (
                    f"Skala {name}, {code}: „{meaning.value}“ ist weder ein Wert der Skala noch "
                    "ein Grund für das Fehlen."
                )


def _option_lists(mapping: MappingFile) -> set[str]:
    """Names under ``values`` that are lists of options and no questions."""
    return {entry.values for entry in mapping.columns.values() if entry.values is not None}


def _keys_without_column(mapping: MappingFile, structures: list[Structure]) -> Iterator[str]:
    columns = {key for structure in structures for key in _column_index(structure)}
    questions = {key for structure in structures for key in _question_index(structure)}
    for key in mapping.columns:
        if key not in columns and text_key(key) not in columns:
            yield f"Die Spalte „{key}“ gibt es in keiner Version."
    for key in mapping.values.keys() - _option_lists(mapping):
        if key not in questions and text_key(key) not in questions:
            yield f"Die Frage „{key}“ unter values gibt es in keiner Version."


def _broken_expectations(structure: Structure, mappings: dict[str, ColumnMapping]) -> Iterator[str]:
    for column in structure.columns:
        expected = mappings[column.source_code].expect
        if expected is None:
            continue
        texts = shown_texts(column)
        if text_key(expected) not in {*map(text_key, texts.values()), *headings(column)}:
            found = " / ".join(text for text in texts.values() if text)
            yield (
                f"Spalte {column.source_code}: erwartet wird die Frage „{expected}“, "
                f"in der Struktur steht „{found}“."
            )


def _repeated_items(mappings: dict[str, ColumnMapping]) -> Iterator[str]:
    first: dict[str, str] = {}
    for code, mapping in mappings.items():
        if mapping.item is not None and first.setdefault(mapping.item, code) != code:
            yield f"Die Frage {mapping.item} ist {first[mapping.item]} und {code} zugeordnet."


def _asked_on(structure: Structure, mappings: dict[str, ColumnMapping]) -> dict[str, set[str]]:
    """Questions that use a scale, by name of the scale."""
    questions: dict[str, set[str]] = {}
    for column in structure.columns:
        scale = mappings[column.source_code].scale
        if scale is not None:
            questions.setdefault(scale, set()).add(column.question_code)
    return questions


def _broken_scale_expectations(
    structure: Structure, mappings: dict[str, ColumnMapping], mapping: MappingFile
) -> Iterator[str]:
    for name, questions in _asked_on(structure, mappings).items():
        for answer in structure.answers:
            entry = mapping.scales[name].get(answer.code)
            if answer.question_code not in questions or entry is None or entry.expect is None:
                continue
            if text_key(entry.expect) not in {text_key(text) for text in answer.text.values()}:
                found = " / ".join(text for text in answer.text.values() if text)
                yield (
                    f"Frage {answer.question_code}, Antwortcode {answer.code}: erwartet wird "
                    f"„{entry.expect}“, in der Struktur steht „{found}“."
                )


def _scales(
    structure: Structure, mappings: dict[str, ColumnMapping], mapping: MappingFile
) -> tuple[dict[str, dict[str, str]], list[str]]:
    """Outcome by answer code; a key that is a label counts for the codes that carry it."""
    scales = {
        name: {code: entry.value for code, entry in scale.items()}
        for name, scale in mapping.scales.items()
    }
    problems: list[str] = []
    for name, questions in _asked_on(structure, mappings).items():
        problems += _add_labelled_codes(f"Skala {name}", structure, questions, scales[name])
    return scales, problems


def _values(
    structure: Structure,
    mappings: dict[str, ColumnMapping],
    values: dict[str, dict[str, str]],
) -> tuple[dict[str, dict[str, str]], list[str]]:
    asked = {
        column.question_code
        for column in structure.columns
        if mappings[column.source_code].role in _ROLES_WITH_VALUES
    }
    problems: list[str] = []
    for question in sorted(asked):
        targets = values.setdefault(question, {})
        problems += _add_labelled_codes(f"values {question}", structure, {question}, targets)
    return {question: targets for question, targets in values.items() if targets}, problems


def _add_labelled_codes(
    where: str, structure: Structure, questions: set[str], targets: dict[str, str]
) -> Iterator[str]:
    given = dict(targets)
    by_key = {text_key(key): target for key, target in given.items()}
    for answer in structure.answers:
        if answer.question_code not in questions or answer.code in given:
            continue
        keys = {text_key(answer.code), *(text_key(text) for text in answer.text.values())}
        meant = {by_key[key] for key in keys if key in by_key}
        if len(meant) == 1 and targets.setdefault(answer.code, *meant) in meant:
            continue
        label = next((text for text in answer.text.values() if text), "")
        if meant:
            yield f"{where}: der Code {answer.code} („{label}“) bekäme mehrere Bedeutungen."
        else:
            yield (
                f"{where}: für den Code {answer.code} („{label}“) der Frage "
                f"{answer.question_code} steht nichts da."
            )


def _labels(
    structure: Structure,
    mappings: dict[str, ColumnMapping],
    scales: dict[str, dict[str, str]],
    values: dict[str, dict[str, str]],
) -> tuple[tuple[AnswerLabel, ...], list[str]]:
    """Every label that can stand in a cell instead of a code, once per question."""
    targets: dict[str, dict[str, str]] = {}
    for name, questions in _asked_on(structure, mappings).items():
        for question in questions:
            targets.setdefault(question, {}).update(scales[name])
    for question, codes in values.items():
        targets.setdefault(question, {}).update(codes)
    wanted = [
        AnswerLabel(answer.question_code, text, answer.code)
        for answer in structure.answers
        for text in answer.text.values()
        if text
    ]
    codes_of: dict[str, set[str]] = {}
    for answer in structure.answers:
        codes_of.setdefault(answer.question_code, set()).add(answer.code)
    for question, meanings in targets.items():
        if _OTHER_CODE in meanings:
            wanted += [AnswerLabel(question, label, _OTHER_CODE) for label in _OTHER_LABELS]
        all_codes = {code for codes in codes_of.values() for code in codes} | {_OTHER_CODE}
        wanted += [AnswerLabel(question, key, key) for key in meanings if key not in all_codes]
    labels: dict[tuple[str, str], AnswerLabel] = {}
    problems = []
    for label in sorted(wanted):
        first = labels.setdefault((label.question_code, text_key(label.label)), label)
        meanings = targets.get(label.question_code, {})
        if meanings.get(first.code) != meanings.get(label.code):
            problems.append(
                f"Frage {label.question_code}: die Antwort „{label.label}“ steht für "
                f"{first.code} und {label.code}, die Verschiedenes bedeuten."
            )
    return tuple(labels.values()), problems
