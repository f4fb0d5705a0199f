"""That what is compared is the same: generator, floor, peers' tables, and our own."""

import shutil
from pathlib import Path

import duckdb
import pytest

from tests.benchmarks import floor
from tests.benchmarks.compare import write
from tests.benchmarks.equal import differences, differing_counts
from tests.benchmarks.generate import Layout, Size, generate
from tests.nights import run_night
from weltoffen_etl.settings import Settings

SMALL = {"municipalities": 4, "responses": 12}


def _made(folder: Path, layout: Layout = "single", seed: int = 1) -> Path:
    generate(folder, Size(**SMALL, layout=layout, seed=seed, files=2, late=1))
    return folder


def _files(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_same_seed_same_bytes(tmp_path: Path) -> None:
    first, again, other = (
        _files(_made(tmp_path / name, seed=seed)) for name, seed in (("a", 1), ("b", 1), ("c", 2))
    )
    assert first == again
    assert first != other


def test_both_layouts_hold_the_same_forms(tmp_path: Path) -> None:
    single, multi = (_made(tmp_path / x, x) / "inbox" for x in ("single", "multi"))
    rows = [
        sorted(
            line for path in folder.rglob("*.csv") for line in path.read_bytes().splitlines()[1:]
        )
        for folder in (single, multi)
    ]
    assert rows[0] == rows[1]
    assert len(rows[0]) == SMALL["municipalities"] * SMALL["responses"]
    assert len(list(multi.rglob("*.csv"))) == 2


def test_every_kind_of_missing_answer_occurs(tmp_path: Path) -> None:
    floor.build(_made(tmp_path / "made"), tmp_path / "floor.duckdb")
    with duckdb.connect(tmp_path / "floor.duckdb", read_only=True) as connection:
        found = connection.execute(
            "SELECT DISTINCT coalesce(missing_reason, value::VARCHAR) FROM answer"
        ).fetchall()
    reasons = {"not_chosen", "not_reached", "skipped", "dont_know"}
    assert {x for (x,) in found} == {"1", "2", "3", "4"} | reasons


def test_a_difference_is_seen(tmp_path: Path) -> None:
    mine, theirs = tmp_path / "floor.duckdb", tmp_path / "tables.duckdb"
    floor.build(_made(tmp_path / "made"), mine)
    shutil.copy(mine, theirs)
    assert differences(mine, theirs, "main") == {}
    with duckdb.connect(theirs) as connection:
        connection.execute("UPDATE answer_count SET n = n + 1 WHERE rowid = 0")
        connection.execute("UPDATE item_result SET sd = sd + 1e-6 WHERE rowid < 2")
        connection.execute("DELETE FROM action_field_score WHERE rowid = 0")
    found = differences(mine, theirs, "main")
    assert found == {"answer_count": 2, "item_result": 2, "action_field_score": 1}


def test_figures_of_other_sizes_stay(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- figures:begin -->\n<!-- figures:end -->\nafter\n")
    write(page, "small", "| 1 |")
    write(page, "large", "| 2 |")
    write(page, "small", "| 3 |")
    assert page.read_text() == (
        "before\n<!-- figures:begin -->\n### small\n\n| 3 |\n\n### large\n\n| 2 |\n\n"
        "<!-- figures:end -->\nafter\n"
    )


@pytest.mark.slow
def test_our_night_counts_what_the_floor_counts(tmp_path: Path) -> None:
    made = _made(tmp_path / "made")
    floor.build(made, tmp_path / "floor.duckdb")
    settings = Settings(data_dir=made, reference_dir=made / "reference", settle_seconds=0.0)
    assert run_night(settings).outcome == "published"
    warehouse = settings.warehouse_file
    assert differing_counts(tmp_path / "floor.duckdb", warehouse, "core.answer_count") == 0
