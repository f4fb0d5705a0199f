"""Which groups municipalities see, and in which state: the view of partners in ``partner_cell``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pandas as pd

from weltoffen_etl.database import Connection
from weltoffen_etl.disclosure.frames import give_frame, load_frame, rows_of, save_frame
from weltoffen_etl.disclosure.groups import SeenSums, State, is_dominated
from weltoffen_etl.disclosure.ledger import COUNTS, Component, components, of_component

_PART = ["wave", "action_field", "part_kind", "part"]
"""Sums of different parts are looked at apart: each counts the same people anew."""
_GROUP = ["unit_kind", "unit"]
_KINDS = ("all", "chosen", "size_class", "type", "macro_region", "cohort")
"""Kinds of groups, the most wanted first: where two cannot be shown together, the first is."""
_SUM = [*_PART, "sum", "ags", "state"]
_SHOWN = [*_PART, *_GROUP, "sum"]


@dataclass(frozen=True, slots=True)
class PartnerLedger:
    """Which sums over municipalities have been shown to municipalities.

    Attributes:
        sum: one row a member of a sum: part, ``sum`` (number within the part), ``ags``,
            ``state`` (its counts as text).
        group: one row a group as it was last shown: part, group, ``sum``.
    """

    sum: pd.DataFrame
    group: pd.DataFrame

    @classmethod
    def load(cls, connection: Connection, folder: Path | None) -> PartnerLedger:
        """Reads what a release left, or begins."""
        return cls(
            load_frame(connection, folder, "partner_sum", _SUM),
            load_frame(connection, folder, "partner_group", _SHOWN),
        )

    def save(self, connection: Connection, folder: Path) -> None:
        """Writes the ledger into a folder."""
        save_frame(connection, folder, "partner_sum", self.sum)
        save_frame(connection, folder, "partner_group", self.group)


def choose(
    connection: Connection, seen: PartnerLedger, municipalities: int, share: float
) -> PartnerLedger:
    """Chooses the groups that municipalities see, as ``loaded_partner_cell``.

    A group is shown as it is now if that tells no municipality apart, else as it was last
    shown, else not at all.

    Args:
        connection: database with ``disclosure.open_cell``, ``cell`` and ``member``.
        seen: what earlier releases showed.
        municipalities: least number of municipalities in a group.
        share: what is left of a sum without its two greatest contributions must be at least
            this share of the greatest.

    Returns:
        The ledger with this release in it.
    """
    rows: list[tuple[object, ...]] = []
    sums: list[pd.DataFrame] = []
    groups: list[tuple[object, ...]] = []
    latest = dict(iter(seen.group.groupby(_PART)))
    # One component at a time: the members of millions of sums need not be in memory together.
    for component in components(connection, "disclosure.member", seen.sum):
        earlier = dict(iter(of_component(seen.sum, component).groupby(_PART)))
        now = dict(iter(_members(connection, component).groupby(_PART)))
        shown_so_far: list[tuple[object, ...]] = []
        for part in sorted({*earlier, *now}):
            chosen, all_sums = _choose_part(
                now.get(part), earlier.get(part), latest.get(part), municipalities, share
            )
            numbers = {members: number for number, members in enumerate(all_sums)}
            shown_so_far += [
                (*part, numbers[members], *state)
                for members in all_sums
                for state in sorted(members)
            ]
            for group, shown in sorted(chosen.items()):
                groups.append((*part, *group, numbers[shown]))
                rows.append((*part, *group, len(shown), *_total(shown)))
        if shown_so_far:
            sums.append(pd.DataFrame(shown_so_far, columns=_SUM))
    keys, counts = [*_PART, *_GROUP], ["n_municipalities", *COUNTS]
    give_frame(
        connection,
        "loaded_partner_cell",
        pd.DataFrame(rows, columns=[*keys, *counts]),
        {**dict.fromkeys(keys, "VARCHAR"), **dict.fromkeys(counts, "BIGINT")},
    )
    return PartnerLedger(
        pd.concat(sums or [seen.sum], ignore_index=True),
        pd.DataFrame(groups, columns=_SHOWN),
    )


def _members(connection: Connection, component: Component) -> pd.DataFrame:
    """Reads the members of the groups of a component, each in the state that its counts are in."""
    counts = ", ".join(f"cell.{name}" for name in COUNTS)
    wave, action_field = component
    return connection.execute(
        "SELECT member.wave, member.action_field, cell.part_kind, cell.part, member.unit_kind, "
        f"member.unit, member.ags, concat_ws(',', {counts}) AS state "
        "FROM disclosure.member AS member "
        "JOIN disclosure.open_cell AS total USING (wave, action_field, unit_kind, unit) "
        "JOIN disclosure.cell AS cell ON cell.unit_kind = 'municipality' AND "
        "(cell.wave, cell.action_field, cell.unit, cell.part_kind, cell.part) = "
        "(total.wave, total.action_field, member.ags, total.part_kind, total.part) "
        "WHERE NOT total.is_withheld AND member.wave = $wave "
        "AND member.action_field = $action_field ORDER BY ALL",
        {"wave": wave, "action_field": action_field},
    ).df()


def _choose_part(
    now: pd.DataFrame | None,
    earlier: pd.DataFrame | None,
    latest: pd.DataFrame | None,
    municipalities: int,
    share: float,
) -> tuple[dict[tuple[str, str], frozenset[State]], list[frozenset[State]]]:
    """Returns the sum to show of each group of a part, and all sums ever shown."""
    shown: dict[int, frozenset[State]] = {}
    if earlier is not None:
        for number, members in earlier.groupby("sum"):
            shown[int(str(number))] = _states(members)
    seen = SeenSums([_answering(shown[number]) for number in sorted(shown)])
    chosen: dict[tuple[str, str], frozenset[State]] = {}
    if latest is not None:
        for row in latest.itertuples(index=False):
            chosen[str(row.unit_kind), str(row.unit)] = shown[int(str(row.sum))]
    if now is not None:
        ordered = sorted(now.groupby(_GROUP), key=lambda x: (_KINDS.index(x[0][0]), x[0][1]))
        for group, members in ordered:
            states = _states(members)
            answering = _answering(states)
            people = {ags: _people(state) for ags, state in answering}
            if (
                len(people) >= municipalities
                and not is_dominated(people, share)
                and seen.allows(answering)
            ):
                seen.add(answering)
                chosen[str(group[0]), str(group[1])] = states
    return chosen, list(dict.fromkeys([*shown.values(), *chosen.values()]))


def _states(members: pd.DataFrame) -> frozenset[State]:
    return frozenset(rows_of(members, ["ags", "state"]))


def _answering(members: frozenset[State]) -> frozenset[State]:
    """The members that have answers: the others add nothing that could hide somebody."""
    return frozenset((ags, state) for ags, state in members if _people(state))


def _people(state: str) -> int:
    return _counts(state)[COUNTS.index("n_respondents")]


@lru_cache(maxsize=100_000)
def _counts(state: str) -> tuple[int, ...]:
    """Reads the counts of a state; each stands in several groups."""
    return tuple(map(int, state.split(",")))


def _total(members: frozenset[State]) -> Sequence[int]:
    """Adds up the counts of the members; questions are the same for all and not added."""
    counts = [_counts(state) for _, state in members]
    return [
        max(column) if name == "n_items" else sum(column)
        for name, column in zip(COUNTS, zip(*counts, strict=True), strict=True)
    ]
