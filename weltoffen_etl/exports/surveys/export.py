"""A survey export: one table of responses whose columns are tied to an instrument."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from weltoffen_etl.findings import Finding
from weltoffen_etl.instrument.model import Instrument


@dataclass(frozen=True, slots=True)
class ResolvedColumn:
    """One column of a file and what it was understood to be.

    Attributes:
        position: place in the file, from 0; the grid's column is ``c<position>``.
        heading: heading as it stood.
        source_code: the tool's code, None when the column was not understood.
        role: one of the roles of the instrument, ``unknown`` when not understood.
        resolved_by: ``code``, ``text``, ``code and text``, ``order``, ``metadata`` or
            ``none``.
    """

    position: int
    heading: str
    source_code: str | None
    role: str
    resolved_by: str


@dataclass(frozen=True, slots=True)
class SurveyExport:
    """Responses of one file, still as text.

    Attributes:
        tool: survey tool.
        container: ``csv``, ``xlsx`` …
        encoding: encoding of a text file.
        delimiter: separator of a text file.
        sheet: sheet that holds the responses.
        table: Parquet grid with ``source_row`` and ``c0`` ….
        heading_row: row of the headings; data follow below.
        rows: number of data rows, ragged ones included, dropped ones not.
        ragged_text: rows with another number of fields, as ``(source_row, text)``.
        columns: what each column was understood to be.
        instrument: questionnaire the columns belong to.
        real_cases: values of the column ``test_marker`` that mean a real response.
        finished_cases: values of the column ``finished`` that mean a form sent off.
        is_counted_by_row: whether the tool gives its responses no number, so that the row
            in the file has to serve.
        month_first: whether dates with slashes are proven to be month/day/year.
        findings: what was noticed while reading.
        dropped: rows of the table that are no data: taken out by a correction, or opened
            only and belonging to no municipality.
    """

    tool: str
    container: str
    encoding: str | None
    delimiter: str | None
    sheet: str | None
    table: Path
    heading_row: int
    rows: int
    ragged_text: tuple[tuple[int, str], ...]
    columns: tuple[ResolvedColumn, ...]
    instrument: Instrument
    real_cases: frozenset[str]
    finished_cases: frozenset[str]
    is_counted_by_row: bool
    month_first: bool
    findings: tuple[Finding, ...]
    dropped: frozenset[int] = frozenset()
