"""Corrections through the real night: what they change, and what they refuse to change."""

import csv
import hashlib
import json
from pathlib import Path
from typing import Any

import duckdb
import pytest
from openpyxl import load_workbook

from tests.conftest import DEMO_INBOX, deliver
from tests.corrections import reference_with
from tests.nights import run_night
from tests.rules.fired import Fired, judge
from weltoffen_etl.asking.query import ask
from weltoffen_etl.settings import Settings
from weltoffen_etl.warehouse.current import current_release

SURVEY_PLACE = "03241005/t1/selfcheck"
SURVEY = DEMO_INBOX / SURVEY_PLACE / "garbsen_t1_results-survey352021.csv"
WORKSHOP_PLACE = "03241005/workshops/2025-05-14"
WORKSHOP = DEMO_INBOX / WORKSHOP_PLACE / "workshop_1.xlsx"

Entry = dict[str, Any]


def _forms() -> list[dict[str, str]]:
    with SURVEY.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _sheet(name: str) -> list[tuple[str, ...]]:
    rows = load_workbook(WORKSHOP)[name].iter_rows(min_row=2, values_only=True)
    return [tuple(str(cell) for cell in row) for row in rows if any(row)]


def _override(response: str, column: str, value: str, expect: str, **more: str) -> Entry:
    located = {"place": SURVEY_PLACE, "response": response, "column": column, "id": response}
    return located | {"action": "override", "value": value, "expect": expect} | more


def _in_sheet(name: str, sheet: str, **more: object) -> Entry:
    return {"id": name, "place": WORKSHOP_PLACE, "sheet": sheet} | more


def _rows(settings: Settings, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(settings.warehouse_file), read_only=True) as connection:
        return connection.execute(sql).fetchall()


