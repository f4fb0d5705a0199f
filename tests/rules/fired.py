"""Runs files through the real reader and its rules, and tells which fired and where."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

from weltoffen_etl.database import connect
from weltoffen_etl.deliveries.places import place_of
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
    """A file to judge: path below the inbox, bytes, and settings of the reading process."""

    path: str
    content: bytes
    settings: Mapping[str, Any] = {}


class Told(NamedTuple):
    """A finding as it is told: the rule with its place, and what is shown outside."""

    fired: Fired
    public_value: str | None
    public_message: str


def judge(
    folder: Path,
    place: str,
    name: str,
    content: bytes,
    reference: Path = REFERENCE,
    **overrides: Any,
) -> list[Fired]:
    """Reads and judges one file as a night would.

    Args:
        folder: an empty folder of the test.
        place: folders below the inbox, for example ``03241005/t0/selfcheck``.
        name: file name.
        content: the file's bytes.
        reference: reference folder.
        **overrides: settings of the reading process that differ from the usual ones.

    Returns:
        One entry per finding.
    """
    (told,) = judge_all(folder, [Delivered(f"{place}/{name}", content, overrides)], reference)
    return [entry.fired for entry in told]


def judge_all(
    folder: Path,
    files: Sequence[Delivered],
    reference: Path = REFERENCE,
) -> list[list[Told]]:
    """Reads and judges many files in one go, each as a delivery of its own.

    Args:
        folder: an empty folder of the test.
        files: the files.
        reference: reference folder.

    Returns:
        The findings of each file, in the order of the files.
    """
    settings = Settings(data_dir=folder / "data", reference_dir=reference, settle_seconds=0.0)
    ids = []
    readers: dict[str, IsolatedReader] = {}
    with connect(settings) as connection, ExitStack() as stack:
        reader = DeliveryReader.open(connection, settings)
        for number, delivered in enumerate(files):
            file = folder / f"delivered{number}"
            file.write_bytes(delivered.content)
            delivery_id = hashlib.sha256(delivered.content).hexdigest()
            if delivery_id in ids:
                # The same bytes may be judged at two places: the number keeps them apart.
                delivery_id = hashlib.sha256(f"{number} {delivery_id}".encode()).hexdigest()
            ids.append(delivery_id)
            own = settings.model_copy(update=dict(delivered.settings))
            if repr(own) not in readers:
                readers[repr(own)] = stack.enter_context(IsolatedReader(own))
            where = place_of(delivered.path, reader.registry)
            reader.read(readers[repr(own)], ids[-1], file, where)
        reader.judge()
        rows = connection.execute(
            "SELECT delivery_id, rule, sheet, source_row, column_number, public_value, "
            "public_message FROM raw.finding ORDER BY ALL"
        ).fetchall()
    told: dict[str, list[Told]] = {delivery_id: [] for delivery_id in ids}
    for delivery_id, rule, sheet, row, column, value, message in rows:
        told[delivery_id].append(Told(Fired(rule, sheet, row, column), value, message))
    return [told[delivery_id] for delivery_id in ids]
