"""The pull from a LimeSurvey server, against a real HTTP server that speaks its JSON-RPC."""

import base64
import builtins
import json
import logging
import threading
import traceback
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from pydantic import SecretStr

from weltoffen_etl.cli import main
from weltoffen_etl.deliveries.intake import take_in
from weltoffen_etl.pull import Pull, PullError, PullSettings, configured_pulls, fetch
from weltoffen_etl.settings import Settings

PASSWORD = "Rathaus!geheim#2025"
KEY = "schluesselDerSitzung0123456789ab"
CONTENT = (
    '\ufeff"id";"submitdate";"lastpage"\r\n"1";"1980-01-01 00:00:00";"10"\r\n"2";"";"3"\r\n\n'
).encode()
PULL = Pull(survey=352021, wave="t0", ags="03241005")
Answer = Callable[[str, list[Any]], Any]


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        server: Any = self.server
        server.calls.append((body["method"], body["params"]))
        status, content, headers = server.speak(body)
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        pass


class LimeSurvey:
    """The server: answers like LimeSurvey 6, or as a test wants."""

    def __init__(self) -> None:
        self.http = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self.http.speak = self.speak  # type: ignore[attr-defined]
        self.http.calls = []  # type: ignore[attr-defined]
        # A client that gave up waiting is what one test wants.
        self.http.handle_error = lambda *_: None  # type: ignore[method-assign]
        self.login: Any = KEY
        self.export: Any = base64.b64encode(CONTENT).decode()
        self.raw: tuple[int, bytes, dict[str, str]] | None = None
        self.url = f"http://127.0.0.1:{self.http.server_port}/index.php/admin/remotecontrol"

    @property
    def calls(self) -> list[tuple[str, list[Any]]]:
        return self.http.calls  # type: ignore[attr-defined, no-any-return]

    def speak(self, body: dict[str, Any]) -> tuple[int, bytes, dict[str, str]]:
        if self.raw is not None:
            return self.raw
        results = {
            "get_session_key": self.login,
            "export_responses": self.export,
            "release_session_key": "OK",
        }
        answer = {"id": body["id"], "result": results[body["method"]], "error": None}
        return 200, json.dumps(answer).encode(), {"Content-Type": "application/json"}


