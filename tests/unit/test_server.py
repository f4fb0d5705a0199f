"""The server of a release's pages: what it sends, to whom, and everything that it does not."""

import gzip
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from weltoffen_etl.serving import browser_engine
from weltoffen_etl.serving.browser_engine import engine_version
from weltoffen_etl.serving.server import HOST, PageServer, ServerError, open_server, running
from weltoffen_etl.settings import Settings

OLD, NEW = "20260101T000000Z", "20260202T000000Z-2"
Answer = tuple[int, dict[str, str], bytes]


def _release(settings: Settings, name: str) -> Path:
    folder = settings.releases / name
    files = {
        "manifest.json": "{}",
        "quality.html": f"quality {name}",
        "weltoffen.duckdb": f"database {name}",
        "site/index.html": f"index {name}",
        "site/fragen.html": f"ask {name}",
        "site/assets/ask.js": f"script {name}",
        "reports/03241005.html": "report",
        "partners/03241005.duckdb": "partner",
        ".hidden": "hidden",
    }
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    return folder


def _point(settings: Settings, name: str) -> None:
    link = settings.releases / ".current.next"
    link.symlink_to(name)
    link.replace(settings.releases / "current")


@pytest.fixture
def data(tmp_path: Path) -> Settings:
    settings = Settings(data_dir=tmp_path / "data")
    _release(settings, OLD)
    _point(settings, OLD)
    (tmp_path / "secret.txt").write_text("secret", encoding="utf-8")
    (settings.data_dir / "contacts.csv").write_text("secret", encoding="utf-8")
    return settings


@pytest.fixture
def served(data: Settings) -> Iterator[PageServer]:
    with running(open_server(data, 0)) as running_server:
        yield running_server


def _ask(served: PageServer, path: str, method: str = "GET", **headers: str) -> Answer:
    connection = http.client.HTTPConnection(HOST, served.server_port, timeout=10)
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.putrequest(method, path, skip_host="Host" in given, skip_accept_encoding=True)
    for name, value in given.items():
        connection.putheader(name, value)
    connection.endheaders()
    response = connection.getresponse()
    content = response.read()
    connection.close()
    return response.status, {name.lower(): value for name, value in response.getheaders()}, content


def test_it_sends_files_of_a_release(served: PageServer) -> None:
    for path, kind in {
        "site/index.html": "text/html; charset=utf-8",
        "site/assets/ask.js": "text/javascript; charset=utf-8",
        "weltoffen.duckdb": "application/octet-stream",
        "manifest.json": "application/json",
        "reports/03241005.html": "text/html; charset=utf-8",
    }.items():
        status, headers, content = _ask(served, f"/{OLD}/{path}")
        file = served._settings.releases / OLD / path
        assert (status, headers["content-type"], content) == (200, kind, file.read_bytes())
        assert int(headers["content-length"]) == len(content)


def test_head_sends_the_same_headers_and_nothing_else(served: PageServer) -> None:
    path = f"/{OLD}/weltoffen.duckdb"
    _, with_get, _ = _ask(served, path)
    status, with_head, content = _ask(served, path, "HEAD")
    assert (status, content) == (200, b"")
    for headers in (with_get, with_head):
        headers.pop("date")
    assert with_head == with_get


