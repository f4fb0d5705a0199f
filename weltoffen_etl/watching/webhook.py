"""Posts an alarm as JSON to an address of the operator's choice; trusts nothing it answers."""

from __future__ import annotations

import http.client
import json
import socket
import ssl
from collections.abc import Mapping
from contextlib import suppress
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from weltoffen_etl.settings import NoticeSettings
from weltoffen_etl.watching.bounded import within


class WebhookError(RuntimeError):
    """The message was not taken; the German sentence says why, without the address."""


def is_set(options: NoticeSettings) -> bool:
    """Tells whether there is an address to post to."""
    return options.webhook_url is not None or options.webhook_url_file is not None


def post(options: NoticeSettings, content: Mapping[str, str | None]) -> None:
    """Posts one object.

    Redirections are not followed, and of the answer nothing but the status is read.

    Args:
        options: address and time limit.
        content: what to post.

    Raises:
        WebhookError: the address is not one, or nobody took the message.
    """
    url = _address(options)
    host = url.hostname or ""
    port, seconds = url.port, options.webhook_timeout
    connection = (
        http.client.HTTPSConnection(
            host, port, timeout=seconds, context=ssl.create_default_context()
        )
        if url.scheme == "https"
        else http.client.HTTPConnection(host, port, timeout=seconds)
    )
    path = (url.path or "/") + (f"?{url.query}" if url.query else "")
    body = json.dumps(content, ensure_ascii=False).encode()
    headers = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "weltoffen-etl"}

    def ask() -> int:
        connection.request("POST", path, body, headers)
        return connection.getresponse().status

    try:
        status = within(seconds, ask)
    except Exception as error:
        raise WebhookError(_sentence(error)) from None
    finally:
        _cut(connection)
    if 300 <= status < 400:
        raise WebhookError(
            f"Der Webhook verweist auf eine andere Adresse ({status}); bitte diese eintragen."
        )
    if not 200 <= status < 300:
        raise WebhookError(f"Der Webhook nimmt die Meldung nicht an ({status}).")


def _address(options: NoticeSettings) -> SplitResult:
    text = ""
    if options.webhook_url is not None:
        text = options.webhook_url.get_secret_value()
    elif options.webhook_url_file is not None:
        try:
            lines = options.webhook_url_file.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError):
            raise WebhookError("WELTOFFEN_WEBHOOK_URL_FILE ist nicht lesbar.") from None
        text = lines[0] if lines else ""
    try:
        url = urlsplit(text.strip())
        known = url.port is None or url.port > 0
    except ValueError:
        known = False
    if not known or not url.hostname or "@" in url.netloc or not text.isascii():
        raise WebhookError("WELTOFFEN_WEBHOOK_URL ist keine gültige Adresse.")
    if url.scheme != "https" and not (url.scheme == "http" and _is_here(url.hostname)):
        raise WebhookError(
            "WELTOFFEN_WEBHOOK_URL beginnt nicht mit https://; ohne Verschlüsselung wird nur an "
            "diesen Rechner selbst gemeldet."
        )
    return url


def _is_here(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _cut(connection: http.client.HTTPConnection) -> None:
    """Ends a connection at once, also one that another thread still reads from."""
    if connection.sock is not None:
        with suppress(OSError):
            connection.sock.shutdown(socket.SHUT_RDWR)
    connection.close()


def _sentence(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "Der Webhook antwortet nicht rechtzeitig."
    if isinstance(error, ssl.SSLError):
        return "Die Verbindung zum Webhook ließ sich nicht sicher verschlüsseln."
    if isinstance(error, http.client.HTTPException):
        return "Der Webhook antwortet nicht, wie ein Webserver es soll."
    if isinstance(error, OSError):
        return "Der Webhook ist nicht erreichbar."
    return f"Der Webhook ließ sich nicht aufrufen ({type(error).__name__})."
