"""Delivers the same files in many orders, over several nights: the comparison must not notice.

Files of different places arrive in any order and in any split over nights; of one place, the
corrected file follows the one it corrects, because what arrives later replaces what came before.
Doubles arrive whenever they like.

    python -m tests.faults.orders --seed 1 --orders 100
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import shutil
import sys
import tempfile
from pathlib import Path

from tests.conftest import DEMO_INBOX
from tests.faults.installation import DAY, corrected
from weltoffen_etl.database import connect
from weltoffen_etl.deliveries.intake import take_in
from weltoffen_etl.disclosure.build import build_schema
from weltoffen_etl.settings import Settings
from weltoffen_etl.staging import stage_deliveries
from weltoffen_etl.warehouse.build import SCHEMAS, build_file, build_raw, start


def run(seed: int, orders: int, folder: Path, *, tells: bool = False) -> list[str]:
    """Returns the hash of all comparison tables for each order."""
    chance = random.Random(seed)  # noqa: S311
    files = sorted(path for path in DEMO_INBOX.rglob("*") if path.is_file())
    hashes = []
    for number in range(orders):
        hashes.append(_compared(folder, number, files, chance))
        if tells:
            sys.stdout.write(f"{number + 1:3} {hashes[-1]}\n")
            sys.stdout.flush()
    return hashes


def _compared(folder: Path, number: int, files: list[Path], chance: random.Random) -> str:
    settings = Settings(
        data_dir=folder / f"order{number}",
        settle_seconds=0.0,
        as_of=DAY,
    )
    # What a file was read as follows from its bytes and paths alone: read once for all orders.
    (folder / "stage").mkdir(exist_ok=True)
    settings.data_dir.mkdir()
    settings.stage.symlink_to(folder / "stage")
    parcels = _parcels(files)
    chance.shuffle(parcels)
    order = _originals_first(parcels)
    moment = 1_700_000_000
    for place, content in order:
        target = settings.inbox / place
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        moment += 60
        os.utime(target, (moment, moment))
        if chance.random() < 0.3:
            take_in(settings)
    arrivals = list(take_in(settings).arrivals)
    stage_deliveries(settings, arrivals)
    start(settings)
    build_raw(settings, arrivals)
    for schema in SCHEMAS:
        if schema != "raw":
            build_schema(settings, schema)
    with connect(settings, build_file(settings), read_only=True) as connection:
        names = connection.execute(
            "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'comparison' ORDER BY ALL"
        ).fetchall()
        rows = [
            sorted(map(repr, connection.execute(f'FROM comparison."{name}"').fetchall()))
            for (name,) in names
        ]
    shutil.rmtree(settings.data_dir)
    return hashlib.sha256(repr(rows).encode()).hexdigest()


def _parcels(files: list[Path]) -> list[tuple[Path, bytes]]:
    parcels = []
    for file in files:
        place = file.relative_to(DEMO_INBOX)
        content = file.read_bytes()
        parcels.append((place, content))
        if place.suffix == ".csv":
            newer = corrected(content.decode("utf-8-sig")).encode()
            parcels.append((place.with_name(f"berichtigt {place.name}"), newer))
            parcels.append((place.with_name(f"berichtigt noch einmal {place.name}"), newer))
    return parcels


def _originals_first(parcels: list[tuple[Path, bytes]]) -> list[tuple[Path, bytes]]:
    """Keeps the order, but for originals that would follow what corrects them."""
    order: list[tuple[Path, bytes]] = []
    for place, content in parcels:
        original = place.name.rpartition(" ")[2]
        if original != place.name:
            first = next(x for x in parcels if x[0] == place.with_name(original))
            if first not in order:
                order.append(first)
        if (place, content) not in order:
            order.append((place, content))
    return order


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--orders", type=int, default=100)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        hashes = run(options.seed, options.orders, Path(scratch), tells=True)
    sys.stdout.write(f"{len(hashes)} orders, {len(set(hashes))} content\n")
    sys.exit(0 if len(set(hashes)) == 1 else 1)


if __name__ == "__main__":
    main()
