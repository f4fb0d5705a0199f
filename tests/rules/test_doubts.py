"""Doubtful files are found at their place, and only they."""

from pathlib import Path

import pytest

from tests.hostile.material import SELFCHECK, as_csv, survey
from tests.rules.doubts import FIXTURES, PLACES
from tests.rules.fired import judge


@pytest.mark.parametrize("rule", FIXTURES)
def test_the_rule_fires_once_at_its_place(rule: str, tmp_path: Path) -> None:
    fired = FIXTURES[rule](tmp_path)
    assert [x for x in fired if x.rule == rule] == [PLACES[rule]]


def test_the_sound_file_gives_no_doubt(tmp_path: Path) -> None:
    fired = judge(tmp_path, SELFCHECK, "export.csv", as_csv(survey("sound")))
    assert not {x.rule for x in fired} & FIXTURES.keys()
