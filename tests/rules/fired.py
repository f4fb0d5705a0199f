"""Runs files through the real reader and its rules, and tells which fired and where."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import nullcontext
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


class Delivered(NamedTuple):
    """A file as it is sent: folders below the inbox, file name, bytes."""

    place: str
    name: str
    content: bytes


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
    return judge_together(folder, [Delivered(place, name, content)], reference)[0]


def judge_together(
    folder: Path,
    files: Sequence[Delivered],
    reference: Path = REFERENCE,
    isolated: IsolatedReader | None = None,
) -> list[list[Fired]]:
    """Reads and judges several files in one go, as a night does; bytes must differ.

    Args:
        folder: an empty folder of the test.
        files: the files.
        reference: reference folder.
        isolated: a reading process to use; None starts one.

    Returns:
        One entry per finding, for each file in turn.
    """
    ids = [hashlib.sha256(file.content).hexdigest() for file in files]
    if len(set(ids)) < len(ids):
        raise ValueError("two files have the same bytes")
    settings = Settings(data_dir=folder / "data", reference_dir=reference, settle_seconds=0.0)
    own = nullcontext(isolated) if isolated else IsolatedReader(settings)
    with connect(settings) as connection, own as isolated:
        reader = DeliveryReader.open(connection, settings)
        for delivery_id, file in zip(ids, files, strict=True):
            delivered = folder / delivery_id
            delivered.write_bytes(file.content)
            where = place_of(f"{file.place}/{file.name}", reader.registry)
            reader.read(isolated, delivery_id, delivered, where)
        reader.judge()
        rows = connection.execute(
            "SELECT delivery_id, rule, sheet, source_row, column_number FROM raw.finding "
            "ORDER BY ALL"
        ).fetchall()
    fired: dict[str, list[Fired]] = {delivery_id: [] for delivery_id in ids}
    for delivery_id, *place in rows:
        fired[delivery_id].append(Fired(*place))
    return [fired[delivery_id] for delivery_id in ids]
