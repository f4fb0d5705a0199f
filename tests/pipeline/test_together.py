"""Deliveries read together give the same rows as each by itself, and are kept as safely."""

import shutil
from pathlib import Path

import duckdb
import pytest

from tests.conftest import DEMO_INBOX, deliver_demo
from weltoffen_etl import staging
from weltoffen_etl.catalog import table
from weltoffen_etl.deliveries.intake import take_in
from weltoffen_etl.settings import Settings
from weltoffen_etl.stage_store import STAGED
from weltoffen_etl.staging import Staged, stage_deliveries, store_of

GARBSEN = DEMO_INBOX / "03241005" / "t0" / "selfcheck" / "garbsen_t0_results-survey352021.csv"


def _deliver(settings: Settings) -> None:
    """Demo deliveries, among them several of the same layout, and defects of every kind."""
    deliver_demo(settings)
    lines = GARBSEN.read_text(encoding="utf-8").splitlines(keepends=True)
    own = settings.inbox / "03241005" / "t0" / "selfcheck"
    wanted = {
        "twice.csv": [*lines, lines[1].replace('"', '"9', 1)],
        "unknown_codes.csv": [x.replace('"A2"', '"A7"') for x in lines],
        "as_texts.csv": [x.replace('"A1"', '" trifft  NICHT zu"') for x in lines],
        "elsewhere.csv": [x.replace("03241005", "08335043") for x in lines],
        "empty.csv": lines[:1],
        "ragged.csv": [*lines, '"1";"2"\n'],
    }
    for name, content in wanted.items():
        (own / name).write_text("".join(content), encoding="utf-8")


def _staged(settings: Settings, staged: Staged) -> dict[str, list[tuple[object, ...]]]:
    """All rows by table; each delivery's in the order in which they lie."""
    rows = {}
    for name in STAGED:
        files = store_of(settings).files(name, staged.deliveries)
        if files:
            rows[name] = duckdb.execute(
                "SELECT * EXCLUDE (filename, file_row_number) FROM read_parquet($files, "
                "filename=true, file_row_number=true) ORDER BY delivery_id, file_row_number",
                {"files": files},
            ).fetchall()
    return rows


def _broken(staged: Staged) -> set[tuple[str, str, str]]:
    rules = [x.rule for x in staged.outcomes if x.offending]
    return {(x.table, x.column, x.kind) for x in rules}


def test_together_as_one_by_one(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    _deliver(settings)
    arrivals = take_in(settings).arrivals
    together = stage_deliveries(settings, arrivals)
    rows = _staged(settings, together)
    assert {len(store_of(settings).files(name, together.deliveries)) for name in rows} == {1}
    shutil.rmtree(settings.stage)
    monkeypatch.setattr(staging, "_FILES_TOGETHER", 1)
    alone = stage_deliveries(settings, arrivals)
    assert _staged(settings, alone) == rows
    assert together.findings == alone.findings
    assert _broken(together) == _broken(alone)
    assert {"reading", "answer", "finding", "quarantine"} <= rows.keys()


def test_rows_lie_by_their_key(settings: Settings) -> None:
    _deliver(settings)
    staged = stage_deliveries(settings, take_in(settings).arrivals)
    for name in STAGED:
        key = ", ".join(table(f"raw.{name}").key)
        for file in store_of(settings).files(name, staged.deliveries):
            rows = duckdb.sql(f"SELECT {key} FROM '{file}'").fetchall()
            assert rows == duckdb.sql(f"SELECT {key} FROM '{file}' ORDER BY ALL").fetchall()


def test_a_delivery_read_again_leaves_the_others(settings: Settings) -> None:
    deliver_demo(settings)
    first = stage_deliveries(settings, take_in(settings).arrivals)
    rows = _staged(settings, first)
    own = settings.inbox / "03241005" / "t0" / "selfcheck"
    target = settings.inbox / "08335043" / "t0" / "selfcheck" / "again.csv"
    shutil.copy(next(own.iterdir()), target)
    second = stage_deliveries(settings, take_in(settings).arrivals)
    assert len(second.read) == 1
    again = _staged(settings, second)
    assert {name: len(x) for name, x in again.items() if name != "finding"} == {
        name: len(x) for name, x in rows.items() if name != "finding"
    }
    assert not stage_deliveries(settings, take_in(settings).arrivals).read


def test_what_the_ledger_does_not_name_is_left_out(settings: Settings) -> None:
    deliver_demo(settings)
    arrivals = take_in(settings).arrivals
    stage_deliveries(settings, arrivals)
    fewer = stage_deliveries(settings, arrivals[:3])
    assert not fewer.read
    readings = _staged(settings, fewer)["reading"]
    assert {str(row[0]) for row in readings} == {x.sha256 for x in arrivals[:3]}


@pytest.mark.parametrize("file", ["answer.parquet", "done.json"])
def test_what_is_spoilt_is_read_again(settings: Settings, file: str) -> None:
    deliver_demo(settings)
    arrivals = take_in(settings).arrivals
    staged = stage_deliveries(settings, arrivals)
    rows = _staged(settings, staged)
    spoilt: Path = next(settings.stage.rglob(file))
    spoilt.write_bytes(spoilt.read_bytes()[:-9])
    again = stage_deliveries(settings, arrivals)
    assert set(again.read) == set(staged.deliveries)
    assert _staged(settings, again) == rows
