"""Every rule about values fires for its own defect, at its place, alone, and not without it."""

from pathlib import Path
from typing import NamedTuple

import pytest

from tests.rules.fired import Fired, judge_all
from tests.rules.values import FIXTURES, Broken, reference_of


class Judged(NamedTuple):
    """What fires by rule, in its broken file and in the sound one."""

    broken: dict[str, list[Fired]]
    sound: dict[str, list[Fired]]


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Judged:
    """All files, judged in one go, equal ones once."""
    folder = tmp_path_factory.mktemp("judged")
    broken = {rule: fixture.broken() for rule, fixture in FIXTURES.items()}
    sound = {rule: fixture.sound() for rule, fixture in FIXTURES.items()}
    files = {file[:2]: file for file in (*broken.values(), *sound.values())}
    told = judge_all(folder, list(files.values()), reference_of(folder / "reference"))
    fired = {key: [entry.fired for entry in found] for key, found in zip(files, told, strict=True)}
    return Judged(
        {rule: fired[file[:2]] for rule, file in broken.items()},
        {rule: fired[file[:2]] for rule, file in sound.items()},
    )


@pytest.mark.parametrize(("rule", "fixture"), FIXTURES.items(), ids=FIXTURES)
def test_the_defect_fires_its_rule_at_its_place_and_no_other(
    rule: str, fixture: Broken, judged: Judged
) -> None:
    assert {x.rule for x in fixture.fires} == {rule}
    assert sorted(judged.broken[rule]) == sorted((*fixture.fires, *fixture.before))


@pytest.mark.parametrize(("rule", "fixture"), FIXTURES.items(), ids=FIXTURES)
def test_without_the_defect_nothing_new_is_said(rule: str, fixture: Broken, judged: Judged) -> None:
    assert judged.sound[rule] == list(fixture.before)


def test_one_file_alone_is_judged_like_among_others(tmp_path: Path, judged: Judged) -> None:
    rule = "ags_not_registered"
    assert FIXTURES[rule](tmp_path) == judged.broken[rule]
