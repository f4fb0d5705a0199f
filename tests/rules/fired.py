"""Runs one file through the real reader and its rules, and tells which fired and where."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import NamedTuple

from weltoffen_etl.database import connect
from weltoffen_etl.deliveries import place_of
from weltoffen_etl.exports.isolation import IsolatedReader
from weltoffen_etl.reading import DeliveryReader
from weltoffen_etl.settings import PROJECT_ROOT, Settings

REFERENCE = PROJECT_ROOT / "data" / "reference"


class Fired(NamedTuple):
    """A rule that fired, and the place it names."""

    rule: str
    sheet: str | None = None
    row: int | None = None
    column: int | None = None


def judge(
    folder: Path, place: str, name: str, content: bytes, reference: Path = REFERENCE
) -> list[Fired]:
    """Reads and judges one file as a night would.

    Args:
        folder: an empty folder of the test.
        place: folders below the inbox, for example ``03241005/t0/selfcheck``.
        name: file name.
        content: the file's bytes.
        reference: reference folder.

    Returns:
        One entry per finding.
    """
    file = folder / "delivered"
    file.write_bytes(content)
    settings = Settings(data_dir=folder / "data", reference_dir=reference, settle_seconds=0.0)
    with connect(settings) as connection, IsolatedReader(settings) as isolated:
        reader = DeliveryReader.open(connection, settings)
        where = place_of(f"{place}/{name}", reader.registry)
        reader.read(isolated, hashlib.sha256(content).hexdigest(), file, where)
        reader.judge()
        rows = connection.execute(
            "SELECT rule, sheet, source_row, column_number FROM raw.finding ORDER BY ALL"
        ).fetchall()
    return [Fired(*row) for row in rows]
