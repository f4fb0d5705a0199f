"""A stage as large as wanted, invented: what many deliveries of self-checks gave, as Parquet.

    uv run python -m tests.engine.invented FOLDER --responses 200000

It stands in ``FOLDER`` as an installation: archive with a ledger, and stage. The rows follow from
the number of each form alone, so every machine invents the same.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from datetime import date
from pathlib import Path

from weltoffen_etl.catalog import table
from weltoffen_etl.database import Connection, connect, create
from weltoffen_etl.deliveries.archive import Archive, Arrival
from weltoffen_etl.instrument.store import load_instruments
from weltoffen_etl.reference import load_reference
from weltoffen_etl.settings import Settings
from weltoffen_etl.stage_store import STAGED
from weltoffen_etl.staging import store_of

_FORMS = """
SELECT
    '{delivery}' AS delivery_id,
    (n + 2)::INTEGER AS source_row,
    (n + 1)::VARCHAR AS source_response_id,
    1 AS response_id_copies,
    '{ags}' AS ags,
    '{wave}' AS wave,
    true AS is_submitted,
    true AS has_reached_selection,
    'de' AS language,
    CASE WHEN hash(n, 'test') % 200 = 0 THEN 'test' END AS test_entry
FROM range({forms}) AS form (n)
"""

_CHOICES = """
SELECT
    '{delivery}' AS delivery_id,
    (n + 2)::INTEGER AS source_row,
    'HF[' || action_field || ']' AS source_code,
    action_field,
    is_chosen,
    CASE WHEN is_chosen IS NULL THEN 'unknown_reason' END AS missing_reason
FROM (
    SELECT
        n,
        action_field,
        -- The first field is everybody's; of the others half are chosen.
        CASE
            WHEN position = 1 THEN true
            WHEN hash(n, action_field, '{delivery}') % 40 > 0 THEN hash(n, action_field, '{delivery}') % 2 = 0
        END AS is_chosen
    FROM range({forms}) AS form (n)
    CROSS JOIN reference.action_field
)
"""

_ANSWERS = """
SELECT
    choice.delivery_id,
    choice.source_row,
    item.item_code AS source_code,
    item.item_code,
    CASE WHEN given AND chance >= 80 THEN (chance % 4 + 1)::INTEGER END AS value,
    CASE
        WHEN NOT given THEN 'not_chosen'
        WHEN chance < 50 THEN 'skipped'
        WHEN chance < 70 THEN 'dont_know'
        WHEN chance < 80 THEN 'not_applicable'
    END AS missing_reason
FROM (
    SELECT *, coalesce(is_chosen, true) AS given, FROM raw.field_choice
) AS choice
JOIN (
    SELECT item_code, action_field, hash(item_code, '{delivery}')
        % 900 AS seed FROM reference.item
) AS item USING (action_field)
CROSS JOIN LATERAL (SELECT hash(choice.source_row, item.seed) % 1000 AS chance)
"""


def invent(settings: Settings, responses: int) -> list[Arrival]:
    """Writes ledger and stage of one delivery for each municipality and wave.

    Args:
        settings: an empty data folder.
        responses: forms over all deliveries.

    Returns:
        The ledger.
    """
    arrivals: list[Arrival] = []
    Archive(settings.archive).folder.mkdir(parents=True, exist_ok=True)
    with connect(settings) as connection:
        load_reference(connection, settings, load_instruments(settings.reference_dir))
        version = connection.execute("SELECT min(version) FROM reference.item_source").fetchone()
        places = connection.execute(
            "SELECT ags, wave FROM reference.municipality CROSS JOIN reference.wave ORDER BY ALL"
        ).fetchall()
        for number, (ags, wave) in enumerate(places):
            forms = responses // len(places) + (number < responses % len(places))
            delivery = hashlib.sha256(f"{ags} {wave}".encode()).hexdigest()
            _delivery(connection, delivery, ags, wave, forms, version[0] if version else None)
            path = f"{ags}/{wave}/selfcheck/x.csv"
            store_of(settings).write(connection, {delivery: [path]})
            arrivals.append(Arrival(number + 1, delivery, path, 1, 1, "2026-10-01T00:00:00+00:00"))
    Archive(settings.archive).ledger.write_text(
        "".join(
            json.dumps({name: getattr(x, name) for name in Arrival.__slots__}) + "\n"
            for x in arrivals
        ),
        encoding="utf-8",
    )
    return arrivals


def _delivery(
    connection: Connection, delivery: str, ags: str, wave: str, forms: int, version: str | None
) -> None:
    for name in STAGED:
        connection.execute(f"DROP TABLE IF EXISTS raw.{name}")
        create(connection, table(f"raw.{name}"))
    connection.execute(
        "INSERT INTO raw.reading BY NAME SELECT $delivery AS delivery_id, 'selfcheck' AS kind, "
        "$ags AS place_ags, $wave AS place_wave, 'limesurvey' AS tool, 'csv' AS container, "
        "(SELECT min(instrument_id) FROM reference.item_source) AS instrument_id, "
        "$version AS instrument_version, true AS is_synthetic, true AS is_readable, "
        "$forms AS rows_expected, 0 AS rows_ignored, $forms AS rows_loaded, "
        "0 AS rows_quarantined, 120 AS columns_delivered, 0 AS columns_unknown",
        {"delivery": delivery, "ags": ags, "wave": wave, "forms": forms, "version": version},
    )
    for name, statement in (
        ("response", _FORMS),
        ("field_choice", _CHOICES),
        ("answer", _ANSWERS),
    ):
        text = statement.format(delivery=delivery, ags=ags, wave=wave, forms=forms)
        connection.execute(f"INSERT INTO raw.{name} BY NAME {text}")


def main() -> None:
    """Invents an installation."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--responses", type=int, default=200_000)
    asked = parser.parse_args()
    settings = Settings(data_dir=asked.folder, as_of=date(2026, 12, 1))
    print(len(invent(settings, asked.responses)), "deliveries")


if __name__ == "__main__":
    main()
