"""One look at an installation: checks, metrics and, where asked for, incidents."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from weltoffen_etl.failures import where
from weltoffen_etl.journal import RunRecord
from weltoffen_etl.settings import Settings
from weltoffen_etl.watching import heartbeat
from weltoffen_etl.watching.health import examine, worst
from weltoffen_etl.watching.incidents import tell
from weltoffen_etl.watching.logs import note, say
from weltoffen_etl.watching.memory import BusyError, Incident, Memory
from weltoffen_etl.watching.situation import Check, Situation, Status


@dataclass(frozen=True, slots=True)
class Look:
    """What one look found.

    Attributes:
        at: UTC time.
        checks: all checks.
        incidents: those that are not over.
        sent: messages on incidents that a channel took now.
        problems: German sentences on what could not be told or written.
    """

    at: datetime
    checks: tuple[Check, ...]
    incidents: tuple[Incident, ...]
    sent: int
    problems: tuple[str, ...]

    @property
    def status(self) -> Status:
        """The gravest status of all checks."""
        return worst(self.checks)


def look(
    settings: Settings, *, alert: bool = False, deep: bool = False, now: datetime | None = None
) -> Look:
    """Checks an installation, writes its metrics and tells what is to be told; never raises.

    Args:
        settings: the installation.
        alert: whether incidents are opened, closed and told.
        deep: whether the files of the current release are hashed.
        now: the time to judge by; that of the machine where none is given.

    Returns:
        What was found and told.
    """
    memory = Memory(settings)
    problems: list[str] = []
    examined: tuple[Situation, list[Check]] | None = None
    sent = 0
    failed: list[Check] = []
    if alert:
        try:
            with memory.locked():
                examined = _examined(settings, memory, now, deep=deep)
                told = tell(memory, *examined)
            sent, problems = told.sent, list(told.problems)
        except BusyError as error:
            problems.append(str(error))
        except Exception as error:
            failed.append(_untold(error))
    situation, checks = examined or _examined(settings, memory, now, deep=deep)
    checks += failed
    still_open = tuple(memory.open_ones().values())
    if settings.data_dir.is_dir():
        problems += _write_metrics(situation, checks, len(still_open))
    return Look(situation.now, tuple(checks), still_open, sent, tuple(problems))


def night_ended(settings: Settings, record: RunRecord) -> None:
    """Writes the end of a night and tells at once what it broke or mended.

    Whatever goes wrong in here is said to standard error and changes nothing about the night.

    Args:
        settings: the installation.
        record: the night, as the journal has it.
    """
    run_id: str | None = None
    try:
        heartbeat.end(settings, record)
        run = heartbeat.read(settings).run
        run_id = run.run_id if run is not None else None
        note(
            settings,
            "run_ended",
            f"Der Lauf endet: {record.outcome}.",
            "info" if record.outcome in heartbeat.GOOD else "error",
            run_id=run_id,
            outcome=record.outcome,
            release=record.release,
            exit_code=record.exit_code,
            seconds=run.seconds if run is not None else None,
            new_deliveries=record.new_deliveries,
            failures=record.failures,
        )
        for problem in (*record.archive_problems, *record.message_problems):
            note(settings, "problem", problem, "warning", run_id=run_id)
    except Exception as error:
        say(settings, "watching_failed", f"Überwachung: {where(error)}", "error")
    # Whoever cannot write must all the more be heard.
    for problem in look(settings, alert=True).problems:
        say(settings, "alerting_problem", problem, "warning", run_id=run_id)


def _untold(error: Exception) -> Check:
    return Check(
        "alerting",
        "alarm",
        f"Das Melden von Störungen ist selbst gescheitert ({type(error).__name__}).",
        "Bitte `weltoffen health` regelmäßig von Hand aufrufen und den Fehler melden.",
        type(error).__name__,
    )


def _write_metrics(situation: Situation, checks: list[Check], still_open: int) -> list[str]:
    from weltoffen_etl.watching.metrics import write_metrics

    try:
        write_metrics(situation, checks, still_open)
    except Exception as error:
        return [f"metrics.prom ließ sich nicht schreiben ({type(error).__name__})."]
    return []


def _examined(
    settings: Settings, memory: Memory, now: datetime | None, *, deep: bool
) -> tuple[Situation, list[Check]]:
    memory.load()
    situation = Situation(settings, now or datetime.now(UTC), memory.watched_since)
    return situation, examine(situation, deep=deep)
