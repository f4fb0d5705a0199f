"""The outbox: messages as ``.eml`` files, waiting until they are sent, kept afterwards."""

from __future__ import annotations

from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path

from weltoffen_etl import durable
from weltoffen_etl.settings import Settings

AGS = "X-Weltoffen-AGS"
"""Header with the municipality a message is for; the address is looked up when it is sent."""
_PARSER = BytesParser(policy=policy.SMTP)


class Outbox:
    """Messages of one installation: waiting in ``outbox/``, sent in ``outbox/sent/``."""

    def __init__(self, settings: Settings) -> None:
        """Takes the folder from the settings; nothing is written before the first message."""
        self.folder = settings.outbox
        self.sent = settings.outbox / "sent"

    def has(self, name: str) -> bool:
        """Tells whether a message was written before, sent or not."""
        return (self.folder / name).is_file() or (self.sent / name).is_file()

    def put(self, name: str, message: EmailMessage) -> Path:
        """Writes a message completely or not at all, and durably.

        Args:
            name: name of the file, ending in ``.eml``; a waiting one of that name is replaced.
            message: the message.

        Returns:
            The file.
        """
        file = self.folder / name
        durable.write(file, message.as_bytes(policy=policy.SMTP))
        return file

    def waiting(self) -> list[Path]:
        """Returns the messages that have not been sent, oldest first."""
        return sorted(self.folder.glob("*.eml"))

    def mark_sent(self, file: Path) -> None:
        """Puts a message to those that were sent."""
        durable.move(file, self.sent)


def read(file: Path) -> EmailMessage:
    """Reads a message of the outbox."""
    message = _PARSER.parsebytes(file.read_bytes())
    if not isinstance(message, EmailMessage):
        raise TypeError(file.name)
    return message
