"""A real web server for tests: takes what is posted, or misbehaves as told."""

from __future__ import annotations

import json
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class WebServer:
    """What the server got, and how it answers.

    Attributes:
        port: where it listens.
        status: status of its answers.
        wait: seconds before it answers.
        drip: whether it sends headers without end, a byte at a time.
        garbage: whether it answers something that is no HTTP.
        body: bytes of its answer.
        posts: what was posted, with the path.
    """

    port: int = 0
    status: int = 204
    wait: float = 0.0
    drip: bool = False
    garbage: bool = False
    body: bytes = b""
    posts: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    stopped: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/melden?schluessel=geheim-0815"

    @property
    def events(self) -> list[tuple[str, str]]:
        """Event and incident of each post."""
        return [(post["event"], post["incident"]) for _, post in self.posts]


@contextmanager
def web_server(context: ssl.SSLContext | None = None) -> Iterator[WebServer]:
    told = WebServer()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["Content-Length"]))
            told.posts.append((self.path, json.loads(content)))
            told.stopped.wait(told.wait)
            if told.garbage:
                self.wfile.write(b"SSH-2.0-OpenSSH\r\n")
                return
            if told.drip:
                self._drip()
                return
            self.send_response(told.status)
            self.send_header("Location", f"http://127.0.0.1:{told.port}/anderswo")
            self.send_header("Content-Length", str(len(told.body)))
            self.end_headers()
            self.wfile.write(told.body)

        def do_GET(self) -> None:
            told.posts.append((self.path, {}))
            self.send_response(200)
            self.end_headers()

        def _drip(self) -> None:
            self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Langsam: ")
            until = time.monotonic() + 20
            with suppress(OSError):
                while time.monotonic() < until and not told.stopped.wait(0.05):
                    self.wfile.write(b"x")
                    self.wfile.flush()

        def log_message(self, *_: Any) -> None:
            """Says nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: Any) -> None:
            """A client that hangs up is no error of the test."""

    server = Server(("127.0.0.1", 0), Handler)
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    told.port = server.server_address[1]
    worker = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    worker.start()
    try:
        yield told
    finally:
        told.stopped.set()
        server.shutdown()
        worker.join()
        server.server_close()
