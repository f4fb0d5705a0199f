"""Broken files of the rules about places: the file is sound, its folder is not."""

from pathlib import Path

import duckdb

from tests.hostile.material import SELFCHECK
from tests.rules.fired import Fired
from tests.rules.fixture import File, Fixture
from tests.rules.sound import CSV, WORKSHOP_BOOK
from weltoffen_etl.deliveries.intake import take_in
from weltoffen_etl.settings import Settings
from weltoffen_etl.staging import stage_deliveries, store_of

_OTHER_FOLDER = "08335043/t1/selfcheck"


def _delivered_twice(folder: Path, file: File) -> list[Fired]:
    """Puts the file into two folders of the inbox, takes it in and stages it."""
    settings = Settings(data_dir=folder / "data", settle_seconds=0.0)
    for place in (file.place, _OTHER_FOLDER):
        target = settings.inbox / place / file.name
        target.parent.mkdir(parents=True)
        target.write_bytes(file.make())
    staged = stage_deliveries(settings, take_in(settings).arrivals)
    files = store_of(settings).files("finding", list(staged.deliveries))
    with duckdb.connect() as connection:
        rows = connection.execute(
            "SELECT rule, sheet, source_row, column_number FROM read_parquet($files) ORDER BY ALL",
            {"files": files},
        ).fetchall()
    return [Fired(*row) for row in rows]


FIXTURES = {
    "place_unknown": Fixture(CSV, CSV.at("08335043/t0")),
    "place_unregistered": Fixture(CSV, CSV.at("99999999/t0/selfcheck")),
    "place_wave_unknown": Fixture(CSV, CSV.at("08335043/t9/selfcheck")),
    "place_date_unknown": Fixture(WORKSHOP_BOOK, WORKSHOP_BOOK.at("03241005/workshops/14.05.2025")),
    "file_kind_misplaced": Fixture(WORKSHOP_BOOK, WORKSHOP_BOOK.at(SELFCHECK)),
    "same_bytes_elsewhere": Fixture(CSV, CSV, alone=_delivered_twice),
}
