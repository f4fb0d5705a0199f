"""The page on method and limits; its formulas stand in the template, its columns in the database."""

from __future__ import annotations

from typing import Any

from weltoffen_etl.reports.comparison import words
from weltoffen_etl.reports.comparison.tables import Tables, grouped
from weltoffen_etl.reports.pages import german
from weltoffen_etl.settings import Settings

SCHEMAS = {
    "comparison": "Tabellen des Vergleichs",
    "quality": "Tabellen der Datenqualität",
    "reference": "Verzeichnisse",
}
"""Schemas of a release, with their German names."""


def method(settings: Settings, tables: Tables) -> dict[str, Any]:
    """Returns the content of the page on method and limits.

    Args:
        settings: the numbers that rules work with.
        tables: rows of the published tables, with the dictionary.

    Returns:
        Content for ``comparison/method.html.j2`` by name.
    """
    columns = grouped(tables.all("columns"), "table")
    by_schema = grouped(
        (row | {"schema": row["table"].partition(".")[0]} for row in tables.all("described")),
        "schema",
    )
    known = [schema for schema in SCHEMAS if schema in by_schema]
    others = sorted(by_schema.keys() - SCHEMAS.keys())
    return {
        "withheld": [(words.WITHHELD[x], words.WITHHELD_MEANS[x], x) for x in words.WITHHELD],
        "reasons": tables.all("reasons"),
        "scale": tables.all("scale"),
        "min_municipalities": settings.min_municipalities,
        "min_answered": german.percent(settings.min_answered_share),
        "peer_kinds": words.PEER_KINDS,
        "dictionary": [
            (
                SCHEMAS.get(schema, schema),
                [(row, columns.get(row["table"], [])) for row in by_schema[schema]],
            )
            for schema in [*known, *others]
        ],
    }
