"""A real mail server for tests: accepts, refuses, encrypts and asks for a login as told."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

USER = "versand"
PASSWORD = "geheim-4711"


@dataclass
class MailServer:
    """What the server got, and how it answers."""

    port: int
    refused: set[str] = field(default_factory=set)
    busy: bool = False
    letters: list[tuple[str, list[str], EmailMessage]] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)
    logins: list[tuple[bytes, bytes]] = field(default_factory=list)

    async def handle_RCPT(  # noqa: N802
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        if address in self.refused:
            return "550 No such user <" + address + "> here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        if self.busy:
            return "451 Try again later"
        message = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.letters.append((envelope.mail_from, list(envelope.rcpt_tos), message))
        self.encrypted.append(server.transport.get_extra_info("ssl_object") is not None)
        return "250 OK"

    def authenticate(
        self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any
    ) -> AuthResult:
        assert isinstance(data, LoginPassword)
        self.logins.append((data.login, data.password))
        return AuthResult(
            success=(data.login, data.password) == (USER.encode(), PASSWORD.encode()), handled=False
        )

    @property
    def recipients(self) -> list[str]:
        return [address for _, addresses, _ in self.letters for address in addresses]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Certificate:
    """A certificate for localhost and the file that makes it trusted."""

    def __init__(self, folder: Path) -> None:
        authority = trustme.CA()
        self.ca_file = folder / "ca.pem"
        authority.cert_pem.write_to_path(str(self.ca_file))
        self.context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        authority.issue_cert("localhost", "127.0.0.1").configure_cert(self.context)


@contextmanager
def mail_server(
    port: int | None = None, starttls: Certificate | None = None, tls: Certificate | None = None
) -> Iterator[MailServer]:
    server = MailServer(port or free_port())
    more: dict[str, Any] = {}
    if starttls is not None:
        more = {
            "tls_context": starttls.context,
            "require_starttls": True,
            "auth_required": True,
            "authenticator": server.authenticate,
        }
    if tls is not None:
        more = {"ssl_context": tls.context}
    controller = Controller(server, hostname="127.0.0.1", port=server.port, **more)
    controller.start()
    try:
        yield server
    finally:
        controller.stop()
