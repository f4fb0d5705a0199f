"""Late, corrected and withdrawn forms: what one release hides, two do not give away either."""

from pathlib import Path

import pytest

from tests.disclosure.series import Outcome, run


def _check(outcome: Outcome, capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        print("", *outcome.lines(), sep="\n  ")
    for found in [*outcome.single, *outcome.pairs]:
        assert (found.exact, found.narrow, found.told, found.changes) == (0, [], [], [])
    assert sum(x.exact for x in outcome.partners) == 0
    assert sum(x.attacked for x in [*outcome.single, *outcome.pairs]) > 0


def test_a_few_releases(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _check(run(1, 3, tmp_path), capsys)


@pytest.mark.slow
def test_twelve_releases(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    outcome = run(1, 12, tmp_path)
    _check(outcome, capsys)
    # Too little changed in some night, so that the municipality stays as it was shown; and
    # groups are shown to municipalities at all.
    assert sum(x.n_kept for x in outcome.releases) > 0
    assert sum(x.groups for x in outcome.partners) > 0
