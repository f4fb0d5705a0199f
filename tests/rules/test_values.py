"""Every rule about values fires for its own defect, at its place, alone, and not without it."""

from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from tests.rules.fired import REFERENCE, Delivered, Fired, judge_together
from tests.rules.values import FIXTURES, Broken, Reference

Judged = dict[str, list[Fired]]


def _judge(
    folder: Path, files: Iterable[tuple[str, Reference | None, Callable[[], Delivered]]]
) -> Judged:
    """Judges files in as few goes as there are reference folders; equal bytes only once."""
    judged: Judged = {}
    places: dict[Reference | None, dict[Delivered, list[str]]] = {}
    for rule, reference, make in files:
        places.setdefault(reference, {}).setdefault(make(), []).append(rule)
    for number, (reference, rules) in enumerate(places.items()):
        own = folder / str(number)
        own.mkdir(parents=True)
        fired = judge_together(own, list(rules), reference(own) if reference else REFERENCE)
        for names, found in zip(rules.values(), fired, strict=True):
            judged |= dict.fromkeys(names, found)
    return judged


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Judged:
    return _judge(
        tmp_path_factory.mktemp("broken"),
        ((rule, x.reference, x.broken) for rule, x in FIXTURES.items()),
    )


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Judged:
    return _judge(
        tmp_path_factory.mktemp("sound"),
        ((rule, x.sound_reference, x.sound) for rule, x in FIXTURES.items()),
    )


@pytest.mark.parametrize(("rule", "fixture"), FIXTURES.items(), ids=FIXTURES)
def test_the_defect_fires_its_rule_at_its_place_and_no_other(
    rule: str, fixture: Broken, broken: Judged
) -> None:
    assert {x.rule for x in fixture.fires} == {rule}
    assert sorted(broken[rule]) == sorted((*fixture.fires, *fixture.before))


@pytest.mark.parametrize(("rule", "fixture"), FIXTURES.items(), ids=FIXTURES)
def test_without_the_defect_nothing_new_is_said(
    rule: str, fixture: Broken, sound: Judged
) -> None:
    assert sound[rule] == list(fixture.before)


def test_one_file_alone_is_judged_like_among_others(tmp_path: Path, broken: Judged) -> None:
    assert FIXTURES["ags_not_registered"](tmp_path) == broken["ags_not_registered"]
