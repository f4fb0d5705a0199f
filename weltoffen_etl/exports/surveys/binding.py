"""Ties the columns of a survey table to the questionnaire that fits best."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from typing import Final

from weltoffen_etl.exports.grid import Note, Tables, UnreadableFileError
from weltoffen_etl.exports.noticed import about_file, about_sheet, finding_of
from weltoffen_etl.exports.surveys.expectations import contradictions
from weltoffen_etl.exports.surveys.export import ResolvedColumn, SurveyExport
from weltoffen_etl.exports.surveys.headings import Candidate, resolve
from weltoffen_etl.exports.surveys.table import OwnColumn, SurveyTable
from weltoffen_etl.exports.surveys.times import TIME_ROLES, month_first
from weltoffen_etl.findings import Finding, found
from weltoffen_etl.instrument.model import Instrument, SourceColumn, text_key

ANSWER_ROLES: Final = ("item", "field_choice", "field_choice_list")
"""Columns that speak for an instrument."""

_RANKING = "R"
_HARMLESS = frozenset({"comment", "ignored", "never_loaded", "unknown"})
"""Roles of columns whose content may be lost without a wrong answer."""


def bind(
    table: SurveyTable, tables: Tables, instruments: Sequence[Instrument], delivery_id: str
) -> SurveyExport:
    """Ties the columns of a survey table to the instrument that fits best.

    Args:
        table: responses and their headings.
        tables: all grids of the file, to report those not used.
        instruments: all known instruments.
        delivery_id: SHA-256 of the file, for findings.

    Returns:
        The export with every column resolved or reported.

    Raises:
        UnreadableFileError: no instrument fits.
    """
    choices = []
    for instrument in instruments:
        columns = resolve(table.headings, candidates(table, instrument), table.texts)
        fitting = sum(column.role in ANSWER_ROLES for column in columns)
        # Two questionnaires may use the same codes for different questions.
        against = tuple(contradictions(table, instrument, columns))
        fitting -= len(against)
        known = sum(column.role != "unknown" for column in columns)
        same_tool = instrument.tool == table.tool
        rank = (fitting, same_tool, known, int(instrument.version))
        choices.append((rank, instrument, columns, against))
    best = max(choices, key=lambda choice: choice[0], default=None)
    if best is None or not any(x.role in ANSWER_ROLES for x in best[2]):
        raise UnreadableFileError("instrument_unknown", f"{table.tool}, {table.rows} Antworten")
    _, instrument, columns, against = best
    roles = {column.role for column in columns}
    by_row = not table.numbers_responses and "response_id" not in roles
    times = [column.position for column in columns if column.role in TIME_ROLES]
    return SurveyExport(
        tool=table.tool,
        container=table.container,
        encoding=table.encoding,
        delimiter=table.delimiter,
        sheet=table.grid.sheet,
        table=table.grid.table,
        heading_row=table.heading_row,
        rows=table.rows,
        ragged_text=table.grid.ragged_text,
        columns=columns,
        instrument=instrument,
        real_cases=table.real_cases,
        finished_cases=table.finished_cases,
        is_counted_by_row=by_row,
        month_first=month_first(table.grid, table.heading_row, times),
        findings=tuple(_findings(delivery_id, table, tables, columns, against, by_row=by_row)),
    )


def candidates(table: SurveyTable, instrument: Instrument) -> list[Candidate]:
    """Returns everything a column can be, in the order in which the tool exports it."""
    asked = [
        Candidate(
            column.source_code,
            instrument.mappings[column.source_code].role,
            tuple(_spellings(column)),
            column.field_name,
        )
        for column in instrument.structure.columns
    ]
    return [*_own(table, is_last=False), *asked, *_own(table, is_last=True)]


def _own(table: SurveyTable, *, is_last: bool) -> Iterator[Candidate]:
    column: OwnColumn
    for column in table.own_columns:
        if column.is_last == is_last:
            yield Candidate(column.code, column.role, tuple((x, "") for x in column.headings))


def _spellings(column: SourceColumn) -> Iterator[tuple[str, str]]:
    """Question and sub-question text in each language; ranks are also written in English."""
    for language, text in column.text.items():
        sub = column.sub_text.get(language, "")
        yield text, sub
        if column.kind == _RANKING:
            yield text, sub.replace("Rang", "Rank")


def _findings(
    delivery_id: str,
    table: SurveyTable,
    tables: Tables,
    columns: tuple[ResolvedColumn, ...],
    against: tuple[Note, ...],
    *,
    by_row: bool,
) -> Iterator[Finding]:
    sheet = table.grid.sheet
    if by_row:
        yield found(delivery_id, "responses_without_number", sheet=sheet)
    extra = {x.row for x in table.notes if x.row and x.rule in ("total_row", "row_inserted")}
    harmless = {column.position for column in columns if column.role in _HARMLESS}
    noticed = (
        *about_file(tables),
        *about_sheet(tables.notes, table.grid, table.heading_row, harmless, extra),
        *(note for note in table.notes if note not in tables.notes),
        *_notes(table, tables, columns, {note.position for note in against}),
        *against,
    )
    for note in noticed:
        # A form that is kept back is found by its row alone.
        own = replace(note, sheet=None) if note.rule == "row_cell_lost" else note
        yield finding_of(own, delivery_id)
    for row, width in table.grid.ragged:
        yield found(
            delivery_id,
            "row_ragged",
            sheet=sheet,
            source_row=row,
            value=str(width),
            expected=table.grid.columns,
        )


def _notes(
    table: SurveyTable,
    tables: Tables,
    columns: tuple[ResolvedColumn, ...],
    explained: Collection[int | None],
) -> Iterator[Note]:
    """Sheets and columns that were not taken over; some columns are explained already."""
    sheet = table.grid.sheet
    spoken_for = {
        sheet,
        *table.joined,
        *(note.sheet for note in table.notes if note not in tables.notes),
    }
    for other in tables.grids:
        if text_key(other.sheet or "") in table.own_sheets:
            continue
        if not other.visible:
            yield Note("sheet_hidden", sheet=other.sheet)
        elif other.sheet not in spoken_for:
            yield Note("sheet_not_used", sheet=other.sheet)
    seen: set[str] = set()
    for column in columns:
        if table.container == "json" and column.resolved_by in ("order", "ambiguous"):
            # Equal keys of an object overwrite each other: the value may be another question's.
            yield Note("json_heading_collapsed", column=column.heading, position=column.position)
        elif column.resolved_by in ("none", "ambiguous"):
            rule = "heading_unknown" if column.resolved_by == "none" else "heading_ambiguous"
            if column.position not in explained:
                yield Note(rule, sheet=sheet, column=column.heading, position=column.position)
        elif column.source_code is not None and column.source_code in seen:
            yield Note(
                "heading_repeated", sheet=sheet, column=column.heading, position=column.position
            )
        seen.add(column.source_code or "")
