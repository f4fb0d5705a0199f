"""1,000 random tables with their margins: what is withheld, and what an attacker can still tell.

uv run python -m tests.disclosure.random_tables --seed 1 --tables 1000
"""

import argparse
from dataclasses import dataclass

import numpy as np

from tests.disclosure.attacker import View, Wanted, bounds
from weltoffen_etl.disclosure.complementary import Pattern, protect
from weltoffen_etl.disclosure.secrets import small_cells
from weltoffen_etl.disclosure.tables import LinkedTables, Sum

LEAST = 5


@dataclass
class Tally:
    """What happened to many tables."""

    tables: int = 0
    cells: int = 0
    primary: int = 0
    withheld: int = 0
    related: int = 0
    answers: int = 0
    answers_kept: int = 0
    exact: int = 0
    narrow: int = 0
    exact_primary_only: int = 0

    def lines(self) -> list[str]:
        """What to print."""
        return [
            f"{self.tables} tables, {self.cells} cells, {self.primary} too small",
            f"withheld {self.withheld} ({self.withheld / self.cells:.1%}); "
            f"every related cell would be {self.related} ({self.related / self.cells:.1%})",
            f"information kept: {1 - self.withheld / self.cells:.1%} of the cells, "
            f"{self.answers_kept / self.answers:.1%} of what they count",
            f"recovered exactly: {self.exact}, within the protection interval: {self.narrow}",
            f"with the small cells alone withheld, recovered exactly: {self.exact_primary_only}",
        ]


def random_table(rng: np.random.Generator) -> LinkedTables:
    """A table of counts with margins, two to nine rows and columns, many of them small."""
    rows, columns = rng.integers(2, 10, size=2)
    inner = rng.poisson(rng.gamma(1.2, 8, size=(rows, columns)))
    full = np.zeros((rows + 1, columns + 1), dtype=np.int64)
    full[:rows, :columns] = inner
    full[rows, :columns] = inner.sum(axis=0)
    full[:, columns] = full[:, :columns].sum(axis=1)
    number = np.arange(full.size).reshape(full.shape)
    sums = [Sum(int(line[-1]), tuple(map(int, line[:-1]))) for line in (*number, *number.T)]
    counts = full.reshape(-1)
    return LinkedTables(
        counts=counts.reshape(-1, 1),
        n_values=1,
        total=np.full(counts.size, -1),
        persons=counts,
        is_known=counts == 0,
        can_hide=counts > 0,
        weight=1.0 + np.log1p(counts),
        sums=sums,
    )


def view_of(tables: LinkedTables, hidden: np.ndarray) -> View:
    """What is published of a table."""
    return View(
        shown={
            state: None if hidden[state] else (int(tables.counts[state, 0]),)
            for state in range(tables.n_states)
        },
        sums=[(entry.total, entry.parts) for entry in tables.sums],
    )


def attack(
    tables: LinkedTables, hidden: np.ndarray, primary: np.ndarray
) -> dict[str, tuple[float, float]]:
    """Bounds of the small cells."""
    wanted = {str(x): Wanted([(int(x), 1)], [0]) for x in np.flatnonzero(primary)}
    return bounds(view_of(tables, hidden), wanted) if wanted else {}


def related(tables: LinkedTables, primary: np.ndarray) -> np.ndarray:
    """The simple way: withhold every cell that shares a sum with a small one."""
    hidden = primary.copy()
    for entry in tables.sums:
        members = [entry.total, *entry.parts]
        if primary[members].any():
            hidden[members] = True
    return hidden & tables.can_hide


def run(seed: int, number: int) -> Tally:
    """Protects and attacks random tables."""
    rng = np.random.default_rng(seed)
    tally = Tally()
    for _ in range(number):
        tables = random_table(rng)
        pattern: Pattern = protect(tables, small_cells(tables, LEAST), LEAST)
        assert not pattern.left_over
        found = attack(tables, pattern.is_hidden, pattern.is_primary)
        alone = attack(tables, pattern.is_primary, pattern.is_primary)
        tally.tables += 1
        tally.cells += tables.n_states
        tally.primary += int(pattern.is_primary.sum())
        tally.withheld += int(pattern.is_hidden.sum())
        tally.related += int(related(tables, pattern.is_primary).sum())
        tally.answers += int(tables.counts.sum())
        tally.answers_kept += int(tables.counts[~pattern.is_hidden].sum())
        tally.exact += sum(high - low < 1e-6 for low, high in found.values())
        tally.narrow += sum(high - low < LEAST - 1e-6 for low, high in found.values())
        tally.exact_primary_only += sum(high - low < 1e-6 for low, high in alone.values())
    return tally


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--tables", type=int, default=1000)
    options = parser.parse_args()
    for line in run(options.seed, options.tables).lines():
        print(line)


if __name__ == "__main__":
    main()
