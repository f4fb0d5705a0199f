"""Survey export → responses, field choices, answers, ranks and free texts, in SQL."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import replace

from weltoffen_etl.corrections import Correction
from weltoffen_etl.database import Connection, insert, literal, set_variables, statement
from weltoffen_etl.deliveries.places import Place
from weltoffen_etl.exports.surveys import limesurvey
from weltoffen_etl.exports.surveys.export import SurveyExport
from weltoffen_etl.findings import Finding, found, without_personal
from weltoffen_etl.interpret.choice_list import load_choice_lists
from weltoffen_etl.interpret.corrected_survey import correct_survey
from weltoffen_etl.interpret.keys import read_ags, read_code

_PARTS = ("field_choice", "answer", "priority", "comment")
_SINGLE = {
    "response_id": "response_id_text",
    "submitted_at": "submitted_text",
    "started_at": "started_text",
    "last_action_at": "last_action_text",
    "last_page": "last_page_text",
    "language": "language_text",
    "wave": "wave_text",
    "ags": "ags_text",
    "municipality": "municipality_text",
    "respondent_role": "respondent_role_text",
    "years_in_role": "years_text",
    "filled_on": "filled_on_text",
    "overall": "overall_text",
    "test_marker": "test_text",
    "finished": "finished_text",
}
_MANY = ("field_choice", "item", "priority", "comment")
# What a column that marks tests says of a real response where the tool has no words for it.
_NO_TEST = frozenset({"0", "n", "nein", "no", "f", "false", "falsch"})
_ADDRESS_COLUMN = re.compile("ipaddr|refurl|e?mail", re.IGNORECASE)

_EMPTY_WORDS = "('', 'N/A')"


def interpret(
    connection: Connection,
    export: SurveyExport,
    place: Place,
    delivery_id: str,
    known: dict[str, str],
    waves: dict[str, str],
    corrections: Sequence[Correction] = (),
) -> tuple[SurveyExport, list[Finding]]:
    """Adds one survey export to the survey tables of schema ``raw``.

    Args:
        connection: database with the schemas ``reference`` and ``raw``.
        export: what was read.
        place: what the folder says.
        delivery_id: SHA-256 of the file.
        known: municipalities by key.
        waves: wave code by spelling.
        corrections: those of the delivery; they change cells before anything is read from
            them.

    Returns:
        The export without the rows that are no data, and the findings about those and
        about the corrections.
    """
    _load_instrument(connection, export)
    _load_grid(connection, export)
    export, corrected = correct_survey(connection, export, corrections, delivery_id)
    _load_cells(connection, export)
    single = {
        role: next(iter(export.instrument.columns_with(role)), None)
        for role in ("municipality", "respondent_role", "overall")
    }
    questions = {role: entry[0].question_code if entry else None for role, entry in single.items()}
    overall = single["overall"]
    asked = {mapping.role for mapping in export.instrument.mappings.values()}
    set_variables(
        connection,
        delivery_id=delivery_id,
        encoding=export.encoding,
        real_cases=sorted(export.real_cases or _NO_TEST),
        finished_cases=sorted(export.finished_cases),
        month_first=export.month_first,
        place_ags=place.ags,
        place_wave=place.wave,
        place_waves=list(place.waves) or None,
        asks_ags=bool(asked & {"ags", "municipality"}),
        asks_wave="wave" in asked,
        selection_page=export.instrument.selection_page(),
        has_submitted_at=any(column.role == "submitted_at" for column in export.columns),
        municipality_question=questions["municipality"],
        role_question=questions["respondent_role"],
        overall_question=questions["overall"],
        overall_scale=overall[1].scale if overall else None,
        overall_page=overall[0].page if overall else 0,
    )
    _load_key_readings(connection, known, waves)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE form AS {statement('stage', 'form')}")
    export, visits = _read_past_visits(connection, export, delivery_id)
    for name in _PARTS:
        connection.execute(f"INSERT INTO raw.{name} BY NAME {statement('stage', name)}")
    # What a form repeats, and whether it is a test, shows in its answers and texts.
    for name in ("test_entry", "repeated_form", "conduct"):
        connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {statement('stage', name)}")
    connection.execute(f"INSERT INTO raw.response BY NAME {statement('stage', 'response')}")
    insert(
        connection,
        "raw.file_column",
        [
            (delivery_id, x.position, x.heading, x.source_code, x.role, x.resolved_by)
            for x in export.columns
        ],
    )
    return export, [*corrected, *visits]


def _read_past_visits(
    connection: Connection, export: SurveyExport, delivery_id: str
) -> tuple[SurveyExport, list[Finding]]:
    """Takes out forms that were only opened and belong to no municipality: nobody misses them."""
    rows = connection.execute(
        "SELECT source_row, response_id_text FROM form WHERE NOT has_answered "
        "AND ags_text IS NULL AND municipality_text IS NULL AND getvariable('place_ags') IS NULL "
        "AND source_row NOT IN (SELECT source_row FROM cell WHERE filled IS NOT NULL) ORDER BY 1"
    ).fetchall()
    visits = frozenset(row for row, _ in rows)
    for table in ("form", "cell", "key_text"):
        connection.execute(
            f"DELETE FROM {table} WHERE list_contains($rows, source_row)", {"rows": sorted(visits)}
        )
    export = replace(export, rows=export.rows - len(visits), dropped=export.dropped | visits)
    return export, [
        found(delivery_id, "visit_without_key", source_row=row, value=number)
        for row, number in rows
    ]


def original_rows(
    connection: Connection, export: SurveyExport
) -> dict[tuple[str | None, int | None], str | None]:
    """Returns the data rows as delivered, as JSON by place, without columns never loaded.

    A row with too many or too few fields cannot be split into columns. Its text is kept
    without addresses; where the file also has columns for names or access codes, it is
    left in the archive.

    Args:
        connection: any open database.
        export: what was read; its grid still exists.

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
        "WHERE source_row > $row AND NOT list_contains($dropped, source_row)",
        {
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


def _load_instrument(connection: Connection, export: SurveyExport) -> None:
    """Puts the questionnaire into temporary tables that the statements join."""
    instrument = export.instrument
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE source_column (source_code VARCHAR, question_code VARCHAR, "
        "page INTEGER, role VARCHAR, item_code VARCHAR, action_field VARCHAR, scale VARCHAR, "
        "rank INTEGER, topic VARCHAR)"
    )
    rows = []
    for column in instrument.structure.columns:
        mapping = instrument.mappings[column.source_code]
        field = mapping.action_field
        if mapping.role == "item" and mapping.item is not None:
            field = None
        rows.append(
            (
                column.source_code,
                column.question_code,
                column.page,
                mapping.role,
                mapping.item,
                field,
                mapping.scale,
                mapping.rank,
                mapping.topic,
            )
        )
    insert(connection, "source_column", rows)
    connection.execute(
        "UPDATE source_column SET action_field = item.action_field "
        "FROM reference.item AS item WHERE item.item_code = source_column.item_code"
    )
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE answer_label (question_code VARCHAR, label VARCHAR, code VARCHAR)"
    )
    insert(connection, "answer_label", instrument.labels)
    connection.execute("UPDATE answer_label SET label = text_key(label)")
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE scale_code (scale VARCHAR, code VARCHAR, outcome VARCHAR)"
    )
    insert(
        connection,
        "scale_code",
        [
            (scale, code, outcome)
            for scale, codes in instrument.scales.items()
            for code, outcome in codes.items()
        ],
    )
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE value_code (question_code VARCHAR, code VARCHAR, target VARCHAR)"
    )
    insert(
        connection,
        "value_code",
        [
            (question, code, target)
            for question, values in instrument.values.items()
            for code, target in values.items()
        ],
    )


