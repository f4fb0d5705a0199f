"""Workshop tables of a whole night against a recount of the workbooks by openpyxl alone."""

from collections import Counter, defaultdict
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
from openpyxl import load_workbook

from tests.conftest import DEMO_INBOX, deliver, deliver_demo
from tests.merging import merged
from tests.nights import run_night
from weltoffen_etl.asking.query import ask
from weltoffen_etl.reports.workshop_template import write_template
from weltoffen_etl.settings import PROJECT_ROOT, Settings
from weltoffen_etl.warehouse.current import current_release

pytestmark = pytest.mark.slow

QUESTIONS = {
    "Was läuft gut?": "strength",
    "Wo liegen künftige Handlungsbedarfe?": "need",
    "Wie kann die Zusammenarbeit gesichert werden?": "cooperation",
}
GROUPS = {
    "Verwaltung": "administration",
    "Politik": "politics",
    "Zivilgesellschaft": "civil_society",
    "Wirtschaft": "business",
    "Bildung und Wissenschaft": "education",
}
FIELDS = {"Ma": "MS", "In": "IA", "Fa": "FZ", "Ar": "AW", "En": "EB", "Zu": "ZB", "Ko": "KK"}
STATUSES = {"geplant": "planned", "beschlossen": "agreed", "in Umsetzung": "in_progress", "abgeschlossen": "done"}  # fmt: skip
TODAY = date(2026, 6, 1)
FEW, SMALL = "12054000", "13003000"
SECRET = "Nur vier Menschen sagten das"
STRENGTH, NEED, _ = QUESTIONS
OWN: dict[str, tuple[dict[str, int], list[tuple[str, str, int | None]]]] = {
    FEW: ({"Verwaltung": 3, "Politik": 1}, [(STRENGTH, "Verwaltung", 5)] * 3),
    SMALL: (
        {"Verwaltung": 9, "Politik": 2, "Wirtschaft": 6, "Zivilgesellschaft": 8},
        [
            (STRENGTH, "Politik", 4),
            (NEED, "Wirtschaft", 3),
            (NEED, "Bildung und Wissenschaft", None),
        ],
    ),
}
"""People by group and contributions of two workshops beside those of the demonstration."""


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """One published night on the demo deliveries and two workshops with few people."""
    folder: Path = tmp_path_factory.mktemp("night")
    settings = Settings(data_dir=folder / "data", settle_seconds=0.0, as_of=TODAY)
    deliver_demo(settings)
    for ags, (persons, said) in OWN.items():
        file = folder / f"{ags}.xlsx"
        write_template(
            PROJECT_ROOT / "data" / "reference",
            file,
            {
                "workshop": [["", ags, "14.05.2025", "1", "Präsenz", "", "synthetisch"]],
                "participation": [[group, n] for group, n in persons.items()],
                "contribution": [
                    [number, question, "Management und Steuerung", group, SECRET, points]
                    for number, (question, group, points) in enumerate(said, start=1)
                ],
                "measure": [],
            },
        )
        deliver(settings, f"{ags}/workshops/2025-05-14", file)
    record = run_night(settings)
    assert record.outcome == "published", record.failures
    return settings


def _rows(night: Settings, statement: str) -> list[dict[str, Any]]:
    names, rows = ask(night, statement)
    return [dict(zip(names, row, strict=True)) for row in rows]


def _cells(night: Settings, sheet: str, columns: int) -> list[tuple[str, tuple[Any, ...]]]:
    """Rows of a sheet over all workbooks, without heads, notes and totals, with the municipality."""
    found = []
    for path in sorted(night.inbox.glob("*/workshops/*/*.xlsx")):
        workbook = load_workbook(path, data_only=True)
        for row in workbook[sheet].iter_rows(values_only=True, max_col=columns):
            if sheet == "Teilnehmende":
                if row[0] in GROUPS:
                    found.append((path.parts[-4], row))
            elif isinstance(row[0], int):
                found.append((path.parts[-4], row))
    assert found
    return found


@pytest.fixture(scope="module")
def present(night: Settings) -> dict[str, list[tuple[str, int]]]:
    """Group and people of each workshop by municipality, as the workbooks say."""
    found = defaultdict(list)
    for ags, (group, persons) in _cells(night, "Teilnehmende", 2):
        found[ags].append((GROUPS[group], int(persons)))
    return found


def _shown(present: list[tuple[str, int]], speaking: set[str]) -> dict[str, str]:
    """Shown group by group: people are at least those of the best attended workshop."""
    sizes = dict.fromkeys(speaking, 0)
    for group, persons in present:
        sizes[group] = max(sizes.get(group, 0), persons)
    small = merged(sizes, 5)
    return {group: "merged" if group in small else group for group in sizes}


def test_workbooks_are_those_of_the_demonstration() -> None:
    assert len(list(DEMO_INBOX.glob("*/workshops/*/*.xlsx"))) == 6


