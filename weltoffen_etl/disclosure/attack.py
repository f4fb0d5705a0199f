"""What an outsider can calculate: the bounds of a withheld count, by linear programming.

The outsider knows every published count, all sums, the number of forms behind a cell, that
no count is negative, and that a withheld cell is not empty. The bounds are the least and the
greatest value over all tables that fit; HiGHS finds them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import LinearConstraint, milp
from scipy.sparse.csgraph import connected_components

from weltoffen_etl.disclosure.tables import LinkedTables, Secret

Vector = NDArray[np.float64]


class AttackError(RuntimeError):
    """The published tables contradict each other, so that no bounds exist."""


@dataclass(frozen=True, slots=True)
class Target:
    """A secret number: the counts of a secret in some categories, added up.

    Attributes:
        secret: whose counts.
        categories: which categories.
        least_width: bounds must lie at least this far apart.
    """

    secret: Secret
    categories: tuple[int, ...]
    least_width: float


class Attacker:
    """Knows what is published of linked tables and calculates bounds of what is not."""

    def __init__(self, tables: LinkedTables) -> None:
        self._tables = tables
        balance = tables.balance()
        hidden = np.flatnonzero(~tables.is_known)
        self._place = {int(state): place for place, state in enumerate(hidden)}
        self._hidden = hidden
        seen = balance[:, np.flatnonzero(tables.is_known)] @ tables.counts[tables.is_known]
        self._unknown = sparse.csr_array(balance[:, hidden])
        self._rest = -np.asarray(seen, dtype=float).reshape(len(tables.sums), tables.n_categories)
        links = abs(self._unknown.T) @ abs(self._unknown)
        self._block: list[int] = connected_components(links, directed=False)[1].tolist()
        self._systems: dict[frozenset[int], tuple[NDArray[np.intp], LinearConstraint]] = {}

    def bounds(self, target: Target) -> tuple[float, float]:
        """Returns the least and greatest value that a target can have.

        Raises:
            AttackError: nothing fits what is published.
        """
        constant = 0.0
        coefficients: list[tuple[int, float]] = []
        for state, sign in target.secret.signed:
            if state in self._place:
                coefficients.append((self._place[state], sign))
            else:
                known = self._tables.counts[state, list(target.categories)].sum()
                constant += sign * float(known)
        if not coefficients:
            return constant, constant
        places, constraints = self._system(
            frozenset(self._block[place] for place, _ in coefficients)
        )
        local = {int(place): number for number, place in enumerate(places)}
        objective = np.zeros((len(places), self._tables.n_categories))
        for place, sign in coefficients:
            objective[local[place], list(target.categories)] += sign
        found = []
        for sign in (1.0, -1.0):
            # Without integers: what fits in fractions is all the attacker rules out quickly.
            result = milp(sign * objective.ravel(), constraints=constraints)
            if result.status == 3:
                found.append(np.inf)
            elif not result.success:
                raise AttackError(
                    f"Die veröffentlichten Zahlen widersprechen sich: {result.message}"
                )
            else:
                found.append(sign * float(result.fun or 0.0))
        low, high = found[0], found[1]
        return low + constant, high + constant

    def width(self, target: Target) -> float:
        """Returns how far apart the bounds of a target lie."""
        low, high = self.bounds(target)
        return high - low

    def _system(self, blocks: frozenset[int]) -> tuple[NDArray[np.intp], LinearConstraint]:
        """Returns the hidden states of blocks and what they must fulfil; made once."""
        if blocks not in self._systems:
            places = np.flatnonzero(np.isin(self._block, list(blocks)))
            self._systems[blocks] = places, self._constraints(places)
        return self._systems[blocks]

    def _constraints(self, places: NDArray[np.intp]) -> LinearConstraint:
        """Returns what the counts of some hidden states must fulfil to fit what is published."""
        tables = self._tables
        categories = tables.n_categories
        part = sparse.csr_array(self._unknown[:, places])
        used = np.flatnonzero(np.diff(part.indptr))
        equations = [sparse.kron(part[used], sparse.eye_array(categories), format="csr")]
        right = [self._rest[used].ravel()]
        states = self._hidden[places]
        told = np.flatnonzero(tables.total[states] >= 0)
        if len(told):
            rows = np.repeat(np.arange(len(told)), categories)
            columns = (told[:, None] * categories + np.arange(categories)).ravel()
            shape = (len(told), len(places) * categories)
            ones = np.ones(len(rows))
            equations.append(sparse.csr_array((ones, (rows, columns)), shape=shape))
            right.append(tables.total[states[told]].astype(float))
        rows = np.repeat(np.arange(len(places)), tables.n_values)
        columns = (
            np.arange(len(places))[:, None] * categories + np.arange(tables.n_values)
        ).ravel()
        answered = sparse.csr_array(
            (np.ones(len(rows)), (rows, columns)), shape=(len(places), len(places) * categories)
        )
        known = np.concatenate(right)
        return LinearConstraint(
            sparse.vstack([*equations, answered], format="csr"),
            np.concatenate([known, np.ones(len(places))]),
            np.concatenate([known, np.full(len(places), np.inf)]),
        )
