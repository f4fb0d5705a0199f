"""What is secret: cells behind which too few people stand, and changes of too few answers."""

from __future__ import annotations

import numpy as np

from weltoffen_etl.disclosure.attack import Target
from weltoffen_etl.disclosure.tables import LinkedTables, Secret


def small_cells(tables: LinkedTables, least: int) -> list[Secret]:
    """Returns the states behind which fewer than ``least`` people stand, but not none."""
    few = (tables.persons > 0) & (tables.persons < least)
    return [Secret(int(state)) for state in np.flatnonzero(few)]


def targets(tables: LinkedTables, secret: Secret, least: int) -> list[Target]:
    """Returns the numbers of a secret that must stay uncertain, and how uncertain.

    The number of answers must be uncertain by ``least`` times the answers that a person
    gives, or by all that an outsider cannot rule out from the start, if that is less; the
    count of each answer by more than one value.

    Args:
        tables: the linked tables.
        secret: a cell or a change.
        least: least number of people behind a figure.
    """
    answers = tuple(range(tables.n_values))
    number = tables.counts[secret.state, : tables.n_values].sum()
    persons = max(1, int(tables.persons[secret.state]))
    width = least * number / persons if number else float(least)
    total = int(tables.total[secret.state])
    if total >= 0:
        # Of what is known anyway, no table can take anything back: from one to all forms.
        width = min(width, total - 1)
    found = [Target(secret, answers, float(width))] if width > 0 else []
    if tables.n_values > 1 and total != 0:
        found += [Target(secret, (category,), 1.0) for category in answers]
    return found
