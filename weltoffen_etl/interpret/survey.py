"""Survey exports → responses, field choices, answers, ranks and free texts, in SQL.

Deliveries whose columns mean the same are interpreted together, since a statement costs more than
the rows of a small file. What a text means is settled once for each question, not once for each
cell.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Hashable, Sequence
from dataclasses import dataclass, replace

from weltoffen_etl.corrections import Correction
from weltoffen_etl.database import (
    Connection,
    insert,
    insert_columns,
    keeping_order,
    literal,
    set_variables,
    statement,
)
from weltoffen_etl.deliveries.places import Place
from weltoffen_etl.exports.surveys.export import SurveyExport
from weltoffen_etl.findings import Finding, found, without_personal
from weltoffen_etl.interpret.cells import define_cells, load_answer_keys, load_key_texts
from weltoffen_etl.interpret.choice_list import load_choice_pieces
from weltoffen_etl.interpret.corrected_survey import correct_survey
from weltoffen_etl.interpret.keys import read_ags, read_code
from weltoffen_etl.interpret.questionnaire import items, load_questionnaire

# What a column that marks tests says of a real response where the tool has no words for it.
_NO_TEST = frozenset({"0", "n", "nein", "no", "f", "false", "falsch"})
_ADDRESS_COLUMN = re.compile("ipaddr|refurl|e?mail", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Delivered:
    """One survey delivery to be interpreted.

    Attributes:
        delivery_id: SHA-256 of the file.
        export: what was read.
        place: what the folder says.
        corrections: those of the delivery; they change cells before anything is read from
            them.
    """

    delivery_id: str
    export: SurveyExport
    place: Place
    corrections: tuple[Correction, ...] = ()

    @property
    def layout(self) -> Hashable:
        """What deliveries must have in common to be interpreted together."""
        export = self.export
        return (
            self.delivery_id if self.corrections else None,
            export.instrument.instrument_id,
            export.instrument.version,
            export.tool,
            export.container,
            export.encoding,
            export.heading_row,
            export.real_cases,
            export.finished_cases,
            export.is_counted_by_row,
            export.month_first,
            tuple((x.position, x.source_code, x.role) for x in export.columns),
        )


@dataclass(frozen=True, slots=True)
class Interpreted:
    """What became of one delivery.

    Attributes:
        export: the export without the rows that are no data.
        findings: those about these rows and about the corrections.
    """

    export: SurveyExport
    findings: tuple[Finding, ...]


def interpret(
    connection: Connection,
    batch: Sequence[Delivered],
    known: dict[str, str],
    waves: dict[str, str],
) -> dict[str, Interpreted]:
    """Adds survey exports of one layout to the survey tables of schema ``raw``.

    Args:
        connection: database with the schemas ``reference`` and ``raw``.
        batch: deliveries of the same layout.
        known: municipalities by key.
        waves: wave code by spelling.

    Returns:
        What became of each delivery, by delivery.
    """
    batch = sorted(batch, key=lambda delivered: delivered.delivery_id)
    export = batch[0].export
    _load_batch(connection, batch)
    _load_grid(connection, batch)
    corrected: dict[str, Interpreted] = {}
    for delivered in batch:
        own, findings = correct_survey(
            connection, delivered.export, delivered.corrections, delivered.delivery_id
        )
        corrected[delivered.delivery_id] = Interpreted(own, tuple(findings))
    load_choice_pieces(connection, export)
    load_questionnaire(connection, export)
    _set_variables(connection, export)
    define_cells(connection, export)
    load_key_texts(connection, export)
    _load_key_readings(connection, known, waves)
    _make(connection, "form")
    interpreted = _read_past_visits(connection, corrected)
    _load_parts(connection, export)
    insert_columns(
        connection,
        "raw.file_column",
        [
            (x.delivery_id, c.position, c.heading, c.source_code, c.role, c.resolved_by)
            for x in batch
            for c in x.export.columns
        ],
    )
    return interpreted


def _load_parts(connection: Connection, export: SurveyExport) -> None:
    """Fills the tables of schema ``raw`` from the forms and their cells."""
    _make(connection, "spelling")
    _make(connection, "chosen_field")
    load_answer_keys(connection, export)
    with keeping_order(connection):
        _add(connection, "answer")
    for name in ("field_choice", "priority", "comment"):
        _add(connection, name)
    # What a form repeats, and whether it is a test, shows in its answers and texts.
    for name in (
        "test_entry",
        "alike_person",
        "answer_bits",
        "repeated_form",
        "answer_style",
        "conduct",
    ):
        _make(connection, name)
    _add(connection, "response")


def _make(connection: Connection, name: str) -> None:
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {statement('stage', name)}")


def _add(connection: Connection, name: str) -> None:
    connection.execute(f"INSERT INTO raw.{name} BY NAME {statement('stage', name)}")


def _load_batch(connection: Connection, batch: Sequence[Delivered]) -> None:
    """Numbers the deliveries as their files are read, from 0, with what their folders say."""
    # The same type as in the tables of schema raw, so that nothing is cast row by row.
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE batch AS SELECT 0 AS delivery, delivery_id, "
        "NULL::VARCHAR AS place_ags, NULL::VARCHAR AS place_wave, NULL::VARCHAR[] AS place_waves "
        "FROM raw.answer LIMIT 0"
    )
    insert(
        connection,
        "batch",
        [
            (number, x.delivery_id, x.place.ags, x.place.wave, list(x.place.waves) or None)
            for number, x in enumerate(batch)
        ],
    )


def _load_grid(connection: Connection, batch: Sequence[Delivered]) -> None:
    """Shows the data rows of all files as ``grid``; a copy of them where cells are corrected.

    ``form_id`` orders the rows by delivery and row.
    """
    files = ", ".join(literal(str(x.export.table)) for x in batch)
    source = (
        "SELECT (file_index::BIGINT << 32) + source_row AS form_id, "
        f"file_index::INTEGER AS delivery, * FROM read_parquet([{files}]) "
        f"WHERE source_row > {batch[0].export.heading_row}"
    )
    if any(x.corrections for x in batch):
        connection.execute(f"CREATE OR REPLACE TEMP TABLE corrected_grid AS {source}")
        source = "SELECT * FROM corrected_grid"
    connection.execute(f"CREATE OR REPLACE TEMP VIEW grid AS {source}")


def _set_variables(connection: Connection, export: SurveyExport) -> None:
    """Tells the statements about the layout."""
    single = {
        role: next(iter(export.instrument.columns_with(role)), None)
        for role in ("municipality", "respondent_role", "overall")
    }
    questions = {role: entry[0].question_code if entry else None for role, entry in single.items()}
    overall = single["overall"]
    asked = {mapping.role for mapping in export.instrument.mappings.values()}
    set_variables(
        connection,
        encoding=export.encoding,
        real_cases=sorted(export.real_cases or _NO_TEST),
        finished_cases=sorted(export.finished_cases),
        month_first=export.month_first,
        asks_ags=bool(asked & {"ags", "municipality"}),
        asks_wave="wave" in asked,
        selection_page=export.instrument.selection_page(),
        has_submitted_at=any(column.role == "submitted_at" for column in export.columns),
        municipality_question=questions["municipality"],
        role_question=questions["respondent_role"],
        overall_question=questions["overall"],
        overall_scale=overall[1].scale if overall else None,
        overall_page=overall[0].page if overall else 0,
        n_items=len(items(export)),
    )


def _read_past_visits(
    connection: Connection, corrected: dict[str, Interpreted]
) -> dict[str, Interpreted]:
    """Takes out forms that were only opened and belong to no municipality: nobody misses them."""
    _make(connection, "empty_visit")
    rows = connection.execute(
        "SELECT delivery_id::VARCHAR, source_row, response_id_text FROM empty_visit ORDER BY form_id"
    ).fetchall()
    connection.execute("DELETE FROM form WHERE form_id IN (SELECT form_id FROM empty_visit)")
    visits: dict[str, list[tuple[int, str | None]]] = {}
    for delivery_id, row, number in rows:
        visits.setdefault(delivery_id, []).append((row, number))
    interpreted = {}
    for delivery_id, before in corrected.items():
        own = visits.get(delivery_id, [])
        export = before.export
        dropped = export.dropped | {row for row, _ in own}
        interpreted[delivery_id] = Interpreted(
            replace(export, rows=export.rows - len(own), dropped=dropped),
            (
                *before.findings,
                *(
                    found(delivery_id, "visit_without_key", source_row=row, value=number)
                    for row, number in own
                ),
            ),
        )
    return interpreted


def original_rows(
    connection: Connection, export: SurveyExport, wanted: Collection[int] | None = None
) -> dict[tuple[str | None, int | None], str | None]:
    """Returns data rows as delivered, as JSON by place, without columns never loaded.

    A row with too many or too few fields cannot be split into columns. Its text is kept
    without addresses; where the file also has columns for names or access codes, it is
    left in the archive.

    Args:
        connection: any open database.
        export: what was read; its grid still exists.
        wanted: rows to return; None for all.

    Returns:
        JSON of the tool's code → cell by (sheet, row); the sheet is None, as in findings.
    """
    pairs = ", ".join(
        f"{literal(column.source_code)}, without_addresses(c{column.position})"
        for column in export.columns
        if column.role not in ("never_loaded", "unknown") and column.source_code is not None
    )
    rows = connection.execute(
        f"SELECT source_row, json_object({pairs})::VARCHAR FROM read_parquet($path) "
        "WHERE source_row > $row AND NOT list_contains($dropped, source_row) "
        "AND ($wanted IS NULL OR source_row IN (SELECT unnest($wanted::BIGINT[])))",
        {
            "wanted": None if wanted is None else sorted(wanted),
            "path": str(export.table),
            "row": export.heading_row,
            "dropped": sorted(export.dropped),
        },
    ).fetchall()
    originals: dict[tuple[str | None, int | None], str | None] = {
        (None, source_row): original for source_row, original in rows
    }
    private = any(
        column.role == "never_loaded" and not _ADDRESS_COLUMN.search(column.source_code or "")
        for column in export.columns
    )
    for row, text in export.ragged_text:
        kept = (
            None if private else json.dumps({"Zeile": without_personal(text)}, ensure_ascii=False)
        )
        originals[None, row] = kept
    return originals


def _load_key_readings(
    connection: Connection, known: dict[str, str], waves: dict[str, str]
) -> None:
    """Reads each distinct key once."""
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE ags_reading (ags_text VARCHAR, ags VARCHAR, repair VARCHAR)"
    )
    texts = connection.execute(
        "SELECT DISTINCT ags_text FROM key_text WHERE ags_text IS NOT NULL"
    ).fetchall()
    insert(connection, "ags_reading", [(text, *read_ags(text, known)) for (text,) in texts])
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE wave_reading (wave_text VARCHAR, wave VARCHAR, repair VARCHAR)"
    )
    texts = connection.execute(
        "SELECT DISTINCT wave_text FROM key_text WHERE wave_text IS NOT NULL"
    ).fetchall()
    readings = []
    for (text,) in texts:
        wave = read_code(text, waves)
        repair = None if wave in (None, text) else f"als {wave} gelesen"
        readings.append((text, wave, repair))
    insert(connection, "wave_reading", readings)
