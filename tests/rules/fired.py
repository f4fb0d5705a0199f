"""Runs files through the real reader and its rules, and tells which fired and where."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

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
        **overrides: settings that differ from the usual ones.

    Returns:
        One entry per finding.
    """
    (told,) = judge_all(folder, [(f"{place}/{name}", content)], reference, **overrides)
    return [entry.fired for entry in told]


def judge_all(
    folder: Path,
    files: Sequence[tuple[str, bytes]],
    reference: Path = REFERENCE,
    **overrides: Any,
) -> list[list[Told]]:
    """Reads and judges many files in one go, each as a delivery of its own.

    Args:
        folder: an empty folder of the test.
        files: path below the inbox and bytes of each file.
        reference: reference folder.
        **overrides: settings that differ from the usual ones.

    Returns:
        The findings of each file, in the order of the files.
    """
    settings = Settings(
        data_dir=folder / "data", reference_dir=reference, settle_seconds=0.0, **overrides
    )
    ids = []
    with connect(settings) as connection, IsolatedReader(settings) as isolated:
        reader = DeliveryReader.open(connection, settings)
        for number, (path, content) in enumerate(files):
            file = folder / f"delivered{number}"
            file.write_bytes(content)
            # The same bytes may be judged at two places: the number keeps them apart.
            ids.append(hashlib.sha256(f"{number} ".encode() + content).hexdigest())
            reader.read(isolated, ids[-1], file, place_of(path, reader.registry))
        reader.judge()
        rows = connection.execute(
            "SELECT delivery_id, rule, sheet, source_row, column_number, public_value, "
            "public_message FROM raw.finding ORDER BY ALL"
        ).fetchall()
    told: dict[str, list[Told]] = {delivery_id: [] for delivery_id in ids}
    for delivery_id, rule, sheet, row, column, value, message in rows:
        told[delivery_id].append(Told(Fired(rule, sheet, row, column), value, message))
    return [told[delivery_id] for delivery_id in ids]
