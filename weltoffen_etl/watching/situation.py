"""What all checks of one moment look at: the clock, heartbeat, journal, release, ledger."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Literal

from weltoffen_etl.journal import RunRecord, last_runs
from weltoffen_etl.reports.pages.german import NOTHING, moment
from weltoffen_etl.settings import Settings
from weltoffen_etl.warehouse.current import Release, current_release
from weltoffen_etl.watching import heartbeat
from weltoffen_etl.watching.heartbeat import GOOD, GoodNight, Heartbeat, Run

Status = Literal["ok", "warning", "alarm"]
_NIGHTS = 400


@dataclass(frozen=True, slots=True)
class Check:
    """What one check found.

    Attributes:
        id: its name, the same from call to call.
        status: ``alarm`` is told to the operator, ``warning`` only shown.
        text: German sentence: how things are.
        action: what to do, in German with the command; empty where nothing is to be done.
        value: the number behind it, in the unit its name says.
        details: more for the operator's eyes, which no third party is told.
    """

    id: str
    status: Status
    text: str
    action: str = ""
    value: float | str | None = None
    details: tuple[str, ...] = ()


class Situation:
    """One installation at one moment; each thing is read once, when a check asks for it."""

    def __init__(
        self, settings: Settings, now: datetime, watched_since: datetime | None = None
    ) -> None:
        """Takes the installation, the time (UTC), and since when it is watched."""
        self.settings = settings
        self.now = now
        self._watched_since = watched_since

    @cached_property
    def beat(self) -> Heartbeat:
        """The heartbeat."""
        return heartbeat.read(self.settings)

    @cached_property
    def nights(self) -> list[RunRecord]:
        """The journal, newest first."""
        return last_runs(self.settings, _NIGHTS)

    @cached_property
    def alive(self) -> bool:
        """Whether the run that began last is under way."""
        run = self.beat.run
        return run is not None and run.finished_at is None and heartbeat.alive(self.settings)

    @cached_property
    def last_run(self) -> Run | None:
        """The last run that ended or was broken off, from heartbeat or journal."""
        run = self.beat.run
        if run is not None and self.alive:
            run = None
        for record in self.nights[:1]:
            if run is None or time_of(record.started_at) > time_of(
                run.finished_at or run.started_at
            ):
                run = Run(
                    None,
                    0,
                    record.started_at,
                    record.finished_at or record.started_at,
                    record.outcome,
                    record.release,
                    record.exit_code,
                )
        return run

    @cached_property
    def last_good(self) -> GoodNight | None:
        """The last night that ended well, from heartbeat or journal."""
        known = [] if self.beat.last_good is None else [self.beat.last_good]
        for record in self.nights:
            if record.outcome in GOOD and record.finished_at:
                known.append(
                    GoodNight(record.started_at, record.finished_at, record.outcome, record.release)
                )
                break
        return max(known, key=lambda night: time_of(night.finished_at), default=None)

    @cached_property
    def release(self) -> Release | None:
        """The current release."""
        try:
            return current_release(self.settings)
        except (OSError, RuntimeError):
            return None  # the pointer points to itself; its check says that there is none

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """The manifest of the current release, empty before the first.

        Raises:
            OSError: it cannot be read.
            ValueError: it is damaged.
        """
        return self.release.manifest() if self.release is not None else {}

    @cached_property
    def installed_at(self) -> datetime:
        """Since when there might have been a night."""
        if self._watched_since is not None:
            return self._watched_since
        folder = self.settings.data_dir
        times = [entry.stat().st_mtime for entry in (folder, *folder.iterdir())]
        return datetime.fromtimestamp(min(times), UTC)

    def hours_since(self, time: datetime) -> float:
        """Returns the hours from a time to now."""
        return (self.now - time).total_seconds() / 3600

    @property
    def still_valid(self) -> str:
        """A sentence on the current release."""
        name = self.release.name if self.release is not None else None
        if name is None:
            return "Veröffentlicht ist noch nichts."
        return f"Der Stand {name} gilt weiter."


def time_of(text: str) -> datetime:
    """Returns a time written as ISO, UTC where it says no zone."""
    time = datetime.fromisoformat(text)
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def told(text: str | None) -> str:
    """Returns a time written as ISO as the clock in Germany shows it."""
    return moment(time_of(text)) if text else NOTHING
