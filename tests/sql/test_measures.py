"""Measures and when they are overdue, against cases worked out by hand."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from tests.sql.database import ask, put, rebuild, reference_database
from weltoffen_etl.catalog import table
from weltoffen_etl.database import Connection, connect, create, insert
from weltoffen_etl.settings import Settings
from weltoffen_etl.warehouse.inputs import due_dates_passed, inputs_version

GARBSEN = "03241005"
WORKSHOP = {"workshop_id": "w", "ags": GARBSEN, "held_on": "2025-05-14", "ordinal": 1, "is_synthetic": True}  # fmt: skip
TODAY = date(2026, 3, 1)


@pytest.fixture
def database(settings: Settings) -> Iterator[Connection]:
    with reference_database(settings, TODAY) as connection:
        put(connection, "core.workshop", WORKSHOP)
        yield connection


def _summary(
    connection: Connection, *measures: tuple[str | None, str | None, str | None]
) -> dict[str, dict[str, int]]:
    """Figures by status of measures given as status, due date and who is responsible."""
    put(
        connection,
        "core.measure",
        *(
            {"measure_id": str(number), "workshop_id": "w", "action_field": "MS", "text": "geheim",
             "measure_status": status, "due_on": due, "responsible": responsible}
            for number, (status, due, responsible) in enumerate(measures)
        ),
    )  # fmt: skip
    rebuild(connection, "comparison.measure_summary")
    rows = ask(connection, "FROM comparison.measure_summary")
    assert {(row["ags"], row["action_field"]) for row in rows} == {(GARBSEN, "MS")}
    return {row["measure_status"]: row for row in rows}


def test_overdue_from_the_day_after(database: Connection) -> None:
    found = _summary(
        database,
        ("planned", "2026-02-28", None),
        ("planned", "2026-03-01", None),
        ("planned", "2026-03-02", None),
        ("planned", None, None),
        ("done", "2026-02-28", None),
        ("dropped", "2026-02-28", None),
        ("paused", "2025-01-01", None),
        (None, "2026-02-28", None),
    )
    counted = {
        status: (row["n_measures"], row["n_overdue"], row["n_without_due_date"])
        for status, row in found.items()
    }
    assert counted == {
        "planned": (4, 1, 1),
        "done": (1, 0, 0),
        "dropped": (1, 0, 0),
        "paused": (1, 1, 0),
        "not_stated": (1, 1, 0),
    }


@pytest.mark.parametrize(
    ("responsible", "kind"),
    [
        ("Stabsstelle", "administration"),
        ("Amt 50", "administration"),
        ("Ordnungsamt", "administration"),
        ("Wirtschaftsförderung der Stadt", "administration"),
        ("Integrationsbeauftragte Erika Mustermann", "administration"),
        ("Oberbürgermeister", "administration"),
        ("Integrationsbeirat", "politics"),
        ("Ausschuss für Soziales", "politics"),
        ("Verein Willkommen e. V.", "civil_society"),
        ("Ehrenamt", "civil_society"),
        ("IHK", "business"),
        ("Hochschule", "other"),
        ("Erika Mustermann", "other"),
        ("  ", "not_stated"),
        (None, "not_stated"),
    ],
)
def test_only_the_kind_of_those_responsible_is_told(
    database: Connection, responsible: str | None, kind: str
) -> None:
    row = _summary(database, ("planned", None, responsible))["planned"]
    kinds = {name[2:]: n for name, n in row.items() if name in {f"n_{x}" for x in KINDS}}
    assert kinds == {name: int(name == kind) for name in KINDS}


KINDS = ("administration", "politics", "civil_society", "business", "other", "not_stated")


def test_no_wording_is_published() -> None:
    assert {"responsible", "text"}.isdisjoint(x.name for x in table("comparison.measure_summary").columns)  # fmt: skip


def test_an_overdue_measure_changes_the_fingerprint(settings: Settings, tmp_path: Path) -> None:
    warehouse = tmp_path / "warehouse.duckdb"
    described = table("core.measure")
    with connect(settings, warehouse) as connection:
        create(connection, described)
        insert(
            connection,
            "core.measure",
            [
                ("1", "w", "MS", "2024-06-01", "planned", None, "x"),
                ("2", "w", "MS", "2024-07-01", "done", None, "x"),
                ("3", "w", "MS", None, "planned", None, "x"),
            ],
        )

    def on(day: date) -> tuple[list[str], str]:
        dated = settings.model_copy(update={"as_of": day})
        return due_dates_passed(dated, warehouse), inputs_version(dated, warehouse)

    before, on_the_day = on(date(2024, 5, 1)), on(date(2024, 6, 1))
    assert before == on_the_day == ([], before[1])
    day_after, later = on(date(2024, 6, 2)), on(date(2024, 7, 2))
    assert day_after == later == (["2024-06-01"], later[1])
    assert day_after[1] != before[1]
    # Before the first build there is no warehouse, and no measure.
    first = settings.model_copy(update={"as_of": date(2024, 6, 2)})
    assert due_dates_passed(first, tmp_path / "none.duckdb") == []
