"""Late forms through the real job: a few change nothing that is shown, enough change it."""

import csv
import io
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import DEMO_INBOX, deliver_demo
from tests.nights import run_night
from weltoffen_etl.database import connect
from weltoffen_etl.settings import Settings
from weltoffen_etl.warehouse.current import current_release

pytestmark = pytest.mark.slow

PLACE = "03241005/t0/selfcheck"
SOURCE = next((DEMO_INBOX / PLACE).glob("*.csv"))
SCALE = ["trifft nicht zu", "trifft eher nicht zu", "trifft eher zu", "trifft zu"]
OF_GARBSEN = ("item_result", "sub_theme_score", "action_field_score", "coverage", "wave_change")


def _with_late_forms(number: int) -> bytes:
    """The delivered file with more forms: other people, who answered one step differently."""
    rows = list(csv.reader(io.StringIO(SOURCE.read_text(encoding="utf-8-sig")), delimiter=";"))
    head, forms = rows[0], rows[1:]
    complete = [row for row in forms if row[head.index("Letzte Seite")] == "10"]
    for late in range(number):
        row = list(complete[late + 1])
        row[0] = str(9000 + late)
        for column, value in enumerate(row):
            if value in SCALE:
                row[column] = SCALE[(SCALE.index(value) + 1 + late % 3) % 4]
            elif value.startswith(("2025-03-", "2025-04-")):
                row[column] = f"2025-04-{10 + late:02}{value[10:]}"
        forms.append(row)
    target = io.StringIO()
    csv.writer(target, delimiter=";", quoting=csv.QUOTE_ALL).writerows([head, *forms])
    return target.getvalue().encode("utf-8-sig")


def _send(settings: Settings, number: int) -> None:
    folder = settings.inbox / PLACE
    for file in folder.iterdir():
        file.unlink()
    (folder / f"spaeter_{number}.csv").write_bytes(_with_late_forms(number))
    assert run_night(settings).outcome == "published"


def _published(settings: Settings) -> dict[str, list[Any]]:
    release = current_release(settings)
    assert release is not None
    with connect(settings, release.database, read_only=True) as connection:
        found = {
            name: connection.execute(
                f"FROM comparison.{name} WHERE ags = '03241005' ORDER BY ALL"
            ).fetchall()
            for name in OF_GARBSEN
        }
        for name in ("peer_group_score", "item_overview"):
            found[name] = connection.execute(f"FROM comparison.{name} ORDER BY ALL").fetchall()
        found["quality"] = connection.execute(
            "SELECT is_suppressed, n_responses, completeness FROM quality.municipality_wave "
            "WHERE ags = '03241005' AND wave = 't0'"
        ).fetchall()
    return found


def _counted(settings: Settings) -> int:
    with connect(settings, settings.warehouse_file, read_only=True) as connection:
        row = connection.execute(
            "SELECT count(*) FROM core.response WHERE ags = '03241005' AND wave = 't0' "
            "AND excluded_because IS NULL"
        ).fetchone()
    assert row is not None
    return int(row[0])


@pytest.fixture(scope="module")
def states(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[int, dict[str, list[Any]]]]:
    """Counted forms and what is published: at first, with 3 late forms, with 8."""
    folder: Path = tmp_path_factory.mktemp("between")
    settings = Settings(data_dir=folder / "data", settle_seconds=0.0)
    deliver_demo(settings)
    assert run_night(settings).outcome == "published"
    found = [(_counted(settings), _published(settings))]
    for number in (3, 8):
        _send(settings, number)
        found.append((_counted(settings), _published(settings)))
    return found


def test_three_late_forms_change_nothing_that_is_shown(
    states: list[tuple[int, dict[str, list[Any]]]],
) -> None:
    (before, first), (after, second), _ = states
    assert after == before + 3
    assert {name for name in first if first[name] != second[name]} == {"quality"}
    assert first["quality"] == [(False, before, pytest.approx(first["quality"][0][2]))]
    assert second["quality"] == [(True, None, None)]


def test_eight_are_shown_together(states: list[tuple[int, dict[str, list[Any]]]]) -> None:
    (before, first), _, (after, third) = states
    assert after == before + 8
    assert {row[5] for row in third["action_field_score"] if row[1] == "t0"} == {after}
    for name in ("item_result", "action_field_score", "coverage", "peer_group_score"):
        assert first[name] != third[name]
    assert third["quality"][0][:2] == (False, after)
