"""What the last runs did: one line of JSON per run, written when it ends."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from itertools import islice
from typing import Literal

from weltoffen_etl.durable import append_lines
from weltoffen_etl.settings import Settings

Outcome = Literal["published", "nothing_new", "audit_failed", "failed"]
EXIT_CODES: dict[Outcome, int] = {
    "published": 0,
    "nothing_new": 0,
    "failed": 1,
    "audit_failed": 4,
}
EXIT_QUARANTINED = 3
EXIT_LOCKED = 75


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


@dataclass(slots=True)
class RunRecord:
    """One run.

    Attributes:
        started_at: UTC time.
        outcome: how it ended.
        release: name of the release it published, or found current.
        new_deliveries: files that arrived since the run before.
        quarantined_deliveries: deliveries of the release that are in quarantine as a whole.
        left_alone: entries of the inbox that were not read, their names masked, with the reason.
        failures: names of checks that failed, or the kind of error.
        archive_problems: German sentences on archived files that were damaged.
        messages_sent: messages to senders and operator that were sent.
        messages_waiting: messages that wait in the outbox.
        message_problems: German sentences on what could not be written or sent.
        finished_at: UTC time.
    """

    started_at: str = field(default_factory=_now)
    outcome: Outcome = "failed"
    release: str | None = None
    new_deliveries: int = 0
    quarantined_deliveries: int = 0
    left_alone: list[tuple[str, str]] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    archive_problems: list[str] = field(default_factory=list)
    messages_sent: int = 0
    messages_waiting: int = 0
    message_problems: list[str] = field(default_factory=list)
    finished_at: str | None = None

    @property
    def exit_code(self) -> int:
        """Exit code of the command that made the run."""
        if self.outcome == "published" and self.quarantined_deliveries:
            return EXIT_QUARANTINED
        return EXIT_CODES[self.outcome]


def append(settings: Settings, record: RunRecord) -> None:
    """Writes a finished run to the journal."""
    record.finished_at = _now()
    append_lines(settings.journal, [json.dumps(asdict(record), ensure_ascii=False)])


def last_runs(settings: Settings, number: int = 5) -> list[RunRecord]:
    """Returns the last runs, newest first; a torn line is passed over."""
    return list(islice(_newest_first(settings), number))


def is_recorded(settings: Settings, release: str) -> bool:
    """Tells whether a run that published a release, or found it current, came to its end."""
    return any(run.release == release for run in _newest_first(settings))


def _newest_first(settings: Settings) -> Iterator[RunRecord]:
    if not settings.journal.is_file():
        return
    for line in reversed(settings.journal.read_text(encoding="utf-8").splitlines()):
        try:
            yield RunRecord(**json.loads(line))
        except (ValueError, TypeError):
            continue
