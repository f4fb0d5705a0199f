"""Which table is built from which: read from the head comments of sql/."""

from __future__ import annotations

import re
from functools import cache
from graphlib import TopologicalSorter

from weltoffen_etl.catalog import SCHEMAS, tables
from weltoffen_etl.database import statement

_INPUTS = re.compile(r"^-- Inputs:(?P<text>.*(?:\n--.*)*)", re.MULTILINE)
_NAME = re.compile(rf"\b(?:{'|'.join(SCHEMAS)})\.[a-z_]+\b")


@cache
def inputs(full_name: str) -> tuple[str, ...]:
    """Returns the tables that a statement reads, as its head comment says.

    Args:
        full_name: schema and table.

    Returns:
        Full table names in the order in which they are named.
    """
    schema, name = full_name.split(".")
    head = _INPUTS.search(statement(schema, name))
    return tuple(dict.fromkeys(_NAME.findall(head["text"]))) if head else ()


@cache
def build_order(schema: str) -> tuple[str, ...]:
    """Returns the tables of a schema, each after those it is built from."""
    own = [name for name in tables() if name.startswith(f"{schema}.")]
    sorter = TopologicalSorter(
        {name: [source for source in inputs(name) if source in own] for name in own}
    )
    return tuple(sorter.static_order())
