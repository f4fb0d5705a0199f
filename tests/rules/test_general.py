"""Every general rule fires on its own broken file, at the right place, and not without it."""

from collections import Counter
from pathlib import Path

import pytest

from tests.rules.fired import Delivered, Told, judge_all
from tests.rules.fixture import File
from tests.rules.general import FIXTURES
from tests.rules.reference import reference_of
from weltoffen_etl.findings import general_rules

Judged = dict[File, list[Told]]
"""Topics whose rules are broken by a whole inbox or by a list, not by one file."""


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Judged:
    """What fires on every sound and every broken file, judged in one go."""
    root = tmp_path_factory.mktemp("general")
    files = list(dict.fromkeys(file for x in FIXTURES.values() for file in (x.sound, x.broken)))
    delivered = [Delivered(f"{x.place}/{x.name}", x.make(), x.settings) for x in files]
    told = judge_all(root, delivered, reference_of(root / "reference"))
    return dict(zip(files, told, strict=True))


@pytest.mark.parametrize("rule", sorted(FIXTURES))
def test_rule_fires_on_its_defect_alone(rule: str, judged: Judged, tmp_path: Path) -> None:
    fixture = FIXTURES[rule]
    sound = Counter(told.fired for told in judged[fixture.sound])
    assert rule not in {fired.rule for fired in sound}
    broken = fixture(tmp_path) if fixture.alone else [told.fired for told in judged[fixture.broken]]
    new = Counter(broken) - sound
    assert Counter(fired[1:] for fired in new.elements() if fired.rule == rule) == Counter(
        fixture.at
    )
    assert {fired.rule for fired in new} - {rule} == fixture.follows


@pytest.mark.parametrize("rule", sorted(rule for rule in FIXTURES if not FIXTURES[rule].alone))
def test_value_of_the_form_we_promise_is_shown_outside(rule: str, judged: Judged) -> None:
    told = [x for x in judged[FIXTURES[rule].broken] if x.fired.rule == rule]
    assert all("{" not in x.public_message and "None" not in x.public_message for x in told)
    if general_rules()[rule].open is not None and "{value}" in general_rules()[rule].says:
        assert all(x.public_value is not None for x in told)


def test_file_judged_by_itself_fires_the_same(judged: Judged, tmp_path: Path) -> None:
    fixture = FIXTURES["board_entry_without_meaning"]
    assert fixture(tmp_path) == [told.fired for told in judged[fixture.broken]]
