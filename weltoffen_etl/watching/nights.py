"""Checks on the nights: is the last good one young enough, how did the last end, is one stuck."""

from __future__ import annotations

from weltoffen_etl.reports.pages.german import decimal
from weltoffen_etl.warehouse.current import CLOCK_STEP
from weltoffen_etl.watching.situation import Check, Situation, time_of, told

LONGEST_HOURS = 4.0
"""A run that takes longer hangs: the longest night measured takes minutes."""
_NEXT = "`weltoffen status` zeigt die letzten Läufe, `weltoffen run` holt den Lauf nach."


def last_good_night(situation: Situation) -> Check:
    """Whether a night ended well within the hours of the settings."""
    name, limit = "last_good_night", situation.settings.alarm_hours
    good = situation.last_good
    if good is None:
        hours = situation.hours_since(situation.installed_at)
        late = hours > limit
        return Check(
            name,
            "alarm" if late else "warning",
            "Es gab noch keinen Lauf, der gut endete"
            + (f", seit {_hours(hours)} nicht." if late else "."),
            "Bitte einmal `weltoffen run` aufrufen und prüfen, ob der Dienst für die Nacht läuft.",
            round(hours, 2),
        )
    hours = situation.hours_since(time_of(good.finished_at))
    if hours > limit:
        return Check(
            name,
            "alarm",
            f"Seit {_hours(hours)} ist kein Lauf gut zu Ende gegangen, zuletzt am "
            f"{told(good.finished_at)}. {situation.still_valid}",
            "Bitte prüfen, ob der Dienst läuft (`systemctl status 'weltoffen*'`). " + _NEXT,
            round(hours, 2),
        )
    return Check(
        name,
        "ok",
        f"Der letzte gute Lauf endete am {told(good.finished_at)}.",
        value=round(hours, 2),
    )


def last_run(situation: Situation) -> Check:
    """Whether the last run ended, and ended well."""
    name, run = "last_run", situation.last_run
    if run is None:
        return Check(name, "ok", "Es ist noch kein Lauf zu Ende gegangen.")
    if run.finished_at is None:
        return Check(
            name,
            "alarm",
            f"Der Lauf vom {told(run.started_at)} ist abgebrochen: Er hat kein Ergebnis "
            f"hinterlassen, und sein Prozess ist beendet. {situation.still_valid}",
            "Es ging nichts verloren. Bitte prüfen, ob der Rechner neu gestartet wurde oder der "
            "Speicher knapp war (`journalctl`); `weltoffen run` holt den Lauf nach.",
            "broken_off",
        )
    if run.outcome == "failed":
        return Check(
            name,
            "alarm",
            f"Der Lauf vom {told(run.started_at)} ist gescheitert. {situation.still_valid}",
            "Bitte die genannten Gründe ansehen; bei „Einzelheiten in failure.txt“ liegt die Datei "
            "im Ordner warehouse der Daten. Danach `weltoffen run`.",
            run.outcome,
            _failures(situation),
        )
    if run.outcome == "audit_failed":
        return Check(
            name,
            "alarm",
            f"Im Lauf vom {told(run.started_at)} ist die Prüfung nicht bestanden; nichts wurde "
            f"veröffentlicht. {situation.still_valid}",
            "Bitte die genannten Prüfungen und die zuletzt gelieferten Dateien ansehen "
            "(`weltoffen quarantine`). Danach `weltoffen run`.",
            run.outcome,
            _failures(situation),
        )
    return Check(
        name, "ok", f"Der Lauf vom {told(run.started_at)} endete gut.", value=run.outcome or ""
    )


def run_in_progress(situation: Situation) -> Check:
    """Whether a run under way takes too long."""
    name, run = "run_in_progress", situation.beat.run
    if run is None or not situation.alive:
        return Check(name, "ok", "Zurzeit ist kein Lauf im Gang.", value=0.0)
    hours = situation.hours_since(time_of(run.started_at))
    if hours > LONGEST_HOURS:
        return Check(
            name,
            "alarm",
            f"Ein Lauf ist seit {_hours(hours)} im Gang und kommt nicht zu Ende. "
            f"{situation.still_valid}",
            f"Bitte den Prozess {run.pid} ansehen und beenden; danach `weltoffen run`. Ein "
            "abgebrochener Lauf verändert den veröffentlichten Stand nicht.",
            round(hours, 2),
        )
    return Check(
        name, "ok", f"Ein Lauf ist seit {told(run.started_at)} im Gang.", value=round(hours, 2)
    )


def clock(situation: Situation) -> Check:
    """Whether anything that happened lies in the future."""
    times = [record.finished_at or record.started_at for record in situation.nights[:1]]
    if situation.beat.run is not None:
        times.append(situation.beat.run.finished_at or situation.beat.run.started_at)
    if situation.manifest:
        times.append(str(situation.manifest["published_at"]))
    ahead = max((-situation.hours_since(time_of(x)) * 3600 for x in times), default=0.0)
    if ahead > CLOCK_STEP.total_seconds():
        return Check(
            "clock",
            "alarm",
            f"Der letzte Lauf oder Stand liegt {decimal(ahead / 3600)} Stunden in der Zukunft: Die "
            "Uhr dieses Rechners geht oder ging falsch.",
            "Bitte Datum und Uhrzeit prüfen (`timedatectl`); bis dahin wird nichts veröffentlicht. "
            "Geht die Uhr richtig: `weltoffen run --clock-is-right`.",
            round(ahead),
        )
    return Check("clock", "ok", "Die Uhr passt zu den letzten Läufen.", value=max(0, round(ahead)))


def _failures(situation: Situation) -> tuple[str, ...]:
    record = next(iter(situation.nights), None)
    return tuple(record.failures[:5]) if record is not None else ()


def _hours(hours: float) -> str:
    return f"{decimal(hours / 24)} Tagen" if hours >= 72 else f"{decimal(hours, 0)} Stunden"
