"""Sound files are left in peace, and of the demonstration only what is flawed is named."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import openpyxl
import pytest

from tests.conftest import DEMO_INBOX
from tests.hostile.material import SELFCHECK, WORKSHOP, as_csv, as_workbook, survey
from tests.rules.fired import Delivered, Fired, judge_all
from weltoffen_etl.reports.workshop_template import Content, write_template
from weltoffen_etl.settings import Settings

FLAWED = frozenset({"39", "47"})
"""Forms of the survey with a flaw: a text that is only a number, a wave spelled T0."""
RESULTS: Content = {
    "workshop": [["Garbsen", "03241005", "14.05.2025", 1, "Präsenz", "Büro für Beteiligung", ""]],
    "participation": [["Verwaltung", 12], ["Politik", 3], ["Zivilgesellschaft", 0]],
    "contribution": [
        [1, "Was läuft gut?", "Management und Steuerung", "Verwaltung", "Runder Tisch", 7],
        [2, "Wo liegen künftige Handlungsbedarfe?", "Zusammenhalt und Begegnung", "", "Orte", ""],
        [
            3,
            "Wie kann die Zusammenarbeit gesichert werden?",
            "Engagement und Beteiligung",
            "Politik",
            "Mehr als bisher gesamt denken",
            0,
        ],
    ],
    "measure": [
        [
            1,
            "Management und Steuerung",
            "Leitbild schreiben",
            "Stabsstelle",
            "31.12.2025",
            "geplant",
        ],
        [2, "Engagement und Beteiligung", "Beirat gründen", "Rat", "30.06.2026", "beschlossen"],
    ],
}

Files = dict[str, Delivered]


def _clean_files(folder: Path) -> Files:
    heading, *forms = survey()
    rows = [heading, *(form for form in forms if form[0] not in FLAWED)]
    # A text in letters that Windows code pages lack is left out there.
    latin = [row for row in rows if row[0] != "78"]
    workbook = folder / "workshop.xlsx"
    write_template(Settings().reference_dir, workbook, RESULTS)
    windows = as_csv(latin).decode("utf-8-sig").encode("cp1252")
    return {
        "csv": Delivered(f"{SELFCHECK}/antworten.csv", as_csv(rows)),
        "csv with commas": Delivered(f"{SELFCHECK}/antworten.csv", as_csv(rows, ",")),
        "csv of windows": Delivered(f"{SELFCHECK}/antworten.csv", windows),
        "several municipalities": Delivered("_multi/t0/alle.csv", as_csv(rows[:8])),
        "workbook": Delivered(f"{SELFCHECK}/antworten.xlsx", as_workbook(rows[:9])),
        "workshop": Delivered(f"{WORKSHOP}/workshop.xlsx", workbook.read_bytes()),
    }


def _demo_files() -> Files:
    return {
        path: Delivered(path, (DEMO_INBOX / path).read_bytes())
        for path in sorted(
            str(file.relative_to(DEMO_INBOX)) for file in DEMO_INBOX.rglob("*.*") if file.is_file()
        )
    }


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Fired]]:
    folder = tmp_path_factory.mktemp("clean")
    files = _clean_files(folder) | _demo_files()
    told = judge_all(folder, list(files.values()))
    return {name: [entry.fired for entry in found] for name, found in zip(files, told, strict=True)}


@pytest.mark.parametrize(
    "name",
    ["csv", "csv with commas", "csv of windows", "several municipalities", "workbook", "workshop"],
)
def test_nothing_is_said_about_a_sound_file(judged: dict[str, list[Fired]], name: str) -> None:
    """Not even what is only for information."""
    assert judged[name] == []


Flaw = tuple[str, int | None, int | None, str | None]
"""Rule, row, column and what stands in that cell."""
GARBSEN_T0 = "03241005/t0/selfcheck/garbsen_t0_results-survey352021.csv"
GARBSEN_T1 = "03241005/t1/selfcheck/garbsen_t1_results-survey352021.csv"
KONSTANZ_T0 = "08335043/t0/selfcheck/konstanz_t0_results-survey352021.csv"
KONSTANZ_T1 = "08335043/t1/selfcheck/konstanz_t1_results-survey352021.csv"
KAUFBEUREN_T0 = "09762000/t0/selfcheck/kaufbeuren_t0_results-survey352021.xlsx"
KAUFBEUREN_T1 = "09762000/t1/selfcheck/kaufbeuren_t1_results-survey352021.xlsx"
ADDRESS = "Rückfragen gern an erika.mustermann@example.org oder Tel. 05131 / 000 000."
TYPED_IN_ON = "2026-11-23 00:00:00"
NOTES_AND_SUMS: list[Flaw] = [
    # A sheet of notes, and sums below the participants and the contributions.
    ("sheet_not_used", None, None, None),
    ("total_row", 10, None, None),
    ("total_row", 7, None, None),
]
FLAWS: dict[str, list[Flaw]] = {
    GARBSEN_T0: [
        ("ags_repaired", 13, 10, "032410005005"),
        ("ags_repaired", 15, 10, "3241005"),
        ("ags_repaired", 16, 10, "3241005"),
        ("comment_address_removed", 13, 150, ADDRESS),
        ("comment_maybe_converted", 14, 150, "00123"),
        # The date picker of the survey wrote the day on which the form was typed in.
        ("filled_on_outside_wave", 9, 16, TYPED_IN_ON),
        ("filled_on_outside_wave", 11, 16, TYPED_IN_ON),
        ("long_answers", None, None, None),
        # Form 2 is a test of the survey.
        ("test_entry", 2, 1, "2"),
    ],
    GARBSEN_T1: [
        # The key of another municipality than the folder and the tick say.
        ("ags_conflict", 4, 10, "08335043"),
        ("ags_repaired", 15, 10, "3241005.0"),
        ("ags_repaired", 20, 10, "03 241 005"),
        ("comment_maybe_converted", 5, 55, "3,5"),
        # Form 151 was sent twice; form 109 was left on the first page.
        ("double_submission", 12, 1, "151"),
        ("visit_only", 2, 1, "109"),
    ],
    KONSTANZ_T0: [
        ("comment_maybe_converted", 7, 83, "0"),
        ("wave_repaired", 9, 9, "T0"),
    ],
    KONSTANZ_T1: [
        ("ags_repaired", 14, 10, "8335043"),
        ("comment_maybe_converted", 10, 39, "1E5"),
        ("long_answers", None, None, None),
    ],
    KAUFBEUREN_T0: [
        ("ags_repaired", 3, 10, "9762000"),
        ("comment_address_removed", 10, 39, ADDRESS),
        ("long_answers", None, None, None),
    ],
    KAUFBEUREN_T1: [
        ("comment_maybe_converted", 8, 150, "3,5"),
        ("long_answers", None, None, None),
        ("visit_only", 7, 1, "161"),
        ("wave_repaired", 5, 9, ""),
    ],
    "08335043/workshops/2025-06-03/workshop_1.xlsx": NOTES_AND_SUMS,
    "09762000/workshops/2025-07-02/workshop_2.xlsx": NOTES_AND_SUMS,
}
"""What is wrong with the demonstration's files; nothing is with the others."""


@pytest.mark.parametrize("path", _demo_files())
def test_of_the_demonstration_only_its_flaws_are_named(
    judged: dict[str, list[Fired]], path: str
) -> None:
    flaws = FLAWS.get(path, [])
    named = Counter((rule, row, column) for rule, _, row, column in judged[path])
    assert named == Counter(flaw[:3] for flaw in flaws)
    rows = _cells(path)
    for rule, row, column, cell in flaws:
        if row is not None and column is not None:
            assert rows[row - 1][column - 1] == cell, rule


def _cells(path: str) -> list[list[str]]:
    """The first sheet as Python's own readers see it."""
    file = DEMO_INBOX / path
    if file.suffix == ".xlsx":
        sheet = openpyxl.load_workbook(file).worksheets[0]
        return [
            ["" if cell is None else str(cell) for cell in row]
            for row in sheet.iter_rows(values_only=True)
        ]
    with file.open(encoding="utf-8-sig", newline="") as content:
        mark = max(";,\t", key=content.readline().count)
        content.seek(0)
        return list(csv.reader(content, delimiter=mark))
