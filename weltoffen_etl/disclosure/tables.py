"""Linked tables as an outsider sees them: what is known, what is not, and what adds up."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Counts = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Sum:
    """One cell adds up others.

    Attributes:
        total: state of the cell that is the sum.
        parts: states of the cells in it.
    """

    total: int
    parts: tuple[int, ...]


@dataclass(slots=True)
class LinkedTables:
    """Cells of tables that share sums, in all states in which they were ever published.

    A cell that changes between releases has several states; a state that was shown once is
    known for good.

    Attributes:
        counts: answers by state and category, shape (states, categories).
        n_values: the first categories are answers, the others are reasons for none.
        total: number of forms behind a state, all categories together, which outsiders
            know; -1 where they do not.
        persons: people behind a state.
        is_known: states that outsiders see.
        can_hide: states that may still be withheld: shown nowhere yet and not empty.
        weight: what withholding a state costs.
        sums: which state adds up which.
    """

    counts: Counts
    n_values: int
    total: Counts
    persons: Counts
    is_known: NDArray[np.bool_]
    can_hide: NDArray[np.bool_]
    weight: NDArray[np.float64]
    sums: list[Sum]

    @property
    def n_states(self) -> int:
        """Number of states."""
        return int(self.counts.shape[0])

    @property
    def n_categories(self) -> int:
        """Number of categories."""
        return int(self.counts.shape[1])

    def balance(self) -> sparse.csr_array:
        """Returns the sums as a matrix: parts minus total, one row each, times states is zero."""
        rows: list[int] = []
        columns: list[int] = []
        values: list[float] = []
        for number, entry in enumerate(self.sums):
            for state in entry.parts:
                rows.append(number)
                columns.append(state)
                values.append(1.0)
            rows.append(number)
            columns.append(entry.total)
            values.append(-1.0)
        return sparse.csr_array((values, (rows, columns)), shape=(len(self.sums), self.n_states))


@dataclass(frozen=True, slots=True)
class Secret:
    """Something outsiders must not be able to calculate: a small cell or a small change.

    Attributes:
        state: the state whose counts are secret.
        minus: for a change, the earlier state; None for a cell.
        also: further small states of the same sum: together they are as secret.
    """

    state: int
    minus: int | None = None
    also: tuple[int, ...] = ()

    @property
    def signed(self) -> tuple[tuple[int, float], ...]:
        """The states whose counts add up to the secret, with their sign."""
        less = () if self.minus is None else ((self.minus, -1.0),)
        return ((self.state, 1.0), *((state, 1.0) for state in self.also), *less)
