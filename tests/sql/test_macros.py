"""The formulas of sql/macros against published values and a second implementation."""

import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import settings as chosen
from hypothesis import strategies as st

from tests import statistics_of_answers as second
from weltoffen_etl.database import Connection, connect, define_macros
from weltoffen_etl.settings import Settings

PUBLISHED = [30, 40, 210, 130, 530, 50, 10]
"""The example of Tastle and Wierman and of van der Eijk, as the R package agrmt documents it."""
COUNTS = st.lists(st.integers(0, 60), min_size=4, max_size=4)


@pytest.fixture(scope="module")
def database() -> Iterator[Connection]:
    with connect(Settings()) as connection:
        define_macros(connection)
        yield connection


def _listed(connection: Connection, macro: str, counts: list[int]) -> Any:
    row = connection.execute(f"SELECT {macro}($n::BIGINT[])", {"n": counts}).fetchone()
    assert row is not None
    return row[0]


def _listed_layer(connection: Connection, filled: list[bool]) -> Any:
    row = connection.execute("SELECT layer_agreement($n::BOOLEAN[])", {"n": filled}).fetchone()
    assert row is not None
    return row[0]


def _scaled(connection: Connection, macro: str, counts: list[int]) -> Any:
    row = connection.execute(
        f"SELECT {macro}($a::BIGINT, $b::BIGINT, $c::BIGINT, $d::BIGINT)",
        dict(zip("abcd", counts, strict=True)),
    ).fetchone()
    assert row is not None
    return row[0]


def _answers(counts: list[int]) -> list[int]:
    return [value for value, n in enumerate(counts, start=1) for _ in range(n)]


def test_published_values(database: Connection) -> None:
    assert _listed(database, "consensus", PUBLISHED) == pytest.approx(0.7256876, abs=5e-8)
    assert second.consensus(_answers(PUBLISHED), 1, 7) == pytest.approx(0.7256876, abs=5e-8)
    assert second.agreement(PUBLISHED) == pytest.approx(0.6113333, abs=5e-8)


@pytest.mark.parametrize(
    ("counts", "consensus", "agreement"),
    [([0, 7, 0, 0], 1, 1), ([1, 0, 0, 0], 1, 1), ([5, 0, 0, 5], 0, -1)],
)
def test_ends_of_the_measures_are_exact(
    database: Connection, counts: list[int], consensus: float, agreement: float
) -> None:
    assert _listed(database, "consensus", counts) == consensus
    assert _scaled(database, "scale_agreement", counts) == agreement


def test_a_uniform_distribution_has_no_agreement(database: Connection) -> None:
    assert _scaled(database, "scale_agreement", [2, 2, 2, 2]) == 0
    assert _listed_layer(database, [True] * 7) == 0


def test_a_layer_of_any_scale_agrees(database: Connection) -> None:
    """Layers of more categories than ours stand in the published example."""
    for categories in range(3, 8):
        for filled in itertools.product([False, True], repeat=categories):
            if any(filled):
                expected = second.pattern_agreement(filled)
                assert second.close(_listed_layer(database, list(filled)), expected), filled


@pytest.mark.parametrize("macro", ["consensus", "pairs_equal", "pairs_within_one"])
def test_without_counts_there_is_no_figure(database: Connection, macro: str) -> None:
    assert _listed(database, macro, [0, 0, 0, 0]) is None
    row = database.execute(f"SELECT {macro}([NULL::BIGINT, NULL, NULL, NULL])").fetchone()
    assert row == (None,)
    if macro.startswith("pairs"):
        assert _listed(database, macro, [0, 1, 0, 0]) is None


@pytest.mark.parametrize("macro", ["scale_mean", "scale_median", "scale_sd", "scale_agreement"])
def test_without_answers_on_the_scale_there_is_no_figure(database: Connection, macro: str) -> None:
    assert _scaled(database, macro, [0, 0, 0, 0]) is None
    assert database.execute(f"SELECT {macro}(NULL, NULL, NULL, NULL)").fetchone() == (None,)


@chosen(max_examples=200, deadline=None)
@given(counts=COUNTS)
@example(counts=[0, 0, 0, 1])
@example(counts=[1, 0, 0, 1])
@example(counts=[0, 2, 2, 0])
@example(counts=[1, 1, 1, 0])
def test_macros_agree_with_the_second_implementation(
    database: Connection, counts: list[int]
) -> None:
    answers = _answers(counts)
    row = database.execute(
        "SELECT scale_mean(a, b, c, d), scale_median(a, b, c, d), scale_sd(a, b, c, d), "
        "consensus(n), scale_agreement(a, b, c, d), pairs_equal(n), pairs_within_one(n) "
        "FROM (SELECT n, n[1] AS a, n[2] AS b, n[3] AS c, n[4] AS d FROM (SELECT $n::BIGINT[] AS n))",
        {"n": counts},
    ).fetchone()
    assert row is not None
    expected = (
        second.mean(answers),
        second.median(answers),
        second.sd(answers),
        second.consensus(answers),
        second.agreement(counts),
        second.pairs(answers, 0),
        second.pairs(answers, 1),
    )
    assert all(map(second.close, row, expected)), (row, expected)


@chosen(max_examples=50, deadline=None)
@given(counts=st.lists(st.integers(0, 60), min_size=3, max_size=9))
def test_scales_of_any_length_agree(database: Connection, counts: list[int]) -> None:
    assert second.close(
        _listed(database, "consensus", counts),
        second.consensus(_answers(counts), 1, len(counts)),
    )


@chosen(max_examples=50, deadline=None)
@given(counts=COUNTS.filter(any))
def test_measures_stay_in_their_range_and_do_not_know_directions(
    database: Connection, counts: list[int]
) -> None:
    """Reading the scale from its other end, as for unfavourable items, changes no measure."""
    for ask, macro, least in (
        (_listed, "consensus", 0),
        (_scaled, "scale_agreement", -1),
    ):
        found = ask(database, macro, counts)
        assert least <= found <= 1
        assert second.close(found, ask(database, macro, counts[::-1]))
