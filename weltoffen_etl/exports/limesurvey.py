"""LimeSurvey response exports: CSV and XLSX in every heading and answer style."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from weltoffen_etl.exports.grid import Grid, Tables, UnreadableFileError
from weltoffen_etl.exports.headings import Candidate, resolve
from weltoffen_etl.exports.survey import ResolvedColumn, SurveyExport
from weltoffen_etl.findings import Finding, found
from weltoffen_etl.instrument.model import Instrument, SourceColumn, text_key

METADATA: Final[tuple[tuple[str, str, tuple[str, ...]], ...]] = (
    ("id", "response_id", ("Antwort ID", "Antwort-ID", "Response ID")),
    ("token", "never_loaded", ("Zugangsschlüssel", "Zugangscode", "Token", "Access code")),
    ("submitdate", "submitted_at", ("Datum Abgeschickt", "Date submitted")),
    ("lastpage", "last_page", ("Letzte Seite", "Last page")),
    ("startlanguage", "language", ("Start-Sprache", "Startsprache", "Start language")),
    ("seed", "ignored", ("Zufallsstartwert", "Zufallsgeneratorstartwert", "Seed")),
    ("startdate", "started_at", ("Datum gestartet", "Date started")),
    ("datestamp", "last_action_at", ("Datum letzte Aktivität", "Date last action")),
    ("ipaddr", "never_loaded", ("IP-Adresse", "IP address")),
    ("refurl", "never_loaded", ("Weiterleitungs-URL", "Referrer-URL", "Referrer URL")),
    ("interviewtime", "ignored", ("Gesamtzeit", "Total time")),
)
"""Columns LimeSurvey adds itself: code, role, headings in German and English, in order."""

_ENOUGH = 3
_RANKING = "R"


def recognise(tables: Tables) -> bool:
    """Tells whether a file is a LimeSurvey response export."""
    return any(_heading_row(grid) is not None for grid in tables.grids)


def read(tables: Tables, instruments: list[Instrument], delivery_id: str) -> SurveyExport:
    """Ties the columns of a LimeSurvey export to the instrument that fits best.

    Args:
        tables: grids of the file; `recognise` has said yes.
        instruments: all known instruments.
        delivery_id: SHA-256 of the file, for findings.

    Returns:
        The export with every column resolved or reported.

    Raises:
        UnreadableFileError: no grid holds headings, or no instrument fits.
    """
    grid, heading_row = next(
        ((grid, row) for grid in tables.grids if (row := _heading_row(grid)) is not None),
        (None, 0),
    )
    if grid is None:
        raise UnreadableFileError("file_not_recognised")
    headings = [cell or "" for cell in dict(grid.head)[heading_row]]
    choices = []
    for instrument in instruments:
        if instrument.tool == "limesurvey":
            columns = resolve(headings, _candidates(instrument))
            fitting = sum(column.role in ("item", "field_choice") for column in columns)
            choices.append((fitting, int(instrument.version), instrument, columns))
    best = max(choices, key=lambda choice: choice[:2], default=None)
    if best is None or best[0] == 0:
        shown = ", ".join(heading for heading in headings if heading)
        raise UnreadableFileError("file_not_recognised", shown)
    _, _, instrument, columns = best
    return SurveyExport(
        tool="limesurvey",
        container=tables.container,
        encoding=tables.encoding,
        delimiter=tables.delimiter,
        sheet=grid.sheet,
        table=grid.table,
        heading_row=heading_row,
        rows=grid.rows + len(grid.ragged) - sum(row <= heading_row for row, _ in grid.head),
        ragged=grid.ragged,
        columns=columns,
        instrument=instrument,
        findings=tuple(_findings(delivery_id, tables, grid, columns)),
    )


def _heading_row(grid: Grid) -> int | None:
    """The first row that holds enough of LimeSurvey's own headings."""
    codes = {code for code, _, _ in METADATA}
    labels = {text_key(label) for _, _, spellings in METADATA for label in spellings}
    for row, cells in grid.head:
        hits = 0
        for cell in cells:
            # Abbreviated headings keep 15 letters; "code. text" starts with the code.
            start = (cell or "").replace("\ufeff", "").strip().split(". ")[0]
            stem = text_key(start).split("..")[0]
            hits += (
                start in codes
                or text_key(start) in labels
                or (".." in start and any(label.startswith(stem) for label in labels))
            )
        if hits >= _ENOUGH:
            return row
    return None


def _candidates(instrument: Instrument) -> list[Candidate]:
    """Everything a column can be, in the order in which LimeSurvey exports it."""
    own = [
        Candidate(code, role, tuple((label, "") for label in labels))
        for code, role, labels in METADATA
    ]
    asked = [
        Candidate(
            column.source_code,
            instrument.mappings[column.source_code].role,
            tuple(_spellings(column)),
        )
        for column in instrument.structure.columns
    ]
    return [*own[:-1], *asked, own[-1]]


def _spellings(column: SourceColumn) -> Iterator[tuple[str, str]]:
    """Question and sub-question text in each language; ranks are also written in English."""
    for language, text in column.text.items():
        sub = column.sub_text.get(language, "")
        yield text, sub
        if column.kind == _RANKING:
            yield text, sub.replace("Rang", "Rank")


def _findings(
    delivery_id: str, tables: Tables, grid: Grid, columns: tuple[ResolvedColumn, ...]
) -> list[Finding]:
    findings = []
    for other in tables.grids:
        if not other.visible:
            findings.append(found(delivery_id, "sheet_hidden", sheet=other.sheet))
        elif other is not grid:
            findings.append(found(delivery_id, "sheet_not_used", sheet=other.sheet))
    for column in columns:
        if column.resolved_by in ("none", "ambiguous"):
            rule = "heading_unknown" if column.resolved_by == "none" else "heading_ambiguous"
            findings.append(
                found(delivery_id, rule, sheet=grid.sheet, source_column=column.heading)
            )
    seen: set[str] = set()
    for column in columns:
        if column.source_code is not None and column.source_code in seen:
            findings.append(
                found(
                    delivery_id, "heading_repeated", sheet=grid.sheet, source_column=column.heading
                )
            )
        seen.add(column.source_code or "")
    findings.extend(
        found(delivery_id, "row_ragged", source_row=row, value=str(width), expected=grid.columns)
        for row, width in grid.ragged
    )
    return findings
