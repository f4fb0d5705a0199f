"""The campaigns in small: kills, starts at once, orders of delivery, readers, many nights."""

from pathlib import Path

import pytest

import tests.faults.warm  # noqa: F401
from tests.faults import kills, orders, readers, soak, starts

pytestmark = pytest.mark.slow


def test_any_kill_leaves_a_whole_release_and_the_next_night_finishes(tmp_path: Path) -> None:
    # One of them right before the operator is told: the next night does it.
    campaign = kills.run(seed=7, points=4, folder=tmp_path, before=["_operator.eml"])
    assert campaign.problems == []
    assert campaign.killed >= 4


def test_of_three_starts_one_publishes_and_two_are_refused(tmp_path: Path) -> None:
    done = starts.run(2, tmp_path)
    assert done.problems == []
    assert done.published.total() == 2
    assert done.refused.total() == 4


def test_the_order_of_deliveries_changes_nothing(tmp_path: Path) -> None:
    hashes = orders.run(seed=7, orders=3, folder=tmp_path)
    assert len(hashes) == 3
    assert len(set(hashes)) == 1


def test_readers_see_one_whole_release_each_time(tmp_path: Path) -> None:
    problems, seen = readers.run(releases=3, readers=5, folder=tmp_path)
    assert problems == []
    assert seen > 10


def test_nights_beside_the_service(tmp_path: Path) -> None:
    assert soak.run(nights=2, folder=tmp_path) == []
