"""An outsider with a solver: bounds what is withheld, from published numbers only.

Written apart from the library's own attack, on dense matrices and another interface of the
solver, so that both can be wrong only independently.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import lil_array

Cell = Hashable


@dataclass
class View:
    """What is published: counts by cell (None where withheld), and which cells add up which.

    Attributes:
        shown: counts of each cell by category, or None.
        sums: total and its parts.
        forms: number of forms behind a cell, all categories together, where it is public.
        values: number of categories that are answers; the others are reasons for none.
        categories: number of all categories.
    """

    shown: dict[Cell, tuple[int, ...] | None] = field(default_factory=dict)
    sums: list[tuple[Cell, tuple[Cell, ...]]] = field(default_factory=list)
    forms: dict[Cell, int] = field(default_factory=dict)
    values: int = 1
    categories: int = 1

    def together(self, other: "View") -> "View":
        """What is known to someone who holds two releases; what one shows is known in both."""
        shown = dict(self.shown)
        for cell, counts in other.shown.items():
            if shown.get(cell) is None:
                shown[cell] = counts
        return View(
            shown,
            list(dict.fromkeys([*self.sums, *other.sums])),
            {**self.forms, **other.forms},
            self.values,
            self.categories,
        )


@dataclass(frozen=True)
class Wanted:
    """A number the outsider wants to know.

    Attributes:
        cells: withheld cells with the sign they enter with.
        categories: categories to add up.
        enough: bounds that lie this far apart need not be found exactly.
    """

    cells: Sequence[tuple[Cell, int]]
    categories: Sequence[int]
    enough: float = np.inf


def bounds(view: View, wanted: Mapping[str, Wanted]) -> dict[str, tuple[float, float]]:
    """Bounds of linear combinations of withheld counts.

    Some possible tables are drawn first: numbers that already differ by enough among them
    need no search of their own.

    Args:
        view: what is published.
        wanted: numbers by name.

    Returns:
        Least and greatest possible value by name, or two possible values far enough apart.
    """
    categories = view.categories
    hidden = [cell for cell, counts in view.shown.items() if counts is None]
    rng = np.random.default_rng(0)
    found: dict[str, tuple[float, float]] = {}
    asked = [tuple(cell for cell, _ in goal.cells) for goal in wanted.values()]
    for component in _components(view, hidden, asked):
        place = {cell: number for number, cell in enumerate(sorted(component, key=repr))}
        goals: dict[str, tuple[np.ndarray, float]] = {}
        for name, goal in wanted.items():
            if not any(cell in place for cell, _ in goal.cells):
                continue
            objective, constant = np.zeros(len(place) * categories), 0.0
            for cell, sign in goal.cells:
                counts = view.shown[cell]
                for category in goal.categories:
                    if counts is None:
                        objective[place[cell] * categories + category] += sign
                    else:
                        constant += sign * counts[category]
            goals[name] = (objective, constant)
        if not goals:
            continue
        solve = _solver(view, place, categories)
        drawn = [
            solve(sign * rng.normal(size=len(place) * categories))
            for _ in range(6)
            for sign in (1, -1)
        ]
        for name, (objective, constant) in goals.items():
            seen = [float(objective @ table) for table in drawn if table is not None]
            if not seen or max(seen) - min(seen) < wanted[name].enough:
                ends = [solve(sign * objective) for sign in (1, -1)]
                seen = [
                    float(objective @ table) if table is not None else np.inf * -sign
                    for sign, table in zip((1, -1), ends, strict=True)
                ]
            found[name] = (min(seen) + constant, max(seen) + constant)
    for name, goal in wanted.items():
        if name not in found:
            exact = float(
                sum(
                    sign * sum((view.shown[cell] or ())[x] for x in goal.categories)
                    for cell, sign in goal.cells
                )
            )
            found[name] = (exact, exact)
    return found


def _solver(
    view: View, place: Mapping[Cell, int], categories: int
) -> Callable[[np.ndarray], np.ndarray | None]:
    """Finds the table that fits what is published and is least in a direction, None if unbounded."""
    size = len(place) * categories
    rows: list[dict[int, float]] = []
    right: list[float] = []
    for total, parts in view.sums:
        members = [(total, -1), *((part, 1) for part in parts)]
        if not any(cell in place for cell, _ in members):
            continue
        for category in range(categories):
            row: dict[int, float] = {}
            rest = 0.0
            for cell, sign in members:
                counts = view.shown[cell]
                if counts is None:
                    row[place[cell] * categories + category] = sign
                else:
                    rest -= sign * counts[category]
            rows.append(row)
            right.append(rest)
    for cell, number in place.items():
        if cell in view.forms:
            rows.append({number * categories + x: 1.0 for x in range(categories)})
            right.append(float(view.forms[cell]))
    equal = lil_array((len(rows), size))
    for number, row in enumerate(rows):
        for column, value in row.items():
            equal[number, column] = value
    answered = lil_array((len(place), size))
    for number in range(len(place)):
        for category in range(view.values):
            answered[number, number * categories + category] = -1
    matrix, least = equal.tocsr(), answered.tocsr()

    def solve(objective: np.ndarray) -> np.ndarray | None:
        result = linprog(
            objective,
            A_ub=least,
            b_ub=-np.ones(len(place)),
            A_eq=matrix if len(rows) else None,
            b_eq=np.array(right) if len(rows) else None,
            method="highs-ds",
        )
        assert result.status in (0, 3), result.message
        return None if result.status == 3 else result.x

    return solve


def _components(
    view: View, hidden: Sequence[Cell], asked: Sequence[Sequence[Cell]]
) -> list[set[Cell]]:
    """Withheld cells that sums link, directly or through others, or that are asked for together."""
    parent = {cell: cell for cell in hidden}

    def root(cell: Cell) -> Cell:
        while parent[cell] != cell:
            parent[cell] = parent[parent[cell]]
            cell = parent[cell]
        return cell

    for members in [*((total, *parts) for total, parts in view.sums), *asked]:
        linked = [cell for cell in members if cell in parent]
        for cell in linked[1:]:
            parent[root(cell)] = root(linked[0])
    groups: dict[Cell, set[Cell]] = {}
    for cell in hidden:
        groups.setdefault(root(cell), set()).add(cell)
    return list(groups.values())
