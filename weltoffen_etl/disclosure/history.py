"""One component's cells over all releases: which states there are, and what changed too little."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from weltoffen_etl.disclosure.frames import rows_of
from weltoffen_etl.disclosure.ledger import ANSWERS, CELL, REASONS
from weltoffen_etl.disclosure.tables import Counts, LinkedTables, Secret, Sum

Key = tuple[str, ...]
_TOTAL = ["total_kind", "total_unit", "total_part_kind", "total_part"]
"""The cell that is the sum, in the order of `CELL`."""
_WEIGHTS = {"item": 1.0, "sub_theme": 4.0, "common": 4.0, "field": 8.0}
_GROUP_WEIGHT = 2.0
"""What is missed most when withheld: whole fields before single items, groups before one place."""


@dataclass(slots=True)
class History:
    """States, sums and secrets of one component, the new release included.

    Attributes:
        keys: cell of each state.
        counts: answers and missing reasons of each state.
        persons: people behind each state.
        known: whether a release has shown it.
        latest: number of the newest state of each cell.
        closed: states of the new release that are not shown anyway, for too few municipalities.
        sums: which state adds up which.
        changes: changes of too few answers.
    """

    keys: list[Key] = field(default_factory=list)
    counts: list[tuple[int, ...]] = field(default_factory=list)
    persons: list[int] = field(default_factory=list)
    known: list[bool] = field(default_factory=list)
    latest: dict[Key, int] = field(default_factory=dict)
    closed: set[int] = field(default_factory=set)
    sums: set[Sum] = field(default_factory=set)
    changes: set[Secret] = field(default_factory=set)

    @classmethod
    def of(cls, state: pd.DataFrame, sums: pd.DataFrame, change: pd.DataFrame) -> History:
        """Takes up what the ledger holds on a component."""
        history = cls()
        ordered = state.sort_values("state")
        history.keys = list(rows_of(ordered, CELL))
        history.counts = list(rows_of(ordered, [*ANSWERS, *REASONS]))
        history.persons = ordered["n_respondents"].tolist()
        history.known = ordered["is_known"].astype(bool).tolist()
        newest = ordered["is_latest"].astype(bool)
        history.latest = {
            history.keys[number]: number for number in ordered.loc[newest, "state"].tolist()
        }
        for _, members in sums.groupby("sum"):
            is_total = members["is_total"].astype(bool)
            total = int(members.loc[is_total, "state"].iloc[0])
            history.sums.add(Sum(total, tuple(sorted(members.loc[~is_total, "state"].tolist()))))
        history.changes = {
            Secret(int(own), int(minus))
            for own, minus in zip(change["state"], change["minus"], strict=True)
        }
        return history

    def add(self, cells: pd.DataFrame, relations: pd.DataFrame, least: int) -> dict[Key, int]:
        """Takes up the cells of a new release.

        A cell with counts that it had before is in that state again.

        Args:
            cells: key, counts, ``n_respondents`` and ``is_open`` of each cell.
            relations: key of a total (``total_`` columns) and of one of its parts.
            least: changes of fewer answers than these are secret.

        Returns:
            The state of each cell in the new release.
        """
        before = dict(self.latest)
        by_content = {(key, self.counts[number]): number for number, key in enumerate(self.keys)}
        now: dict[Key, int] = {}
        for key, counts, persons, is_open in zip(
            rows_of(cells, CELL),
            rows_of(cells, [*ANSWERS, *REASONS]),
            cells["n_respondents"].tolist(),
            cells["is_open"].tolist(),
            strict=True,
        ):
            number = by_content.get((key, counts))
            if number is None:
                number = len(self.keys)
                self.keys.append(key)
                self.counts.append(counts)
                self.persons.append(persons)
                self.known.append(False)
            now[key] = number
            if not is_open:
                self.closed.add(number)
        self.latest = now
        parts: dict[Key, list[Key]] = {}
        for total, part in zip(
            rows_of(relations, _TOTAL),
            rows_of(relations, CELL),
            strict=True,
        ):
            # A total can stand over items and over municipalities; these are two sums.
            kind = "items" if part[2] == "item" and total[2] != "item" else "units"
            parts.setdefault((*total, kind), []).append(part)
        for total, members in parts.items():
            self.sums.add(Sum(now[total[:4]], tuple(sorted(now[part] for part in members))))
        self._small_changes(now, before, parts, least)
        return now

    def _small_changes(
        self, now: dict[Key, int], before: dict[Key, int], parts: dict[Key, list[Key]], least: int
    ) -> None:
        """Finds the changes of too few answers in a municipality."""
        values = len(ANSWERS)
        earlier: dict[Key, list[int]] = {}
        for number, key in enumerate(self.keys):
            if (
                key in now
                and number != now[key]
                and (self.known[number] or before.get(key) == number)
            ):
                earlier.setdefault(key, []).append(number)
        for key, numbers in earlier.items():
            if key[0] != "municipality":
                continue
            items = [key] if key[2] == "item" else parts.get((*key, "items"), [])
            for number in numbers:
                changed = 0
                for item in items:
                    old = number if item == key else before.get(item)
                    if old is None:
                        continue
                    step = [
                        a - b
                        for a, b in zip(
                            self.counts[now[item]][:values], self.counts[old][:values], strict=True
                        )
                    ]
                    changed = max(
                        changed, sum(x for x in step if x > 0), -sum(x for x in step if x < 0)
                    )
                if 0 < changed < least:
                    self.changes.add(Secret(now[key], number))

    def tables(self, now: dict[Key, int]) -> LinkedTables:
        """Returns all states as linked tables; only those of the new release can be hidden."""
        counts: Counts = np.array(self.counts, dtype=np.int64).reshape(len(self.keys), -1)
        persons = np.array(self.persons, dtype=np.int64)
        known = np.array(self.known, dtype=bool)
        current = np.zeros(len(self.keys), dtype=bool)
        current[list(now.values())] = True
        closed = np.zeros(len(self.keys), dtype=bool)
        closed[sorted(self.closed)] = True
        # That nobody answered is no figure about anybody.
        empty = persons == 0
        weight = np.array(
            [
                _WEIGHTS[key[2]] * (1.0 if key[0] == "municipality" else _GROUP_WEIGHT)
                for key in self.keys
            ]
        )
        return LinkedTables(
            counts=counts,
            n_values=len(ANSWERS),
            total=counts.sum(axis=1),
            persons=persons,
            is_known=known | (current & empty),
            can_hide=current & ~known & ~empty & ~closed,
            weight=weight * (1.0 + np.log1p(persons)),
            sums=sorted(self.sums, key=lambda x: (x.total, x.parts)),
        )
