"""What the operator is written after a run in which something changed or failed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from email.message import EmailMessage
from typing import Any

from weltoffen_etl.catalog import ACTIONS
from weltoffen_etl.journal import RunRecord
from weltoffen_etl.notices.message import blank, wrapped
from weltoffen_etl.notices.news import News
from weltoffen_etl.reports.pages.german import whole

_SEVERITIES = {"critical": "halten zurück", "warning": "Warnungen", "info": "Hinweise"}
_KINDS = {"selfcheck": "Selbstcheck", "workshop": "Workshop"}
_HEADLINES = {
    "published": "neuer Stand veröffentlicht",
    "nothing_new": "nichts Neues",
    "audit_failed": "Prüfung nicht bestanden",
    "failed": "Lauf gescheitert",
}


def digest(
    record: RunRecord,
    stamp: str,
    news: Sequence[News],
    without_sender: Sequence[News],
    quarantined: Sequence[Mapping[str, Any]],
    without_contact: Sequence[str],
    problems: Sequence[str],
    waiting: int,
) -> EmailMessage:
    """Makes the digest of one run.

    Args:
        record: the run.
        stamp: name of the run, for the message's id.
        news: all findings nobody was told of before.
        without_sender: those of them that no municipality is written about.
        quarantined: deliveries of the release that are in quarantine as a whole.
        without_contact: municipalities with a waiting message and no address, with names.
        problems: what could not be read, written or sent.
        waiting: number of messages that wait.

    Returns:
        The message without sender and address.
    """
    message = blank(f"Weltoffene Kommune: {_HEADLINES[record.outcome]}", f"{stamp}.operator")
    paragraphs = ["Guten Tag,", "", _outcome(record)]
    paragraphs += [f"- {failure}" for failure in record.failures if failure]
    paragraphs.append(f"Neue Dateien im Eingang: {whole(record.new_deliveries)}.")
    if record.left_alone:
        paragraphs.append(f"Nicht gelesen: {whole(len(record.left_alone))} Einträge des Eingangs.")
    paragraphs += [
        "",
        f"Neue Befunde: {by_severity(news)}.",
        *by_action(news),
    ]
    if without_sender:
        paragraphs += [
            "",
            f"Davon ohne einzelne Kommune, nur für Sie: {by_severity(without_sender)}.",
            *by_action(without_sender),
        ]
    paragraphs += ["", f"Lieferungen in Quarantäne: {whole(len(quarantined))}."]
    paragraphs += [f"- {_delivery(entry)}" for entry in quarantined]
    paragraphs += [
        "",
        f"Nachrichten: {whole(record.messages_sent)} gesendet, {whole(waiting)} warten im Ausgang.",
    ]
    if without_contact:
        paragraphs.append("Ohne Kontakt in der Kontaktliste:")
        paragraphs += [f"- {entry}" for entry in without_contact]
    if problems:
        paragraphs += ["", "Zu klären:"]
        paragraphs += [f"- {problem}" for problem in problems]
    message.set_content(wrapped(paragraphs) + "\n", cte="quoted-printable")
    return message


def _outcome(record: RunRecord) -> str:
    match record.outcome:
        case "published":
            return f"Der Lauf hat den Stand {record.release} veröffentlicht."
        case "nothing_new" if record.release is None:
            return "Der Lauf fand noch keine Lieferung; nichts wurde veröffentlicht."
        case "nothing_new":
            return f"Der Lauf fand nichts Neues. Der Stand {record.release} gilt weiter."
        case "audit_failed":
            return "Die Prüfung ist nicht bestanden; nichts wurde veröffentlicht."
        case _:
            return "Der Lauf ist gescheitert; nichts wurde veröffentlicht."


def by_severity(news: Sequence[News]) -> str:
    """Says how many findings hold back, warn or only tell."""
    counts = Counter(entry.severity for entry in news)
    return ", ".join(f"{whole(counts[key])} {label}" for key, label in _SEVERITIES.items())


def by_action(news: Sequence[News]) -> list[str]:
    """Says how many findings ask for what, as the items of a list."""
    counts = Counter(entry.action for entry in news)
    return [
        f"- {heading}: {whole(counts[action])}"
        for action, heading in ACTIONS.items()
        if counts[action]
    ]


def _delivery(entry: Mapping[str, Any]) -> str:
    kind = _KINDS.get(entry["kind"] or "", "Ablageort unbekannt")
    when = f" {entry['wave'] or entry['workshop_on'] or ''}".rstrip()
    return f"{entry['sender']}, {kind}{when}, Kennung {entry['delivery_id'][:8]}"
