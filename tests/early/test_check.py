"""An early check finds what the night finds: the same findings with the same identities."""

from pathlib import Path

import duckdb
import pytest

from tests.conftest import DEMO_INBOX, deliver, deliver_demo
from weltoffen_etl.deliveries.intake import take_in
from weltoffen_etl.deliveries.places import Registry, place_of
from weltoffen_etl.early.check import Checked, check_delivery, private_copy
from weltoffen_etl.early.inbox import new_files
from weltoffen_etl.exports.isolation import IsolatedReader
from weltoffen_etl.notices.news import Identity
from weltoffen_etl.settings import Settings
from weltoffen_etl.staging import stage_deliveries, store_of

GARBSEN = "03241005"
ACROSS_FILES = {"same_bytes_elsewhere"}


def _early(settings: Settings) -> dict[str, Checked]:
    checked: dict[str, Checked] = {}
    registry = Registry(settings.reference_dir)
    scratch = settings.early
    scratch.mkdir(parents=True)
    with IsolatedReader(settings) as isolated:
        for file in new_files(settings):
            with private_copy(file, scratch) as copy:
                assert copy is not None
                if copy[0] not in checked:
                    place = place_of(file.name, registry)
                    checked[copy[0]] = check_delivery(settings, isolated, *copy, place)
    assert not list(scratch.iterdir())
    return checked


def _by_night(settings: Settings) -> dict[str, set[Identity]]:
    arrivals = take_in(settings).arrivals
    stage_deliveries(settings, arrivals)
    store = store_of(settings)
    found: dict[str, set[Identity]] = {arrival.sha256: set() for arrival in arrivals}
    for sha256, identities in found.items():
        for file in store.files("finding", [sha256]):
            rows = duckdb.sql(
                f"SELECT delivery_id, rule, sheet_number, source_row, column_number FROM '{file}' "
                f"WHERE delivery_id = '{sha256}'"
            ).fetchall()
            identities.update(row for row in rows if row[1] not in ACROSS_FILES)
    return found


def _compare(settings: Settings, least: int) -> None:
    early = _early(settings)
    night = _by_night(settings)
    assert {sha256: {x.identity for x in entry.news} for sha256, entry in early.items()} == night
    assert sum(map(len, night.values())) >= least
    for sha256, entry in early.items():
        (row,) = duckdb.sql(
            "SELECT is_readable, rows_loaded, rows_quarantined FROM "
            f"'{store_of(settings).files('reading', [sha256])[0]}' WHERE delivery_id = '{sha256}'"
        ).fetchall()
        delivery = entry.delivery
        assert (delivery.is_readable, delivery.taken, delivery.kept_back) == row


def test_some_files_are_checked_as_at_night(settings: Settings) -> None:
    folder = f"{GARBSEN}/t1/selfcheck"
    deliver(settings, folder, next((DEMO_INBOX / folder).iterdir()))
    note = settings.inbox / GARBSEN / "workshops" / "notiz.csv"
    note.parent.mkdir(parents=True)
    note.write_text("Einkauf;Menge\nBrot;2\n")
    _compare(settings, 7)


@pytest.mark.slow
def test_the_demo_is_checked_as_at_night(settings: Settings) -> None:
    deliver_demo(settings)
    _compare(settings, 30)


@pytest.mark.slow
def test_real_exports_are_checked_as_at_night(settings: Settings, shared_exports: Path) -> None:
    for file in sorted(shared_exports.rglob("*")):
        if file.is_file() and file.suffix in {".csv", ".xlsx", ".ods", ".json", ".sav", ".xml"}:
            deliver(settings, "_multi/t0", file)
    deliver(settings, "nirgends", next((DEMO_INBOX / GARBSEN / "t0" / "selfcheck").iterdir()))
    _compare(settings, 30)
