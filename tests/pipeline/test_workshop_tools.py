"""Workshop files and typed forms from the inbox to the warehouse."""

import random
import shutil
from datetime import date
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner
from openpyxl import load_workbook

from tests import workshop_files as files
from tests.conftest import DEMO_INBOX, deliver
from tests.nights import run_night
from weltoffen_etl.cli import main
from weltoffen_etl.reports.workshop_template import write_template
from weltoffen_etl.settings import Settings

pytestmark = pytest.mark.slow

LEGENDS = """
workshops:
  "03241005/2025-05-14":
    colours:
      "#FFF9B1": {guiding_question: strength}
      "#FF9D48": {guiding_question: need}
    areas:
      Gruppe 1: {action_field: MS}
  "08335043/2025-06-03":
    sections:
      Orte: {guiding_question: need, action_field: ZB}
  "09762000/2025-05-20":
    whole_board: {guiding_question: need, action_field: EB}
  "09762000/2205-05-20":
    whole_board: {guiding_question: need, action_field: EB}
  "12054000/2025-09-10":
    whole_board: {action_field: KK}
"""
LABELS = {
    "trifft nicht zu": (1, None),
    "trifft eher nicht zu": (2, None),
    "trifft eher zu": (3, None),
    "trifft zu": (4, None),
    "weiß nicht / keine Angabe": (None, "dont_know"),
}
FORMS = 12


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """One published night on every kind of workshop file, and on typed forms."""
    root = tmp_path_factory.mktemp("workshops")
    reference = root / "reference"
    shutil.copytree(Settings().reference_dir, reference)
    (reference / "workshop_boards.yml").write_text(LEGENDS, encoding="utf-8")
    settings = Settings(data_dir=root / "data", reference_dir=reference, settle_seconds=0.0)
    _deliver_workshops(settings, root)
    deliver(settings, "03241005/t0/selfcheck", _type_forms(root / "typed.xlsx"))
    garbsen = DEMO_INBOX / "03241005" / "t0" / "selfcheck"
    deliver(settings, "03241005/t0/selfcheck", next(garbsen.iterdir()))
    record = run_night(settings)
    assert record.outcome == "published", record.failures
    return settings


def _deliver_workshops(settings: Settings, root: Path) -> None:
    notes = [
        ("Runder Tisch", "#FFF9B1", "Gruppe 1", 0.0, 0.0),
        ("Formulare", "#FF9D48", "Gruppe 1", 0.0, 0.0),
        ("Unklar", "#123456", "Gruppe 1", 0.0, 0.0),
    ]
    board = files.mural(root / "mural.csv", notes)
    deliver(settings, "03241005/workshops/2025-05-14", board)
    template = root / "workshop.xlsx"
    write_template(
        settings.reference_dir,
        template,
        {
            "workshop": [["Garbsen", "03241005", "14.05.2025", "1", "Präsenz", "", "synthetisch"]],
            "participation": [["Verwaltung", "IIII II"], ["Politik", "ca. 5"]],
            "contribution": [
                [1, "Was läuft gut?", "Zusammenhalt und Begegnung", "", "Feste", "●●●"],
                [2, "Was läuft gut?", "Zusammenhalt und Begegnung", "", "Vereine", "ca. 4"],
            ],
            "measure": [[1, "Management und Steuerung", "Plan", "", "14. Mai 2205", "geplant"]],
        },
    )
    deliver(settings, "03241005/workshops/2025-05-14", template)
    posts = [("Parks", "<p>am <b>Rand</b></p>", "Orte", 4), ("Bank", "", "Orte", "2x")]
    deliver(settings, "08335043/workshops/2025-06-03", files.padlet(root / "p.csv", posts))
    comments = [(1, 9, -1, "weg"), (2, 17, 1, "mehr Sitzungen"), (3, 0, 0, "Newsletter")]
    deliver(settings, "09762000/workshops/2025-05-20", files.polis(root / "c.csv", comments))
    slides = [("Was läuft gut?", [["Responses", "Votes"], ["Presse", 6], ["Netz", 0]])]
    deliver(settings, "12054000/workshops/2025-09-10", files.mentimeter(root / "m.xlsx", slides))
    # Without a legend, in a folder whose year is a slip of the pen, with a row too long.
    unknown = files.mural(root / "unknown.csv", notes[:2])
    deliver(settings, "07314000/workshops/2025-10-01", unknown)
    late = files.polis(root / "late.csv", comments[1:])
    deliver(settings, "09762000/workshops/2205-05-20", late)
    ragged = files.write_csv(
        root / "ragged.csv",
        [
            ["Nr", "Leitfrage", "Handlungsfeld", "Beitrag", "Punkte"],
            [1, "Stärken", "EB", "Chor", "zu viel", "5"],
            [2, "Stärken", "EB", "Chor", "4"],
        ],
    )
    deliver(settings, "14524330/workshops/2025-05-05", ragged)


