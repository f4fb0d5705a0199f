"""The ways to the operator: e-mail and webhook; each takes an alarm or says why not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from email.headerregistry import Address
from functools import partial
from typing import Literal

from weltoffen_etl.notices.contacts import is_address
from weltoffen_etl.notices.message import blank, wrapped
from weltoffen_etl.notices.options import notice_options
from weltoffen_etl.notices.smtp import Handed, ServerError, connected
from weltoffen_etl.settings import NoticeSettings
from weltoffen_etl.watching.bounded import within
from weltoffen_etl.watching.situation import Check
from weltoffen_etl.watching.webhook import WebhookError, is_set, post

Channel = Literal["email", "webhook"]
Event = Literal["opened", "resolved"]
_FROM = "Weltoffene Kommune"
_SUBJECTS: dict[Event, str] = {"opened": "Störung", "resolved": "behoben"}


class ChannelError(RuntimeError):
    """A channel did not take a message; the German sentence says why, without addresses."""


@dataclass(frozen=True, slots=True)
class Message:
    """What is told of an incident.

    Attributes:
        event: whether it began or is over.
        incident: id of the check.
        title: what it is about, in a few words.
        text: what, since when, what still holds, what to do; no personal data.
        since: when it was first seen, UTC.
        release: the current release.
        identity: the same for the same event, however often it is sent.
        details: more for the operator's mailbox only.
    """

    event: Event
    incident: str
    title: str
    text: tuple[str, ...]
    since: str
    release: str | None
    identity: str
    details: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Way:
    """How a channel takes messages.

    Attributes:
        send: hands over messages, or raises `ChannelError` when none of them was taken.
        together: whether all that is new is one message, and not each its own.
    """

    send: Callable[[Sequence[Message]], None]
    together: bool


def channels() -> dict[Channel, Way]:
    """Returns how to hand over messages, for each channel that is set up."""
    options, _ = notice_options()
    ways: dict[Channel, Way] = {}
    operator = options.operator_email
    if operator is not None and is_address(operator) and options.smtp.host is not None:
        ways["email"] = Way(partial(_mail, options, operator), together=True)
    if is_set(options):
        ways["webhook"] = Way(partial(_post, options), together=False)
    return ways


def configured() -> Check:
    """Whether alarms reach anybody."""
    _, problems = notice_options()
    ways = channels()
    names = {"email": "E-Mail", "webhook": "Webhook"}
    if problems or not ways:
        return Check(
            "channels",
            "warning",
            " ".join(problems) or "Störungen werden niemandem gemeldet: kein Weg ist eingestellt.",
            "Bitte WELTOFFEN_OPERATOR_EMAIL und WELTOFFEN_SMTP__… oder WELTOFFEN_WEBHOOK_URL setzen.",
            ", ".join(ways),
        )
    text = f"Störungen werden gemeldet: {', '.join(names[way] for way in ways)}."
    return Check("channels", "ok", text, value=", ".join(ways))


def _mail(options: NoticeSettings, operator: str, messages: Sequence[Message]) -> None:
    first = min(messages, key=lambda message: message.event != "opened")
    subject = f"Weltoffene Kommune: {_SUBJECTS[first.event]} – {first.title}"
    if len(messages) > 1:
        subject += f" und {len(messages) - 1} weitere"
    letter = blank(subject, first.identity)
    letter["From"] = Address(_FROM, addr_spec=options.smtp.sender or operator)
    letter["To"] = Address(addr_spec=operator)
    paragraphs = ["Guten Tag,", ""]
    for message in messages:
        if len(messages) > 1:
            paragraphs += [f"{_SUBJECTS[message.event].upper()}: {message.title}", ""]
        for text in message.text:
            paragraphs += [text, ""]
        if message.details:
            paragraphs += ["Einzelheiten:", *(f"- {entry}" for entry in message.details), ""]
    paragraphs.append("Alle Prüfungen zeigt `weltoffen health`.")
    letter.set_content(wrapped(paragraphs) + "\n", cte="quoted-printable")

    def hand() -> Handed:
        with connected(options.smtp) as connection:
            return connection.send(letter, [operator])

    try:
        handed = within(2 * options.smtp.timeout, hand)
    except ServerError as error:
        raise ChannelError(str(error)) from None
    except TimeoutError:
        raise ChannelError("Der Mailserver antwortet nicht rechtzeitig.") from None
    if not handed.accepted:
        raise ChannelError(handed.problem or "Die Nachricht wurde abgelehnt.")


def _post(options: NoticeSettings, messages: Sequence[Message]) -> None:
    (message,) = messages
    try:
        post(
            options,
            {
                "event": message.event,
                "incident": message.incident,
                "title": message.title,
                "text": " ".join(message.text),
                "since": message.since,
                "release": message.release,
            },
        )
    except WebhookError as error:
        raise ChannelError(str(error)) from None
