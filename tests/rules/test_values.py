"""Every rule about values fires for its own defect, at its place, alone, and not without it."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.rules.fired import REFERENCE, Delivered, Fired, judge_together
from tests.rules.values import FIXTURES, Broken, Reference
from weltoffen_etl.exports.isolation import IsolatedReader
from weltoffen_etl.settings import Settings


class Judged(NamedTuple):
    """What fired by rule, with the defect and without."""

    broken: dict[str, list[Fired]]
    sound: dict[str, list[Fired]]


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Judged:
    """All files, judged in as few goes as there are reference folders; equal bytes once."""
    outcome = Judged({}, {})
    goes: dict[Reference | None, dict[Delivered, list[tuple[dict[str, list[Fired]], str]]]] = {}

    def add(
        where: dict[str, list[Fired]],
        rule: str,
        of: Reference | None,
        make: Callable[[], Delivered],
    ) -> None:
        goes.setdefault(of, {}).setdefault(make(), []).append((where, rule))

    for rule, fixture in FIXTURES.items():
        add(outcome.broken, rule, fixture.reference, fixture.broken)
        add(outcome.sound, rule, fixture.sound_reference, fixture.sound)
    with IsolatedReader(Settings()) as isolated:
        for reference, files in goes.items():
            folder = tmp_path_factory.mktemp("judged")
            register = reference(folder) if reference else REFERENCE
            fired = judge_together(folder, list(files), register, isolated)
            for places, found in zip(files.values(), fired, strict=True):
                for where, rule in places:
                    where[rule] = found
    return outcome


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
    assert FIXTURES["ags_not_registered"](tmp_path) == judged.broken["ags_not_registered"]
