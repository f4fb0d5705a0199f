"""Rules about deliveries as a whole fire once where they should, and not otherwise."""

from pathlib import Path

import pytest

from tests.rules.deliveries import FIXTURES, PLACES, SOUND, noticed


@pytest.mark.parametrize("rule", FIXTURES)
def test_the_rule_fires_once(rule: str, tmp_path: Path) -> None:
    fired = [x for x in FIXTURES[rule](tmp_path) if x.rule == rule]
    assert [(x.row, x.column) for x in fired] == [PLACES.get(rule, (None, None))]


def test_a_sound_delivery_in_time_fires_none(tmp_path: Path) -> None:
    fired = {x.rule for x in noticed(tmp_path, SOUND)}
    # What the other municipalities promised is not due yet.
    assert fired & FIXTURES.keys() <= {"delivery_open"}
