"""What the internal warehouse knows of one municipality, read in the words that may leave it.

File names, sheet names, headings and texts from files are not read at all, so that no
template can show them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from itertools import chain, groupby
from operator import itemgetter
from typing import Any

from weltoffen_etl.database import Connection, statement
from weltoffen_etl.reports.pages import german

_KEY = re.compile(r"[0-9]{5}(?:[0-9]{3})?")
_ROWS_AT_ONCE = 10_000


@dataclass(frozen=True, slots=True)
class Municipality:
    """A municipality as the registry names it."""

    ags: str
    name: str
    type: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """A file, with those of its rows that belong to the municipality.

    Attributes:
        delivery_id: checksum of the file.
        sequence: order of arrival.
        kind: ``selfcheck`` or ``workshop``.
        waves: waves of its rows, else of its folder.
        workshop_on: day of the workshop.
        part: which part of a workshop it brings, ``whole`` for all of it.
        size_bytes: size of the file, None for a file of several municipalities.
        first_seen_at: when it was first seen, UTC.
        container: file format.
        is_synthetic: whether its content is invented.
        is_readable: whether it could be read at all.
        is_shared: whether it holds several municipalities.
        superseded_by: the newer file that replaces it.
        settled: it could not be read, and a newer readable file stands in its place.
        taken: rows taken.
        kept_back: rows kept back.
    """

    delivery_id: str
    sequence: int
    kind: str
    waves: tuple[str, ...]
    workshop_on: date | None
    part: str
    size_bytes: int | None
    first_seen_at: datetime
    container: str | None
    is_synthetic: bool
    is_readable: bool
    is_shared: bool
    superseded_by: str | None
    settled: bool
    taken: int
    kept_back: int

    @property
    def in_force(self) -> bool:
        """Whether nothing newer stands in its place."""
        return self.superseded_by is None and not self.settled

    @property
    def what(self) -> str:
        """The delivery in our words: ``Selbstcheck t0``, ``Workshop vom 14. Mai 2025``."""
        if self.kind == "selfcheck":
            return " ".join(
                ["Selbstcheck", german.listed(self.waves)] if self.waves else ["Selbstcheck"]
            )
        return f"Workshop vom {german.day(self.workshop_on)}" if self.workshop_on else "Workshop"

    @property
    def mark(self) -> str:
        """The first digits of the checksum, by which a file can be talked about."""
        return self.delivery_id[:8]


@dataclass(frozen=True, slots=True)
class Noticed:
    """A finding with what its rule says, in public words only."""

    delivery_id: str | None
    is_current: bool
    rule: str
    topic: str
    severity: str
    sheet_number: int | None
    source_row: int | None
    column_number: int | None
    column: str | None
    message: str
    action: str
    action_de: str
    action_position: int
    rule_position: int
    about_person: bool
    says: str


@dataclass(frozen=True, slots=True)
class Expected:
    """A delivery that was agreed, and whether it came."""

    kind: str
    wave: str | None
    due_on: date
    status: str


@dataclass(frozen=True, slots=True)
class WaveFacts:
    """The forms of one wave.

    Attributes:
        wave: code.
        label: name.
        counted: counted forms.
        not_counted: forms that do not count, by reason.
        completeness: share of questions answered.
        kept_back: rows kept back.
    """

    wave: str
    label: str
    counted: int
    not_counted: dict[str, int]
    completeness: float | None
    kept_back: int


@dataclass(frozen=True, slots=True)
class FieldAnswers:
    """The questions of one action field in one wave.

    Attributes:
        action_field: code.
        label: name.
        wave: wave.
        respondents: counted forms in which the field was not deselected.
        asked: questions of those forms.
        unanswered: those without an answer.
    """

    action_field: str
    label: str
    wave: str
    respondents: int
    asked: int
    unanswered: int


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything a report on one municipality is made of."""

    municipality: Municipality
    deliveries: tuple[Delivery, ...]
    noticed: tuple[Noticed, ...]
    expected: tuple[Expected, ...]
    waves: tuple[WaveFacts, ...]
    fields: tuple[FieldAnswers, ...]


def municipalities(connection: Connection) -> list[Municipality]:
    """Returns all registered municipalities, ordered by key."""
    rows = connection.execute(
        "SELECT ags, label_de, type FROM reference.municipality ORDER BY ags"
    ).fetchall()
    return [Municipality(*row) for row in rows]


def reported(connection: Connection, everyone: Iterable[Municipality]) -> list[Municipality]:
    """Returns those of the municipalities that delivered something or agreed to, in their order."""
    rows = connection.execute(
        "SELECT ags FROM raw.delivery UNION SELECT ags FROM raw.response "
        "UNION SELECT ags FROM quality.quarantine UNION SELECT ags FROM quality.expected_delivery"
    ).fetchall()
    known = {ags for (ags,) in rows}
    # The key becomes a file name.
    return [x for x in everyone if x.ags in known and _KEY.fullmatch(x.ags)]


def read_facts(connection: Connection, asked: Iterable[Municipality]) -> Iterator[Facts]:
    """Reads what is known of municipalities: each statement once, one municipality at a time.

    Args:
        connection: database with the build attached as ``build``.
        asked: whose reports are written, ordered by key.

    Yields:
        The facts of each, every list in a fixed order.
    """
    names = ("delivery", "finding", "expected_delivery", "wave", "action_field")
    with ExitStack() as stack:
        # One cursor each: they are read side by side, and an open one would hold the build.
        deliveries, findings, expected, waves, fields = (
            _ByKey(stack.enter_context(connection.cursor()), name) for name in names
        )
        for municipality in asked:
            ags = municipality.ags
            yield Facts(
                municipality,
                tuple(map(_delivery, deliveries.of(ags))),
                tuple(Noticed(*row) for row in findings.of(ags)),
                tuple(Expected(*row) for row in expected.of(ags)),
                tuple(map(_wave, waves.of(ags))),
                tuple(FieldAnswers(*row) for row in fields.of(ags)),
            )


class _ByKey:
    """The rows of a statement of ``sql/partner`` that is ordered by key, its first column."""

    def __init__(self, cursor: Connection, name: str) -> None:
        cursor.execute("USE build")
        cursor.execute(statement("partner", name))
        batches = iter(partial(cursor.fetchmany, _ROWS_AT_ONCE), [])
        self._groups = groupby(chain.from_iterable(batches), itemgetter(0))
        self._next = next(self._groups, None)

    def of(self, ags: str) -> Iterator[tuple[Any, ...]]:
        """Gives the rows of a municipality, without its key; ask in the order of keys."""
        while self._next is not None and self._next[0] < ags:
            self._next = next(self._groups, None)
        if self._next is not None and self._next[0] == ags:
            yield from (row[1:] for row in self._next[1])


def _delivery(row: tuple[Any, ...]) -> Delivery:
    values = list(row)
    values[3] = tuple(values[3])
    return Delivery(*values)


def _wave(row: tuple[Any, ...]) -> WaveFacts:
    wave, label, counted, reasons, numbers, completeness, kept_back = row
    not_counted = dict(zip(reasons, numbers, strict=True))
    return WaveFacts(wave, label, counted, not_counted, completeness, kept_back)
