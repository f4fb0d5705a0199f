"""Checks one file before it is sent: the nightly reading and its rules, without a warehouse."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from weltoffen_etl.catalog import SEVERITIES
from weltoffen_etl.database import Connection, connect
from weltoffen_etl.deliveries.places import Place, Registry, place_of
from weltoffen_etl.exports.grid import Tables, UnreadableFileError
from weltoffen_etl.exports.isolation import IsolatedReader
from weltoffen_etl.exports.recognition import survey_table
from weltoffen_etl.exports.surveys import generic
from weltoffen_etl.exports.surveys.export import SurveyExport
from weltoffen_etl.exports.surveys.table import SurveyTable
from weltoffen_etl.findings import Finding
from weltoffen_etl.reading import DeliveryReader
from weltoffen_etl.settings import Settings
from weltoffen_etl.versions import file_hash

_PARTS_OF_A_PLACE = 4


@dataclass(frozen=True, slots=True)
class FileCheck:
    """What a file was recognised as, what it holds and what is wrong with it.

    Attributes:
        file: name of the file.
        tool: survey or workshop tool, None when it was not recognised.
        variant: kind of the tool's export, empty for the usual one.
        container: ``csv``, ``xlsx`` …, None when the file could not be opened.
        encoding: encoding of a text file.
        delimiter: separator of a text file.
        sheet: sheet with the responses.
        rows: responses, or rows of all workshop sheets; for a file that was opened but
            not recognised, rows of its first sheet without the first.
        columns: columns of the table with the responses.
        instrument: id and version of the questionnaire that fits, None when none does.
        items_found: questions of the questionnaire that the file delivers.
        items_expected: questions of the questionnaire.
        rows_accepted: rows that would be loaded.
        rows_kept_back: rows that would be kept back; the whole file counts as one when
            it cannot be read.
        rows_not_counted: accepted responses that are no answers: visits, tests, repeats.
        unknown_columns: headings that were not understood.
        findings: everything noticed, with sentences in German.
    """

    file: str
    tool: str | None
    variant: str
    container: str | None
    encoding: str | None
    delimiter: str | None
    sheet: str | None
    rows: int
    columns: int
    instrument: str | None
    items_found: int
    items_expected: int
    rows_accepted: int
    rows_kept_back: int
    rows_not_counted: int
    unknown_columns: tuple[str, ...]
    findings: tuple[Finding, ...]

    @property
    def verdict(self) -> str:
        """``accepted``, ``partly_kept_back`` or ``kept_back``."""
        if self.rows_accepted == 0:
            return "kept_back"
        return "partly_kept_back" if self.rows_kept_back else "accepted"

    def as_json(self) -> dict[str, Any]:
        """Returns the check as JSON-ready values."""
        content = dataclasses.asdict(self) | {"verdict": self.verdict}
        for finding in content["findings"]:
            del finding["delivery_id"]
        return content


def check_file(
    file: Path,
    settings: Settings,
    *,
    ags: str | None = None,
    wave: str | None = None,
    day: date | None = None,
) -> FileCheck:
    """Reads and judges one file as the nightly run would, and forgets it again.

    Args:
        file: the file to check; nothing is written beside it.
        settings: limits and the reference folder.
        ags: sender, where the file itself does not say it.
        wave: wave, where the file itself does not say it.
        day: date of the workshop.

    Returns:
        What was recognised and found.

    Raises:
        OSError: the file cannot be opened.
    """
    delivery_id = file_hash(file)
    with connect(settings) as connection, IsolatedReader(settings) as isolated:
        reader = DeliveryReader.open(connection, settings)
        place = _place(file, reader.registry, ags, wave, day)
        reader.read(isolated, delivery_id, file, place)
        reader.judge()
        return summary(file.name, delivery_id, reader)


def _place(
    file: Path, registry: Registry, ags: str | None, wave: str | None, day: date | None
) -> Place:
    """The place the options name, else the one the file's own folders name."""
    if ags is None and wave is None and day is None:
        parts = file.resolve().parts
        for length in (_PARTS_OF_A_PLACE, _PARTS_OF_A_PLACE - 1):
            place = place_of("/".join(parts[-length:]), registry)
            if place.problem is None:
                return place
    waves = () if wave is None else (wave,)
    return Place(None, ags=ags, wave=wave, waves=waves, workshop_date=day)


def summary(name: str, delivery_id: str, reader: DeliveryReader) -> FileCheck:
    """Sums up what was read and judged of one file.

    Args:
        name: name of the file.
        delivery_id: the delivery, the only one that the reader has read.
        reader: after its judgement.
    """
    connection = reader.connection
    tables = reader.tables.get(delivery_id)
    export = reader.exports.get(delivery_id)
    survey = _survey(tables) if tables is not None else None
    # Any table looks plain; only a questionnaire that fits proves it to be a survey.
    known = survey is not None and (
        isinstance(export, SurveyExport) or (export is None and survey.tool != generic.TOOL)
    )
    instrument = items_found = items_expected = None
    if isinstance(export, SurveyExport):
        instrument = f"{export.instrument.instrument_id}/{export.instrument.version}"
        wanted = {column.source_code for column, _ in export.instrument.columns_with("item")}
        items_found = len(wanted & {column.source_code for column in export.columns})
        items_expected = len(wanted)
    row = connection.execute(
        "SELECT tool, rows_expected, rows_loaded, rows_quarantined FROM raw.reading"
    ).fetchone()
    tool, expected, loaded, kept_back = row or (None, 0, 0, 0)
    shape = _shape(tables, survey)
    return FileCheck(
        file=name,
        tool=survey.tool if survey and known else tool,
        variant=survey.variant if survey and known else "",
        container=tables.container if tables else None,
        encoding=tables.encoding if tables else None,
        delimiter=tables.delimiter if tables else None,
        sheet=survey.grid.sheet if survey else None,
        rows=expected or shape[0],
        columns=shape[1],
        instrument=instrument,
        items_found=items_found or 0,
        items_expected=items_expected or 0,
        rows_accepted=loaded,
        rows_kept_back=kept_back,
        rows_not_counted=_not_counted(connection),
        unknown_columns=tuple(
            x.source_column
            for x in reader.findings
            if x.rule in ("heading_unknown", "heading_ambiguous") and x.source_column
        ),
        findings=tuple(sorted(reader.findings, key=_order)),
    )


def _survey(tables: Tables) -> SurveyTable | None:
    try:
        return survey_table(tables)
    except UnreadableFileError:
        return None  # the reading has already turned it into a finding


def _shape(tables: Tables | None, survey: SurveyTable | None) -> tuple[int, int]:
    """Rows and columns of the table with the responses, or of the first sheet."""
    if survey is not None:
        return survey.rows, len(survey.headings)
    grid = next((grid for grid in tables.grids if grid.visible), None) if tables else None
    return (max(grid.rows + len(grid.ragged) - 1, 0), grid.columns) if grid else (0, 0)


def _not_counted(connection: Connection) -> int:
    row = connection.execute(
        "SELECT count(*) FROM raw.response "
        "WHERE coalesce(test_case, visit_only, test_entry, repeats_response) IS NOT NULL"
    ).fetchone()
    return int(row[0]) if row else 0


def _order(finding: Finding) -> tuple[int, int, str]:
    return SEVERITIES.index(finding.severity), finding.source_row or 0, finding.rule