@pytest.fixture(scope="module")
def corrected(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """One night on a survey and a workshop with corrections of every kind."""
    folder = tmp_path_factory.mktemp("corrected")
    workshop_hash = hashlib.sha256(WORKSHOP.read_bytes()).hexdigest()
    reference = reference_with(
        folder,
        _override("112", "AGS", "03241005", "08335043"),
        _override("113", "rolle", "R6", "R5-vertraulich"),
        {
            "id": "besuch", "place": SURVEY_PLACE, "response": "109", "action": "drop",
            "expect": {"id": "109", "submitdate": ""},
        },
        {
            "id": "jahre", "place": SURVEY_PLACE, "response": "111", "column": "jahre",
            "action": "scale", "factor": "12", "expect": "0.5",
        },
        _in_sheet(
            "punkte", "Beiträge", column="Punkte", action="scale", factor="10",
            expect={"min": "3", "max": "12"},
        ),
        _in_sheet(
            "zweimal", "Beiträge", row="7", action="drop", expect={"Nr": "6", "Punkte": "70"}
        ),
        _in_sheet(
            "tag", "Workshop", column="Nummer", action="override", value="3", expect="1"
        ),
        {
            "id": "frist", "file": workshop_hash[:12], "sheet": "Maßnahmen", "row": "2",
            "column": "Frist", "action": "override", "value": "10.03.2026", "expect": "10.02.2026",
        },
        _override("112", "AGS", "03241005", "x", id="nie", place="08335043/t1/selfcheck"),
    )  # fmt: skip
    settings = Settings(data_dir=folder / "data", reference_dir=reference, settle_seconds=0.0)
    deliver(settings, SURVEY_PLACE, SURVEY)
    deliver(settings, WORKSHOP_PLACE, WORKSHOP)
    record = run_night(settings)
    assert record.outcome == "published", record.failures
    return settings


def test_an_override_repairs_the_cell_and_frees_the_form(corrected: Settings) -> None:
    assert [x["AGS"] for x in _forms() if x["id"] == "112"] == ["08335043"]
    assert _rows(corrected, "SELECT ags FROM core.response WHERE source_response_id = '112'") == [
        ("03241005",)
    ]
    assert _rows(corrected, "SELECT count(*) FROM raw.finding WHERE rule = 'ags_conflict'") == [
        (0,)
    ]


def test_a_dropped_row_is_no_data_and_the_balance_holds(corrected: Settings) -> None:
    loaded = {x[0] for x in _rows(corrected, "SELECT source_response_id FROM core.response")}
    assert loaded == {x["id"] for x in _forms()} - {"109", "113"}
    counts = (
        "SELECT rows_expected, rows_loaded, rows_quarantined, rows_ignored FROM raw.delivery "
        "WHERE kind = "
    )
    assert _rows(corrected, counts + "'selfcheck'") == [(18, 17, 1, 1)]
    # The sheet Workshop counts as one row.
    delivered = sum(len(_sheet(x)) for x in ("Teilnehmende", "Beiträge", "Maßnahmen")) + 1
    assert _rows(corrected, counts + "'workshop'") == [(delivered - 1, delivered - 1, 0, 1)]


def test_a_failed_expectation_is_critical_and_keeps_the_row_back(corrected: Settings) -> None:
    found = _rows(
        corrected,
        "SELECT severity, source_row, public_column, message, public_message, public_value "
        "FROM raw.finding WHERE rule = 'correction_expectation_failed'",
    )
    assert len(found) == 1
    severity, row, column, message, public, value = found[0]
    assert (severity, row, column, value) == ("critical", 5, "rolle", None)
    assert "„113“" in message
    assert "R5-vertraulich" in message
    assert "„R1“" in message
    assert "„113“" in public
    assert "Zeile 5, Spalte rolle" in public
    assert "R5-vertraulich" not in public
    assert "„R1“" not in public
    kept = _rows(corrected, "SELECT source_row, rules, original_row FROM quality.quarantine")
    assert [x[:2] for x in kept] == [(5, "correction_expectation_failed")]
    assert json.loads(kept[0][2])["rolle"] == "R1"


def test_numbers_are_scaled(corrected: Settings) -> None:
    assert [x["jahre"] for x in _forms() if x["id"] == "111"] == ["0.5"]
    assert _rows(
        corrected, "SELECT years_in_role FROM core.response WHERE source_response_id = '111'"
    ) == [(6.0,)]
    points = _rows(corrected, "SELECT number, points FROM raw.contribution ORDER BY source_row")
    assert points == [(row[0], 10 * int(row[5])) for row in _sheet("Beiträge")[:-1]]


def test_a_workshop_is_corrected_by_sheet_and_row(corrected: Settings) -> None:
    assert _rows(corrected, "SELECT due_on::VARCHAR FROM raw.measure") == [("2026-03-10",)]
    assert _rows(corrected, "SELECT number FROM raw.workshop") == [("3",)]


def test_every_correction_says_what_became_of_it(corrected: Settings) -> None:
    names, rows = ask(corrected, "from quality.correction")
    assert "said_by" not in names
    assert {row[names.index("correction")]: row[names.index("outcome")] for row in rows} == {
        "112": "applied", "113": "expectation_failed", "besuch": "applied", "jahre": "applied",
        "punkte": "applied", "zweimal": "applied", "tag": "applied", "frist": "applied",
        "nie": "unused",
    }  # fmt: skip
    unused = dict(zip(names, next(row for row in rows if "nie" in row), strict=True))
    assert unused["delivery_id"] is None
    applied = _rows(
        corrected,
        "SELECT source_row, public_message FROM raw.finding WHERE rule = 'correction_applied'",
    )
    assert len(applied) == 7
    assert any("„besuch“" in text and "Zeile 2" in text and row == 2 for row, text in applied)


def test_what_the_release_shows_holds_no_name_and_no_value(corrected: Settings) -> None:
    release = current_release(corrected)
    assert release is not None
    content = release.database.read_bytes()
    internal = corrected.warehouse_file.read_bytes()
    for kept_inside in (b"Erika Musterfrau", b"R5-vertraulich"):
        assert kept_inside in internal
        assert kept_inside not in content


def test_a_malformed_file_stops_the_night_with_a_sentence(tmp_path: Path) -> None:
    reference = reference_with(tmp_path, _override("112", "AGS", "03241005", "x", acton="drop"))
    settings = Settings(data_dir=tmp_path / "data", reference_dir=reference, settle_seconds=0.0)
    deliver(settings, WORKSHOP_PLACE, WORKSHOP)
    record = run_night(settings)
    assert record.outcome == "failed"
    assert any("Berichtigung „112“ (Eintrag 1): acton" in x for x in record.failures)
    assert current_release(settings) is None


def _judge(tmp_path: Path, place: str, content: bytes, *entries: Entry) -> set[Fired]:
    name = SURVEY.name if place == SURVEY_PLACE else WORKSHOP.name
    folder = tmp_path / str(len(list(tmp_path.iterdir())))
    folder.mkdir()
    fired = judge(folder, place, name, content, reference_with(folder, *entries))
    return {x for x in fired if x.rule.startswith("correction") or x.rule == "response_id_repeated"}


def test_what_is_not_there_is_not_guessed(tmp_path: Path) -> None:
    content = SURVEY.read_bytes()
    gone = _override("999", "AGS", "03241005", "08335043")
    assert _judge(tmp_path, SURVEY_PLACE, content, gone) == {Fired("correction_unused")}
    # Bytes do not change: named by its hash, the file proves the correction wrong.
    by_hash = {k: v for k, v in gone.items() if k != "place"}
    by_hash["file"] = hashlib.sha256(content).hexdigest()
    assert _judge(tmp_path, SURVEY_PLACE, content, by_hash) == {
        Fired("correction_expectation_failed")
    }
    column = _override("112", "AGSX", "03241005", "08335043")
    assert _judge(tmp_path, SURVEY_PLACE, content, column) == {
        Fired("correction_expectation_failed", None, 4)
    }
    address = _override("112", "email", "", "x@example.org")
    assert _judge(tmp_path, SURVEY_PLACE, content, address) == {
        Fired("correction_expectation_failed", None, 4)
    }


def test_a_repeated_number_is_corrected_by_its_row(tmp_path: Path) -> None:
    lines = SURVEY.read_bytes().split(b"\r\n")
    content = b"\r\n".join([*lines[:3], lines[2], *lines[3:]])
    by_number = _override("111", "rolle", "R1", "R6")
    both = {Fired("response_id_repeated", None, row, 1) for row in (3, 4)}
    assert _judge(tmp_path, SURVEY_PLACE, content, by_number) == both | {
        Fired("correction_expectation_failed", None, row) for row in (3, 4)
    }
    by_row = {
        "id": "x", "place": SURVEY_PLACE, "row": "4", "action": "drop", "expect": {"id": "111"}
    }  # fmt: skip
    assert _judge(tmp_path, SURVEY_PLACE, content, by_row) == {Fired("correction_applied", None, 4)}


def test_a_column_is_scaled_as_a_whole_or_not_at_all(tmp_path: Path) -> None:
    content = WORKSHOP.read_bytes()
    points = _in_sheet("x", "Beiträge", column="Punkte", action="scale", factor="10")
    wrong = points | {"expect": {"min": "3", "max": "13"}}
    assert _judge(tmp_path, WORKSHOP_PLACE, content, wrong) == {
        Fired("correction_expectation_failed", "Beiträge", None, 6)
    }
    book = load_workbook(WORKSHOP)
    book["Beiträge"]["F4"] = "9 Punkte"
    book["Beiträge"]["F5"] = "keine"
    changed = tmp_path / "changed.xlsx"
    book.save(changed)
    right = points | {"expect": {"min": "4", "max": "12"}}
    # "keine" is no number before and after; "9 Punkte" would be counted as 9, not as 90.
    fired = _judge(tmp_path, WORKSHOP_PLACE, changed.read_bytes(), right)
    assert fired == {
        Fired("correction_applied", "Beiträge", None, 6),
        Fired("correction_expectation_failed", "Beiträge", 4, 6),
    }


def test_corrections_follow_each_other(tmp_path: Path) -> None:
    first = _in_sheet("a", "Beiträge", row="2", column="Punkte", action="override")
    first |= {"value": "5", "expect": "4"}
    second = _in_sheet("b", "Beiträge", row="2", column="Stimmen", action="scale")
    second |= {"factor": "2", "expect": "5"}
    fired = _judge(tmp_path, WORKSHOP_PLACE, WORKSHOP.read_bytes(), first, second)
    assert [x.rule for x in sorted(fired)] == ["correction_applied"]
    turned = _judge(tmp_path, WORKSHOP_PLACE, WORKSHOP.read_bytes(), second, first)
    assert {x.rule for x in turned} == {"correction_applied", "correction_expectation_failed"}
