"""Every rule has its own broken fixture, and speaks as a rule should."""

import re
from collections import Counter

import pytest

from tests.rules.count import counted, fixtures
from weltoffen_etl.quality.rulebook import RuleEntry, Scope, rulebook

SCOPES: tuple[Scope, ...] = tuple(fixtures())
_FILLED: dict[Scope, frozenset[str]] = {
    # What `findings.found` passes to every sentence, and words of single rules.
    "general": frozenset(
        {"value", "column", "row", "sheet", "expected", "entries", "lacking", "evidence"}
        | {"persons", "correction", "where", "what", "kept"}
    ),
    # What the judgement of values passes.
    "value": frozenset({"value", "column", "evidence"}),
    "table": frozenset({"value", "column", "evidence"}),
    "build": frozenset(),
}
_OURS = frozenset({"archive_damaged", "correction_unused", "municipality_not_official"})
_PLACEHOLDER = re.compile(r"\{([^}]*)\}")
_SPOKEN = [entry for entry in rulebook() if entry.scope in ("general", "value")]


def _id(entry: RuleEntry) -> str:
    return entry.text.id


@pytest.mark.parametrize("scope", SCOPES)
def test_every_rule_has_its_own_fixture(scope: Scope) -> None:
    rules = {entry.text.id for entry in rulebook() if entry.scope == scope}
    assert rules
    # As a list: no rule has two fixtures.
    assert sorted(fixtures()[scope]) == sorted(rules)


def test_there_are_as_many_fixtures_as_rules() -> None:
    print(f"\n{counted()}")
    assert sum(len(ids) for ids in fixtures().values()) == len(rulebook())


def test_no_rule_has_the_name_of_another() -> None:
    assert [rule for rule, times in Counter(map(_id, rulebook())).items() if times > 1] == []


@pytest.mark.parametrize("entry", rulebook(), ids=_id)
def test_sentence_is_one_and_can_be_filled_in(entry: RuleEntry) -> None:
    says = entry.text.says
    assert says.endswith(".")
    assert says == says.strip()
    assert set(_PLACEHOLDER.findall(says)) <= _FILLED[entry.scope]


@pytest.mark.parametrize(
    "entry", [entry for entry in _SPOKEN if entry.text.severity != "info"], ids=_id
)
def test_what_is_wrong_comes_with_what_to_do(entry: RuleEntry) -> None:
    assert re.search(r"\b[Bb]itte\b", entry.text.says)
    assert entry.text.action != "none"
    # What only we can put in order is about our own registers and archive.
    assert (entry.text.action == "repair") == (entry.text.id in _OURS)
