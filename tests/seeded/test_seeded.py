"""Every seeded error is found where it is, once, and nothing else is."""

from pathlib import Path

import pytest

from tests.seeded.trial import try_errors

pytestmark = pytest.mark.slow


def test_every_error_is_found_at_its_place_and_nothing_else(tmp_path: Path) -> None:
    trials = try_errors(tmp_path)
    seeded = [trial for trial in trials if trial.expected]
    print(f"{len(seeded)} seeded errors, {sum(x.is_right for x in seeded)} found at their place")
    assert len(seeded) > 40
    assert [trial for trial in trials if not trial.is_right] == []