@pytest.fixture
def server() -> Iterator[LimeSurvey]:
    limesurvey = LimeSurvey()
    thread = threading.Thread(target=limesurvey.http.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield limesurvey
    limesurvey.http.shutdown()
    thread.join()
    limesurvey.http.server_close()


def _access(url: str, **more: Any) -> PullSettings:
    return PullSettings(url=url, user="abruf", password=SecretStr(PASSWORD), **more)


def test_responses_become_a_delivery(
    server: LimeSurvey, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    (pulled,) = fetch(settings, _access(server.url), [PULL])
    assert pulled.file is not None
    assert pulled.file.read_bytes() == CONTENT
    assert pulled.file.parent == settings.inbox / "03241005" / "t0" / "selfcheck"
    assert pulled.file.name.startswith("limesurvey_352021_2")
    assert [path.name for path in pulled.file.parent.iterdir()] == [pulled.file.name]
    methods = [method for method, _ in server.calls]
    assert methods == ["get_session_key", "export_responses", "release_session_key"]
    assert server.calls[0][1][:2] == ["abruf", PASSWORD]
    assert server.calls[1][1][:7] == [KEY, 352021, "csv", None, "all", "code", "short"]
    assert caplog.text
    assert PASSWORD not in caplog.text
    assert KEY not in caplog.text
    (arrival,) = take_in(settings).new
    assert arrival.path.endswith(pulled.file.name)


def test_same_bytes_are_not_written_again(server: LimeSurvey, settings: Settings) -> None:
    (first,) = fetch(settings, _access(server.url), [PULL])
    assert first.file is not None
    (waiting,) = fetch(settings, _access(server.url), [PULL])
    take_in(settings)
    first.file.unlink()
    (archived,) = fetch(settings, _access(server.url), [PULL])
    for again in (waiting, archived):
        assert (again.file, again.failed) == (None, False)
        assert "unverändert" in again.remark
    server.export = base64.b64encode(CONTENT + b'"3";"";"4"\r\n').decode()
    (changed,) = fetch(settings, _access(server.url), [PULL])
    assert changed.file is not None


@pytest.mark.parametrize(
    ("status", "says"),
    [
        ("No permission", "darf die Antworten nicht exportieren"),
        ("No Data, survey table does not exist.", "noch keine Antworten"),
        ("No Data, could not get max id.", "noch keine Antworten"),
        ("Error: Invalid survey ID", "gibt es auf dem Server nicht"),
        ("Invalid session key", "Anmeldung abgelehnt"),
        (f"Something about {PASSWORD}", "LimeSurvey antwortet: „Something about ***“"),
    ],
)
def test_refused_export_is_told_and_the_next_survey_still_comes(
    server: LimeSurvey, settings: Settings, status: str, says: str
) -> None:
    good, refused = base64.b64encode(CONTENT).decode(), {"status": status}
    speak = server.speak

    def by_survey(body: dict[str, Any]) -> tuple[int, bytes, dict[str, str]]:
        server.export = good if 352021 in body["params"] else refused
        return speak(body)

    server.http.speak = by_survey  # type: ignore[attr-defined]
    other = Pull(survey=99, wave="t0")
    first, second = fetch(settings, _access(server.url), [other, PULL])
    assert first.failed
    assert says in first.remark
    assert "Umfrage 99" in first.remark
    assert second.file is not None
    assert server.calls[-1][0] == "release_session_key"


def test_only_headings_are_no_delivery(server: LimeSurvey, settings: Settings) -> None:
    server.export = base64.b64encode(b'\xef\xbb\xbf"id";"submitdate"\r\n\n').decode()
    (pulled,) = fetch(settings, _access(server.url), [PULL])
    assert (pulled.file, pulled.failed) == (None, False)
    assert "noch keine Antworten" in pulled.remark
    assert not settings.inbox.exists()


@pytest.mark.parametrize("export", ["<html>", None, 5, base64.b64encode(b"%PDF-1.4").decode()])
def test_what_is_no_export_is_not_delivered(
    server: LimeSurvey, settings: Settings, export: Any
) -> None:
    server.export = export
    (pulled,) = fetch(settings, _access(server.url), [PULL])
    assert pulled.failed
    assert not settings.inbox.exists()


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        ((404, b"not found " + PASSWORD.encode(), {}), "HTTP 404"),
        ((500, b"oops", {}), "HTTP 500"),
        ((200, b"", {}), "RemoteControl-Schnittstelle"),
        ((200, b"<html>login</html>", {}), "RemoteControl-Schnittstelle"),
        ((200, b'{"id": 0}', {}), "RemoteControl-Schnittstelle"),
        ((307, b"", {"Location": "http://127.0.0.1:9/elsewhere"}), "leitet an eine andere"),
        ((200, b'{"id": 0, "result": null, "error": "x"}', {}), "RemoteControl-Schnittstelle"),
    ],
)
def test_wrong_address_is_told_without_secrets(
    server: LimeSurvey,
    settings: Settings,
    caplog: pytest.LogCaptureFixture,
    raw: tuple[int, bytes, dict[str, str]],
    says: str,
) -> None:
    caplog.set_level(logging.DEBUG)
    server.raw = raw
    with pytest.raises(PullError, match=says) as caught:
        fetch(settings, _access(server.url), [PULL])
    told = "".join(traceback.format_exception(caught.value)) + caplog.text + repr(caught.value)
    assert PASSWORD not in told
    assert len(server.calls) == 1


def test_refused_login(server: LimeSurvey, settings: Settings) -> None:
    server.login = {"status": "Invalid user name or password"}
    with pytest.raises(PullError, match="Anmeldung abgelehnt"):
        fetch(settings, _access(server.url), [PULL])


