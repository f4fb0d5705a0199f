"""Hands messages to a mail server; whatever goes wrong is told and never raised."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage

from weltoffen_etl.settings import SmtpSettings


class ServerError(RuntimeError):
    """The server cannot be used at all now; the German sentence says why."""


@dataclass(frozen=True, slots=True)
class Handed:
    """What became of one message.

    Attributes:
        accepted: whether the server took it for at least one address.
        problem: German sentence about what it refused, without addresses.
    """

    accepted: bool
    problem: str | None = None


class Connection:
    """An open connection to the mail server."""

    def __init__(self, client: smtplib.SMTP, sender: str) -> None:
        """Takes a client that has greeted, encrypted and logged in."""
        self._client = client
        self._sender = sender

    def send(self, message: EmailMessage, recipients: Sequence[str]) -> Handed:
        """Sends one message.

        Args:
            message: complete message.
            recipients: addresses of the envelope.

        Returns:
            Whether it was accepted.

        Raises:
            ServerError: the connection broke; further messages need not be tried.
        """
        try:
            refused = self._client.send_message(message, self._sender, list(recipients))
        except smtplib.SMTPRecipientsRefused as error:
            codes = sorted({code for code, _ in error.recipients.values()})
            return Handed(accepted=False, problem=f"Die Adresse wurde abgelehnt ({_list(codes)}).")
        except smtplib.SMTPSenderRefused as error:
            return Handed(
                accepted=False, problem=f"Der Absender wurde abgelehnt ({error.smtp_code})."
            )
        except smtplib.SMTPResponseException as error:
            return Handed(
                accepted=False, problem=f"Die Nachricht wurde abgelehnt ({error.smtp_code})."
            )
        except (smtplib.SMTPException, OSError) as error:
            raise ServerError(_sentence(error)) from None
        if refused:
            codes = sorted({code for code, _ in refused.values()})
            return Handed(
                accepted=True, problem=f"Eine der Adressen wurde abgelehnt ({_list(codes)})."
            )
        return Handed(accepted=True)


@contextmanager
def connected(settings: SmtpSettings) -> Iterator[Connection]:
    """Opens a connection, encrypted and logged in as the settings say.

    Raises:
        ServerError: the server cannot be reached, shows no valid certificate, or refuses
            the login.
    """
    if settings.host is None or settings.sender is None:
        raise ServerError("Es ist kein Mailserver eingestellt.")
    try:
        client = _greeted(settings, settings.host)
    except (smtplib.SMTPException, OSError, ValueError) as error:
        raise ServerError(_sentence(error)) from None
    try:
        yield Connection(client, settings.sender)
    finally:
        try:
            client.quit()
        except (smtplib.SMTPException, OSError):
            client.close()


def _greeted(settings: SmtpSettings, host: str) -> smtplib.SMTP:
    port, timeout = settings.effective_port, settings.timeout
    context = _trust(settings)
    password = _password(settings)
    client = (
        smtplib.SMTP_SSL(host, port, timeout=timeout, context=context)
        if settings.security == "tls"
        else smtplib.SMTP(host, port, timeout=timeout)
    )
    try:
        if settings.security == "starttls":
            client.starttls(context=context)
        if settings.user is not None:
            client.login(settings.user, password)
    except BaseException:
        client.close()
        raise
    return client


def _trust(settings: SmtpSettings) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(
            cafile=str(settings.ca_file) if settings.ca_file else None
        )
    except OSError:
        raise ServerError("WELTOFFEN_SMTP__CA_FILE ist nicht lesbar.") from None


def _password(settings: SmtpSettings) -> str:
    if settings.password_file is None:
        return settings.password.get_secret_value() if settings.password else ""
    try:
        lines = settings.password_file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        raise ServerError("WELTOFFEN_SMTP__PASSWORD_FILE ist nicht lesbar.") from None
    return lines[0] if lines else ""


def _sentence(error: BaseException) -> str:
    """Says what is wrong with the server in our words: its own may hold anything."""
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return f"Der Mailserver nimmt Benutzer und Kennwort nicht an ({error.smtp_code})."
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return "Der Mailserver bietet die eingestellte Verschlüsselung oder Anmeldung nicht an."
    if isinstance(error, smtplib.SMTPResponseException):
        return f"Der Mailserver nimmt zurzeit nichts an ({error.smtp_code})."
    if isinstance(error, ssl.SSLError):
        return "Die Verbindung zum Mailserver ließ sich nicht sicher verschlüsseln."
    # smtplib reports a greeting that never comes as a lost connection.
    if isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError):
        return "Der Mailserver antwortet nicht rechtzeitig."
    if isinstance(error, smtplib.SMTPServerDisconnected):
        return "Der Mailserver hat die Verbindung beendet."
    if isinstance(error, OSError):
        return "Der Mailserver ist nicht erreichbar."
    return f"Der Versand ist gescheitert ({type(error).__name__})."


def _list(codes: Sequence[int]) -> str:
    return ", ".join(map(str, codes))
