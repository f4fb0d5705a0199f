"""Tells everyone concerned what a run found: writes messages once, sends whatever waits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from weltoffen_etl.deliveries.places import Registry
from weltoffen_etl.journal import RunRecord
from weltoffen_etl.lock import outbox_lock
from weltoffen_etl.notices.contacts import Contacts, read_contacts
from weltoffen_etl.notices.digest import digest
from weltoffen_etl.notices.dispatch import Dispatch, dispatch
from weltoffen_etl.notices.message import MessageError, municipal_message
from weltoffen_etl.notices.news import Memory, News, findings
from weltoffen_etl.notices.options import notice_options
from weltoffen_etl.notices.outbox import Outbox
from weltoffen_etl.reports.partner.facts import Municipality
from weltoffen_etl.reports.partner.others import Names, Neighbours
from weltoffen_etl.settings import NoticeSettings, Settings
from weltoffen_etl.warehouse.current import Release, current_release

OPERATOR = "_operator.eml"
"""How the name of a message to the operator ends."""


@dataclass(frozen=True, slots=True)
class Notified:
    """Outcome of one round.

    Attributes:
        written: messages to municipalities written now.
        sent: messages the mail server accepted, the digest included.
        waiting: messages that wait in the outbox.
        without_contact: municipalities with a waiting message and no address.
        problems: German sentences on what could not be read, written or sent.
    """

    written: int
    sent: int
    waiting: int
    without_contact: tuple[str, ...]
    problems: tuple[str, ...]


def notify(settings: Settings, record: RunRecord | None = None) -> Notified:
    """Writes messages about new findings of the current release and sends what waits.

    May be called again at any time: a finding is told once, and a municipality is written
    to at most once per release. What cannot be sent waits for the next call. The caller
    holds the lock of the installation.

    Args:
        settings: folders.
        record: the run that just ended, for the operator's digest; None for no digest.

    Returns:
        What was written and sent, and what went wrong.
    """
    # A check by day may be writing to the same outbox and memory.
    with outbox_lock(settings):
        return _notify(settings, record)


def _notify(settings: Settings, record: RunRecord | None) -> Notified:
    registry = Registry(settings.reference_dir)
    options, contacts, problems = recipients(settings, registry)
    box = Outbox(settings)
    release = current_release(settings)
    news: list[News] = []
    written = 0
    if release is not None and settings.warehouse_file.is_file():
        memory, shown = Memory(settings), findings(settings)
        # What a night had told the senders of before it was broken off, the operator has to know.
        told_before = memory.first_shown(shown, release.name)
        unknown = memory.unknown(shown)
        written = _write(settings, registry, box, release, memory, unknown, problems)
        is_published = record is not None and record.outcome == "published"
        news = [*told_before, *unknown] if is_published else unknown
    done = Dispatch()
    dispatch(box, options, contacts, done, lambda file: not file.name.endswith(OPERATOR))
    problems += done.problems
    if record is not None:
        record.messages_sent = done.sent
        if _worth_telling(record, box, written=written, problems=done.problems):
            _write_digest(registry, box, release, record, news, done, problems)
        told = len(done.problems)
        dispatch(box, options, contacts, done, lambda file: file.name.endswith(OPERATOR))
        problems += done.problems[told:]
    outcome = Notified(
        written, done.sent, len(box.waiting()), tuple(done.without_contact), tuple(problems)
    )
    if record is not None:
        record.messages_sent = outcome.sent
        record.messages_waiting = outcome.waiting
        record.message_problems = list(outcome.problems)
    return outcome


def recipients(
    settings: Settings, registry: Registry
) -> tuple[NoticeSettings, Contacts, list[str]]:
    """Reads who is told and how, with German sentences on what cannot be used."""
    options, problems = notice_options()
    contacts = read_contacts(
        options.contacts_file or settings.data_dir / "contacts.csv", registry.municipalities
    )
    return options, contacts, [*problems, *contacts.problems]


def _write(
    settings: Settings,
    registry: Registry,
    box: Outbox,
    release: Release,
    memory: Memory,
    news: list[News],
    problems: list[str],
) -> int:
    """Writes one message for each sender with news, and remembers the news at once."""
    written = 0
    everyone = {ags: Municipality(ags, name, "") for ags, name in registry.municipalities.items()}
    names = Names(everyone.values())
    for ags in sorted({x.sender for x in news if x.sender in registry.municipalities}):
        own = [entry for entry in news if entry.sender == ags]
        file = f"{release.name}_{ags}.eml"
        if any(entry.severity != "info" for entry in own) and not box.has(file):
            report = release.folder / "reports" / f"{ags}.html"
            try:
                message = municipal_message(
                    everyone[ags],
                    release.name,
                    own,
                    report if report.is_file() else None,
                    Neighbours(everyone[ags], names),
                    settings.min_respondents,
                )
            except MessageError as error:
                problems.append(f"Keine Nachricht für {ags}: {error}")
                continue
            box.put(file, message)
            written += 1
        memory.remember(own, release.name)
    memory.remember((x for x in news if x.sender not in registry.municipalities), release.name)
    return written


def _worth_telling(record: RunRecord, box: Outbox, *, written: int, problems: list[str]) -> bool:
    # A night that failed is told as an incident, once, and not by each night that fails.
    if record.outcome == "published" or written:
        return True
    # A server that is down for weeks gives one digest about it, not one for each night.
    return bool(problems) and not any(x.name.endswith(OPERATOR) for x in box.waiting())


def _write_digest(
    registry: Registry,
    box: Outbox,
    release: Release | None,
    record: RunRecord,
    news: list[News],
    done: Dispatch,
    problems: list[str],
) -> None:
    stamp = f"{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}"
    if release is not None and record.outcome == "published":
        stamp = release.name
        if box.has(f"{stamp}{OPERATOR}"):
            return  # by a night that was broken off after it
    names = registry.municipalities
    deliveries = release.manifest()["deliveries"] if release is not None else []
    message = digest(
        record,
        stamp,
        news,
        [entry for entry in news if entry.sender not in names],
        [entry for entry in deliveries if entry["status"] == "quarantined"],
        [f"{ags} {names.get(ags, '')}".rstrip() for ags in done.without_contact],
        problems,
        len(box.waiting()),
    )
    box.put(f"{stamp}{OPERATOR}", message)