def _typed() -> list[dict[str, object]]:
    """What is typed: fields by choice, an answer or nothing for each of their items."""
    draw = random.Random(7)  # noqa: S311
    return [
        {
            "formular": str(number),
            "abgetippt": date(2025, 4, 2) if number % 3 else None,
            "fields": {
                field: draw.random() < 0.7 for field in ["MS", "IA", "FZ", "AW", "EB", "ZB", "KK"]
            },
            "answers": [draw.choice([*LABELS, None]) for _ in range(200)],
        }
        for number in range(1, FORMS + 1)
    ]


def _type_forms(path: Path) -> Path:
    """Types the forms into the empty template the command writes."""
    result = CliRunner().invoke(
        main, ["template", "selfcheck", str(path), "--instrument", "352021"]
    )
    assert result.exit_code == 0, result.output
    workbook = load_workbook(path)
    page = workbook["Selbstcheck"]
    codes = {str(cell.value): cell.column for cell in page[1]}
    for row, form in enumerate(_typed(), start=3):
        values = {"formular": form["formular"], "abgetippt": form["abgetippt"]}
        values |= {"welle": "t0", "AGS": "03241005", "rolle": "Sachbearbeitung"}
        values |= {f"HF[{x}]": "Ja" if on else "Nein" for x, on in form["fields"].items()}
        values |= {code: answer for code, answer in _answers(form, codes) if answer}
        values |= {"PRIO[1]": "Zusammenhalt und Begegnung", "GES": "gut aufgestellt"}
        for code, value in values.items():
            page.cell(row, codes[code], value)
    workbook.save(path)
    return path


def _answers(form: dict, codes: dict[str, int]) -> list[tuple[str, str | None]]:
    items = [code for code in codes if "[SQ" in code]
    return [
        (code, answer if form["fields"][code[:2]] else None)
        for code, answer in zip(items, form["answers"], strict=False)
    ]


def _ask(settings: Settings, statement: str) -> list[tuple]:
    with duckdb.connect(str(settings.warehouse_file), read_only=True) as connection:
        return connection.execute(statement).fetchall()


def test_contributions_of_every_tool_with_their_points(night: Settings) -> None:
    rows = _ask(
        night,
        "SELECT workshop_id, guiding_question, action_field, text, points "
        "FROM core.contribution ORDER BY ALL",
    )
    assert rows == [
        ("03241005/2025-05-14", "need", "MS", "Formulare", None),
        ("03241005/2025-05-14", "strength", "MS", "Runder Tisch", None),
        ("03241005/2025-05-14", "strength", "ZB", "Feste", 3),
        ("08335043/2025-06-03", "need", "ZB", "Bank", 2),
        ("08335043/2025-06-03", "need", "ZB", "Parks: am Rand", 4),
        ("09762000/2025-05-20", "need", "EB", "Newsletter", 0),
        ("09762000/2025-05-20", "need", "EB", "mehr Sitzungen", 17),
        ("12054000/2025-09-10", "strength", "KK", "Netz", 0),
        ("12054000/2025-09-10", "strength", "KK", "Presse", 6),
        ("14524330/2025-05-05", "strength", "EB", "Chor", 4),
    ]


def test_workshop_of_a_board_is_the_folders(night: Settings) -> None:
    rows = _ask(night, "SELECT ags, held_on::VARCHAR, format FROM core.workshop ORDER BY ALL")
    assert rows == [
        ("03241005", "2025-05-14", "Präsenz"),
        ("08335043", "2025-06-03", "Padlet-Board"),
        ("09762000", "2025-05-20", "Polis-Dialog"),
        ("12054000", "2025-09-10", "Mentimeter-Umfrage"),
        ("14524330", "2025-05-05", None),
    ]


