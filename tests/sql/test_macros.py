"""The formulas of sql/macros against published values and a second implementation."""

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
AGREEMENT = """
CREATE TEMP MACRO agreement(counts) AS
    CASE WHEN list_sum(counts) > 0 THEN list_sum([
        (list_sort(counts)[r] - coalesce(list_sort(counts)[r - 1], 0))
        * len([c FOR c IN counts IF c >= list_sort(counts)[r]])
        * layer_agreement([c >= list_sort(counts)[r] FOR c IN counts])
        FOR r IN range(1, len(counts) + 1)
    ]) / list_sum(counts) END
"""
"""Agreement on a scale of any length, from our layers: the published example has seven categories."""
COUNTS = st.lists(st.integers(0, 60), min_size=4, max_size=4)


@pytest.fixture(scope="module")
def database() -> Iterator[Connection]:
    with connect(Settings()) as connection:
        define_macros(connection)
        connection.execute(AGREEMENT)
        yield connection


def _listed(connection: Connection, macro: str, counts: list[int]) -> Any:
    row = connection.execute(f"SELECT {macro}($n::BIGINT[])", {"n": counts}).fetchone()
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
    assert _listed(database, "agreement", PUBLISHED) == pytest.approx(0.6113333, abs=5e-8)
    assert second.consensus(_answers(PUBLISHED), 1, 7) == pytest.approx(0.7256876, abs=5e-8)
    assert second.agreement(PUBLISHED) == pytest.approx(0.6113333, abs=5e-8)


@pytest.mark.parametrize(
    ("counts", "consensus", "agreement"),
    [
        ([0, 7, 0, 0], 1, 1),
        ([1, 0, 0, 0], 1, 1),
        ([5, 0, 0, 5], 0, -1),
        ([3, 0, 0, 0, 0, 3], 0, -1),
    ],
)
def test_ends_of_the_measures_are_exact(
    database: Connection, counts: list[int], consensus: float, agreement: float
) -> None:
    assert _listed(database, "consensus", counts) == consensus
    assert _listed(database, "agreement", counts) == agreement
    if len(counts) == 4:
        assert _scaled(database, "scale_agreement", counts) == agreement


def test_a_uniform_distribution_has_no_agreement(database: Connection) -> None:
    assert _listed(database, "agreement", [2, 2, 2, 2]) == 0
    assert _listed(database, "agreement", [9] * 7) == 0
    assert _scaled(database, "scale_agreement", [2, 2, 2, 2]) == 0


@pytest.mark.parametrize("macro", ["consensus", "agreement", "pairs_equal", "pairs_within_one"])
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
        "consensus(n), agreement(n), scale_agreement(a, b, c, d), pairs_equal(n), pairs_within_one(n) "
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
    assert second.close(_listed(database, "agreement", counts), second.agreement(counts))


@chosen(max_examples=50, deadline=None)
@given(counts=COUNTS.filter(any))
def test_measures_stay_in_their_range_and_do_not_know_directions(
    database: Connection, counts: list[int]
) -> None:
    """Reading the scale from its other end, as for unfavourable items, changes no measure."""
    for macro, least in (("consensus", 0), ("agreement", -1)):
        found = _listed(database, macro, counts)
        assert least <= found <= 1
        assert second.close(found, _listed(database, macro, counts[::-1]))
    found = _scaled(database, "scale_agreement", counts)
    assert -1 <= found <= 1
    assert second.close(found, _scaled(database, "scale_agreement", counts[::-1]))