@pytest.mark.parametrize("path", ["/", f"/{OLD}/site/index.html", "/nothing", "/engine.json"])
def test_every_answer_is_guarded(served: PageServer, path: str) -> None:
    _, headers, _ = _ask(served, path)
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self' 'wasm-unsafe-eval';" in policy
    assert "connect-src 'self';" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe-eval'" not in policy.replace("'wasm-unsafe-eval'", "")
    assert "http" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert "access-control-allow-origin" not in headers
    assert "python" not in headers["server"].lower()


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.txt",
        f"/{OLD}/../../../secret.txt",
        f"/{OLD}/../../contacts.csv",
        f"/{OLD}/%2e%2e/%2e%2e/contacts.csv",
        f"/{OLD}/%2e%2e%2f%2e%2e%2fcontacts.csv",
        f"/{OLD}/%252e%252e/%252e%252e/contacts.csv",
        f"/{OLD}/..%5c..%5ccontacts.csv",
        f"/{OLD}/site/..%00/index.html",
        f"/{OLD}/site/index.html%00.js",
        f"/{OLD}/site/./index.html",
        f"/{OLD}//site/index.html",
        f"//{OLD}/../../contacts.csv",
        f"/{OLD}/%ff%fe",
        f"/{OLD}/.hidden",
        f"/{OLD}/site/index.html/",
        f"/{OLD}/site/assets/",
        f"/{OLD}/site/assets",
        f"/{OLD}/partners/03241005.duckdb",
        f"/{OLD}/%70artners/03241005.duckdb",
        "/contacts.csv",
        "/.current.next/manifest.json",
        "/20250101T000000Z/site/index.html",
        "/engine/",
        "/engine/../contacts.csv",
        "/engine/%2e%2e/contacts.csv",
        "/current/partners/03241005.duckdb/../../manifest.json",
        "http://example.org/secret.txt",
        "/etc/passwd",
        "*",
    ],
)
def test_it_sends_nothing_else(served: PageServer, path: str) -> None:
    status, _, content = _ask(served, path)
    assert status in (400, 404, 421)
    assert b"secret" not in content
    assert b"partner" not in content


def test_it_follows_no_link(served: PageServer, data: Settings, tmp_path: Path) -> None:
    folder = data.releases / OLD
    (folder / "secret.txt").symlink_to(tmp_path / "secret.txt")
    (folder / "out").symlink_to(tmp_path)
    (folder / "site" / "again.html").symlink_to("index.html")
    (data.releases / "linked").symlink_to(tmp_path)
    (tmp_path / "manifest.json").write_text("{}", encoding="utf-8")
    for path in (f"{OLD}/secret.txt", f"{OLD}/out/secret.txt", f"{OLD}/site/again.html"):
        assert _ask(served, f"/{path}")[0] == 404
    assert _ask(served, "/linked/secret.txt")[0] == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "FOO"])
def test_it_only_reads(served: PageServer, method: str) -> None:
    status, headers, content = _ask(served, f"/{OLD}/site/index.html", method)
    assert (status, headers["allow"]) == (405, "GET, HEAD")
    assert content == b"Hier wird nur gelesen.\n"


@pytest.mark.parametrize(
    "host",
    [
        "example.org",
        "example.org:{port}",
        "127.0.0.1",
        "localhost:1",
        "127.0.0.1.nip.io:{port}",
        "",
    ],
)
def test_other_names_of_this_machine_are_refused(served: PageServer, host: str) -> None:
    """A foreign page that has its own name lead here must not read anything."""
    port = served.server_port
    status, _, content = _ask(served, f"/{OLD}/weltoffen.duckdb", Host=host.format(port=port))
    assert status == 421
    assert b"database" not in content


def test_own_names_are_served(served: PageServer) -> None:
    for name in ("127.0.0.1", "localhost"):
        host = f"{name}:{served.server_port}"
        assert _ask(served, f"/{OLD}/site/index.html", Host=host)[0] == 200


def test_request_without_host_or_with_a_body_is_refused(served: PageServer) -> None:
    path = f"/{OLD}/weltoffen.duckdb"
    for text, expected in {
        f"GET {path} HTTP/1.1\r\n\r\n": b"421",
        f"GET {path}\r\n\r\n": b"eigenen Rechner",
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{served.server_port}\r\nContent-Length: 3\r\n\r\nGET": b"400",
        "GARBAGE\r\n\r\n": "nicht möglich".encode(),
    }.items():
        with socket.create_connection((HOST, served.server_port), timeout=10) as connection:
            connection.sendall(text.encode())
            received = b""
            while part := connection.recv(65_536):
                received += part
        assert expected in received, received
        assert b"database" not in received
        assert received.count(b"HTTP/1.1") <= 1


def test_it_listens_on_this_machine_only(served: PageServer) -> None:
    assert served.server_address[0] == HOST
    assert served.address == f"http://127.0.0.1:{served.server_port}/"


