"""Builds the schemas after ``raw``, and finds out what some of their tables need first."""

from __future__ import annotations

from weltoffen_etl.database import Connection, build, give_back, together
from weltoffen_etl.disclosure.state import before, load_before, next_state
from weltoffen_etl.engine.choice import engine_of
from weltoffen_etl.engine.face import GROWING
from weltoffen_etl.lineage import build_order
from weltoffen_etl.settings import Settings
from weltoffen_etl.warehouse.build import connect_build


def build_schema(settings: Settings, schema: str) -> dict[str, int]:
    """Builds all tables of a schema in the order of their inputs.

    Args:
        settings: folders and least numbers.
        schema: ``core``, ``shown``, ``quality``, ``disclosure`` or ``comparison``.

    Returns:
        Number of rows by table.
    """
    with (
        connect_build(settings) as connection,
        engine_of(settings) as engine,
        together(connection),
    ):
        # A step that was broken off is begun anew.
        connection.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE")
        rows: dict[str, int] = {}
        for name in build_order(schema):
            if name in _FIRST:
                # They work on frames of their own.
                give_back(connection, settings)
                _FIRST[name](connection, settings)
            make = engine.build if name in GROWING else build
            rows[name] = make(connection, name)
        return rows


def _withhold(connection: Connection, settings: Settings) -> None:
    """Finds what to withhold; the solver is imported only where there is something new."""
    from weltoffen_etl.disclosure.ledger import Ledger
    from weltoffen_etl.disclosure.pattern import withhold

    seen = Ledger.load(connection, before(settings))
    ledger = withhold(connection, seen, settings.min_respondents, settings.min_municipalities)
    ledger.save(connection, next_state(settings))


def _choose(connection: Connection, settings: Settings) -> None:
    """Finds the groups that municipalities see."""
    from weltoffen_etl.disclosure.partner import PartnerLedger, choose

    seen = PartnerLedger.load(connection, before(settings))
    ledger = choose(connection, seen, settings.min_municipalities, settings.dominance_share)
    ledger.save(connection, next_state(settings))


_FIRST = {
    "shown.block": load_before,
    "disclosure.suppression": _withhold,
    "disclosure.partner_cell": _choose,
}
"""What is done before a table is built, because its statement alone cannot."""
