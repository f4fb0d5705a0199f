"""From archived bytes to the stage: every new delivery is read, interpreted and judged once."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from weltoffen_etl.catalog import table
from weltoffen_etl.database import (
    Connection,
    connect,
    create,
    insert,
    load_reference,
    statement,
)
from weltoffen_etl.deliveries import Archive, Arrival, Place, Registry, place_of
from weltoffen_etl.exports.grid import UnreadableFileError
from weltoffen_etl.exports.isolation import IsolatedReader
from weltoffen_etl.exports.recognition import read_export
from weltoffen_etl.exports.surveys import selfcheck_template
from weltoffen_etl.exports.surveys.export import SurveyExport
from weltoffen_etl.exports.workshops.export import WorkshopExport
from weltoffen_etl.exports.workshops.legend import Legends
from weltoffen_etl.exports.workshops.template import Template, load_template
from weltoffen_etl.findings import Finding, found
from weltoffen_etl.instrument.model import Instrument
from weltoffen_etl.instrument.store import load_instruments
from weltoffen_etl.interpret import survey, workshop
from weltoffen_etl.interpret.codes import spellings
from weltoffen_etl.quality.gate import GateReport
from weltoffen_etl.settings import Settings
from weltoffen_etl.stage_store import STAGED, StageStore, drop_other_versions
from weltoffen_etl.versions import combined, reading_version, reference_version

log = logging.getLogger(__name__)
Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Staged:
    """What a run of the stage did.

    Attributes:
        deliveries: all deliveries of the ledger in order of arrival.
        read: those that were read and judged now.
        reports: what the gate evaluated.
        findings: number of new findings by severity.
    """

    deliveries: tuple[str, ...]
    read: tuple[str, ...]
    reports: tuple[GateReport, ...] = ()
    findings: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class _Intake:
    """State while the new deliveries of a run are read together."""

    connection: Connection
    registry: Registry
    instruments: list[Instrument]
    template: Template
    legends: Legends
    codes: dict[str, dict[str, str]]
    exports: dict[str, SurveyExport | WorkshopExport] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


def store_of(settings: Settings) -> StageStore:
    """Returns the stage of the present code, rules and reference data."""
    version = combined(reading_version(), reference_version(settings.reference_dir))
    return StageStore(settings.stage / version[:16])


def stage_deliveries(
    settings: Settings, arrivals: Iterable[Arrival], progress: Progress = lambda _: None
) -> Staged:
    """Reads and judges every delivery that the stage does not hold yet.

    A file that cannot be read, and a row that breaks a critical rule, is kept back with
    a finding; the rest goes on. Nothing of a file is lost: its bytes are in the archive.

    Args:
        settings: folders and limits.
        arrivals: the ledger.
        progress: told each file in turn.

    Returns:
        Which deliveries there are and which were read now.

    Raises:
        GateError: a suite did not check what it should have; nothing was staged.
    """
    ledger = list(arrivals)
    store = store_of(settings)
    paths: dict[str, list[str]] = {}
    for arrival in ledger:
        paths.setdefault(arrival.sha256, []).append(arrival.path)
    new = [delivery_id for delivery_id in paths if not store.has(delivery_id)]
    if not new:
        return Staged(tuple(paths), ())
    # Great Expectations costs seconds to import; a night without news never gets here.
    from weltoffen_etl.quality.judgement import judge, keep_back

    archive = Archive(settings.archive)
    with connect(settings) as connection, IsolatedReader(settings) as reader:
        intake = _open(connection, settings)
        for delivery_id in new:
            progress(paths[delivery_id][0])
            _read(intake, reader, archive, delivery_id, paths[delivery_id])
        judgement = judge(connection, workshop.headings(intake.template))
        intake.findings.extend(judgement.findings)
        keep_back(connection, intake.findings)
        _record(intake, new)
        for delivery_id in new:
            store.write(connection, delivery_id)
    drop_other_versions(settings.stage, store)
    counts: dict[str, int] = {}
    for finding in intake.findings:
        counts[finding.severity] = counts.get(finding.severity, 0) + 1
    return Staged(tuple(paths), tuple(new), judgement.reports, counts)


def _open(connection: Connection, settings: Settings) -> _Intake:
    instruments = load_instruments(settings.reference_dir)
    template = load_template(settings.reference_dir)
    load_reference(connection, settings, instruments)
    for name in STAGED:
        create(connection, table(f"raw.{name}"))
    return _Intake(
        connection=connection,
        registry=Registry(settings.reference_dir),
        instruments=instruments,
        template=template,
        legends=Legends(settings.reference_dir, template.total_words),
        codes=spellings(connection),
    )


def _read(
    intake: _Intake, reader: IsolatedReader, archive: Archive, delivery_id: str, paths: list[str]
) -> None:
    """Reads one delivery into the raw tables; whatever goes wrong becomes a finding."""
    place = place_of(paths[0], intake.registry)
    intake.places[delivery_id] = place
    intake.findings.extend(
        found(delivery_id, "same_bytes_elsewhere", value=path) for path in paths[1:]
    )
    try:
        if place.problem is not None:
            raise UnreadableFileError(place.problem, place.problem_value)
        tables = reader.read(archive.object_path(delivery_id))
        legend = intake.legends.of(place.ags, place.workshop_date)
        export = read_export(tables, intake.instruments, intake.template, legend, delivery_id)
        _belongs(export, place)
    except UnreadableFileError as error:
        intake.findings.append(
            found(delivery_id, error.rule, source_row=error.row, value=error.value)
        )
        return
    intake.findings.extend(export.findings)
    if any(x.severity == "critical" and x.source_row is None for x in export.findings):
        if isinstance(export, WorkshopExport):
            # The tool is known and the rows are counted, though none can be loaded.
            intake.exports[delivery_id] = export
        return
    intake.connection.begin()
    try:
        known = intake.registry.municipalities
        if isinstance(export, SurveyExport):
            survey.interpret(
                intake.connection, export, place, delivery_id, known, intake.codes["wave"]
            )
            intake.findings.extend(survey.notes(intake.connection, export, delivery_id))
        else:
            workshop.interpret(intake.connection, export, place, delivery_id, known, intake.codes)
    except Exception as error:
        # A defect of ours on one file must not cost the others their night.
        intake.connection.rollback()
        log.exception("delivery %s could not be interpreted", delivery_id)
        intake.findings.append(found(delivery_id, "reader_failed", value=type(error).__name__))
        return
    intake.connection.commit()
    intake.exports[delivery_id] = export


def _belongs(export: SurveyExport | WorkshopExport, place: Place) -> None:
    """Refuses a file in the wrong folder and a file without data rows."""
    kind = "selfcheck" if isinstance(export, SurveyExport) else "workshop"
    if kind != place.kind:
        names = {"selfcheck": "ein Selbstcheck", "workshop": "ein Workshop"}
        raise UnreadableFileError("file_kind_misplaced", names[kind])
    if isinstance(export, SurveyExport) and export.rows == 0:
        raise UnreadableFileError("file_without_rows")


def _record(intake: _Intake, new: list[str]) -> None:
    """Writes findings, quarantine and the balance of each delivery into the raw tables."""
    connection = intake.connection
    insert(
        connection,
        "raw.finding",
        [
            (
                x.delivery_id,
                x.rule,
                x.severity,
                x.sheet,
                x.source_row,
                x.source_column,
                x.value,
                x.message,
            )
            for x in intake.findings
        ],
    )
    kept = connection.execute(
        "SELECT delivery_id, sheet, source_row, rules FROM kept_back ORDER BY ALL"
    ).fetchall()
    by_delivery: dict[str, list[tuple[str | None, int | None, str]]] = {}
    for delivery_id, sheet, source_row, rules in kept:
        by_delivery.setdefault(delivery_id, []).append((sheet, source_row, rules))
    for delivery_id in new:
        places = by_delivery.get(delivery_id, [])
        export = intake.exports.get(delivery_id)
        whole = export is None or any(row is None for _, row, _ in places)
        rows = _original_rows(connection, export, places, whole=whole)
        insert(
            connection,
            "raw.quarantine",
            [(delivery_id, *row) for row in rows],
        )
        insert(
            connection,
            "raw.reading",
            [_reading(intake, delivery_id, export, rows, whole=whole)],
        )


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
    intake: _Intake,
    delivery_id: str,
    export: SurveyExport | WorkshopExport | None,
    quarantined: list[tuple[str | None, int | None, str, str | None]],
    *,
    whole: bool,
) -> tuple[object, ...]:
    place = intake.places[delivery_id]
    location = (delivery_id, place.kind, place.ags, place.wave, place.workshop_date)
    if export is None:
        return (*location, *[None] * 7, False, False, 0, 0, 0, 0, 0, 0)
    origin: tuple[str | None, str | None, bool]
    if isinstance(export, SurveyExport):
        instrument = export.instrument
        part = "typed" if export.tool == selfcheck_template.TOOL else "whole"
        tool = (export.tool, export.container, export.encoding, export.delimiter, part)
        origin = (instrument.instrument_id, instrument.version, instrument.synthetic)
        expected, ignored = export.rows, 0
        unknown = sum(column.role == "unknown" for column in export.columns)
        columns = (len(export.columns), unknown)
    else:
        tool = (export.tool, export.container, export.encoding, export.delimiter, export.part)
        origin = (None, None, workshop.is_synthetic(export, intake.template))
        expected, ignored, columns = export.data_rows, export.ignored_rows, (0, 0)
    loaded = _loaded(intake.connection, delivery_id)
    return (
        *location, *tool, *origin, not whole, expected, ignored, loaded, len(quarantined), *columns,
    )  # fmt: skip


def _loaded(connection: Connection, delivery_id: str) -> int:
    row = connection.execute(
        statement("stage", "loaded_rows"), {"delivery_id": delivery_id}
    ).fetchone()
    return int(row[0]) if row else 0
