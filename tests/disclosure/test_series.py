"""Late, corrected and withdrawn forms: what one release hides, two do not give away either."""

from pathlib import Path

import numpy as np
import pytest

from tests.disclosure.series import PLACES, Outcome, Survey, attack, publish, run
from weltoffen_etl.settings import Settings


def _check(outcome: Outcome, capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        print("", *outcome.lines(), sep="\n  ")
    for found in [*outcome.single, *outcome.pairs]:
        assert (found.exact, found.narrow, found.told, found.changes) == (0, [], [], [])
    assert sum(x.exact for x in outcome.partners) == 0
    assert sum(x.attacked for x in [*outcome.single, *outcome.pairs]) > 0


def test_a_few_releases(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _check(run(1, 3, tmp_path), capsys)


def test_an_item_that_too_few_municipalities_answered(tmp_path: Path) -> None:
    """Its sum over all is not shown, and hides nothing of the field that it stands in."""
    survey = Survey(np.random.default_rng(0))
    for number, (ags, _, _) in enumerate(PLACES[:4]):
        survey.add(ags, 9)
        for form in survey.forms[ags].values():
            if number > 1 and form["FZ06"] != "not_chosen":
                form["FZ06"] = "skipped"
    release = publish(Settings(data_dir=tmp_path, settle_seconds=0.0), survey, "r0")
    assert ("FZ", "all", "all", "item", "FZ06") in release.closed
    assert ("FZ", "all", "all", "item", "FZ05") not in release.closed
    found = attack(release)
    assert (found.exact, found.narrow, found.told) == (0, [], [])


@pytest.mark.slow
def test_five_releases(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    outcome = run(1, 5, tmp_path)
    _check(outcome, capsys)
    # Too little changed in some night, so that the municipality stays as it was shown; and
    # groups are shown to municipalities at all.
    assert sum(x.n_kept for x in outcome.releases) > 0
    assert sum(x.groups for x in outcome.partners) > 0
