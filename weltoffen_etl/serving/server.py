"""Serves the pages of published releases to browsers on this machine, and to nobody else.

Built on the standard library's server: what is needed are a dozen lines over it, and a framework
would bring routes, uploads and a wider surface than files that are only read. Each address names
its release, so a page never mixes two of them while a new one is published; only ``/`` follows
``current``.
"""

from __future__ import annotations

import json
import re
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import unquote, urlsplit

from weltoffen_etl.serving.browser_engine import installed_engine
from weltoffen_etl.settings import Settings
from weltoffen_etl.warehouse.current import Release, current_release, list_releases

HOST = "127.0.0.1"
ENGINE_STATUS = "/engine.json"
"""Address that tells pages whether the engine is installed, and where; never missing."""

_ICON = "/favicon.ico"
_ENGINE = "engine"
_CURRENT = "current"
_START_PAGES = ("site/index.html", "site/fragen.html", "quality.html")
_NOT_SERVED = frozenset({"partners"})
"""Databases for single municipalities: no page leads to them, and every user of this machine
reaches the server. They stay in the release's folder; the reports that pages link are served."""

_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".csv": "text/csv; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".md": "text/plain; charset=utf-8",
    ".cff": "text/plain; charset=utf-8",
    ".pq": "text/plain; charset=utf-8",
    ".py": "text/plain; charset=utf-8",
    ".r": "text/plain; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".svg": "image/svg+xml",
    ".wasm": "application/wasm",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".zip": "application/zip",
}
_HEADERS = {
    # Pages restrict themselves further; older ones carry their styles in themselves.
    "Content-Security-Policy": "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; "
    "worker-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "X-Frame-Options": "DENY",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
_SEGMENT = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
_IDLE_SECONDS = 30


class ServerError(RuntimeError):
    """There is nothing to serve, or the port is taken."""


@dataclass(frozen=True, slots=True)
class _Found:
    """A file to send, or a place to go to.

    Attributes:
        file: the file, None for a redirect.
        location: address to go to instead.
        is_fixed: the content under this address never changes.
    """

    file: Path | None = None
    location: str | None = None
    is_fixed: bool = False


class PageServer(ThreadingHTTPServer):
    """The server of one data folder, bound to the loopback address.

    Args:
        settings: where releases and engines are.
        port: port, 0 for any free one.
        release: name of the release that ``/`` leads to; None for the current one.
    """

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, settings: Settings, port: int, release: str | None = None) -> None:
        self._settings = settings
        self._release = release
        super().__init__((HOST, port), _Handler)

    @property
    def address(self) -> str:
        """The server's own address, as a browser writes it."""
        return f"http://{HOST}:{self.server_port}/"

    def knows(self, host: str | None) -> bool:
        """Returns whether a request means this machine and not a name that leads to it."""
        port = self.server_port
        return host in {f"{name}:{port}" for name in (HOST, "localhost")}

    def find(self, target: str) -> _Found | None:
        """Returns what stands under an address, None for nothing.

        Args:
            target: path of the request as it came, percent signs and query included.
        """
        path = unquote(urlsplit(target).path, errors="strict")
        if path == "/":
            return self._start(self._shown())
        segments = path[1:].split("/")
        directory = segments[-1] == ""
        segments = segments[:-1] if directory else segments
        if not path.startswith("/") or not all(_SEGMENT.fullmatch(x) for x in segments):
            return None
        head, *rest = segments
        if head == _ENGINE and rest:
            file = _plain_file(self._settings.browser_engines, rest)
            return None if file is None or directory else _Found(file, is_fixed=True)
        release = self._shown() if head == _CURRENT else self._named(head)
        if release is None:
            return None
        if head == _CURRENT and rest:
            return _Found(location=f"/{release.name}/{'/'.join(rest)}{'/' * directory}")
        if not rest:
            return self._start(release)
        if rest[0] in _NOT_SERVED:
            return None
        if directory:
            page = _plain_file(release.folder, [*rest, "index.html"])
            where = f"/{release.name}/{'/'.join(rest)}/index.html"
            return None if page is None else _Found(location=where)
        file = _plain_file(release.folder, rest)
        return None if file is None else _Found(file)

    def engine_status(self) -> dict[str, Any]:
        """Returns what pages are told of the engine."""
        engine = installed_engine(self._settings)
        if engine is None:
            return {"installed": False}
        return {"installed": True, "folder": f"/{_ENGINE}/{engine.folder.name}/"}

    def _shown(self) -> Release | None:
        return self._named(self._release) if self._release else current_release(self._settings)

    def _named(self, name: str) -> Release | None:
        return next((x for x in list_releases(self._settings) if x.name == name), None)

    def _start(self, release: Release | None) -> _Found | None:
        if release is None:
            return None
        pages = [page for page in _START_PAGES if (release.folder / page).is_file()]
        return _Found(location=f"/{release.name}/{pages[0]}") if pages else None


