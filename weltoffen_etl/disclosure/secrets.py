"""What is secret: cells behind which too few people stand, and changes of too few answers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from weltoffen_etl.disclosure.attack import Target
from weltoffen_etl.disclosure.tables import LinkedTables, Secret


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


def targets(
    tables: LinkedTables, secret: Secret, least: int, floor: NDArray[np.int64]
) -> list[Target]:
    """Returns the numbers of a secret that must stay uncertain, and how uncertain.

    The number of answers must be uncertain by ``least`` times the answers that a person
    gives, or by all that an outsider cannot rule out from the start, if that is less; the
    count of each answer by more than one value.

    Args:
        tables: the linked tables.
        secret: a cell or a change.
        least: least number of people behind a figure.
        floor: answers of each state that are certain from the start.
    """
    answers = tuple(range(tables.n_values))
    number = int(tables.counts[secret.state, : tables.n_values].sum())
    persons = max(1, int(tables.persons[secret.state]))
    width = least * number / persons if number else float(least)
    total = int(tables.total[secret.state])
    if total >= 0:
        width = min(width, float(total - floor[secret.state]))
    found = [Target(secret, answers, width)] if width > 0 else []
    if tables.n_values > 1 and total != 0:
        found += [Target(secret, (category,), 1.0) for category in answers]
    return found
