"""The questionnaire of a batch of survey exports as temporary tables that the statements join."""

from __future__ import annotations

from weltoffen_etl.database import Connection, insert
from weltoffen_etl.exports.surveys.export import SurveyExport
from weltoffen_etl.interpret.choice_list import derived_codes

CODED = ("item", "field_choice", "priority")
"""Roles of questions whose cells hold codes."""


def load_questionnaire(connection: Connection, export: SurveyExport) -> None:
    """Puts the questionnaire into temporary tables that the statements join."""
    instrument = export.instrument
    delivered = positions(export)
    numbers = {code: number for number, code in enumerate(items(export))}
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE source_column (source_code VARCHAR, question_code VARCHAR, "
        "page INTEGER, role VARCHAR, item_code VARCHAR, action_field VARCHAR, scale VARCHAR, "
        "rank INTEGER, topic VARCHAR, is_delivered BOOLEAN, is_listed BOOLEAN, number INTEGER)"
    )
    rows: list[tuple[object, ...]] = []
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
                column.source_code in delivered,
                False,
                numbers.get(column.source_code),
            )
        )
    for derived in derived_codes(export):
        column = derived.column
        place = (column.question_code, column.page, "field_choice", None, derived.field)
        is_delivered = derived.position is not None
        rows.append((derived.code, *place, None, None, None, is_delivered, True, None))
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


def items(export: SurveyExport) -> list[str]:
    """Columns of the items in the order in which their answers are staged."""
    columns = export.instrument.columns_with("item")
    return [x.source_code for x, _ in sorted(columns, key=lambda entry: entry[1].item or "")]


def positions(export: SurveyExport) -> dict[str, int]:
    """Position in the file of each column that is understood."""
    return {
        column.source_code: column.position
        for column in export.columns
        if column.role in (*CODED, "comment") and column.source_code is not None
    }
