"""Reads deliveries together: bytes → export → raw tables, judged and balanced."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from weltoffen_etl.catalog import table
from weltoffen_etl.corrections import Correction, load_corrections, matching
from weltoffen_etl.database import Connection, create, insert, statement
from weltoffen_etl.deliveries.places import Place, Registry, folders_of
from weltoffen_etl.exports.grid import Tables, UnreadableFileError
from weltoffen_etl.exports.isolation import IsolatedReader
from weltoffen_etl.exports.recognition import read_export
from weltoffen_etl.exports.surveys import selfcheck_template
from weltoffen_etl.exports.surveys.export import SurveyExport
from weltoffen_etl.exports.workshops.export import WorkshopExport
from weltoffen_etl.exports.workshops.legend import Legends
from weltoffen_etl.exports.workshops.template import Template, load_template
from weltoffen_etl.failures import where
from weltoffen_etl.findings import Finding, found
from weltoffen_etl.instrument.model import Instrument
from weltoffen_etl.instrument.store import load_instruments
from weltoffen_etl.interpret import survey, survey_notes, workshop
from weltoffen_etl.interpret.codes import spellings
from weltoffen_etl.interpret.corrected_workshop import correct_workshop
from weltoffen_etl.quality.outside import FileLayout, finding_row
from weltoffen_etl.quality.questions import Outcome
from weltoffen_etl.reference import load_reference
from weltoffen_etl.settings import Settings
from weltoffen_etl.stage_store import ARCHIVE_DAMAGED, STAGED

log = logging.getLogger(__name__)


@dataclass(slots=True)
class DeliveryReader:
    """Reads one delivery after the other into the raw tables of one database.

    Attributes:
        connection: database with the schemas ``reference`` and ``raw``.
        tables: grids of each file that could be opened, by delivery.
        exports: what was recognised and interpreted, by delivery.
        findings: everything noticed so far.
    """

    connection: Connection
    registry: Registry
    instruments: list[Instrument]
    template: Template
    legends: Legends
    codes: dict[str, dict[str, str]]
    corrections: tuple[Correction, ...]
    tables: dict[str, Tables] = field(default_factory=dict)
    exports: dict[str, SurveyExport | WorkshopExport] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    @classmethod
    def open(cls, connection: Connection, settings: Settings) -> Self:
        """Builds the reference tables and empty raw tables in a new database."""
        instruments = load_instruments(settings.reference_dir)
        template = load_template(settings.reference_dir)
        load_reference(connection, settings, instruments)
        for name in STAGED:
            create(connection, table(f"raw.{name}"))
        return cls(
            connection=connection,
            registry=Registry(settings.reference_dir),
            instruments=instruments,
            template=template,
            legends=Legends(settings.reference_dir, template.total_words),
            codes=spellings(connection),
            corrections=load_corrections(settings.reference_dir),
        )

    def read(
        self, reader: IsolatedReader, delivery_id: str, path: Path | None, place: Place
    ) -> None:
        """Reads one delivery into the raw tables; whatever goes wrong becomes a finding.

        Args:
            reader: the child process that parses.
            delivery_id: SHA-256 of the file.
            path: the file, opened once; None where the archive no longer holds what arrived.
            place: what its folder says.
        """
        self.places[delivery_id] = place
        try:
            if place.problem is not None:
                raise UnreadableFileError(place.problem, place.problem_value)
            if path is None:
                raise UnreadableFileError(ARCHIVE_DAMAGED)
            tables = self.tables[delivery_id] = reader.read(path)
            legend = self.legends.of(place.ags, place.workshop_date)
            export = read_export(tables, self.instruments, self.template, legend, delivery_id)
            _belongs(export, place)
        except UnreadableFileError as error:
            self.findings.append(
                found(delivery_id, error.rule, source_row=error.row, value=error.value)
            )
            return
        self.findings.extend(export.findings)
        if any(x.severity == "critical" and x.source_row is None for x in export.findings):
            if isinstance(export, WorkshopExport):
                # The tool is known and the rows are counted, though none can be loaded.
                self.exports[delivery_id] = export
            return
        self.connection.begin()
        try:
            export = self._interpret(export, place, delivery_id)
        except Exception as error:
            # A defect of ours on one file must not cost the others their night.
            self.connection.rollback()
            log.error("delivery %s could not be interpreted: %s", delivery_id, where(error))
            self.findings.append(found(delivery_id, "reader_failed", value=type(error).__name__))
            return
        self.connection.commit()
        self.exports[delivery_id] = export

    def judge(self) -> tuple[Outcome, ...]:
        """Judges everything read, takes out what critical findings are about, and balances.

        Returns:
            What each rule found.

        Raises:
            GateError: a suite did not check what it should have.
        """
        # Great Expectations costs seconds to import; a night without news never gets here.
        from weltoffen_etl.quality.judgement import judge, keep_back

        judgement = judge(self.connection, workshop.headings(self.template))
        self.findings.extend(judgement.findings)
        layouts = {delivery_id: self._layout(delivery_id) for delivery_id in self.places}
        self._record_findings(layouts)
        keep_back(self.connection, self.findings)
        self._record_balance(layouts)
        return judgement.outcomes

    def _interpret(
        self, export: SurveyExport | WorkshopExport, place: Place, delivery_id: str
    ) -> SurveyExport | WorkshopExport:
        """Corrects and interprets an export; returns it without the rows dropped."""
        known = self.registry.municipalities
        folders = folders_of(place, "selfcheck" if isinstance(export, SurveyExport) else "workshop")
        corrections = matching(self.corrections, delivery_id, folders)
        if isinstance(export, SurveyExport):
            export, corrected = survey.interpret(
                self.connection, export, place, delivery_id, known, self.codes["wave"], corrections
            )
            self.findings.extend(survey_notes.notes(self.connection, export, delivery_id))
        else:
            export, corrected = correct_workshop(
                self.connection, export, corrections, self.template, delivery_id
            )
            workshop.interpret(self.connection, export, place, delivery_id, known, self.codes)
            self.findings.extend(
                workshop.notes(self.connection, export, self.template, delivery_id)
            )
        self.findings.extend(corrected)
        return export

    def _record_findings(self, layouts: Mapping[str, FileLayout]) -> None:
        """Writes the findings; of a file of several municipalities, the row says whose it is."""
        connection = self.connection
        own_names = workshop.template_names(self.template)
        insert(
            connection,
            "raw.finding",
            # The same thing noticed twice at the same place is one finding.
            dict.fromkeys(finding_row(x, layouts[x.delivery_id], own_names) for x in self.findings),
        )
        connection.execute(
            "UPDATE raw.finding AS finding SET ags = response.ags FROM raw.response AS response "
            "WHERE finding.ags IS NULL AND response.delivery_id = finding.delivery_id "
            "AND response.source_row = finding.source_row"
        )

    def _layout(self, delivery_id: str) -> FileLayout:
        tables = self.tables.get(delivery_id)
        export = self.exports.get(delivery_id)
        columns: dict[tuple[str | None, str], tuple[int, str | None, str]] = {}
        key_cells: Mapping[tuple[str | None, str], tuple[int, int]] = {}
        if isinstance(export, SurveyExport):
            # Of equal headings the first counts.
            for column in reversed(export.columns):
                columns[None, column.heading] = column.position, column.source_code, column.role
        elif export is not None:
            columns = {place: (position, None, "") for place, position in export.columns.items()}
            key_cells = export.key_cells
        return FileLayout(
            ags=self.places[delivery_id].ags,
            sheets=tuple(grid.sheet for grid in tables.grids if grid.sheet) if tables else (),
            data_sheet=export.sheet if isinstance(export, SurveyExport) else None,
            columns=columns,
            key_cells=key_cells,
        )

    def _record_balance(self, layouts: Mapping[str, FileLayout]) -> None:
        """Writes quarantine and the balance of each delivery into the raw tables."""
        connection = self.connection
        kept = connection.execute(
            "SELECT delivery_id, sheet, source_row, rules FROM kept_back ORDER BY ALL"
        ).fetchall()
        by_delivery: dict[str, list[tuple[str | None, int | None, str]]] = {}
        for delivery_id, sheet, source_row, rules in kept:
            by_delivery.setdefault(delivery_id, []).append((sheet, source_row, rules))
        for delivery_id, layout in layouts.items():
            places = by_delivery.get(delivery_id, [])
            export = self.exports.get(delivery_id)
            whole = export is None or any(row is None for _, row, _ in places)
            rows = _original_rows(connection, export, places, whole=whole)
            insert(
                connection,
                "raw.quarantine",
                [
                    (delivery_id, *layout.sheet_of(sheet, source_row), source_row, rules, original)
                    for sheet, source_row, rules, original in rows
                ],
            )
            insert(
                connection,
                "raw.reading",
                [_reading(self, delivery_id, export, rows, whole=whole)],
            )


def _belongs(export: SurveyExport | WorkshopExport, place: Place) -> None:
    """Refuses a file in the wrong folder and a file without data rows."""
    kind = "selfcheck" if isinstance(export, SurveyExport) else "workshop"
    if place.kind not in (None, kind):
        names = {"selfcheck": "ein Selbstcheck", "workshop": "ein Workshop"}
        raise UnreadableFileError("file_kind_misplaced", names[kind])
    if isinstance(export, SurveyExport) and export.rows == 0:
        raise UnreadableFileError("file_without_rows")


def _original_rows(
    connection: Connection,
    export: SurveyExport | WorkshopExport | None,
    places: list[tuple[str | None, int | None, str]],
    *,
    whole: bool,
) -> list[tuple[str | None, int | None, str, str | None]]:
    """Quarantine rows as (sheet, row, rules, original row as JSON)."""
    if export is None:
        return [(None, None, ", ".join(sorted({rules for _, _, rules in places})), None)]
    originals = (
        survey.original_rows(connection, export)
        if isinstance(export, SurveyExport)
        else workshop.original_rows(export)
    )
    if whole:
        rules = ", ".join(sorted({rules for _, row, rules in places if row is None}))
        return [(sheet, row, rules, original) for (sheet, row), original in originals.items()]
    return [(sheet, row, rules, originals.get((sheet, row))) for sheet, row, rules in places]


def _reading(
    reader: DeliveryReader,
    delivery_id: str,
    export: SurveyExport | WorkshopExport | None,
    quarantined: list[tuple[str | None, int | None, str, str | None]],
    *,
    whole: bool,
) -> tuple[object, ...]:
    place = reader.places[delivery_id]
    location = (delivery_id, place.kind, place.ags, place.wave, place.workshop_date)
    if export is None:
        return (*location, *[None] * 7, False, False, 0, 0, 0, 0, 0, 0)
    origin: tuple[str | None, str | None, bool]
    if isinstance(export, SurveyExport):
        instrument = export.instrument
        part = "typed" if export.tool == selfcheck_template.TOOL else "whole"
        tool = (export.tool, export.container, export.encoding, export.delimiter, part)
        origin = (instrument.instrument_id, instrument.version, instrument.synthetic)
        expected = export.rows
        ignored = sum(x.rule in ("total_row", "row_inserted") for x in export.findings)
        ignored += len(export.dropped)
        unknown = sum(column.role == "unknown" for column in export.columns)
        columns = (len(export.columns), unknown)
    else:
        tool = (export.tool, export.container, export.encoding, export.delimiter, export.part)
        origin = (None, None, workshop.is_synthetic(export, reader.template))
        expected, ignored, columns = export.data_rows, export.ignored_rows, (0, 0)
    loaded = _loaded(reader.connection, delivery_id)
    return (
        *location, *tool, *origin, not whole, expected, ignored, loaded, len(quarantined), *columns,
    )  # fmt: skip


def _loaded(connection: Connection, delivery_id: str) -> int:
    row = connection.execute(
        statement("stage", "loaded_rows"), {"delivery_id": delivery_id}
    ).fetchone()
    return int(row[0]) if row else 0
