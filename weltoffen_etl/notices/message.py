"""What a municipality is written: a kind German text, and the report attached."""

from __future__ import annotations

import re
import textwrap
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from email import policy
from email.message import EmailMessage
from pathlib import Path

from weltoffen_etl.catalog import ACTIONS, SEVERITIES
from weltoffen_etl.notices.news import News
from weltoffen_etl.notices.outbox import AGS
from weltoffen_etl.reports.pages.german import local, short_day, whole
from weltoffen_etl.reports.partner.facts import Municipality
from weltoffen_etl.reports.partner.others import Neighbours

DOMAIN = "weltoffen.invalid"
"""Right side of message ids: no host of ours is named."""
_WIDTH = 76
_SHOWN_DELIVERIES = 3
_SINGLE = {
    "deliver": "Datei fehlt noch",
    "move": "Datei liegt im falschen Ordner",
    "export": "Stelle braucht einen neuen Export",
    "edit": "Angabe ist zu berichtigen",
    "ask": "Stelle möchten wir mit Ihnen klären",
    "look": "Stelle sehen Sie sich bitte an",
    "none": "Hinweis dient nur zur Kenntnis",
    "repair": "Stelle bringen wir selbst in Ordnung",
}
_SEVERAL = {
    "deliver": "Dateien fehlen noch",
    "move": "Dateien liegen im falschen Ordner",
    "export": "Stellen brauchen einen neuen Export",
    "edit": "Angaben sind zu berichtigen",
    "ask": "Stellen möchten wir mit Ihnen klären",
    "look": "Stellen sehen Sie sich bitte an",
    "none": "Hinweise dienen nur zur Kenntnis",
    "repair": "Stellen bringen wir selbst in Ordnung",
}


class MessageError(ValueError):
    """A message cannot be written; the German sentence says why."""


def municipal_message(
    municipality: Municipality,
    release: str,
    news: Sequence[News],
    report: Path | None,
    neighbours: Neighbours,
    min_respondents: int,
) -> EmailMessage:
    """Makes the message for one municipality.

    Args:
        municipality: whom the message is for.
        release: the release that shows the findings.
        news: its new findings; at least one is no mere note.
        report: HTML report to attach, None if there is none.
        neighbours: keeps the other municipalities out of the text.
        min_respondents: of fewer forms no number and no sentence is told.

    Returns:
        The message without sender and address; both are filled in when it is sent.

    Raises:
        MessageError: the name cannot stand in a header.
    """
    message = letter(
        municipality,
        "Rückmeldung zu Ihren Daten",
        release,
        neighbours.hide(_body(news, min_respondents, attached=report is not None)),
    )
    if report is not None:
        attach(message, report.read_bytes(), f"datenqualitaet_{municipality.ags}_{release}.html")
    return message


def letter(municipality: Municipality, subject: str, identity: str, text: str) -> EmailMessage:
    """Makes a message for one municipality, without sender and address.

    Args:
        municipality: whom the message is for.
        subject: what it is about.
        identity: what sets it apart from all others to the same municipality.
        text: what it says.

    Raises:
        MessageError: key or name cannot stand in a header.
    """
    if not re.fullmatch(r"\d{5,8}", municipality.ags, re.ASCII):
        raise MessageError("Der Gemeindeschlüssel besteht nicht nur aus Ziffern.")
    message = blank(
        f"Weltoffene Kommune: {subject} ({one_line(municipality.name)})",
        f"{identity}.{municipality.ags}",
    )
    message[AGS] = municipality.ags
    message.set_content(text, cte="quoted-printable")
    return message


def attach(message: EmailMessage, page: bytes, name: str) -> None:
    """Attaches an HTML page in UTF-8."""
    message.add_attachment(
        page, maintype="text", subtype="html", filename=name, params={"charset": "utf-8"}
    )


def blank(subject: str, identity: str) -> EmailMessage:
    """Returns a message with subject, date and an id that stays the same when it is sent again."""
    message = EmailMessage(policy=policy.SMTP)
    message["Subject"] = subject
    message["Date"] = datetime.now(UTC)
    message["Message-ID"] = f"<{identity}@{DOMAIN}>"
    message["Auto-Submitted"] = "auto-generated"
    return message


def one_line(text: str) -> str:
    """Returns a text that may stand in a header.

    Raises:
        MessageError: it holds a line break or another control character.
    """
    if not text.isprintable():
        raise MessageError("Ein Name oder eine Adresse enthält einen Zeilenumbruch.")
    return text


