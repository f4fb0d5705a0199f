"""Every rule of the project in one list: of files, of values, of tables, of whole builds."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Literal

from weltoffen_etl.catalog import RuleText, Table, tables
from weltoffen_etl.findings import general_rules
from weltoffen_etl.quality.rules import kinds_of, text_of
from weltoffen_etl.settings import SQL_DIR
from weltoffen_etl.stage_store import JUDGED_TABLES

Scope = Literal["general", "value", "table", "build"]
_SAYS = re.compile(r"^-- Says: (?P<text>.+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class RuleEntry:
    """One rule and where it applies.

    Attributes:
        text: id, severity, topic, action and sentence.
        scope: ``general`` for files, deliveries and corrections, ``value`` for what stands
            in files, ``table`` for what our own tables promise, ``build`` for a check over
            several tables.
        table: full name of the table, None for general rules.
        column: column of the table, None for rules about a whole table.
        kind: kind of a column rule, ``key`` or ``min_rows`` for a whole table.
    """

    text: RuleText
    scope: Scope
    table: str | None = None
    column: str | None = None
    kind: str | None = None


@cache
def rulebook() -> tuple[RuleEntry, ...]:
    """Returns every rule, those about deliveries first, then those about our own tables."""
    judged = {f"raw.{name}" for name in JUDGED_TABLES}
    general = [RuleEntry(text, "general") for text in general_rules().values()]
    columns = [
        RuleEntry(
            text_of(described, column, kind),
            "value" if kind in column.rules else "table",
            name,
            column.name,
            kind,
        )
        for name, described in tables().items()
        for column in described.columns
        for kind in kinds_of(column)
    ]
    whole = [
        entry
        for name, described in tables().items()
        if name not in judged
        for entry in _whole_table(described)
    ]
    values = [entry for entry in columns if entry.scope == "value"]
    rest = [entry for entry in columns if entry.scope != "value"]
    return (*general, *values, *rest, *whole, *_builds())


@cache
def rule_texts() -> dict[str, RuleText]:
    """Returns the text of every rule by its id."""
    return {entry.text.id: entry.text for entry in rulebook()}


def _whole_table(described: Table) -> list[RuleEntry]:
    name = described.full_name
    key = RuleText(
        id=f"{name}.key",
        says=f"In der Tabelle {name} kommt ein Schlüssel mehrmals vor ({', '.join(described.key)}).",
    )
    rows = RuleText(
        id=f"{name}.min_rows",
        says=f"Die Tabelle {name} hat weniger als {described.min_rows} Zeilen.",
    )
    # A key that a statement in sql/checks shows to hold is the rule of that statement.
    entries = [] if described.key_checked_by else [RuleEntry(key, "table", name, kind="key")]
    if described.min_rows:
        entries.append(RuleEntry(rows, "table", name, kind="min_rows"))
    return entries


def _builds() -> list[RuleEntry]:
    entries = []
    for path in sorted((SQL_DIR / "checks").glob("*.sql")):
        says = _SAYS.search(path.read_text(encoding="utf-8"))
        if says is None:
            raise ValueError(f"sql/checks/{path.name} sagt nicht, was verletzt ist (-- Says:).")
        entries.append(RuleEntry(RuleText(id=path.stem, says=says["text"]), "build"))
    return entries
