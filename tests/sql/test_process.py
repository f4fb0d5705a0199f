"""The steps of a municipality and their dates, against cases worked out by hand."""

from collections.abc import Iterator
from datetime import date

import pytest

from tests.sql.database import ask, put, rebuild, reference_database
from weltoffen_etl.database import Connection
from weltoffen_etl.settings import Settings

GARBSEN, KONSTANZ, KAUFBEUREN, ROSTOCK, POTSDAM = (
    "03241005",
    "08335043",
    "09762000",
    "13003000",
    "12054000",
)


@pytest.fixture
def database(settings: Settings) -> Iterator[Connection]:
    with reference_database(settings) as connection:
        yield connection


def _workshop(ags: str, day: str, ordinal: int) -> dict[str, object]:
    return {"workshop_id": f"{ags}/{day}", "ags": ags, "held_on": day, "ordinal": ordinal, "is_synthetic": True}  # fmt: skip


def _form(ags: str, wave: str, excluded: str | None = None) -> dict[str, object]:
    return {"response_id": f"{ags}/{wave}", "ags": ags, "wave": wave, "is_synthetic": False, "excluded_because": excluded}  # fmt: skip


def test_steps_and_dates_by_hand(database: Connection) -> None:
    put(
        database,
        "core.response",
        _form(GARBSEN, "t1"),
        _form(GARBSEN, "t0"),
        _form(KONSTANZ, "t1"),
        _form(POTSDAM, "t0"),
        _form(ROSTOCK, "t0", "test_case"),
    )
    put(
        database,
        "core.workshop",
        _workshop(GARBSEN, "2025-05-14", 1),
        _workshop(GARBSEN, "2025-06-25", 2),
        _workshop(KONSTANZ, "2025-06-03", 1),
        _workshop(KAUFBEUREN, "2025-05-20", 1),
        _workshop(KAUFBEUREN, "2025-07-02", 2),
    )
    put(
        database,
        "core.measure",
        {"measure_id": "1", "workshop_id": f"{GARBSEN}/2025-06-25", "action_field": "MS"},
        {"measure_id": "2", "workshop_id": f"{GARBSEN}/2025-06-25", "action_field": "FZ"},
    )
    rebuild(database, "comparison.process")
    found = {row["ags"]: row for row in ask(database, "FROM comparison.process")}
    assert len(found) == 15
    assert found[GARBSEN] == {
        "ags": GARBSEN,
        "is_synthetic": True,
        "process_step": "measures",
        "first_wave": "t0",
        "first_wave_starts_on": date(2025, 3, 1),
        "first_workshop_on": date(2025, 5, 14),
        "follow_up_on": date(2025, 6, 25),
        "first_measures_on": date(2025, 6, 25),
        "dialogue_on": date(2021, 7, 1),
        "n_workshops": 2,
        "n_measures": 2,
        # 30 days of March after the first, April, May, 25 of June.
        "duration_days": 30 + 30 + 31 + 25,
    }
    # The only workshop was before the only wave: no duration.
    assert (found[KONSTANZ]["process_step"], found[KONSTANZ]["duration_days"]) == ("workshop", None)
    assert (found[KAUFBEUREN]["process_step"], found[KAUFBEUREN]["first_wave"]) == ("follow_up", None)  # fmt: skip
    assert (found[POTSDAM]["process_step"], found[POTSDAM]["is_synthetic"]) == ("selfcheck", False)
    # Test entries are no self-check; the dialogue has its source.
    assert (found[ROSTOCK]["process_step"], found[ROSTOCK]["dialogue_on"]) == ("none", date(2020, 11, 25))  # fmt: skip


def test_dialogues_name_source_and_certainty(database: Connection) -> None:
    rows = ask(database, "FROM reference.dialogue ORDER BY held_on")
    assert [(row["ags"], str(row["held_on"])) for row in rows] == [
        (ROSTOCK, "2020-11-25"),
        (GARBSEN, "2021-07-01"),
        ("14524330", "2021-07-20"),
    ]
    assert all(row["source"] and row["certainty"] in "ABC" for row in rows)