def _load_grid(connection: Connection, export: SurveyExport) -> None:
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE grid AS SELECT * FROM read_parquet($path) WHERE source_row > $row",
        {"path": str(export.table), "row": export.heading_row},
    )


def _load_cells(connection: Connection, export: SurveyExport) -> None:
    """Names the grid's columns by what they are: single keys wide, the rest long."""
    by_role = {column.role: f"c{column.position}" for column in export.columns}
    fields = ", ".join(
        f"nullif(trim({by_role[role]}), '') AS {name}"
        if role in by_role
        else f"NULL::VARCHAR AS {name}"
        for role, name in _SINGLE.items()
    )
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE key_text AS SELECT source_row, {fields} FROM grid"
    )
    if export.tool == limesurvey.TOOL:
        # A spreadsheet may write 12,0; any other text is no number, and nobody finds the form
        # in the survey tool again.
        connection.execute(
            "UPDATE key_text SET response_id_text = "
            r"nullif(regexp_extract(response_id_text, '^(\d+)([.,]0+)?$', 1), '')"
        )
    if export.is_counted_by_row:
        connection.execute("UPDATE key_text SET response_id_text = source_row::VARCHAR")
    positions = {
        column.source_code: column.position
        for column in export.columns
        if column.role in _MANY and column.source_code is not None
    }
    wanted = [
        column.source_code for role in _MANY for column, _ in export.instrument.columns_with(role)
    ]
    delivered = ", ".join(f"{_value(positions.get(code))} AS {_quoted(code)}" for code in wanted)
    names = ", ".join(_quoted(code) for code in wanted)
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE delivered (source_code VARCHAR, is_delivered BOOLEAN)"
    )
    insert(connection, "delivered", [(code, code in positions) for code in wanted])
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE cell AS "
        "SELECT source_row, source_code, is_delivered, source_value, "
        f"CASE WHEN trim(source_value) IN {_EMPTY_WORDS} THEN NULL ELSE trim(source_value) END "
        "AS filled, text_key(source_value) AS label "
        f"FROM (SELECT source_row, {delivered} FROM grid) "
        f"UNPIVOT INCLUDE NULLS (source_value FOR source_code IN ({names})) "
        "JOIN delivered USING (source_code)"
    )
    load_choice_lists(connection, export)


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


def _value(position: int | None) -> str:
    return "NULL::VARCHAR" if position is None else f"c{position}"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
