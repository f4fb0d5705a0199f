"""Which cells are withheld."""

from __future__ import annotations

from weltoffen_etl.database import Connection


def withheld_cells(connection: Connection, least: int) -> None:
    """Creates ``loaded_suppression``: cells that are too small."""
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE loaded_suppression AS "
        "SELECT wave, action_field, unit_kind, unit, part_kind, part, true AS is_primary "
        "FROM disclosure.cell WHERE n_respondents BETWEEN 1 AND $least - 1",
        {"least": least},
    )