def test_participations_and_contributions_are_those_of_the_workbooks(
    night: Settings, present: dict[str, list[tuple[str, int]]]
) -> None:
    people: Counter[tuple[str, str]] = Counter()
    by_question: Counter[tuple[str, str, str]] = Counter()
    by_group: Counter[tuple[str, str, str, str]] = Counter()
    points: Counter[tuple[str, str]] = Counter()
    said = _cells(night, "Beiträge", 6)
    speaking = defaultdict(set)
    for ags, cells in said:
        speaking[ags].add(GROUPS[cells[3]])
    shown = {ags: _shown(rows, speaking[ags]) for ags, rows in present.items()}
    for ags, rows in present.items():
        for group, persons in rows:
            people[ags, shown[ags][group]] += persons
    for ags, cells in said:
        question, field, group = QUESTIONS[cells[1]], FIELDS[cells[2][:2]], GROUPS[cells[3]]
        by_question[ags, question, field] += 1
        by_group[ags, question, field, shown[ags][group]] += 1
        points[ags, field] += cells[5] or 0

    def told(counter: Counter[Any]) -> dict[Any, int]:
        return {key: n for key, n in counter.items() if key[0] != FEW and n}

    assert people[SMALL, "merged"] == 2 + 6
    assert told(people) == {
        (row["ags"], row["actor_group"]): row["participations"]
        for row in _rows(night, "from comparison.workshop_participation")
        if row["withheld_because"] is None
    }
    contributions = _rows(night, "from comparison.workshop_contribution")
    assert told(by_question) == {
        (row["ags"], row["guiding_question"], row["action_field"]): row["n_contributions"]
        for row in contributions
        if row["n_contributions"]
    }
    groups = _rows(night, "from comparison.actor_group_contribution")
    assert told(by_group) == {
        (row["ags"], question, row["action_field"], row["actor_group"]): row[f"n_{question}"]
        for row in groups
        for question in QUESTIONS.values()
        if row[f"n_{question}"]
    }
    for table in (contributions, groups):
        counted: Counter[tuple[str, str]] = Counter()
        for row in table:
            counted[row["ags"], row["action_field"]] += row["points"] or 0
        assert told(counted) == told(points)
    for row in _rows(night, "from comparison.contribution_theme"):
        key = (row["guiding_question"], row["action_field"])
        own = {ags: n for (ags, *rest), n in told(by_question).items() if tuple(rest) == key}
        assert row["n_municipalities"] == len(own)
        assert row["n_contributions"] == (sum(own.values()) if len(own) >= 3 else None)
    sides = {
        (row["ags"], row["action_field"]): (row["n_strength"], row["n_need"], row["n_cooperation"])
        for row in _rows(
            night, "from comparison.perspective where workshop_withheld_because is null"
        )
    }
    assert {key[0] for key in sides} == set(present) - {FEW}
    for (ags, field), counts in sides.items():
        assert counts == tuple(by_question[ags, x, field] for x in QUESTIONS.values())


def test_a_workshop_of_few_shows_in_no_figure(night: Settings) -> None:
    for table in ("workshop_participation", "workshop_contribution", "actor_group_contribution"):
        rows = _rows(night, f"from comparison.{table} where ags = '{FEW}'")
        assert rows
        assert {row["withheld_because"] for row in rows} == {"confidential"}
    (row,) = _rows(night, f"from comparison.process where ags = '{FEW}'")
    assert (row["process_step"], row["n_workshops"]) == ("workshop", 1)
    release = current_release(night)
    assert release is not None
    assert SECRET.encode() in night.warehouse_file.read_bytes()
    assert SECRET.encode() not in release.database.read_bytes()


def test_measures_are_those_of_the_workbooks(night: Settings) -> None:
    expected: dict[tuple[str, str, str], Counter[str]] = defaultdict(Counter)
    for ags, cells in _cells(night, "Maßnahmen", 6):
        counter = expected[ags, FIELDS[cells[1][:2]], STATUSES[cells[5]]]
        day, month, year = cells[4].split(".")
        late = date(int(year), int(month), int(day)) < TODAY and cells[5] != "abgeschlossen"
        counter.update(n_measures=1, n_overdue=int(late), n_administration=1)
    rows = _rows(night, "from comparison.measure_summary")
    assert any(row["n_overdue"] for row in rows)
    assert any(not row["n_overdue"] for row in rows)
    assert dict(expected) == {
        (row["ags"], row["action_field"], row["measure_status"]): Counter(
            {x: row[x] for x in ("n_measures", "n_overdue", "n_administration")}
        )
        for row in rows
    }


def test_steps_of_the_ladder_follow_from_the_published_tables(night: Settings) -> None:
    steps = _rows(night, "from comparison.impact_step order by step")
    assert [row["can_show"] for row in steps] == ["yes"] * 3 + ["hints"] * 2 + ["no"] * 2
    assert all("{" not in row["shows_de"] for row in steps)
    said = [x for x in _cells(night, "Beiträge", 6) if x[0] != FEW]
    people = [row[1] for ags, row in _cells(night, "Teilnehmende", 2) if ags != FEW]
    measures = [row[5] for _, row in _cells(night, "Maßnahmen", 6)]
    started = sum(x in ("in Umsetzung", "abgeschlossen") for x in measures)
    # Self-checks of three, a workshop of three more, a dialogue of Zwickau.
    assert (steps[0]["n"], steps[0]["base"]) == (7, 12)
    assert (steps[1]["n"], steps[1]["base"]) == (sum(people), 7)
    assert (steps[3]["n"], steps[3]["base"]) == (len(said), 8)
    assert (steps[4]["n"], steps[4]["base"]) == (started, len(measures))
    assert steps[5]["n"] is steps[6]["n"] is None
    with duckdb.connect(str(night.warehouse_file), read_only=True) as connection:
        # Every form of the demonstration is in a block that may be shown.
        row = connection.execute(
            "SELECT (SELECT count(*) FROM core.response WHERE excluded_because IS NULL), "
            "count(*) FILTER (value IS NOT NULL), "
            "count(*) FILTER (missing_reason IS DISTINCT FROM 'not_chosen') "
            "FROM core.answer JOIN core.response USING (response_id) WHERE excluded_because IS NULL"
        ).fetchone()
    assert row is not None
    assert f"mit {row[0]} Bögen" in steps[0]["shows_de"]
    assert (steps[2]["n"], steps[2]["base"]) == row[1:]
