"""Compares the question texts a file shows beside its codes with what the mapping expects."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from weltoffen_etl.exports.grid import Note
from weltoffen_etl.exports.surveys.export import ResolvedColumn
from weltoffen_etl.exports.surveys.table import SurveyTable
from weltoffen_etl.instrument.model import Instrument, SourceColumn, text_key

_ENOUGH_TO_COMPARE = 20
_SEPARATORS = " []()-–:|."


def contradictions(
    table: SurveyTable, instrument: Instrument, columns: Sequence[ResolvedColumn]
) -> Iterator[Note]:
    """Names every column with an expectation whose text in the file is another one.

    A column is compared where the file shows a text beside the code: in a second row of
    headings, as a variable label, or in a heading "code. text". A text that was cut off
    counts as the same as long as its beginning fits.

    Args:
        table: responses and their headings.
        instrument: questionnaire with expectations.
        columns: what each column was understood to be.

    Returns:
        One note of the rule ``expectation_failed`` per column.
    """
    by_code = {column.source_code: column for column in instrument.structure.columns}
    for column in columns:
        code, shown = _shown(table, column)
        asked = by_code.get(code)
        if asked is None or not shown:
            continue
        expected = instrument.mappings[code].expect
        if expected is not None and not _fits(shown, asked):
            yield Note(
                "expectation_failed",
                sheet=table.grid.sheet,
                column=column.heading,
                position=column.position,
                value=_difference(shown, asked),
                expected=expected,
            )


def _shown(table: SurveyTable, column: ResolvedColumn) -> tuple[str, str]:
    """Code of a column and the text the file shows for it, empty if it shows none."""
    beside = table.texts[column.position].strip() if table.texts else ""
    if column.source_code is not None:
        return column.source_code, beside if column.resolved_by == "code" else ""
    code, dot, text = column.heading.strip().partition(". ")
    return (code, text.strip()) if dot else ("", "")


def _fits(shown: str, column: SourceColumn) -> bool:
    key = text_key(shown).rstrip(".…")
    forms = {text_key(form) for form in _forms(column)}
    return any(
        form.rstrip(".…") == key or (len(key) >= _ENOUGH_TO_COMPARE and form.startswith(key))
        for form in forms
    )


def _forms(column: SourceColumn) -> Iterator[str]:
    """Every way in which tools write question and sub-question into one text."""
    for language, text in column.text.items():
        sub = column.sub_text.get(language, "")
        if not sub:
            yield text
            continue
        yield from (sub, f"{text}{sub}", f"{text}[{sub}]", f"{text}({sub})", f"[{sub}]{text}")
        yield from (f"{text}{mark}{sub}" for mark in "-–:|")


def _difference(shown: str, column: SourceColumn) -> str:
    """The part of a shown text that is not merely the question above all sub-questions."""
    for language, text in column.text.items():
        if text and column.sub_text.get(language) and shown.startswith(text):
            return shown.removeprefix(text).strip(_SEPARATORS) or shown
    return shown