def wrapped(paragraphs: Sequence[str]) -> str:
    """Breaks paragraphs into short lines; list items are indented."""
    return "\n".join(
        textwrap.fill(
            text,
            _WIDTH,
            subsequent_indent="  " if text.startswith("- ") else "",
            break_long_words=False,
            break_on_hyphens=False,
        )
        for text in paragraphs
    )


def _body(news: Sequence[News], least: int, *, attached: bool) -> str:
    paragraphs = ["Guten Tag,", ""]
    arrived = list({x.delivery_id: x for x in news if x.delivery_id is not None}.values())
    if arrived:
        paragraphs.append("vielen Dank für Ihre Daten. Angekommen und geprüft ist:")
        paragraphs += [f"- {_verdict(entry, least)}" for entry in arrived[:_SHOWN_DELIVERIES]]
        if (rest := len(arrived) - _SHOWN_DELIVERIES) > 0:
            paragraphs.append(f"- {whole(rest)} weitere {'Datei' if rest == 1 else 'Dateien'}.")
        paragraphs += ["", "Dabei ist uns etwas aufgefallen:"]
    else:
        paragraphs.append("uns fehlt noch etwas von Ihnen:")
    paragraphs += to_do(news)
    if example := most_pressing(news, lambda x: _has_few(x, least)):
        paragraphs += ["", f"Das Wichtigste: {example}"]
    paragraphs.append("")
    if attached:
        paragraphs.append("Den ganzen Bericht finden Sie im Anhang.")
    paragraphs += ["Wenn etwas unklar ist, antworten Sie einfach auf diese Nachricht."]
    paragraphs += ["", "Mit freundlichen Grüßen", "Projektteam Weltoffene Kommune"]
    return wrapped(paragraphs) + "\n"


def to_do(news: Sequence[News]) -> list[str]:
    """Says how many findings ask for which action, most pressing first."""
    counts = Counter(entry.action for entry in news)
    return [
        f"- {whole(counts[action])} {_SINGLE[action] if counts[action] == 1 else _SEVERAL[action]}."
        for action in ACTIONS
        if counts[action]
    ]


def _verdict(entry: News, least: int) -> str:
    """One line on a delivery: what it is, when it came, what became of it."""
    what = what_it_is(entry.kind, entry.wave, entry.workshop_on)
    since = (
        f" (eingegangen am {short_day(local(entry.first_seen_at))})" if entry.first_seen_at else ""
    )
    expected, loaded = entry.rows_expected or 0, entry.rows_loaded or 0
    if entry.status == "quarantined":
        became = "Wir konnten die Datei noch nicht übernehmen"
    elif _has_few(entry, least):
        became = "Die Datei ist übernommen"
        if entry.status == "partly_quarantined":
            became = "Die Datei ist zum Teil übernommen"
    elif entry.status == "partly_quarantined":
        became = (
            f"{whole(loaded)} von {whole(expected)} Zeilen sind übernommen, "
            f"{whole(entry.rows_quarantined or 0)} zurückgestellt"
        )
    else:
        rows = "die Zeile ist" if loaded == 1 else f"alle {whole(loaded)} Zeilen sind"
        became = f"{rows} übernommen"
    return f"{what}{since}: {became}."


def what_it_is(kind: str | None, wave: str | None, workshop_on: date | None) -> str:
    """Names a delivery by its kind and its wave or day."""
    if kind == "selfcheck":
        return f"Selbstcheck, Welle {wave}" if wave else "Selbstcheck"
    if kind == "workshop":
        return f"Workshop vom {short_day(workshop_on)}" if workshop_on else "Workshop"
    return "Datei"


def _has_few(entry: News, least: int) -> bool:
    """Whether so few people filled in the forms of a delivery that not even they are counted."""
    return entry.kind == "selfcheck" and 0 < (entry.rows_loaded or 0) < least


def most_pressing(news: Sequence[News], few: Callable[[News], bool]) -> str | None:
    """Returns the sentence of the most pressing finding, unless it is about one person's form.

    Args:
        news: findings in public words.
        few: whether so few people stand behind a finding's delivery that no row is told.
    """
    order = list(ACTIONS)
    telling = [
        x
        for x in news
        if not x.about_person and x.severity != "info" and not (few(x) and x.source_row is not None)
    ]
    if not telling:
        return None
    first = min(telling, key=lambda x: (SEVERITIES.index(x.severity), order.index(x.action)))
    return " ".join(first.public_message.split())
