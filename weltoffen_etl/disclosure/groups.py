"""What municipalities may see of groups of the others: nothing that tells one of them apart.

A municipality knows its own figures, so in a group of three it looks at two others. Which sums
together give a single one away is a question of linear algebra: a municipality is told if its
figures are a combination of the sums that are shown and of the figures of one municipality.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

State = tuple[str, str]
"""A municipality and the state that its forms are in."""
_SMALL = 1e-9


@dataclass(slots=True)
class SeenSums:
    """Sums over municipalities that have been shown, whatever they count.

    Attributes:
        sums: the members of each sum, in the state they were in.
    """

    sums: list[frozenset[State]] = field(default_factory=list)

    def allows(self, members: frozenset[State]) -> bool:
        """Whether one more sum still tells nobody apart.

        Nobody: no municipality in any state, and no change of one between two states, follows
        from the sums, also not for somebody who knows one municipality in
        all its states.
        """
        return members in self.sums or not _tells([*self.sums, members])

    def add(self, members: frozenset[State]) -> None:
        """Takes up a sum that is shown."""
        if members not in self.sums:
            self.sums.append(members)


def _tells(sums: list[frozenset[State]]) -> bool:
    """Whether a state, or a change between two states, follows for somebody who knows a place.

    A vector follows from the sums if it lies in the space that they, and what the somebody
    knows, span.
    """
    states = sorted({state for members in sums for state in members})
    places = np.array([ags for ags, _ in states])
    matrix = np.array([[state in members for state in states] for members in sums], dtype=float)
    unit = np.eye(len(states))
    changes = [
        (one, other)
        for one in range(len(states))
        for other in range(one + 1, len(states))
        if places[one] == places[other]
    ]
    asked = np.vstack([unit, *(unit[one] - unit[other] for one, other in changes)])
    asked_place = np.array([*places, *(places[one] for one, _ in changes)])
    for known in ["", *np.unique(places)]:
        span = _span(np.vstack([matrix, unit[places == known]]))
        foreign = asked[asked_place != known]
        outside = (foreign**2).sum(axis=1) - ((foreign @ span) ** 2).sum(axis=1)
        if (outside < _SMALL).any():
            return True
    return False


def _span(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """Returns orthonormal columns that span the rows of a matrix."""
    _, singular, right = np.linalg.svd(matrix, full_matrices=False)
    found: NDArray[np.float64] = right[singular > _SMALL].T
    return found


def is_dominated(contributions: Mapping[str, int], share: float) -> bool:
    """Whether the greatest contribution follows too closely from the sum.

    The p %-rule: whoever knows the second greatest and the sum knows the greatest up to the
    rest of the sum; that rest must be at least a share of the greatest. Source: Hundepool et
    al., Statistical Disclosure Control, Wiley 2012, section 4.2.

    Args:
        contributions: by municipality, at least one.
        share: the share, for example 0.15.
    """
    ordered = sorted(contributions.values(), reverse=True)
    if len(ordered) < 2:
        return True
    return sum(ordered[2:]) < share * ordered[0]
