"""Reads deliveries together: bytes → export → raw tables, judged and balanced."""

from __future__ import annotations

import logging
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from weltoffen_etl.corrections import Correction, load_corrections, matching
from weltoffen_etl.database import Connection, insert, insert_columns, statement
from weltoffen_etl.deliveries.places import Kind, Place, Registry, folders_of
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
from weltoffen_etl.interpret.tables import create_tables
from weltoffen_etl.quality import gate_process
from weltoffen_etl.quality.outside import FileLayout, finding_row
from weltoffen_etl.quality.questions import Outcome
from weltoffen_etl.reference import load_reference
from weltoffen_etl.settings import Settings
from weltoffen_etl.stage_store import ARCHIVE_DAMAGED

log = logging.getLogger(__name__)


@dataclass(slots=True)
class DeliveryReader:
    """Reads deliveries one after the other, and judges them together in one database.

    Attributes:
        connection: database with the schema ``reference``, and ``raw`` after the judgement.
        tables: grids of each file that could be opened, by delivery.
        exports: what was recognised, and after the judgement interpreted, by delivery.
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
    waiting: dict[str, SurveyExport | WorkshopExport] = field(default_factory=dict)

    @classmethod
    def open(cls, connection: Connection, settings: Settings) -> Self:
        """Builds the reference tables in a new database."""
        gate_process.start()
        instruments = load_instruments(settings.reference_dir)
        template = load_template(settings.reference_dir)
        load_reference(connection, settings, instruments)
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
        self,
        reader: IsolatedReader,
        delivery_id: str,
        path: Path | None,
        place: Place,
        then: Path | None = None,
    ) -> None:
        """Reads one delivery; whatever goes wrong becomes a finding.

        Args:
            reader: the child process that parses.
            delivery_id: SHA-256 of the file.
            path: the file, opened once; None where the archive no longer holds what arrived.
            place: what its folder says.
            then: the file that is read next, for the child process to begin with.
        """
        self.places[delivery_id] = place
        try:
            if place.problem is not None:
                raise UnreadableFileError(place.problem, place.problem_value)
            if path is None:
                raise UnreadableFileError(ARCHIVE_DAMAGED)
            try:
                tables = self.tables[delivery_id] = reader.read(path)
            finally:
                if then is not None:
                    reader.read_ahead(then)
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
        self.waiting[delivery_id] = export

    def judge(self) -> tuple[Outcome, ...]:
        """Interprets and judges everything read, takes out what critical findings are about.

        The raw tables are made anew, and hold nothing but the deliveries read.

        Returns:
            What each rule found.

        Raises:
            GateError: a suite did not check what it should have.
        """
        # Great Expectations costs seconds to import; a night without news never gets here.
        from weltoffen_etl.quality.judgement import judge, keep_back

        create_tables(self.connection, self.waiting)
        self._interpret()
        judgement = judge(self.connection, workshop.headings(self.template))
        self.findings.extend(judgement.findings)
        layouts = {delivery_id: self._layout(delivery_id) for delivery_id in self.places}
        self._record_findings(layouts)
        keep_back(self.connection, self.findings)
        self._record_balance(layouts)
        return judgement.outcomes

    @property
    def forms(self) -> int:
        """Number of rows of the surveys read so far."""
        return sum(x.rows for x in self.waiting.values() if isinstance(x, SurveyExport))

    def forget(self) -> None:
        """Forgets what was read, to go on with further deliveries."""
        self.connection.execute("DROP SCHEMA IF EXISTS raw CASCADE")
        for known in (self.tables, self.exports, self.places, self.findings, self.waiting):
            known.clear()

    def _interpret(self) -> None:
        """Interprets what was read: surveys of the same layout together."""
        batches: dict[Hashable, list[survey.Delivered]] = {}
        for delivery_id, export in self.waiting.items():
            place = self.places[delivery_id]
            kind: Kind = "selfcheck" if isinstance(export, SurveyExport) else "workshop"
            corrections = matching(self.corrections, delivery_id, folders_of(place, kind))
            if isinstance(export, SurveyExport):
                delivered = survey.Delivered(delivery_id, export, place, tuple(corrections))
                batches.setdefault(delivered.layout, []).append(delivered)
            else:
                self._try((delivery_id,), self._interpret_workshop, export, corrections)
        self.waiting.clear()
        for batch in batches.values():
            ids = tuple(x.delivery_id for x in batch)
            if self._try(ids, self._interpret_surveys, batch, is_last=len(batch) == 1):
                continue
            # A defect of ours on one file must not cost the others their night.
            for delivered in batch:
                self._try((delivered.delivery_id,), self._interpret_surveys, [delivered])

    def _try(
        self,
        delivery_ids: tuple[str, ...],
        step: Callable[..., None],
        *arguments: object,
        is_last: bool = True,
    ) -> bool:
        """Does a step for deliveries as a whole or not at all; returns whether it was done."""
        self.connection.begin()
        try:
            step(delivery_ids, *arguments)
        except Exception as error:
            self.connection.rollback()
            if is_last:
                for delivery_id in delivery_ids:
                    log.error("delivery %s could not be interpreted: %s", delivery_id, where(error))
                    self.findings.append(
                        found(delivery_id, "reader_failed", value=type(error).__name__)
                    )
            return False
        self.connection.commit()
        return True

    def _interpret_surveys(
        self, delivery_ids: tuple[str, ...], batch: list[survey.Delivered]
    ) -> None:
        interpreted = survey.interpret(
            self.connection, batch, self.registry.municipalities, self.codes["wave"]
        )
        exports = {delivery_id: interpreted[delivery_id].export for delivery_id in delivery_ids}
        notes = survey_notes.notes(self.connection, exports)
        for delivery_id in delivery_ids:
            self.findings.extend(notes[delivery_id])
            self.findings.extend(interpreted[delivery_id].findings)
        self.exports.update(exports)

    def _interpret_workshop(
        self,
        delivery_ids: tuple[str, ...],
        export: WorkshopExport,
        corrections: list[Correction],
    ) -> None:
        (delivery_id,) = delivery_ids
        export, corrected = correct_workshop(
            self.connection, export, corrections, self.template, delivery_id
        )
        known, place = self.registry.municipalities, self.places[delivery_id]
        workshop.interpret(self.connection, export, place, delivery_id, known, self.codes)
        self.findings.extend(workshop.notes(self.connection, export, self.template, delivery_id))
        self.findings.extend(corrected)
        self.exports[delivery_id] = export

    def _record_findings(self, layouts: Mapping[str, FileLayout]) -> None:
        """Writes the findings; of a file of several municipalities, the row says whose it is."""
        connection = self.connection
        own_names = workshop.template_names(self.template)
        insert_columns(
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
        loaded = dict(connection.execute(statement("stage", "loaded_rows")).fetchall())
        quarantined: list[tuple[object, ...]] = []
        readings: list[tuple[object, ...]] = []
        for delivery_id, layout in layouts.items():
            places = by_delivery.get(delivery_id, [])
            export = self.exports.get(delivery_id)
            whole = export is None or any(row is None for _, row, _ in places)
            rows = _original_rows(connection, export, places, whole=whole)
            quarantined += [
                (delivery_id, *layout.sheet_of(sheet, source_row), source_row, rules, original)
                for sheet, source_row, rules, original in rows
            ]
            balance = (loaded.get(delivery_id, 0), len(rows))
            readings.append(_reading(self, delivery_id, export, balance, whole=whole))
        insert(connection, "raw.quarantine", quarantined)
        insert(connection, "raw.reading", readings)


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
    if not whole and not places:
        return []
    wanted = None if whole else [row for _, row, _ in places if row is not None]
    originals = (
        survey.original_rows(connection, export, wanted)
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
    balance: tuple[int, int],
    *,
    whole: bool,
) -> tuple[object, ...]:
    """The row of ``raw.reading``; the balance are the numbers of rows loaded and kept back."""
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
    return (*location, *tool, *origin, not whole, expected, ignored, *balance, *columns)
