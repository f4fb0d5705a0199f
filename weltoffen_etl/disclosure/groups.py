"""What municipalities may see of groups of the others: nothing that tells one of them apart.

A municipality knows its own figures, so in a group of three it looks at two others. Which sums
together give a single one away is a question of linear algebra: a municipality is told if its
figures are a combination of the sums that are shown and of the figures of one municipality.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

State = tuple[str, str]
"""A municipality and the state that its forms are in."""
Numbers = NDArray[np.int64]
_SMALL = 1e-9


class SeenSums:
    """Sums over municipalities that have been shown, whatever they count.

    States that stand in the same sums are one class: no combination of the sums tells two of
    them apart. So only a class of which a single state is left, without those of somebody who
    knows them, can be told, and the space that is looked at has a dimension for each class.
    """

    def __init__(self, sums: Iterable[frozenset[State]] = ()) -> None:
        """Takes up sums that were shown, each with its members in the state they were in."""
        self._shown: set[frozenset[State]] = set()
        self._number: dict[State, int] = {}
        self._places: dict[str, int] = {}
        # By state.
        self._place: Numbers = np.empty(0, dtype=np.int64)
        self._class: Numbers = np.empty(0, dtype=np.int64)
        # By sum and class.
        self._holds: NDArray[np.float64] = np.empty((0, 1))
        for members in sums:
            self.add(members)

    def allows(self, members: frozenset[State]) -> bool:
        """Whether one more sum still tells nobody apart.

        Nobody: no municipality in any state, and no change of one between two states, follows
        from the sums, also not for somebody who knows one municipality in
        all its states.
        """
        if members in self._shown:
            return True
        classes, holds = self._with(members)
        return not _tells(classes, self._place, holds)

    def add(self, members: frozenset[State]) -> None:
        """Takes up a sum that is shown."""
        if members not in self._shown:
            self._class, self._holds = self._with(members)
            self._shown.add(members)

    def _with(self, members: frozenset[State]) -> tuple[Numbers, NDArray[np.float64]]:
        """Returns the class of each state, and which sum holds which class, with one sum more."""
        self._get_to_know(members)
        is_member = np.zeros(len(self._number), dtype=np.int64)
        is_member[[self._number[state] for state in members]] = 1
        kinds, classes = np.unique(2 * self._class + is_member, return_inverse=True)
        return classes, np.vstack([self._holds[:, kinds // 2], kinds % 2])

    def _get_to_know(self, members: frozenset[State]) -> None:
        new = sorted(members - self._number.keys())
        if not new:
            return
        for state in new:
            self._number[state] = len(self._number)
        places = [self._places.setdefault(ags, len(self._places)) for ags, _ in new]
        self._place = np.concatenate([self._place, np.array(places, dtype=np.int64)])
        # They stand in no sum so far; a class like that may be there or not.
        nowhere = np.flatnonzero(~self._holds.any(axis=0))
        if not len(nowhere):
            nowhere = np.array([self._holds.shape[1]])
            self._holds = np.hstack([self._holds, np.zeros((len(self._holds), 1))])
        self._class = np.concatenate([self._class, np.repeat(nowhere[:1], len(new))])


def _tells(classes: Numbers, places: Numbers, holds: NDArray[np.float64]) -> bool:
    """Whether a state, or a change between two states, follows for somebody who knows a place.

    A vector follows from the sums if it lies in the space that they, and what the somebody
    knows, span.

    Args:
        classes: class of each state.
        places: municipality of each state.
        holds: 1 where a sum holds a class, shape (sums, classes).
    """
    sizes = np.bincount(classes, minlength=holds.shape[1])
    alone = sizes[classes] == 1
    single = dict(zip(classes[alone].tolist(), places[alone].tolist(), strict=True))
    # Of a class that a place leaves one state of, or none, all states but one are its own.
    left: dict[int, dict[int, int]] = {}
    gone: dict[int, set[int]] = {}
    n_places = int(places.max(initial=0)) + 1
    kinds, counts = np.unique(classes * n_places + places, return_counts=True)
    near = counts >= sizes[kinds // n_places] - 1
    for kind, count in zip(kinds[near].tolist(), counts[near].tolist(), strict=True):
        number, place = divmod(kind, n_places)
        if count == sizes[number]:
            gone.setdefault(place, set()).add(number)
        else:
            [other] = {int(x) for x in places[classes == number]} - {place}
            left.setdefault(place, {})[number] = other
    if _follows(holds, set(), single):
        return True
    for place in sorted(left.keys() | gone.keys()):
        away = gone.get(place, set())
        others = {number: x for number, x in single.items() if number not in away}
        if _follows(holds, away, others | left.get(place, {})):
            return True
    return False


def _follows(holds: NDArray[np.float64], away: set[int], asked: Mapping[int, int]) -> bool:
    """Whether a class of one state, or the change between two of one place, follows.

    Args:
        holds: which sum holds which class.
        away: classes that are known whole and do not count.
        asked: by class with one state left, that state's place.
    """
    if not asked:
        return False
    there = [number for number in range(holds.shape[1]) if number not in away]
    span = _span(holds[:, there])
    row = {number: span[position] for position, number in enumerate(there)}
    told = np.array([row[number] for number in asked])
    if (1.0 - (told**2).sum(axis=1) < _SMALL).any():
        return True
    by_place: dict[int, list[int]] = {}
    for number, place in asked.items():
        by_place.setdefault(place, []).append(number)
    return any(
        2.0 - float(((row[one] - row[other]) ** 2).sum()) < _SMALL
        for numbers in by_place.values()
        for one, other in combinations(numbers, 2)
    )


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
