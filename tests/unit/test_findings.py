"""Findings speak to people and carry nothing personal."""

import time

from weltoffen_etl.findings import found, general_rules, shown


def test_sentence_names_place_and_value() -> None:
    finding = found("x", "row_ragged", source_row=7, value="3", expected=5)
    assert "Zeile 7 hat 3 statt 5 Felder" in finding.message
    assert finding.severity == "critical"


def test_missing_value_is_named_as_empty() -> None:
    assert "„(leer)“" in found("x", "template_key_missing").message


def test_value_is_no_template_and_holds_no_address() -> None:
    finding = found("x", "heading_unknown", source_column="{value.__class__} a.b@example.org")
    assert "{value.__class__}" in finding.message
    assert "example.org" not in finding.message
    assert shown("a\u202eb\nc") == "a b c"
    assert len(shown("x" * 500) or "") == 60


def test_a_long_word_is_looked_at_once() -> None:
    started = time.process_time()
    assert len(shown("9" * 200_000) or "") == 60
    assert time.process_time() - started < 2
    assert shown("a@b@example.org") == "a@[E-Mail-Adresse entfernt]"


def test_every_rule_says_what_to_do() -> None:
    for rule in general_rules().values():
        assert rule.says.endswith(".")
        assert rule.severity == "info" or "itte" in rule.says or "zählt" in rule.says.lower(), (
            rule.id
        )