def test_every_delivery_is_named_and_balances(night: Settings) -> None:
    rows = _ask(
        night,
        "SELECT path.split('/')[-1], tool, status, rows_expected, rows_loaded, rows_quarantined, "
        "rows_ignored FROM raw.delivery WHERE kind = 'workshop' ORDER BY ALL",
    )
    assert rows == [
        ("c.csv", "polis", "loaded", 2, 2, 0, 1),
        ("late.csv", "polis", "quarantined", 2, 0, 2, 0),
        ("m.xlsx", "mentimeter", "loaded", 2, 2, 0, 0),
        ("mural.csv", "mural", "partly_quarantined", 3, 2, 1, 0),
        ("p.csv", "padlet", "loaded", 2, 2, 0, 0),
        ("ragged.csv", "workshop", "partly_quarantined", 2, 1, 1, 0),
        ("unknown.csv", "mural", "quarantined", 2, 0, 2, 0),
        ("workshop.xlsx", "workshop", "partly_quarantined", 6, 4, 2, 0),
    ]


def test_findings_of_workshops(night: Settings) -> None:
    rows = _ask(
        night,
        "SELECT path.split('/')[-1], rule, severity FROM raw.finding "
        "JOIN raw.delivery USING (delivery_id) WHERE kind = 'workshop' "
        "AND rule NOT IN ('legend_mark', 'sheet_not_used') ORDER BY ALL",
    )
    assert rows == [
        ("c.csv", "polis_moderated_out", "info"),
        ("late.csv", "workshop_date_implausible", "critical"),
        ("mural.csv", "board_entry_without_meaning", "critical"),
        ("p.csv", "contribution_points_repaired", "info"),
        ("ragged.csv", "row_ragged", "critical"),
        ("unknown.csv", "legend_missing", "critical"),
        ("workshop.xlsx", "contribution_points_repaired", "info"),
        ("workshop.xlsx", "contribution_points_unreadable", "critical"),
        ("workshop.xlsx", "measure_due_implausible", "warning"),
        ("workshop.xlsx", "measure_incomplete", "info"),
        ("workshop.xlsx", "participation_count_repaired", "info"),
        ("workshop.xlsx", "participation_count_unreadable", "critical"),
    ]


def test_names_of_editors_are_loaded_nowhere(night: Settings) -> None:
    assert files.EDITOR.encode() not in night.warehouse_file.read_bytes()
    for staged in night.stage.rglob("*.parquet"):
        with duckdb.connect() as connection:
            rows = connection.execute(f"FROM '{staged}'").fetchall()
        assert files.EDITOR not in repr(rows)


def test_typed_forms_equal_what_was_typed(night: Settings) -> None:
    rows = _ask(
        night,
        "SELECT source_response_id, source_code, value, missing_reason "
        "FROM core.answer JOIN core.response USING (response_id) "
        "JOIN reference.item_source USING (item_code) "
        "JOIN raw.delivery USING (delivery_id) WHERE tool = 'selfcheck_template'",
    )
    found = {(form, code): (value, reason) for form, code, value, reason in rows}
    items = {code for _, code in found}
    assert len(items) > 100
    assert len(found) == FORMS * len(items)
    codes = _codes_of_template(night)
    for form in _typed():
        answers = dict(_answers(form, codes))
        assert answers.keys() == items
        for code, answer in answers.items():
            if not form["fields"][code[:2]]:
                expected = (None, "not_chosen")
            elif answer is not None:
                expected = LABELS[answer]
            else:
                expected = (None, "skipped" if form["abgetippt"] else "unknown_reason")
            assert found[form["formular"], code] == expected, (form["formular"], code)


def _codes_of_template(settings: Settings) -> dict[str, int]:
    path = settings.inbox / "03241005" / "t0" / "selfcheck" / "typed.xlsx"
    page = load_workbook(path)["Selbstcheck"]
    return {str(cell.value): cell.column for cell in page[1]}


def test_typed_forms_stand_beside_an_export_with_the_same_numbers(night: Settings) -> None:
    rows = _ask(
        night,
        "SELECT tool, status, count(response_id), count(*) FILTER (respondent_role = 'case_worker' "
        "AND overall_value = 3) FROM raw.delivery LEFT JOIN core.response USING (delivery_id) "
        "WHERE kind = 'selfcheck' GROUP BY ALL ORDER BY ALL",
    )
    assert [(tool, status, forms) for tool, status, forms, _ in rows] == [
        ("limesurvey", "loaded", 22),
        ("selfcheck_template", "loaded", FORMS),
    ]
    assert rows[1][3] == FORMS
    rules = _ask(
        night,
        "SELECT rule FROM raw.finding JOIN raw.delivery USING (delivery_id) "
        "WHERE tool = 'selfcheck_template'",
    )
    assert rules == []


def test_unknown_instrument_is_a_usage_error(tmp_path: Path) -> None:
    result = CliRunner().invoke(
        main, ["template", "selfcheck", str(tmp_path / "x.xlsx"), "--instrument", "1"]
    )
    assert result.exit_code == 2
    assert "352021" in result.output
