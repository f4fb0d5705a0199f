"""What a sender is written about files checked by day, and what the operator about the others."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from email.message import EmailMessage

from weltoffen_etl.early.check import Checked
from weltoffen_etl.notices.digest import by_action, by_severity
from weltoffen_etl.notices.message import (
    attach,
    blank,
    letter,
    most_pressing,
    to_do,
    what_it_is,
    wrapped,
)
from weltoffen_etl.notices.news import News
from weltoffen_etl.reports.early.page import CheckedFile, early_report
from weltoffen_etl.reports.pages.german import local, moment, whole
from weltoffen_etl.reports.partner.facts import Municipality
from weltoffen_etl.reports.partner.others import Neighbours
from weltoffen_etl.settings import Settings

_DIGITS = 16
_SHOWN_FILES = 20


def identity(files: Sequence[Checked]) -> str:
    """What sets a message apart: digits that follow from the contents it is about."""
    contents = sorted(entry.delivery.delivery_id for entry in files)
    return hashlib.sha256(" ".join(contents).encode()).hexdigest()[:_DIGITS]


def sender_message(
    settings: Settings,
    municipality: Municipality,
    neighbours: Neighbours,
    files: Sequence[Checked],
    checked_at: datetime,
) -> EmailMessage:
    """Makes the message for the municipality that sent some files.

    Args:
        settings: least number of respondents, contact.
        municipality: the sender.
        neighbours: keeps the other municipalities out of text and report.
        files: its files, oldest first.
        checked_at: time of the check.

    Returns:
        The message with its report, without sender and address.

    Raises:
        MessageError: key or name cannot stand in a header.
    """
    message = letter(
        municipality,
        f"Vorab-Rückmeldung zu {'Ihrer Datei' if len(files) == 1 else 'Ihren Dateien'}",
        f"early.{identity(files)}",
        neighbours.hide(_body(files, settings.min_respondents, checked_at)),
    )
    page = early_report(
        settings,
        municipality,
        neighbours,
        [
            CheckedFile(x.delivery, x.file, x.noticed, x.is_few(settings.min_respondents))
            for x in files
        ],
        checked_at,
    )
    day = f"{local(checked_at):%Y-%m-%d}"
    attach(message, page.encode(), f"vorab_{municipality.ags}_{day}_{identity(files)[:8]}.html")
    return message


def operator_message(files: Sequence[tuple[str, Checked]], checked_at: datetime) -> EmailMessage:
    """Makes the note on files that no single municipality has sent.

    Args:
        files: for each its masked name and what was found.
        checked_at: time of the check.

    Returns:
        The message without sender and address.
    """
    message = blank(
        "Weltoffene Kommune: neue Dateien ohne einzelne Kommune",
        f"early.{identity([entry for _, entry in files])}.operator",
    )
    paragraphs = [
        "Guten Tag,",
        "",
        (
            f"im Eingang liegen neue Dateien, die keiner einzelnen Kommune gehören oder deren "
            f"Ablageort nicht bekannt ist. Sie wurden am {moment(checked_at)} vorab geprüft; "
            "veröffentlicht ist noch nichts."
        ),
    ]
    for name, entry in files[:_SHOWN_FILES]:
        paragraphs += [
            "",
            f"- {name}: {_became(entry, 0)}. Befunde: {by_severity(entry.news)}.",
            *[f"  {line}" for line in by_action(entry.news)],
        ]
    if (rest := len(files) - _SHOWN_FILES) > 0:
        more = "weitere Datei" if rest == 1 else "weitere Dateien"
        paragraphs += ["", f"- {whole(rest)} {more}."]
    if any(entry.news for _, entry in files):
        paragraphs += ["", "Diese Befunde meldet die Nacht nicht noch einmal."]
    message.set_content(wrapped(paragraphs) + "\n", cte="quoted-printable")
    return message


def _body(files: Sequence[Checked], least: int, checked_at: datetime) -> str:
    one = len(files) == 1
    paragraphs = [
        "Guten Tag,",
        "",
        (
            f"vielen Dank: {'Ihre Datei ist' if one else 'Ihre Dateien sind'} angekommen und "
            f"{'wurde' if one else 'wurden'} am {moment(checked_at)} geprüft. Noch ist nichts "
            "veröffentlicht; das geschieht erst mit der nächtlichen Verarbeitung."
        ),
        *[f"- {_named(entry)}: {_became(entry, least)}." for entry in files],
        "",
    ]
    news = _countable(files, least)
    few = {entry.delivery.delivery_id for entry in files if entry.is_few(least)}
    if any(entry.severity != "info" for entry in news):
        paragraphs += ["Dabei ist uns etwas aufgefallen:", *to_do(news)]
        if example := most_pressing(news, lambda x: x.delivery_id in few):
            paragraphs += ["", f"Das Wichtigste: {example}"]
        paragraphs += [
            "",
            (
                "Wo genau, steht im Anhang. Wenn Sie noch vor der nächtlichen Verarbeitung, am besten "
                "bis Mitternacht, eine berichtigte Fassung in denselben Ordner legen, zählt nur diese, "
                "und Sie hören auch zu ihr gleich von uns. Sonst verarbeiten wir, was da ist; was nicht "
                "passt, stellen wir zurück, und nichts geht verloren."
            ),
        ]
    else:
        paragraphs.append(
            f"{'Sie ist' if one else 'Sie sind'} vollständig lesbar. Sie brauchen nichts zu tun."
        )
        if news:
            paragraphs.append("Hinweise, die nur zur Kenntnis dienen, stehen im Anhang.")
    paragraphs += [
        "",
        (
            "Wir schreiben Ihnen dazu nur dann noch einmal, wenn sich neben Ihren anderen Lieferungen "
            "etwas zeigt. Wenn etwas unklar ist, antworten Sie einfach auf diese Nachricht."
        ),
        "",
        "Mit freundlichen Grüßen",
        "Projektteam Weltoffene Kommune",
    ]
    return wrapped(paragraphs) + "\n"


def _named(entry: Checked) -> str:
    delivery = entry.delivery
    wave = delivery.waves[0] if len(delivery.waves) == 1 else None
    what = what_it_is(delivery.kind or None, wave, delivery.workshop_on)
    return f"{what} (Kennung {delivery.mark})"


def _became(entry: Checked, least: int) -> str:
    """What would become of a file, without numbers of a few people."""
    delivery = entry.delivery
    if not delivery.is_readable:
        return "So können wir die Datei noch nicht übernehmen"
    if entry.is_few(least):
        part = " zum Teil" if delivery.kept_back else ""
        return f"Die Datei würde{part} übernommen"
    rows = delivery.taken + delivery.kept_back
    if delivery.kept_back:
        return (
            f"{whole(delivery.taken)} von {whole(rows)} Zeilen würden übernommen, "
            f"{whole(delivery.kept_back)} zurückgestellt"
        )
    return (
        "Die eine Zeile würde übernommen"
        if rows == 1
        else f"Alle {whole(rows)} Zeilen würden übernommen"
    )


def _countable(files: Sequence[Checked], least: int) -> list[News]:
    """The senders' own findings; where few people answered, each rule counts once."""
    news: list[News] = []
    for entry in files:
        own = [x for x in entry.news if x.action != "repair"]
        if entry.is_few(least):
            whole_file = [x for x in own if x.source_row is None]
            located = {x.rule: x for x in reversed(own) if x.source_row is not None}
            own = [*whole_file, *located.values()]
        news += own
    return news
