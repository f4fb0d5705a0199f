"""Which findings of the current warehouse nobody has been told of yet."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from weltoffen_etl import durable
from weltoffen_etl.database import connect, statement
from weltoffen_etl.settings import Settings

Identity = tuple[str, str, int | None, int | None, int | None]
"""Delivery or what is expected, rule, sheet, row and column: the same from release to release."""


@dataclass(frozen=True, slots=True)
class News:
    """One finding, in words for outside.

    Attributes:
        delivery_id: the delivery; None for one that is missing.
        sender: municipality that sent it or should have, ``_multi`` or ``unbekannt``.
        kind: ``selfcheck`` or ``workshop``.
        wave: wave of a self-check.
        workshop_on: date of a workshop.
        first_seen_at: when the delivery arrived, UTC.
        status: what became of the delivery.
        rows_expected: rows of the file.
        rows_loaded: rows that were taken.
        rows_quarantined: rows that were kept back.
        rule: id of the rule.
        severity: ``critical``, ``warning`` or ``info``.
        action: what to do about it, a key of ``catalog.ACTIONS``.
        about_person: whether it tells how one person filled in the form.
        sheet_number: sheet of the workbook, from 1.
        source_row: row of the file, from 1.
        column_number: column of the file, from 1.
        public_message: the sentence without words from the file.
    """

    delivery_id: str | None
    sender: str | None
    kind: str | None
    wave: str | None
    workshop_on: date | None
    first_seen_at: datetime | None
    status: str | None
    rows_expected: int | None
    rows_loaded: int | None
    rows_quarantined: int | None
    rule: str
    severity: str
    action: str
    about_person: bool
    sheet_number: int | None
    source_row: int | None
    column_number: int | None
    public_message: str

    @property
    def identity(self) -> Identity:
        """What makes it the same finding in the next release."""
        subject = self.delivery_id or f"{self.sender}/{self.kind}/{self.wave}"
        return (subject, self.rule, self.sheet_number, self.source_row, self.column_number)


def findings(settings: Settings) -> list[News]:
    """Returns the findings of the current internal warehouse, oldest delivery first."""
    with connect(settings, settings.warehouse_file, read_only=True) as connection:
        rows = connection.execute(statement("notices", "finding")).fetchall()
    return [News(*row) for row in rows]


class Memory:
    """Remembers of which findings a message was written."""

    def __init__(self, settings: Settings) -> None:
        """Reads ``notified.jsonl`` of the outbox."""
        self._file = settings.outbox / "notified.jsonl"
        entries = map(json.loads, durable.whole_lines(self._file))
        self._known = {_identity(entry): entry["release"] for entry in entries}

    def unknown(self, news: Iterable[News]) -> list[News]:
        """Returns the findings that are not remembered."""
        return [entry for entry in news if entry.identity not in self._known]

    def first_shown(self, news: Iterable[News], release: str) -> list[News]:
        """Returns the findings that are remembered with a release."""
        return [entry for entry in news if self._known.get(entry.identity) == release]

    def remember(self, news: Iterable[News], release: str) -> None:
        """Remembers findings durably, with the release that showed them first."""
        fresh = list(dict.fromkeys(entry.identity for entry in self.unknown(news)))
        durable.append_lines(
            self._file,
            (json.dumps({**dict(zip(_KEYS, x, strict=True)), "release": release}) for x in fresh),
        )
        self._known.update(dict.fromkeys(fresh, release))


_KEYS = ("subject", "rule", "sheet_number", "source_row", "column_number")


def _identity(entry: dict[str, str | int | None]) -> Identity:
    return tuple(entry[key] for key in _KEYS)  # type: ignore[return-value]
