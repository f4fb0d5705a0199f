"""A small seeded form of the fuzz campaign."""

import pytest

from tests.hostile.fuzz import campaign


@pytest.mark.slow
def test_damaged_exports_are_never_read_wrong_in_silence() -> None:
    report = campaign(seed=7, texts=30, workbooks=15)
    assert report.files > 40
    assert report.cells > 10_000
    assert [f"{sample.name} ({sample.mutation}): {why}" for sample, why in report.violations] == []
