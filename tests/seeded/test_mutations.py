"""A hundred random defects: nearly all are stopped or reported, and the rest nobody could see."""

from pathlib import Path

import pytest

from tests.seeded.defects import OPERATORS
from tests.seeded.mutations import DEFAULT_SEED, report, try_defects


@pytest.mark.slow
def test_random_defects_are_stopped_or_reported(tmp_path: Path) -> None:
    defects, equivalent = try_defects(tmp_path / "tried", DEFAULT_SEED, 100)
    print(report(defects, equivalent))
    assert len(OPERATORS) >= 25
    assert len(defects) == 100
    assert len({x.mutant.operator for x in defects}) >= 25
    assert sum(bool(x.new) for x in defects) >= 95
    assert all(x.is_equivalent for x in equivalent)
