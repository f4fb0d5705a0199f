"""From checks to incidents: each alarm is told once when it begins and once when it is over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from weltoffen_etl.watching.channels import (
    Channel,
    ChannelError,
    Event,
    Message,
    channels,
    configured,
)
from weltoffen_etl.watching.logs import note
from weltoffen_etl.watching.memory import Incident, Memory
from weltoffen_etl.watching.situation import Check, Situation, time_of, told

TITLES = {
    "data_folder": "Datenordner nicht benutzbar",
    "last_good_night": "lange kein guter Lauf",
    "last_run": "letzter Lauf nicht gut beendet",
    "run_in_progress": "Lauf kommt nicht zu Ende",
    "waiting_deliveries": "Lieferungen warten",
    "release": "aktueller Stand beschädigt",
    "free_space": "Platte voll",
    "outbox": "Nachrichten warten",
    "clock": "Uhr geht falsch",
    "archive": "Archiv nicht benutzbar",
    "file_modes": "Ordner offen für andere",
    "channels": "Meldewege",
}
"""What an incident is called, by the id of its check."""
OTHER_CHANNEL_HOURS = 24.0
"""Where one channel took a message, the others are tried that long."""
OVER_HOURS = 7 * 24.0
"""What is over for longer and was told to nobody is told to nobody any more."""


@dataclass(frozen=True, slots=True)
class Told:
    """What came of one look.

    Attributes:
        sent: messages that a channel took.
        problems: German sentences on what could not be told.
    """

    sent: int
    problems: tuple[str, ...]


def tell(memory: Memory, situation: Situation, checks: Sequence[Check]) -> Told:
    """Opens and closes incidents as the checks say, and tells what nobody was told.

    Args:
        memory: the incidents; the caller holds its lock and has loaded it.
        situation: the moment.
        checks: what the checks found.

    Returns:
        What was told and what could not be.
    """
    now = situation.now
    if memory.watched_since is None:
        memory.note("watching", now)
    known = memory.open_ones()
    for check in checks:
        if check.status == "alarm" and check.id not in known:
            title = TITLES.get(check.id, check.id)
            memory.note("opened", now, check=check.id, title=title, text=check.text)
            note(situation.settings, "incident_opened", check.text, "error", check=check.id)
        elif check.status == "ok" and check.id in known:
            # Not on a warning: a disk at its limit would begin and end every quarter of an hour.
            memory.note("resolved", now, check=check.id, since=known[check.id].since)
            note(situation.settings, "incident_resolved", check.text, check=check.id)
    return _hand_over(memory, situation, {check.id: check for check in checks})


def _hand_over(memory: Memory, situation: Situation, checks: dict[str, Check]) -> Told:
    ways = channels()
    problems: dict[Channel | str, str] = {}
    sent = 0
    for name, way in ways.items():
        untold = [
            (incident, event)
            for incident in memory.incidents
            if (event := _untold(incident, name, situation)) is not None
        ]
        for batch in [untold] if way.together and untold else [[entry] for entry in untold]:
            try:
                way.send([_message(x, event, situation, checks.get(x.check)) for x, event in batch])
            except ChannelError as error:
                problems[name] = str(error)
                break
            for incident, event in batch:
                memory.note(
                    "told",
                    situation.now,
                    check=incident.check,
                    since=incident.since,
                    about=event,
                    channel=name,
                )
            sent += len(batch)
    if not ways and memory.open_ones():
        problems["none"] = configured().text
    if not memory.durable:
        problems["memory"] = (
            "Was gemeldet wurde, ließ sich nirgends merken; es wird beim nächsten Aufruf wieder "
            "gemeldet."
        )
    return Told(sent, tuple(problems.values()))


def _untold(incident: Incident, channel: Channel, situation: Situation) -> Event | None:
    """What a channel is still to be told of an incident; what is over is told in one message."""
    event: Event = "opened" if incident.resolved_at is None else "resolved"
    if (event, channel) in incident.told:
        return None
    hours = situation.hours_since(time_of(incident.resolved_at or incident.since))
    taken = any(about == event for about, _ in incident.told)
    if hours > OTHER_CHANNEL_HOURS and taken:
        return None
    if hours > OVER_HOURS and event == "resolved":
        return None
    return event


def _message(
    incident: Incident, event: Event, situation: Situation, check: Check | None
) -> Message:
    began = told(incident.since)
    name = situation.release.name if situation.release is not None else None
    if event == "resolved":
        text: tuple[str, ...] = (
            f"Die Störung „{incident.title}“ ist behoben, bemerkt am {told(incident.resolved_at)}.",
            f"Sie bestand seit dem {began}: {incident.text}",
            f"Aktueller Stand: {name or 'noch keiner'}.",
        )
        check = None
    else:
        now = check.text if check is not None else incident.text
        text = (now, f"Bemerkt am {began}.")
        if situation.still_valid not in now:
            text += (situation.still_valid,)
        if check is not None and check.action:
            text += (f"Was zu tun ist: {check.action}",)
    stamp = time_of(incident.since).strftime("%Y%m%dT%H%M%S%fZ")
    return Message(
        event,
        incident.check,
        incident.title,
        text,
        incident.since,
        name,
        f"{stamp}.{incident.check}.{event}",
        check.details if check is not None else (),
    )
