"""Sends what waits in the outbox: addresses each message and marks what was accepted."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from email.headerregistry import Address
from email.message import EmailMessage
from pathlib import Path

from weltoffen_etl.notices.contacts import Contacts, is_address
from weltoffen_etl.notices.outbox import AGS, Outbox, read
from weltoffen_etl.notices.smtp import Connection, ServerError, connected
from weltoffen_etl.settings import NoticeSettings

_FROM = "Weltoffene Kommune"
_ADDRESSED = ("From", "To", "Reply-To")


@dataclass(slots=True)
class Dispatch:
    """What was sent of the outbox, and what was not.

    Attributes:
        sent: number of messages the server accepted.
        problems: German sentences, without addresses.
        without_contact: municipalities with a waiting message and no address.
        usable: false once the server cannot be used; it is not asked again.
    """

    sent: int = 0
    problems: list[str] = field(default_factory=list)
    without_contact: list[str] = field(default_factory=list)
    usable: bool = True


def dispatch(
    box: Outbox,
    options: NoticeSettings,
    contacts: Contacts,
    so_far: Dispatch,
    wanted: Callable[[Path], bool] = lambda _: True,
) -> None:
    """Sends waiting messages; a failure leaves a message where it is.

    Addresses are looked up now, so that a contact added or put right later counts.

    Args:
        box: the outbox.
        options: mail server and operator.
        contacts: addresses of the municipalities.
        so_far: filled in.
        wanted: which waiting messages.
    """
    with ExitStack() as stack:
        connection: Connection | None = None
        for file in filter(wanted, box.waiting()):
            about = file.stem
            try:
                message = read(file)
                ags = str(message[AGS]) if message[AGS] else None
                recipients = _recipients(ags, options, contacts)
                if _address(message, recipients, options):
                    box.put(file.name, message)
            except (ValueError, LookupError, TypeError):
                so_far.problems.append(
                    f"{about}: Die Datei im Ausgang ist keine gültige Nachricht."
                )
                continue
            if ags is not None and not recipients:
                so_far.without_contact.append(ags)
            if not recipients or options.smtp.host is None or not so_far.usable:
                continue
            try:
                connection = connection or stack.enter_context(connected(options.smtp))
                handed = connection.send(message, recipients)
            except ServerError as error:
                so_far.usable = False
                so_far.problems.append(str(error))
                continue
            if handed.problem is not None:
                so_far.problems.append(f"{about}: {handed.problem}")
            if handed.accepted:
                box.mark_sent(file)
                so_far.sent += 1


def _recipients(ags: str | None, options: NoticeSettings, contacts: Contacts) -> tuple[str, ...]:
    if ags is not None:
        return contacts.addresses.get(ags, ())
    operator = options.operator_email
    return (operator,) if operator is not None and is_address(operator) else ()


def _address(message: EmailMessage, recipients: tuple[str, ...], options: NoticeSettings) -> bool:
    """Fills in sender and addresses; tells whether anything changed."""
    before = [message[name] for name in _ADDRESSED]
    for name in _ADDRESSED:
        del message[name]
    sender, operator = options.smtp.sender, options.operator_email
    if sender is not None and is_address(sender):
        message["From"] = Address(_FROM, addr_spec=sender)
    if recipients:
        message["To"] = [Address(addr_spec=address) for address in recipients]
    if message[AGS] and operator is not None and is_address(operator):
        # A municipality that answers reaches a person.
        message["Reply-To"] = Address(addr_spec=operator)
    return before != [message[name] for name in _ADDRESSED]
