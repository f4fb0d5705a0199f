"""Random tables: no small cell can be calculated from what is left."""

from dataclasses import replace

import numpy as np
import pytest

from tests.disclosure.random_tables import LEAST, attack, random_table, run
from weltoffen_etl.disclosure.attack import Attacker, Target
from weltoffen_etl.disclosure.complementary import protect
from weltoffen_etl.disclosure.secrets import small_cells
from weltoffen_etl.disclosure.tables import Secret


def _check(seed: int, number: int, capsys: pytest.CaptureFixture[str]) -> None:
    tally = run(seed, number)
    with capsys.disabled():
        print("", *tally.lines(), sep="\n  ")
    assert tally.primary > number
    assert tally.exact == tally.narrow == 0
    assert tally.withheld < tally.related
    # The attack itself must be able to succeed: with the small cells alone it does.
    assert tally.exact_primary_only > tally.primary / 4


def test_a_few_tables(capsys: pytest.CaptureFixture[str]) -> None:
    _check(7, 25, capsys)


@pytest.mark.slow
def test_many_tables(capsys: pytest.CaptureFixture[str]) -> None:
    _check(1, 150, capsys)


def test_two_attackers_agree() -> None:
    """The library's attack and the tests' own find the same bounds."""
    rng = np.random.default_rng(3)
    compared = 0
    for _ in range(10):
        tables = random_table(rng)
        pattern = protect(tables, small_cells(tables, LEAST), LEAST)
        hidden = pattern.is_hidden.copy()
        hidden[np.flatnonzero(hidden)[::3]] = False
        own = Attacker(replace(tables, is_known=~hidden))
        for name, found in attack(tables, hidden, hidden).items():
            mine = own.bounds(Target(Secret(int(name)), (0,), 1.0))
            assert mine == pytest.approx(found, abs=1e-6)
            compared += 1
    assert compared > 50