def test_unreachable_and_slow_server(settings: Settings, server: LimeSurvey) -> None:
    with pytest.raises(PullError, match="nicht erreichbar"):
        fetch(settings, _access("http://127.0.0.1:9/x"), [PULL])
    gate = threading.Event()
    speak = server.speak

    def late(body: dict[str, Any]) -> tuple[int, bytes, dict[str, str]]:
        gate.wait(5)
        return speak(body)

    server.http.speak = late  # type: ignore[attr-defined]
    with pytest.raises(PullError, match="nicht innerhalb von"):
        fetch(settings, _access(server.url, seconds=0.2), [PULL])
    gate.set()


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("", "WELTOFFEN_LIMESURVEY_URL"),
        ("limesurvey.example", "keine Adresse"),
        ("http://limesurvey.example/admin/remotecontrol", "unverschlüsselt"),
        (f"https://abruf:{PASSWORD}@limesurvey.example/", "Zugangsdaten"),
    ],
)
def test_address_is_checked_before_anything_is_sent(
    settings: Settings, url: str, says: str
) -> None:
    with pytest.raises(PullError, match=says) as caught:
        fetch(settings, _access(url), [PULL])
    assert PASSWORD not in str(caught.value)
    assert PASSWORD not in repr(_access("https://x.example"))


def test_unknown_place_is_refused_before_anything_is_sent(
    server: LimeSurvey, settings: Settings
) -> None:
    for pull in (Pull(survey=1, wave="t9"), Pull(survey=1, wave="t0", ags="99999999")):
        with pytest.raises(PullError, match="nicht bekannt"):
            fetch(settings, _access(server.url), [pull])
    with pytest.raises(PullError):
        fetch(settings, _access(server.url), [Pull(survey=1, wave="../..", ags="03241005")])
    assert server.calls == []


def test_without_the_library(
    server: LimeSurvey, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = builtins.__import__

    def without(name: str, *args: Any, **kwargs: Any) -> Any:
        if name.split(".", maxsplit=1)[0] == "citric":
            raise ModuleNotFoundError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(PullError, match="uv sync --extra pull"):
        fetch(settings, _access(server.url), [PULL])


def test_command(server: LimeSurvey, tmp_path: Path) -> None:
    environment = {
        "WELTOFFEN_LIMESURVEY_URL": server.url,
        "WELTOFFEN_LIMESURVEY_USER": "abruf",
        "WELTOFFEN_LIMESURVEY_PASSWORD": PASSWORD,
    }
    runner = CliRunner(env=environment)
    at = ["--data-dir", str(tmp_path)]
    result = runner.invoke(main, ["pull", "--survey", "352021", "--wave", "t0", *at])
    assert result.exit_code == 0, result.output
    assert len(list((tmp_path / "inbox" / "_multi" / "t0").glob("limesurvey_352021_*.csv"))) == 1
    server.export = {"status": "No permission"}
    result = runner.invoke(main, ["pull", "--survey", "352021", "--wave", "t0", *at])
    assert result.exit_code == 1
    assert "darf die Antworten nicht exportieren" in result.output
    assert PASSWORD not in result.output
    assert runner.invoke(main, ["pull", "--survey", "1", *at]).exit_code == 2
    assert runner.invoke(main, ["pull", *at]).exit_code == 2
    environment["WELTOFFEN_LIMESURVEY_SECONDS"] = "0"
    wrong = CliRunner(env=environment).invoke(main, ["pull", "--survey", "1", "--wave", "t0", *at])
    assert wrong.exit_code == 2
    assert "WELTOFFEN_LIMESURVEY_SECONDS" in wrong.output


def test_configured_surveys_keep_their_keys_as_text(tmp_path: Path) -> None:
    assert configured_pulls(tmp_path) == []
    file = tmp_path / "pulls.yml"
    file.write_text("surveys:\n  - {survey: 352021, ags: 03241005, wave: t0}\n", encoding="utf-8")
    assert configured_pulls(tmp_path) == [PULL]
    file.write_text("surveys:\n  - {survey: 352021, wave: t0, when: now}\n", encoding="utf-8")
    with pytest.raises(PullError, match="when"):
        configured_pulls(tmp_path)
    committed = Settings.model_fields["reference_dir"].default
    assert configured_pulls(committed) == []
