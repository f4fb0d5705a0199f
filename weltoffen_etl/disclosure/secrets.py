"""What is secret: cells behind which too few people stand, and changes of too few answers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from weltoffen_etl.disclosure.attack import Target
from weltoffen_etl.disclosure.tables import LinkedTables, Secret

_UNCERTAIN = 2.0
"""Numbers of answers that must stay possible beside the true one, where forms are counted."""


def small_cells(tables: LinkedTables, least: int) -> list[Secret]:
    """Returns the states behind which fewer than ``least`` people stand, but not none."""
    few = (tables.persons > 0) & (tables.persons < least)
    return [Secret(int(state)) for state in np.flatnonzero(few)]


def least_answers(tables: LinkedTables) -> NDArray[np.int64]:
    """Returns how many answers a state has at least, as anybody knows without any figure.

    A cell that is withheld is not empty, so its total has as many answers as it has parts.
    """
    floor = np.where(tables.persons > 0, 1, 0).astype(np.int64)
    for _ in range(2):  # items in parts, parts in groups
        for entry in tables.sums:
            parts = int(floor[list(entry.parts)].sum())
            floor[entry.total] = max(int(floor[entry.total]), parts)
    return floor


def taken_together(tables: LinkedTables, secrets: Sequence[Secret]) -> list[Secret]:
    """Returns the small cells that stand in one sum, added up.

    What is left of a sum when all others are taken away must not be a few people either.
    """
    small = {secret.state for secret in secrets if secret.minus is None}
    found = set()
    for entry in tables.sums:
        inside = sorted(small.intersection(entry.parts))
        if len(inside) > 1:
            found.add(Secret(inside[0], also=tuple(inside[1:])))
    return sorted(found, key=lambda x: (x.state, x.also))


def targets(
    tables: LinkedTables, secret: Secret, least: int, floor: NDArray[np.int64]
) -> list[Target]:
    """Returns the numbers of a secret that must stay uncertain, and how uncertain.

    Of a plain count, the number must be uncertain by ``least``. Where everybody knows how many
    forms stand behind a cell, what is left to know is what they say: then the number of answers
    must be uncertain by two, or by all that is not certain from the start, and the count of
    each answer by one.

    Args:
        tables: the linked tables.
        secret: a cell, a change, or small cells of one sum together.
        least: least number of people behind a figure.
        floor: answers of each state that are certain from the start.
    """
    answers = tuple(range(tables.n_values))
    states = [state for state, _ in secret.signed]
    if (tables.total[states] < 0).any():
        return [Target(secret, answers, float(least))]
    room = float((tables.total[states] - floor[states]).sum())
    found = [Target(secret, (category,), 1.0) for category in answers if tables.total[states].any()]
    return [Target(secret, answers, min(_UNCERTAIN, room)), *found] if room > 0 else found
