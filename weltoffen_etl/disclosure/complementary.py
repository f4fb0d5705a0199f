"""Complementary suppression: what else is withheld so that no secret can be calculated.

For each secret number a linear programme looks for other tables that an outsider would take
for the true ones just as well, in which the secret has another value, and that differ from
the true ones in as few and as unimportant cells as possible; these cells are withheld too
(the heuristic of Kelly, Golden & Assad, "Cell suppression: disclosure protection for
sensitive tabular data", Networks 22, 1992, with the costs of Fischetti & Salazar-González,
"Solving the cell suppression problem on tabular data with linear constraints", Management
Science 47, 2001). What it leaves is the proof: the tables it found stay possible.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from weltoffen_etl.disclosure.attack import Attacker, Target
from weltoffen_etl.disclosure.secrets import least_answers, taken_together, targets
from weltoffen_etl.disclosure.tables import LinkedTables, Secret

Mask = NDArray[np.bool_]
_STEP = 1e-6


@dataclass(frozen=True, slots=True)
class Pattern:
    """What is withheld of linked tables.

    Attributes:
        is_hidden: states that outsiders do not see, shape (states,).
        is_primary: those that are secret themselves.
        left_over: numbers that stay within narrower bounds than they should although
            everything that can be withheld is: what earlier releases gave away.
    """

    is_hidden: Mask
    is_primary: Mask
    left_over: tuple[Target, ...]


def protect(tables: LinkedTables, secrets: Sequence[Secret], least: int) -> Pattern:
    """Finds what to withhold so that no secret can be calculated.

    Args:
        tables: the linked tables; ``is_known`` marks what outsiders see already or always.
        secrets: small cells and small changes; those that may still be hidden are.
        least: least number of people behind a figure.

    Returns:
        The pattern. It is proved by an attack on it.
    """
    is_hidden = ~tables.is_known & ~tables.can_hide
    is_primary = np.zeros(tables.n_states, dtype=bool)
    for secret in secrets:
        # A small change is safe as long as one of the two states is; the search decides which.
        if secret.minus is None and tables.can_hide[secret.state]:
            is_hidden[secret.state] = is_primary[secret.state] = True
    floor = least_answers(tables)
    wanted = [
        target
        for secret in [*secrets, *taken_together(tables, secrets)]
        for target in targets(tables, secret, least, floor)
    ]
    search = _Search(tables)
    proofs: dict[Target, Mask] = {}
    for target in wanted:
        proofs[target] = search.widen(target, is_hidden)
        is_hidden = is_hidden | proofs[target]
    is_hidden = _give_back(tables, search, proofs, is_hidden, is_primary)
    left_over = narrow(tables, is_hidden, wanted)
    # The search moves two categories at a time; where that is not enough, it moves all of them.
    for target in left_over:
        is_hidden = is_hidden | search.widen_freely(target, is_hidden)
    left_over = narrow(tables, is_hidden, left_over)
    if left_over:
        is_hidden = is_hidden | tables.can_hide
        left_over = narrow(tables, is_hidden, left_over)
    return Pattern(is_hidden, is_primary, tuple(left_over))


def narrow(tables: LinkedTables, is_hidden: Mask, wanted: Sequence[Target]) -> list[Target]:
    """Attacks a pattern; returns the targets whose bounds lie too close together."""
    attacker = Attacker(replace(tables, is_known=~is_hidden))
    return [x for x in wanted if attacker.width(x) < x.least_width - _STEP]


def _give_back(
    tables: LinkedTables,
    search: _Search,
    proofs: dict[Target, Mask],
    is_hidden: Mask,
    kept: Mask,
) -> Mask:
    """Shows again what other cells protect by now, the most useful first.

    Args:
        tables: the linked tables.
        search: finds another proof.
        proofs: by target, the states that move in the tables that prove its room.
        is_hidden: the pattern so far.
        kept: states that stay hidden.
    """
    fixed = ~tables.is_known & ~tables.can_hide
    extra = np.flatnonzero(is_hidden & ~kept & ~fixed)
    for state in sorted(extra, key=lambda x: (-tables.weight[x], x)):
        without = is_hidden.copy()
        without[state] = False
        others: dict[Target, Mask] = {}
        for target in [x for x, moved in proofs.items() if moved[state]]:
            proof = search.proof(target, without)
            if proof is None:
                break
            others[target] = proof
        else:
            is_hidden = without
            proofs.update(others)
    return is_hidden


class _Search:
    """Looks for other tables that fit what is published."""

    def __init__(self, tables: LinkedTables) -> None:
        self._tables = tables
        self._balance = tables.balance()

    def proof(self, target: Target, is_hidden: Mask) -> Mask | None:
        """Returns states that can move so that a target has room enough; None if they cannot."""
        room, used = self._room(target, is_hidden, is_hidden)
        return used if room >= target.least_width - _STEP else None

    def widen(self, target: Target, is_hidden: Mask) -> Mask:
        """Returns states to withhold so that a target has enough room, if it can have it."""
        movable = is_hidden | (self._tables.can_hide & ~self._tables.is_known)
        return self._room(target, is_hidden, movable)[1]

    def widen_freely(self, target: Target, is_hidden: Mask) -> Mask:
        """Returns the same, found in all tables that fit; slow, but there is no further room."""
        movable = is_hidden | (self._tables.can_hide & ~self._tables.is_known)
        used = np.zeros(len(is_hidden), dtype=bool)
        room = 0.0
        for sign in (1.0, -1.0):
            missing = target.least_width - room
            if missing > _STEP:
                reached, moved = self._move_freely(target, sign, missing, is_hidden, movable)
                room += reached
                used |= moved
        return used

    def _room(self, target: Target, is_hidden: Mask, movable: Mask) -> tuple[float, Mask]:
        """Returns how far a target can move, at least cost, and the states that move with it."""
        used = np.zeros(len(is_hidden), dtype=bool)
        room = 0.0
        for up, v, w in self._moves(target):
            missing = target.least_width - room
            if missing <= _STEP:
                break
            reached, moved = self._move(target, v, w, up, missing, is_hidden, movable)
            room += reached
            used |= moved
        return room, used

    def _moves(self, target: Target) -> list[tuple[bool, int, int | None]]:
        """Pairs of categories to move a target by, the most promising first.

        Up: one of its categories grows while another category shrinks; down the other way.
        Tables without a known total need no second category.
        """
        tables = self._tables
        counts = tables.counts[target.secret.state]
        inside = list(target.categories)
        outside = [x for x in range(tables.n_categories) if x not in inside]
        if tables.total[target.secret.state] < 0:
            return [(True, inside[0], None), (False, max(inside, key=lambda x: counts[x]), None)]
        givers = sorted(outside, key=lambda x: -counts[x])
        takers = sorted(inside, key=lambda x: -counts[x])
        ups = [(True, takers[0], w) for w in givers[:3]]
        downs = [(False, v, givers[0]) for v in takers[:3]]
        return [*ups, *downs] if outside else []

    def _move(
        self,
        target: Target,
        v: int,
        w: int | None,
        up: bool,  # noqa: FBT001 - one of the two directions
        distance: float,
        is_hidden: Mask,
        movable: Mask,
    ) -> tuple[float, Mask]:
        """Moves category ``v`` against ``w``; returns how far and which states moved."""
        tables = self._tables
        places = np.flatnonzero(movable)
        local = {int(state): number for number, state in enumerate(places)}
        secret = target.secret
        if not any(state in local for state, _ in secret.signed):
            return 0.0, np.zeros(len(movable), dtype=bool)
        balance = sparse.csr_array(self._balance[:, places])
        balance = balance[np.flatnonzero(np.diff(balance.indptr))]
        counts = tables.counts[places].astype(float)
        answers = counts[:, : tables.n_values].sum(axis=1)
        least = -counts[:, v]
        if w is None or w >= tables.n_values:
            least = np.maximum(least, 1.0 - answers)
        most = np.full(len(places), np.inf) if w is None else counts[:, w].copy()
        if w is not None and w < tables.n_values <= v:
            most = np.minimum(most, answers - 1.0)
        sign = np.zeros(len(places))
        for state, factor in secret.signed:
            if state in local:
                sign[local[state]] += factor
        sign = sign if up else -sign
        cost = np.where(is_hidden[places], 1e-4, tables.weight[places])
        # Each change is a part above and a part below zero; the cost is the same for both.
        size = len(places)
        reward = 1e4
        objective = np.concatenate([cost, cost, [-reward]])
        reach = np.concatenate([sign, -sign, [-1.0]]).reshape(1, -1)
        sums = sparse.hstack([balance, -balance, sparse.csr_array((balance.shape[0], 1))])
        result = milp(
            objective,
            constraints=LinearConstraint(
                sparse.vstack([sums, sparse.csr_array(reach)], format="csr"), 0.0, 0.0
            ),
            bounds=Bounds(
                np.zeros(2 * size + 1),
                np.concatenate([np.maximum(most, 0), np.maximum(-least, 0), [distance]]),
            ),
        )
        moved = np.zeros(len(movable), dtype=bool)
        found = result.x
        if found is None or found[-1] <= _STEP:
            return 0.0, moved
        change = found[:size] - found[size : 2 * size]
        moved[places[np.abs(change) > _STEP]] = True
        return float(found[-1]), moved

    def _move_freely(
        self, target: Target, sign: float, distance: float, is_hidden: Mask, movable: Mask
    ) -> tuple[float, Mask]:
        """Moves a target up or down by any counts; returns how far and which states moved."""
        tables = self._tables
        places = np.flatnonzero(movable)
        categories = tables.n_categories
        size = len(places) * categories
        goal = np.zeros((len(tables.counts), categories))
        for state, factor in target.secret.signed:
            goal[state, list(target.categories)] += sign * factor
        goal[~movable] = 0.0
        each = sparse.eye_array(categories)
        sums = sparse.kron(sparse.csr_array(self._balance[:, places]), each, format="csr")
        told = np.where(tables.total[places] >= 0, 1.0, 0.0)
        totals = sparse.kron(sparse.diags_array(told), np.ones((1, categories)), format="csr")
        answer = np.where(np.arange(categories) < tables.n_values, 1.0, 0.0).reshape(1, -1)
        answers = sparse.kron(sparse.eye_array(len(places)), answer, format="csr")
        reach = sparse.csr_array(goal[places].reshape(1, -1))
        # Each change is a part above and a part below zero, as the cost counts both.
        change = sparse.vstack([sums, totals, reach, answers], format="csr")
        last = np.zeros((change.shape[0], 1))
        last[sums.shape[0] + totals.shape[0]] = -1.0
        counts = tables.counts[places].astype(float)
        fixed = np.zeros(sums.shape[0] + totals.shape[0] + 1)
        left = 1.0 - counts[:, : tables.n_values].sum(axis=1)
        cost = np.repeat(np.where(is_hidden[places], 1e-4, tables.weight[places]), categories)
        result = milp(
            np.concatenate([cost, cost, [-1e4]]),
            constraints=LinearConstraint(
                sparse.hstack([change, -change, sparse.csr_array(last)], format="csr"),
                np.concatenate([fixed, left]),
                np.concatenate([fixed, np.full(len(places), np.inf)]),
            ),
            bounds=Bounds(
                np.zeros(2 * size + 1),
                np.concatenate([np.full(size, np.inf), counts.ravel(), [distance]]),
            ),
        )
        moved = np.zeros(len(movable), dtype=bool)
        found = result.x
        if found is None or found[-1] <= _STEP:
            return 0.0, moved
        shift = np.abs(found[:size] - found[size : 2 * size]).reshape(-1, categories)
        moved[places[(shift > _STEP).any(axis=1)]] = True
        return float(found[-1]), moved