def test_start_leads_to_the_current_release_and_pages_stay_with_theirs(
    served: PageServer, data: Settings
) -> None:
    assert _ask(served, "/")[1]["location"] == f"/{OLD}/site/index.html"
    page = f"/{OLD}/site/fragen.html"
    assert _ask(served, page)[2] == f"ask {OLD}".encode()
    _release(data, NEW)
    # Published, but the pointer has not moved yet.
    assert _ask(served, "/")[1]["location"] == f"/{OLD}/site/index.html"
    _point(data, NEW)
    assert _ask(served, "/")[1]["location"] == f"/{NEW}/site/index.html"
    assert _ask(served, "/current/site/fragen.html")[1]["location"] == f"/{NEW}/site/fragen.html"
    for path in ("site/assets/ask.js", "weltoffen.duckdb", "quality.html"):
        content = _ask(served, f"/{OLD}/{path}")[2]
        assert content.decode().endswith(OLD)
    for status, headers, _ in (_ask(served, f"/{NEW}/"), _ask(served, f"/{NEW}/site/")):
        assert (status, headers["location"]) == (302, f"/{NEW}/site/index.html")


def test_an_earlier_release_can_be_shown(data: Settings) -> None:
    _release(data, NEW)
    _point(data, NEW)
    with running(open_server(data, 0, OLD)) as served:
        assert _ask(served, "/")[1]["location"] == f"/{OLD}/site/index.html"
        assert _ask(served, "/current/quality.html")[1]["location"] == f"/{OLD}/quality.html"


def test_release_without_a_site_starts_with_its_quality(data: Settings) -> None:
    for page in ("index", "fragen"):
        (data.releases / OLD / "site" / f"{page}.html").unlink()
    with running(open_server(data, 0)) as served:
        assert _ask(served, "/")[1]["location"] == f"/{OLD}/quality.html"


def test_nothing_to_serve_is_said(data: Settings, tmp_path: Path) -> None:
    with pytest.raises(ServerError, match="noch nichts veröffentlicht"):
        open_server(Settings(data_dir=tmp_path / "empty"), 0)
    with pytest.raises(ServerError, match=f"Es gibt: {OLD}"):
        open_server(data, 0, "20200101T000000Z")
    with (
        running(open_server(data, 0)) as served,
        pytest.raises(ServerError, match="--port 0"),
    ):
        open_server(data, served.server_port)


def test_many_at_once(served: PageServer, data: Settings) -> None:
    _release(data, NEW)
    paths = [f"/{OLD}/weltoffen.duckdb", "/", f"/{NEW}/site/index.html", "/engine.json"] * 40
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda path: (path, *_ask(served, path)), paths))
    for path, status, _, content in answers:
        assert status == (302 if path == "/" else 200)
        if path.startswith(f"/{OLD}"):
            assert content == f"database {OLD}".encode()


def test_one_connection_answers_several_requests(served: PageServer) -> None:
    connection = http.client.HTTPConnection(HOST, served.server_port, timeout=10)
    found = []
    for path in (f"/{OLD}/site/index.html", "/nothing/here", f"/{OLD}/quality.html"):
        connection.request("GET", path)
        response = connection.getresponse()
        found.append((response.status, response.read()))
    connection.close()
    assert [status for status, _ in found] == [200, 404, 200]
    assert found[2][1] == f"quality {OLD}".encode()


