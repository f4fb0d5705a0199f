"""The schema ``reference``: what is agreed, from the reference folder, questionnaires and rules."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from weltoffen_etl.catalog import ACTIONS, TOPICS
from weltoffen_etl.corrections import correction_row, load_corrections
from weltoffen_etl.database import Connection, build, insert, insert_columns, set_variables
from weltoffen_etl.instrument.model import Instrument, InstrumentError
from weltoffen_etl.lineage import build_order
from weltoffen_etl.official_list import read_official_list
from weltoffen_etl.quality.rulebook import RuleEntry, rulebook
from weltoffen_etl.settings import Settings

MOST_ITEMS = 62
"""Items of an action field that have room in one number: each has a bit of it."""


def load_reference(
    connection: Connection,
    settings: Settings,
    instruments: Sequence[Instrument],
    official_list: Path | None = None,
) -> dict[str, int]:
    """Builds the schema ``reference`` from the reference folder.

    Args:
        connection: an open database.
        settings: where the reference folder is.
        instruments: all instruments.
        official_list: official workbook of municipalities to compare the registry with.

    Returns:
        Number of rows by table.

    Raises:
        CorrectionError: the corrections are not valid.
        InstrumentError: an action field has more items than there is room for.
    """
    set_variables(connection, reference_dir=str(settings.reference_dir))
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE loaded_instrument (instrument_id VARCHAR, version VARCHAR, "
        "title_de VARCHAR, tool VARCHAR, is_synthetic BOOLEAN)"
    )
    insert(
        connection,
        "loaded_instrument",
        [(x.instrument_id, x.version, x.title, x.tool, x.synthetic) for x in instruments],
    )
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE loaded_item_source (instrument_id VARCHAR, version VARCHAR, "
        "source_code VARCHAR, item_code VARCHAR)"
    )
    insert_columns(
        connection,
        "loaded_item_source",
        [
            (x.instrument_id, x.version, column.source_code, mapping.item)
            for x in instruments
            for column, mapping in x.columns_with("item")
        ],
    )
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE loaded_rule (rule VARCHAR, position INTEGER, scope VARCHAR, "
        "topic VARCHAR, topic_de VARCHAR, action VARCHAR, action_de VARCHAR, "
        "action_position INTEGER, severity VARCHAR, about_person BOOLEAN, says VARCHAR)"
    )
    insert_columns(
        connection,
        "loaded_rule",
        [_rule_row(position, entry) for position, entry in enumerate(rulebook(), start=1)],
    )
    connection.execute("CREATE OR REPLACE TEMP TABLE loaded_official (ags VARCHAR, name VARCHAR)")
    if official_list is not None:
        connection.register("official_frame", read_official_list(official_list))
        connection.execute("INSERT INTO loaded_official BY NAME FROM official_frame")
        connection.unregister("official_frame")
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE loaded_correction (correction VARCHAR, position INTEGER, "
        "file VARCHAR, place VARCHAR, sheet VARCHAR, response VARCHAR, source_row INTEGER, "
        "source_column VARCHAR, action VARCHAR, value VARCHAR, factor DOUBLE, expect VARCHAR, "
        "reason VARCHAR, said_by VARCHAR, said_on DATE)"
    )
    insert(
        connection,
        "loaded_correction",
        [
            correction_row(position, correction)
            for position, correction in enumerate(load_corrections(settings.reference_dir), start=1)
        ],
    )
    rows = {name: build(connection, name) for name in build_order("reference")}
    _refuse_large_fields(connection)
    return rows


def _refuse_large_fields(connection: Connection) -> None:
    """Refuses a catalogue that the forms in bits (``core.item_bit``) have no room for."""
    found = connection.execute(
        "SELECT action_field, count(*) FROM reference.item GROUP BY action_field "
        "HAVING count(*) > $most ORDER BY action_field",
        {"most": MOST_ITEMS},
    ).fetchall()
    if found:
        fields = ", ".join(f"{field} ({number})" for field, number in found)
        raise InstrumentError(
            f"items.csv: mehr als {MOST_ITEMS} Fragen in einem Handlungsfeld: {fields}. Bitte das "
            "Handlungsfeld teilen."
        )


def _rule_row(position: int, entry: RuleEntry) -> tuple[object, ...]:
    text = entry.text
    urgency = list(ACTIONS).index(text.action) + 1
    return (
        text.id, position, entry.scope, text.topic, TOPICS[text.topic], text.action,
        ACTIONS[text.action], urgency, text.severity, text.about_person, text.says,
    )  # fmt: skip
