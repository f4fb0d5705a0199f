"""Checking a file says what the nightly run would do with it."""

import csv
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.conftest import DEMO_INBOX
from weltoffen_etl.check import check_file
from weltoffen_etl.cli import main
from weltoffen_etl.settings import Settings

GARBSEN = DEMO_INBOX / "03241005" / "t0" / "selfcheck"


def test_the_folders_of_the_file_say_where_it_belongs(settings: Settings) -> None:
    (file,) = GARBSEN.iterdir()
    result = check_file(file, settings)
    assert (result.tool, result.container, result.verdict) == ("limesurvey", "csv", "accepted")
    with file.open(encoding="utf-8-sig", newline="") as content:
        delivered = sum(1 for record in csv.reader(content, delimiter=";") if record) - 1
    assert (result.rows, result.rows_accepted, result.rows_kept_back) == (delivered, delivered, 0)
    assert (result.columns, result.items_found, result.items_expected) == (150, 108, 108)
    assert not settings.data_dir.exists()


def test_command_answers_in_german_and_json(tmp_path: Path) -> None:
    file = tmp_path / "notes.csv"
    file.write_text("Einkauf;Menge\nBrot;2\n", encoding="utf-8")
    runner = CliRunner()
    spoken = runner.invoke(main, ["check", str(file)])
    assert spoken.exit_code == 3
    assert "Aus der Datei kann nichts übernommen werden." in spoken.output
    assert "Einkauf, Menge" in spoken.output
    answer = runner.invoke(main, ["check", str(file), "--json"])
    content = json.loads(answer.stdout)
    assert (content["tool"], content["rows"], content["columns"]) == (None, 1, 2)
    assert [x["rule"] for x in content["findings"]] == ["file_not_recognised"]


def test_visits_tests_and_repeats_are_found_by_rule(
    settings: Settings, shared_exports: Path
) -> None:
    file = shared_exports / "whole_survey" / "rc_csv_code_short_all.csv"
    result = check_file(file, settings)
    truth = json.loads((shared_exports / "truth.json").read_text(encoding="utf-8"))
    forms = {str(x["response_id"]): x for x in truth["responses"] if not x["deleted"]}
    asked = truth["codebook"]["items"].keys() | {f"HF[{x}]" for x in truth["codebook"]["fields"]}
    expected = {
        "test_entry": {x for x, form in forms.items() if "test_entry" in form["flags"]},
        "double_submission": {
            x for x, form in forms.items() if "double_submission" in form["flags"]
        },
    }
    visits = {x for x, form in forms.items() if not asked & form["entered"].keys()}
    expected["visit_only"] = {x for x in visits if "AGS" in forms[x]["entered"]}
    expected["visit_without_key"] = visits - expected["visit_only"]
    for rule, numbers in expected.items():
        found = {x.value for x in result.findings if x.rule == rule}
        assert found & forms.keys() == numbers, rule
        assert numbers


@pytest.mark.parametrize("option", [["--date", "14.05.2025"], ["--unknown"]])
def test_wrong_usage_is_told(option: list[str]) -> None:
    (file,) = GARBSEN.iterdir()
    assert CliRunner().invoke(main, ["check", str(file), *option]).exit_code == 2