def test_engine_is_told_and_sent_compressed(served: PageServer, data: Settings) -> None:
    status, headers, content = _ask(served, "/engine.json")
    assert (status, json.loads(content)) == (200, {"installed": False})
    assert headers["cache-control"] == "no-store"
    folder = data.browser_engines / engine_version()
    folder.mkdir(parents=True)
    module = b"\0asm" * 1000
    (folder / "duckdb-eh.wasm").write_bytes(module)
    (folder / "duckdb-eh.wasm.gz").write_bytes(gzip.compress(module))
    told = json.loads(_ask(served, "/engine.json")[2])
    assert told == {"installed": True, "folder": f"/engine/{engine_version()}/"}
    path = f"{told['folder']}duckdb-eh.wasm"
    status, headers, content = _ask(served, path)
    assert (status, content, headers["content-type"]) == (200, module, "application/wasm")
    assert "content-encoding" not in headers
    assert "immutable" in headers["cache-control"]
    status, headers, content = _ask(served, path, Accept_Encoding="gzip, br")
    assert headers["content-encoding"] == "gzip"
    assert headers["vary"] == "Accept-Encoding"
    assert gzip.decompress(content) == module
    (data.browser_engines / ".install-x").mkdir()
    (data.browser_engines / ".install-x" / "file").write_text("half", encoding="utf-8")
    assert _ask(served, "/engine/.install-x/file")[0] == 404


def test_browsers_asking_for_an_icon_get_no_error(served: PageServer) -> None:
    status, headers, content = _ask(served, "/favicon.ico")
    assert (status, content) == (204, b"")
    assert "content-length" not in headers


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_command_serves_until_it_is_stopped(data: Settings, number: signal.Signals) -> None:
    command = [sys.executable, "-c", "from weltoffen_etl.cli import main; main()", "serve"]
    process = subprocess.Popen(
        [*command, "--port", "0", "--data-dir", str(data.data_dir)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    found = re.search(r"http://127\.0\.0\.1:(\d+)/ ", line)
    assert found is not None, line
    connection = http.client.HTTPConnection(HOST, int(found[1]), timeout=10)
    connection.request("GET", "/")
    assert connection.getresponse().status == 302
    process.send_signal(number)
    rest, said = process.communicate(timeout=20)
    connection.close()
    assert (process.returncode, rest) == (0, "")
    assert "weltoffen browser-engine" in said
    assert "Traceback" not in said


def test_the_command_says_what_is_missing(tmp_path: Path) -> None:
    from click.testing import CliRunner

    from weltoffen_etl.cli import main

    done = CliRunner().invoke(main, ["serve", "--port", "0", "--data-dir", str(tmp_path)])
    assert done.exit_code == 1
    assert "weltoffen run" in done.output


# ---- the engine -------------------------------------------------------------------------------


def test_lock_file_pins_every_package_and_names_no_host() -> None:
    folder = Path(browser_engine.__file__).parent.parent / "reports" / "ask" / "engine"
    wanted = json.loads((folder / "package.json").read_text(encoding="utf-8"))
    lock = json.loads((folder / "package-lock.json").read_text(encoding="utf-8"))
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert len(packages) > 30
    for name, entry in packages.items():
        assert entry["integrity"].startswith("sha512-"), name
        assert "resolved" not in entry, name
    for name, version in (wanted["dependencies"] | wanted["devDependencies"]).items():
        assert re.fullmatch(r"\d+\.\d+\.\d+", version)
        assert packages[f"node_modules/{name}"]["version"] == version


def test_another_file_is_not_installed(tmp_path: Path) -> None:
    (tmp_path / "a.js").write_bytes(b"good")
    good = "770e607624d689265ca6c44884d0807d9b054d23c473c106c72be9de08b7376c"
    browser_engine.check_hashes(tmp_path, {"a.js": good})
    (tmp_path / "a.js").write_bytes(b"evil")
    with pytest.raises(browser_engine.EngineError, match=r"a\.js ist nicht die erwartete Datei"):
        browser_engine.check_hashes(tmp_path, {"a.js": good})
    with pytest.raises(browser_engine.EngineError, match=r"b\.js"):
        browser_engine.check_hashes(tmp_path, {"b.js": good})


def test_a_failed_installation_leaves_nothing(
    data: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    npm = tmp_path / "npm"
    npm.write_text("#!/bin/sh\necho 'no network' >&2\nexit 1\n", encoding="utf-8")
    npm.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with pytest.raises(browser_engine.EngineError, match="no network"):
        browser_engine.install_engine(data)
    assert list(data.browser_engines.iterdir()) == []
    assert browser_engine.installed_engine(data) is None
