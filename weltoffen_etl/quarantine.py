"""The ledger of the quarantine: what was kept back when, and what released it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from weltoffen_etl.durable import append_lines, whole_lines
from weltoffen_etl.settings import Settings
from weltoffen_etl.warehouse.kept_back import Kept, KeptRow, Key, read_kept


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the ledger.

    Attributes:
        event: ``kept_back``, also when the reasons changed, or ``released``.
        at: UTC time at which the ledger learned of it.
        release: release from which it holds.
        delivery_id: SHA-256 of the file.
        sender: municipality of the folder, or ``_multi``.
        ags: municipality it is about, as far as it is known.
        sheet: sheet of a workshop file.
        row: row in the file; None for the whole file.
        rules: rules that are, or were, broken.
        corrections: corrections applied at the place; what releases it later is another.
        by: what released it: ``file:<sha256>``, ``correction:<id>`` or
            ``rules_or_reference``.
    """

    event: Literal["kept_back", "released"]
    at: str
    release: str
    delivery_id: str
    sender: str
    ags: str | None
    sheet: str | None
    row: int | None
    rules: tuple[str, ...]
    corrections: tuple[str, ...] = ()
    by: str | None = None

    @property
    def key(self) -> Key:
        """Where it is."""
        return self.delivery_id, self.sheet, self.row


def ledger_file(settings: Settings) -> Path:
    """Returns where the ledger lies: beside the one of arrivals, in the archive."""
    return settings.archive / "quarantine.jsonl"


def history(settings: Settings) -> list[Event]:
    """Returns all events in the order in which they happened."""
    events = []
    for line in whole_lines(ledger_file(settings)):
        content = json.loads(line)
        lists = {name: tuple(content[name]) for name in ("rules", "corrections")}
        events.append(Event(**content | lists))
    return events


def last_events(events: Iterable[Event]) -> dict[Key, Event]:
    """Returns the last event of each place: how it stands."""
    return {event.key: event for event in events}


def record_quarantine(settings: Settings, release: str) -> tuple[Event, ...]:
    """Appends what the current warehouse keeps back or has released since the ledger's end.

    What to append follows from the ledger and the warehouse alone, so a run that could not
    append, or only in part, is made good by the next call, and a second call appends nothing.

    Args:
        settings: where warehouse and ledger are.
        release: name of the release made from the warehouse.

    Returns:
        The new events.
    """
    kept = read_kept(settings)
    if kept is None:
        return ()
    stand = last_events(history(settings))
    waiting = {key: event for key, event in stand.items() if event.event == "kept_back"}
    at = datetime.now(UTC).isoformat(timespec="seconds")
    events = tuple(_released(kept, waiting, release, at) + _kept_back(kept, waiting, release, at))
    if events:
        append_lines(
            ledger_file(settings), (json.dumps(asdict(x), ensure_ascii=False) for x in events)
        )
    return events


def _kept_back(kept: Kept, waiting: dict[Key, Event], release: str, at: str) -> list[Event]:
    """Rows of files that count or wait, unless the ledger says so already."""
    events = []
    for row in kept.rows:
        delivery = kept.deliveries[row.key[0]]
        if delivery.replaced_by is not None:
            continue
        corrections = kept.corrections_at(row.key)
        known = waiting.get(row.key)
        if known is not None and (known.rules, known.corrections) == (row.rules, corrections):
            continue
        events.append(
            Event(
                "kept_back", at, release, row.key[0], delivery.sender, row.ags,
                row.key[1], row.key[2], row.rules, corrections,
            )
        )  # fmt: skip
    return events


def _released(kept: Kept, waiting: dict[Key, Event], release: str, at: str) -> list[Event]:
    """Places that waited and wait no more, with what released them."""
    rows = {row.key: row for row in kept.rows}
    contents = {(row.key[0], _content(row)) for row in kept.rows}
    events = []
    for key, event in waiting.items():
        delivery = kept.deliveries.get(key[0])
        if delivery is None:
            continue  # the archive is not whole; nothing is said about what is not there
        row = rows.get(key)
        newer = delivery.replaced_by
        if newer is None:
            if row is not None:
                continue
            fresh = [x for x in kept.corrections_at(key) if x not in event.corrections]
            by = f"correction:{fresh[0]}" if fresh else "rules_or_reference"
        elif row is not None and (newer, _content(row)) in contents:
            continue  # the newer file holds the same, and it is kept back there again
        else:
            by = f"file:{newer}"
        events.append(
            Event(
                "released", at, release, key[0], event.sender, event.ags, key[1], key[2],
                event.rules, kept.corrections_at(key), by,
            )
        )  # fmt: skip
    return events


def _content(row: KeptRow) -> tuple[str, str | None]:
    """By what a row is known again in another file: its form's number, else its content.

    A file without content is known again nowhere.
    """
    if row.response is not None:
        return "response", row.response
    return ("row", row.original) if row.original is not None else ("file", row.key[0])
