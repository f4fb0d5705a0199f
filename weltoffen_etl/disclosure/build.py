"""Builds the schemas ``shown`` and ``disclosure``: which state is compared, what is withheld."""

from __future__ import annotations

from weltoffen_etl.database import build
from weltoffen_etl.disclosure.pattern import withheld_cells
from weltoffen_etl.disclosure.state import load_before
from weltoffen_etl.lineage import build_order
from weltoffen_etl.settings import Settings
from weltoffen_etl.warehouse.build import connect_build


def build_schema(settings: Settings, schema: str) -> dict[str, int]:
    """Builds all tables of ``shown`` or ``disclosure`` in the order of their inputs.

    Args:
        settings: folders and least numbers.
        schema: ``shown`` or ``disclosure``.

    Returns:
        Number of rows by table.
    """
    with connect_build(settings) as connection:
        load_before(connection, settings)
        rows: dict[str, int] = {}
        for name in build_order(schema):
            if name == "disclosure.suppression":
                withheld_cells(connection, settings.min_respondents)
            rows[name] = build(connection, name)
        return rows
