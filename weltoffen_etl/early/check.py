"""Checks one new file as the night would, and forgets it again: what it is and what was found."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from weltoffen_etl.check import FileCheck, summary
from weltoffen_etl.database import Connection, connect, statement
from weltoffen_etl.deliveries.archive import Archive
from weltoffen_etl.deliveries.places import Place
from weltoffen_etl.early.inbox import InboxFile
from weltoffen_etl.exports.isolation import IsolatedReader
from weltoffen_etl.notices.news import News
from weltoffen_etl.reading import DeliveryReader
from weltoffen_etl.reports.partner.facts import Delivery, Noticed
from weltoffen_etl.settings import Settings


@dataclass(frozen=True, slots=True)
class Checked:
    """One file, read and judged.

    Attributes:
        file: what was recognised and how many rows would be taken.
        delivery: the same as the reports on deliveries know it.
        status: what would become of it, as in ``raw.delivery``.
        counted: forms that would count; rows of a workshop.
        news: findings with the identity they have at night.
        noticed: the same findings for a report, in its order.
    """

    file: FileCheck
    delivery: Delivery
    status: str
    counted: int
    news: tuple[News, ...]
    noticed: tuple[Noticed, ...]

    def is_few(self, least: int) -> bool:
        """Tells whether so few people stand behind a self-check that they are not counted."""
        return self.delivery.kind == "selfcheck" and (
            0 < self.counted < least or 0 < self.delivery.taken < least
        )


@contextmanager
def private_copy(file: InboxFile, folder: Path) -> Iterator[tuple[str, Path] | None]:
    """Copies a file of the inbox, so that the bytes that are read are those that were hashed.

    Args:
        file: the file; it may change at any time.
        folder: folder for the copy, which is removed at the end.

    Yields:
        Hash and place of the copy; None when the file is gone, unreadable or being written.
    """
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        archive = Archive(Path(scratch))
        sha256 = archive.keep_file(file.path, file.state)
        yield None if sha256 is None else (sha256, archive.object_path(sha256))


def check_delivery(
    settings: Settings, isolated: IsolatedReader, sha256: str, copy: Path, place: Place
) -> Checked:
    """Reads and judges one file in a database of its own.

    What only shows beside other deliveries - the same bytes elsewhere, fewer rows than
    before, forms that came before - is left to the night.

    Args:
        settings: limits and the reference folder.
        isolated: the child process that parses.
        sha256: hash of the bytes.
        copy: the bytes.
        place: what the folder in the inbox says.
    """
    with connect(settings) as connection:
        reader = DeliveryReader.open(connection, settings)
        reader.read(isolated, sha256, copy, place)
        reader.judge()
        found = connection.execute(statement("early", "finding"))
        names = [column[0] for column in found.description or []]
        rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
        file = summary(sha256, sha256, reader)
        delivery, status = _delivery(connection, copy.stat().st_size)
        return Checked(
            file=file,
            delivery=delivery,
            status=status,
            counted=file.rows_accepted - file.rows_not_counted,
            news=tuple(map(_news, rows)),
            noticed=tuple(_noticed(row) for row in rows if row["action"] != "repair"),
        )


def _delivery(connection: Connection, size: int) -> tuple[Delivery, str]:
    row = connection.execute(statement("early", "delivery")).fetchone()
    if row is None:
        raise RuntimeError("the delivery was not read")
    sha256, kind, ags, waves, day, part, container, synthetic, readable, taken, kept_back = row
    status = "partly_quarantined" if kept_back else "loaded"
    delivery = Delivery(
        delivery_id=sha256,
        sequence=0,
        kind=kind,
        waves=tuple(waves),
        workshop_on=day,
        part=part,
        size_bytes=size,
        first_seen_at=datetime.now(UTC),
        container=container,
        is_synthetic=synthetic,
        is_readable=readable,
        is_shared=ags is None,
        superseded_by=None,
        settled=False,
        taken=taken,
        kept_back=kept_back,
    )
    return delivery, status if readable else "quarantined"


def _news(row: Mapping[str, Any]) -> News:
    return News(**{field.name: row[field.name] for field in fields(News)})


def _noticed(row: Mapping[str, Any]) -> Noticed:
    values = {
        **row,
        "is_current": True,
        "column": row["public_column"],
        "message": row["public_message"],
    }
    return Noticed(**{field.name: values[field.name] for field in fields(Noticed)})
