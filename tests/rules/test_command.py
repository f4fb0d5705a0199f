"""The command that lists the rules: complete, in German, without placeholders."""

import json
import re
from typing import Any

import pytest
from click.testing import CliRunner, Result

from weltoffen_etl.catalog import TOPICS
from weltoffen_etl.cli import main
from weltoffen_etl.quality.rulebook import rulebook

MET = {x.text.id for x in rulebook() if x.scope in ("general", "value")}


def _call(*options: str) -> Result:
    return CliRunner().invoke(main, ["rules", *options])


def _listed(*options: str) -> list[dict[str, Any]]:
    result = _call("--json", *options)
    assert result.exit_code == 0
    entries: list[dict[str, Any]] = json.loads(result.stdout)
    return entries


def test_people_see_what_they_can_meet() -> None:
    entries = _listed()
    assert {x["rule"] for x in entries} == MET
    assert len(entries) == len(MET)
    (unknown,) = (x for x in entries if x["rule"] == "ags_unknown")
    assert unknown["says"].startswith("Der Gemeindeschlüssel „…“ ist nicht bekannt. Bitte")
    assert (unknown["topic_de"], unknown["severity"]) == ("Kommune und Welle", "critical")
    assert unknown["action_de"] == "Bitte Angaben berichtigen und neu senden"


def test_all_shows_the_rules_of_our_own_tables_too() -> None:
    entries = _listed("--all")
    assert {x["rule"] for x in entries} == {x.text.id for x in rulebook()}
    says = {x["rule"]: x["says"] for x in entries}
    assert says["core.answer.value.range"] == (
        "Der Wert „…“ in der Spalte „value“ liegt außerhalb des erlaubten Bereichs."
    )
    assert not any(re.search(r"[{}]", text) for text in says.values())


def test_rules_stand_by_topic_the_gravest_first() -> None:
    places = [
        (list(TOPICS).index(x["topic"]), ("critical", "warning", "info").index(x["severity"]))
        for x in _listed("--all")
    ]
    assert places == sorted(places)


@pytest.mark.parametrize("name", ["key", "Kommune und Welle", "kommune und welle"])
def test_one_topic(name: str) -> None:
    entries = _listed("--topic", name)
    assert {x["topic"] for x in entries} == {"key"}
    assert {x["rule"] for x in entries} >= {"ags_unknown", "wave_conflict", "workshop_ags_unknown"}


def test_unknown_topic_is_told() -> None:
    result = _call("--topic", "wetter")
    assert result.exit_code == 2
    assert "„wetter“" in result.output
    assert "key (Kommune und Welle)" in result.output


def test_topic_of_the_software_points_to_all() -> None:
    result = _call("--topic", "integrity")
    assert result.exit_code == 2
    assert "--all" in result.output
    assert _listed("--all", "--topic", "integrity")


def test_terminal_shows_every_rule_with_its_sentence() -> None:
    result = _call()
    assert result.exit_code == 0
    assert set(re.findall(r"^│ ([a-z_]+) +│", result.output, re.MULTILINE)) == MET
    topics = {x.text.topic for x in rulebook() if x.text.id in MET}
    assert [label for topic, label in TOPICS.items() if topic in topics] == [
        match[1] for match in re.finditer(r"^(\S.*) \(\d+\)\s*$", result.output, re.MULTILINE)
    ]
    assert f"{len(MET)} Regeln" in result.output
    assert not re.search(r"[{}]", result.output)


def test_markdown_is_one_table_a_topic_without_stray_bars() -> None:
    result = _call("--markdown")
    assert result.exit_code == 0
    lines = result.output.splitlines()
    assert lines[0] == "# Regeln der Prüfung"
    rows = [line for line in lines if line.startswith("| `")]
    assert {re.match(r"\| `([^`]+)`", row)[1] for row in rows} == MET  # type: ignore[index]
    assert all(len(re.findall(r"(?<!\\)\|", row)) == 5 for row in rows)
    assert not any(re.search(r"(?<!\\)<", row) for row in rows)
    topics = {x.text.topic for x in rulebook() if x.text.id in MET}
    assert [x[3:] for x in lines if x.startswith("## ")] == [
        label for topic, label in TOPICS.items() if topic in topics
    ]
