"""The empty raw tables that deliveries are interpreted into."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import chain

from weltoffen_etl.catalog import table
from weltoffen_etl.database import Connection, create, literal
from weltoffen_etl.exports.surveys.export import SurveyExport
from weltoffen_etl.exports.workshops.export import WorkshopExport
from weltoffen_etl.interpret.choice_list import derived_codes
from weltoffen_etl.stage_store import STAGED

_SURVEY_TABLES = frozenset({"response", "field_choice", "answer", "priority", "comment"})


def create_tables(
    connection: Connection, exports: Mapping[str, SurveyExport | WorkshopExport]
) -> None:
    """Creates the schema ``raw`` anew, with the tables that deliveries give rows to.

    In the tables of surveys, columns with few different values keep them as numbers: most of
    them stand in each answer.

    Args:
        connection: database with the schema ``reference``.
        exports: what is going to be interpreted, by delivery.
    """
    connection.execute("DROP SCHEMA IF EXISTS raw CASCADE")
    connection.execute("CREATE SCHEMA raw")
    surveys = {x: y for x, y in exports.items() if isinstance(y, SurveyExport)}
    types = {}
    if surveys:
        for name, values in _listed(connection, surveys).items():
            listed = ", ".join(map(literal, sorted(values)))
            connection.execute(f"CREATE TYPE raw.known_{name} AS ENUM ({listed})")
            types[name] = f"raw.known_{name}"
    for name in STAGED:
        own = types if name in _SURVEY_TABLES else {}
        create(connection, table(f"raw.{name}"), types=own)


def _listed(connection: Connection, surveys: Mapping[str, SurveyExport]) -> dict[str, set[str]]:
    """All values of the columns with few different ones."""
    instruments = {(x.instrument.instrument_id, x.instrument.version): x for x in surveys.values()}
    each = [x.instrument for x in instruments.values()]
    mappings = [mapping for x in each for mapping in x.mappings.values()]
    derived = [choice for x in instruments.values() for choice in derived_codes(x)]
    return {
        "delivery_id": set(surveys),
        "source_code": {code for x in each for code in x.mappings} | {x.code for x in derived},
        "item_code": _known(connection, "item", "item_code")
        | {x.item for x in mappings if x.item is not None},
        "action_field": _known(connection, "action_field", "action_field")
        | {x.action_field for x in mappings if x.action_field is not None}
        | {x.field for x in derived}
        | _codes(x.values for x in each),
        "missing_reason": _known(connection, "missing_reason", "missing_reason")
        | _codes(x.scales for x in each),
    }


def _known(connection: Connection, name: str, column: str) -> set[str]:
    return {x for (x,) in connection.execute(f"SELECT {column} FROM reference.{name}").fetchall()}


def _codes(lists: Iterable[Mapping[str, Mapping[str, str]]]) -> set[str]:
    """What the codes of all lists lead to."""
    return set(chain.from_iterable(codes.values() for x in lists for codes in x.values()))
