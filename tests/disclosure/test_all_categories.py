"""Tables of forms whose number is known: what two categories cannot protect, all together can."""

import numpy as np
import pytest

from tests.disclosure.attacker import View, Wanted, bounds
from weltoffen_etl.disclosure import complementary
from weltoffen_etl.disclosure.complementary import protect
from weltoffen_etl.disclosure.secrets import small_cells
from weltoffen_etl.disclosure.tables import LinkedTables, Sum

LEAST, VALUES, REASONS = 5, 4, 3


def forms_table(rng: np.random.Generator) -> LinkedTables:
    """Items of one part in municipalities, their part, and all of it over the municipalities."""
    places, items = int(rng.integers(6, 10)), 4
    forms = rng.integers(8, 16, size=places)
    likely = rng.dirichlet(np.full(VALUES + REASONS, 0.5), size=(places, items))
    counts = np.zeros((places + 1, items + 1, VALUES + REASONS), dtype=np.int64)
    for place in range(places):
        for item in range(items):
            drawn = rng.multinomial(forms[place] - 2, likely[place, item])
            counts[place, item] = drawn + np.eye(VALUES + REASONS, dtype=np.int64)[:2].sum(axis=0)
    counts[:places, items] = counts[:places, :items].sum(axis=1)
    counts[places] = counts[:places].sum(axis=0)
    persons = counts[..., :VALUES].sum(axis=2)
    persons[:, items] = np.append(forms, forms.sum())
    number = np.arange(persons.size).reshape(persons.shape)
    sums = [Sum(int(line[-1]), tuple(map(int, line[:-1]))) for line in (*number, *number.T)]
    flat = counts.reshape(-1, VALUES + REASONS)
    return LinkedTables(
        counts=flat,
        n_values=VALUES,
        total=flat.sum(axis=1),
        persons=persons.reshape(-1),
        is_known=np.zeros(len(flat), dtype=bool),
        can_hide=np.ones(len(flat), dtype=bool),
        weight=1.0 + np.log1p(flat[:, :VALUES].sum(axis=1)),
        sums=sums,
    )


def _found_nothing(
    _search: object, _target: object, is_hidden: np.ndarray, _movable: object
) -> object:
    return 0.0, np.zeros(len(is_hidden), dtype=bool)


@pytest.mark.parametrize("seed", range(6))
def test_all_categories_protect_where_the_quick_search_finds_nothing(
    monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """Then a few more cells are withheld, not everything."""
    monkeypatch.setattr(complementary._Search, "_room", _found_nothing)
    tables = forms_table(np.random.default_rng(seed))
    secrets = small_cells(tables, LEAST)
    pattern = protect(tables, secrets, LEAST)
    assert secrets
    assert not pattern.left_over
    assert pattern.is_primary.sum() < pattern.is_hidden.sum() < 0.75 * tables.n_states
    view = View(
        shown={
            state: None if pattern.is_hidden[state] else tuple(map(int, tables.counts[state]))
            for state in range(tables.n_states)
        },
        sums=[(entry.total, entry.parts) for entry in tables.sums],
        forms={state: int(tables.total[state]) for state in range(tables.n_states)},
        values=VALUES,
        categories=VALUES + REASONS,
    )
    wanted = {
        f"{secret.state}/{value}": Wanted([(secret.state, 1)], [value])
        for secret in secrets
        for value in range(VALUES)
    }
    for low, high in bounds(view, wanted).values():
        assert high - low > 1 - 1e-6
