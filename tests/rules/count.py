"""Counts the rules of the project and the fixtures that break them: python -m tests.rules.count."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from tests.rules import builds, deliveries, doubts, general, tables, values
from weltoffen_etl.quality.rulebook import Scope, rulebook


class Row(NamedTuple):
    """Rules and fixtures of one scope."""

    scope: Scope
    rules: int
    fixtures: int


def fixtures() -> dict[Scope, list[str]]:
    """Returns the ids of all fixtures by the scope of their rules."""
    scopes = {entry.text.id: entry.scope for entry in rulebook()}
    found: dict[Scope, list[str]] = {scope: [] for scope in scopes.values()}
    for module in (general, values, doubts, deliveries, tables, builds):
        for rule in module.FIXTURES:
            found[scopes[rule]].append(rule)
    return found


def rows() -> Iterator[Row]:
    """Yields one row for each scope, in the order of the rulebook."""
    broken = fixtures()
    for scope, rules in Counter(entry.scope for entry in rulebook()).items():
        yield Row(scope, rules, len(broken.get(scope, ())))


def counted() -> str:
    """Returns the numbers as a table with their sum."""
    found = list(rows())
    lines = [
        *found,
        ("zusammen", sum(row.rules for row in found), sum(row.fixtures for row in found)),
    ]
    head = f"{'scope':<10} | {'rules':>6} | {'fixtures':>8}"
    return "\n".join(
        [head, "-" * len(head), *(f"{x[0]:<10} | {x[1]:>6} | {x[2]:>8}" for x in lines)]
    )


if __name__ == "__main__":
    print(counted())
