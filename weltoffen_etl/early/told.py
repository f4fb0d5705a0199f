"""Which files somebody was told of by day: one line for each content, never told twice."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import UTC, datetime

from weltoffen_etl import durable
from weltoffen_etl.settings import Settings


class Told:
    """Remembers contents by their hash; no name of a file is kept."""

    def __init__(self, settings: Settings) -> None:
        """Reads ``early.jsonl`` of the outbox."""
        self._file = settings.outbox / "early.jsonl"
        lines = durable.whole_lines(self._file)
        self._known: set[str] = {json.loads(line)["sha256"] for line in lines}

    def __contains__(self, sha256: object) -> bool:
        """Tells whether somebody was told of this content."""
        return sha256 in self._known

    def remember(self, contents: Collection[str], recipient: str) -> None:
        """Remembers contents durably.

        Args:
            contents: hashes of files.
            recipient: municipality that is told, or ``operator``.
        """
        now = datetime.now(UTC).isoformat(timespec="seconds")
        durable.append_lines(
            self._file,
            (
                json.dumps({"sha256": sha256, "recipient": recipient, "told_at": now})
                for sha256 in contents
            ),
        )
        self._known.update(contents)