class _Handler(BaseHTTPRequestHandler):
    """Answers GET and HEAD; everything else is refused."""

    protocol_version = "HTTP/1.1"
    server_version = "weltoffen"
    sys_version = ""
    timeout = _IDLE_SECONDS
    server: PageServer

    def do_GET(self) -> None:
        """Sends what stands under the address."""
        self._answer()

    def do_HEAD(self) -> None:
        """Sends the same headers without content."""
        self._answer()

    def _answer(self) -> None:
        if "Content-Length" in self.headers or "Transfer-Encoding" in self.headers:
            # A reading request has no body; whatever follows is not read as a further request.
            self.send_error(HTTPStatus.BAD_REQUEST)
        elif not self.server.knows(self.headers.get("Host")):
            self.send_error(HTTPStatus.MISDIRECTED_REQUEST)
        elif self.path == _ICON:
            # Browsers ask by themselves; there is none, and that is no error.
            self.send_response(HTTPStatus.NO_CONTENT)
            self._finish_headers(None)
        elif urlsplit(self.path).path == ENGINE_STATUS:
            self._send_text(HTTPStatus.OK, json.dumps(self.server.engine_status()), ".json")
        else:
            try:
                found = self.server.find(self.path)
            except ValueError:
                found = None
            if found is None:
                self.send_error(HTTPStatus.NOT_FOUND)
            elif found.file is None:
                self.send_response(HTTPStatus.FOUND)
                self.send_header("Location", str(found.location))
                self._finish_headers(0)
            else:
                self._send_file(found.file, is_fixed=found.is_fixed)

    def _send_file(self, file: Path, *, is_fixed: bool) -> None:
        packed = file.with_name(f"{file.name}.gz")
        takes = "gzip" in self.headers.get("Accept-Encoding", "") and is_fixed and packed.is_file()
        with (packed if takes else file).open("rb") as source:
            self.send_response(HTTPStatus.OK)
            kind = _TYPES.get(file.suffix.lower(), "application/octet-stream")
            self.send_header("Content-Type", kind)
            if takes:
                self.send_header("Content-Encoding", "gzip")
            if is_fixed:
                self.send_header("Vary", "Accept-Encoding")
            cache = "private, max-age=31536000, immutable" if is_fixed else "no-cache"
            self.send_header("Cache-Control", cache)
            self._finish_headers(source.seek(0, 2))
            if self.command != "HEAD":
                source.seek(0)
                _copy(source, self.wfile)

    def _send_text(self, status: HTTPStatus, text: str, suffix: str) -> None:
        content = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", _TYPES[suffix])
        self.send_header("Cache-Control", "no-store")
        if status == HTTPStatus.METHOD_NOT_ALLOWED:
            self.send_header("Allow", "GET, HEAD")
        self._finish_headers(len(content))
        if self.command != "HEAD":
            self.wfile.write(content)

    def _finish_headers(self, length: int | None) -> None:
        for name, value in _HEADERS.items():
            self.send_header(name, value)
        if length is not None:
            self.send_header("Content-Length", str(length))
        self.end_headers()

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Refuses a request with a plain sentence that repeats nothing of it."""
        # The standard library says „not implemented“ to every method but ours.
        status = HTTPStatus(405 if code == HTTPStatus.NOT_IMPLEMENTED else code)
        self.close_connection = True
        says = _SENTENCES.get(status, "Diese Anfrage ist nicht möglich.")
        self._send_text(status, f"{says}\n", ".txt")

    def send_response(self, code: int, message: str | None = None) -> None:
        """Begins an answer; one that ends the connection says so."""
        super().send_response(code, message)
        if self.close_connection:
            self.send_header("Connection", "close")

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Says nothing: the evaluator is the only reader, and addresses can hold queries."""


_SENTENCES = {
    HTTPStatus.NOT_FOUND: "Diese Seite gibt es in diesem Stand nicht.",
    HTTPStatus.METHOD_NOT_ALLOWED: "Hier wird nur gelesen.",
    HTTPStatus.MISDIRECTED_REQUEST: "Diese Seiten gibt es nur auf dem eigenen Rechner.",
}


def _plain_file(folder: Path, segments: list[str]) -> Path | None:
    """Returns a regular file below a folder; no part of the way is a link.

    Args:
        folder: where to begin, itself trusted.
        segments: names of folders and the file, without ``.``, ``..`` or separators.
    """
    here = folder
    for segment in segments:
        here = here / segment
        if here.is_symlink():
            return None
    return here if here.is_file() else None


def _copy(source: BinaryIO, target: Any) -> None:
    try:
        shutil.copyfileobj(source, target)
    except (BrokenPipeError, ConnectionResetError):
        # The browser went elsewhere.
        return


def open_server(settings: Settings, port: int, release: str | None = None) -> PageServer:
    """Binds the server; it answers once it runs.

    Args:
        settings: where releases and engines are.
        port: port, 0 for any free one.
        release: name of the release that ``/`` leads to; None for the current one.

    Returns:
        The server, to be closed by the caller.

    Raises:
        ServerError: nothing is published, there is no such release, or the port is taken.
    """
    names = [x.name for x in list_releases(settings)]
    if not names:
        raise ServerError(
            f"In {settings.releases} ist noch nichts veröffentlicht. Bitte erst `weltoffen run`."
        )
    if release is not None and release not in names:
        raise ServerError(f"Den Stand „{release}“ gibt es nicht. Es gibt: {', '.join(names)}.")
    try:
        return PageServer(settings, port, release)
    except OSError as error:
        raise ServerError(
            f"Der Anschluss {port} ist belegt oder nicht erlaubt. "
            "Mit `--port 0` wird ein freier gewählt."
        ) from error


@contextmanager
def running(server: PageServer) -> Iterator[PageServer]:
    """Runs a server beside the caller and closes it at the end."""
    thread = threading.Thread(target=partial(server.serve_forever, poll_interval=0.1))
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
