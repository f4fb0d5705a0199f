"""Forms written by hand, and the tables that the comparison reads of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from weltoffen_etl.catalog import table
from weltoffen_etl.database import (
    Connection,
    build,
    connect,
    create,
    insert,
    prepare,
)
from weltoffen_etl.settings import Settings

REASONS = [
    "not_chosen", "not_delivered", "not_reached", "skipped", "dont_know", "not_applicable",
    "invalid", "unknown_reason",
]  # fmt: skip
Answers = Mapping[str, int | str]
"""By item code the value before polarity, or the reason why there is none."""


@dataclass(frozen=True)
class Item:
    """A question."""

    code: str
    action_field: str
    polarity: int = 1


@dataclass(frozen=True)
class Survey:
    """Forms by municipality and wave, in the order of the waves."""

    items: Sequence[Item]
    waves: Sequence[str]
    forms: Mapping[tuple[str, str], Sequence[Answers]]
    peer_groups: Sequence[tuple[str, str, str, bool]] = ()
    instruments: Mapping[tuple[str, str], str] = field(default_factory=dict)


def comparing(settings: Settings, **variables: Any) -> Connection:
    """Returns a database in memory with the macros and variables of a build."""
    connection = connect(settings)
    prepare(connection, settings, **variables)
    return connection


def load(connection: Connection, survey: Survey) -> None:
    """Fills ``shown`` with the forms and builds ``disclosure`` of them; small cells are withheld."""
    _load_reference(connection, survey)
    _load_shown(connection, survey)
    for name in ("core.item_bit", "disclosure.part", "disclosure.member", "disclosure.cell"):
        build(connection, name)
    _load_figures(connection)


def in_bits(answers: Answers, items: Sequence[str]) -> tuple[int, ...]:
    """Returns what a form says on a field as ``core.response_field`` writes it.

    Args:
        answers: value or reason of items of the field.
        items: all items of the field, in order.
    """
    codes = {
        items.index(item): 11 + x if isinstance(x, int) else REASONS.index(x) + 1
        for item, x in answers.items()
    }
    digits = (sum(1 << place for place, code in codes.items() if code & x) for x in (1, 2, 4, 8))
    return sum(1 << place for place in codes), *digits


def _load_reference(connection: Connection, survey: Survey) -> None:
    for name in ("item", "wave", "peer_group", "action_field"):
        create(connection, table(f"reference.{name}"))
    fields = sorted({item.action_field for item in survey.items})
    insert(
        connection,
        "reference.action_field",
        [(name, position, name) for position, name in enumerate(fields, start=1)],
    )
    insert(
        connection,
        "reference.item",
        [
            (item.code, item.action_field, None, position, item.polarity, item.code)
            for position, item in enumerate(survey.items, start=1)
        ],
    )
    day = "2025-01-01"
    insert(
        connection,
        "reference.wave",
        [(wave, position, wave, day, day, day) for position, wave in enumerate(survey.waves)],
    )
    groups = survey.peer_groups or [
        ("all", "all", ags, True) for ags in sorted({ags for ags, _ in survey.forms})
    ]
    insert(
        connection,
        "reference.peer_group",
        [(kind, group, group, ags, counted) for kind, group, ags, counted in groups],
    )


def _load_shown(connection: Connection, survey: Survey) -> None:
    for name in ("block", "response", "response_field", "answer_count"):
        create(connection, table(f"shown.{name}"))
    field_of = {item.code: item.action_field for item in survey.items}
    for (ags, wave), forms in survey.forms.items():
        n = len(forms)
        insert(connection, "shown.block", [(ags, wave, n, 0, n, False, n, True)])
        instrument = survey.instruments.get((ags, wave), "A")
        names = [f"{ags} {wave} {number:04}" for number in range(n)]
        insert(
            connection,
            "shown.response",
            [(name, ags, wave, instrument, True, None, None) for name in names],
        )
        fields, counts = [], []
        for name, answers in zip(names, forms, strict=True):
            for action_field in sorted(set(field_of.values())):
                own = {code: answers[code] for code in sorted(field_of) if code in answers}
                own = {code: x for code, x in own.items() if field_of[code] == action_field}
                given = sum(isinstance(x, int) for x in own.values())
                chosen = any(x != "not_chosen" for x in own.values())
                bits = in_bits(own, [x for x in sorted(field_of) if field_of[x] == action_field])
                fields.append((name, ags, wave, action_field, chosen, len(own), given, *bits))
            for code, x in answers.items():
                value, reason = (x, None) if isinstance(x, int) else (None, x)
                counts.append((ags, wave, code, value, reason, 1))
        insert(connection, "shown.response_field", fields)
        insert(connection, "shown.answer_count", counts)


def _load_figures(connection: Connection) -> None:
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE loaded_suppression AS SELECT wave, action_field, unit_kind, "
        "unit, part_kind, part, true AS is_primary FROM disclosure.cell "
        "WHERE n_respondents BETWEEN 1 AND getvariable('min_respondents') - 1"
    )
    for name in ("relation", "suppression", "open_cell", "figure", "profile"):
        build(connection, f"disclosure.{name}")
    build(connection, "comparison.peer_group_score")
