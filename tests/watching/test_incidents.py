"""Who is told what and when: real mail and web servers, each of which may misbehave."""

import json
import os
import shutil
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.mail_server import Certificate, MailServer, free_port, mail_server
from tests.watching.installation import (
    NAME,
    install,
    later,
    make_older,
    new_settings,
    pass_night,
)
from tests.web_server import WebServer, web_server
from weltoffen_etl.settings import NoticeSettings, Settings
from weltoffen_etl.watching.look import Look, look, night_ended
from weltoffen_etl.watching.webhook import WebhookError, post

OPERATOR = "betrieb@weltoffen.example"


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path / "state"))
    settings = new_settings(tmp_path / "data")
    install(settings)
    return settings


@pytest.fixture
def mail(monkeypatch: pytest.MonkeyPatch) -> Iterator[MailServer]:
    with mail_server() as server:
        _use_mail(monkeypatch, server.port)
        yield server


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> Iterator[WebServer]:
    with web_server() as server:
        monkeypatch.setenv("WELTOFFEN_WEBHOOK_URL", server.url)
        yield server


def _use_mail(monkeypatch: pytest.MonkeyPatch, port: int) -> None:
    for name, value in {
        "SMTP__HOST": "localhost",
        "SMTP__PORT": str(port),
        "SMTP__SECURITY": "none",
        "SMTP__SENDER": "daten@weltoffen.example",
        "OPERATOR_EMAIL": OPERATOR,
    }.items():
        monkeypatch.setenv(f"WELTOFFEN_{name}", value)


def _late(settings: Settings, **delta: float) -> Look:
    """A look of the timer after a night stayed away."""
    return look(settings, alert=True, now=later(hours=27) + timedelta(**delta))


def _text(letter: EmailMessage) -> str:
    return " ".join(str(letter.get_content()).split())


def test_told_once_on_each_channel_and_once_when_over(
    settings: Settings, mail: MailServer, web: WebServer
) -> None:
    assert look(settings, alert=True).sent == 0
    assert _late(settings).sent == 2
    assert _late(settings, minutes=15).sent == 0
    assert [to for _, to, _ in mail.letters] == [[OPERATOR]]
    letter = mail.letters[0][2]
    assert letter["Subject"] == "Weltoffene Kommune: Störung – lange kein guter Lauf"
    for words in (
        "Seit 27 Stunden ist kein Lauf gut zu Ende gegangen",
        "gilt weiter.",
        "Bemerkt am ",
        "Was zu tun ist: ",
        "`weltoffen health`",
    ):
        assert words in _text(letter), words
    ((path, content),) = web.posts
    assert path == "/melden?schluessel=geheim-0815"
    assert content.keys() == {"event", "incident", "title", "text", "since", "release"}
    assert (content["event"], content["incident"]) == ("opened", "last_good_night")
    assert os.uname().nodename not in json.dumps(content)
    pass_night(settings, "nothing_new")
    assert look(settings, alert=True).sent == 2
    assert look(settings, alert=True).sent == 0
    assert web.events == [("opened", "last_good_night"), ("resolved", "last_good_night")]
    recovery = mail.letters[1][2]
    assert recovery["Subject"] == "Weltoffene Kommune: behoben – lange kein guter Lauf"
    assert "Sie bestand seit dem " in _text(recovery)
    # The next time is another incident.
    assert _late(settings).sent == 2


def test_a_look_without_alert_tells_nobody(settings: Settings, mail: MailServer) -> None:
    assert look(settings, now=later(hours=27)).status == "alarm"
    assert mail.letters == []
    assert not (settings.data_dir / "incidents.jsonl").exists()


def test_several_at_once_are_one_letter(
    settings: Settings, mail: MailServer, web: WebServer
) -> None:
    shutil.rmtree(settings.archive)
    assert _late(settings).sent == 4
    (letter,) = (letter for _, _, letter in mail.letters)
    assert letter["Subject"].endswith("lange kein guter Lauf und 1 weitere")
    assert "Das Archiv fehlt." in _text(letter)
    assert web.events == [("opened", "last_good_night"), ("opened", "archive")]


def test_one_channel_down_does_not_double_the_other(
    settings: Settings, web: WebServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = free_port()
    _use_mail(monkeypatch, port)
    found = _late(settings)
    assert (found.sent, found.problems) == (1, ("Der Mailserver ist nicht erreichbar.",))
    assert _late(settings, minutes=15).sent == 0
    with mail_server(port) as mail:
        assert _late(settings, minutes=30).sent == 1
        assert _late(settings, minutes=45).sent == 0
        assert len(mail.letters) == 1
    assert len(web.posts) == 1


def test_tried_until_somebody_takes_it(
    settings: Settings, mail: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    mail.busy = True
    for hours in range(0, 60, 12):
        found = _late(settings, hours=hours)
        assert (found.sent, found.problems) == (0, ("Die Nachricht wurde abgelehnt (451).",))
    mail.busy = False
    assert _late(settings, hours=61).sent == 1
    assert _late(settings, hours=62).sent == 0


def test_refused_operator_is_said_without_the_address(settings: Settings, mail: MailServer) -> None:
    mail.refused.add(OPERATOR)
    found = _late(settings)
    assert (found.sent, found.problems) == (0, ("Die Adresse wurde abgelehnt (550).",))


def test_over_before_anybody_was_told_is_one_message(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert _late(settings).problems[0].startswith("Störungen werden niemandem gemeldet")
    pass_night(settings, "nothing_new")
    with mail_server() as mail:
        _use_mail(monkeypatch, mail.port)
        assert look(settings, alert=True).sent == 1
        assert "behoben" in mail.letters[0][2]["Subject"]
        assert "Seit 27 Stunden ist kein Lauf" in _text(mail.letters[0][2])


def test_a_channel_added_later_is_not_told_old_stories(
    settings: Settings, mail: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    _late(settings)
    pass_night(settings, "nothing_new")
    assert look(settings, alert=True).sent == 1
    with web_server() as web:
        monkeypatch.setenv("WELTOFFEN_WEBHOOK_URL", web.url)
        look(settings, alert=True, now=later(hours=25.5))
        assert web.posts == []


def test_a_clock_that_goes_back_mixes_nothing_up(settings: Settings, mail: MailServer) -> None:
    """What was remembered counts in its order, whatever times it names."""
    for _ in range(2):
        assert look(settings, alert=True, now=later(hours=27)).sent == 1
        assert look(settings, alert=True, now=later(seconds=1)).sent == 1
        assert look(settings, alert=True, now=later(seconds=1)).sent == 0


def test_a_disk_at_its_limit_is_one_incident(settings: Settings, mail: MailServer) -> None:
    free = shutil.disk_usage(settings.data_dir).free
    for least, sent in ((2 * free, 1), (int(free * 0.9), 0), (2 * free, 0), (free // 10, 1)):
        limited = settings.model_copy(update={"min_free_bytes": least})
        assert look(limited, alert=True).sent == sent
    assert [letter["Subject"].split(" – ")[1] for _, _, letter in mail.letters] == [
        "Platte voll",
        "Platte voll",
    ]


def test_a_torn_line_forgets_only_itself(settings: Settings, mail: MailServer) -> None:
    _late(settings)
    with (settings.data_dir / "incidents.jsonl").open("a") as file:
        file.write('{"at": "2026-01-01T00:00:00+00:00", "event": "to')
    assert _late(settings, minutes=15).sent == 0
    pass_night(settings, "nothing_new")
    assert look(settings, alert=True).sent == 1


_LOOK = """
import sys
from datetime import datetime
from pathlib import Path
from weltoffen_etl.settings import Settings
from weltoffen_etl.watching.look import look
settings = Settings(data_dir=Path(sys.argv[1]), min_free_bytes=0)
sys.stdin.readline()
print(look(settings, alert=True, now=datetime.fromisoformat(sys.argv[2])).sent)
"""


def test_callers_at_the_same_time_tell_once(
    settings: Settings, mail: MailServer, web: WebServer
) -> None:
    web.wait = 0.3
    when = later(hours=27).isoformat()
    callers = [
        subprocess.Popen(
            [sys.executable, "-c", _LOOK, str(settings.data_dir), when],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    time.sleep(1)
    for caller in callers:
        assert caller.stdin is not None
        caller.stdin.write("\n")
        caller.stdin.flush()
    said = [int(caller.communicate()[0]) for caller in callers]
    assert sorted(said) == [0, 0, 0, 2]
    assert (len(mail.letters), len(web.posts)) == (1, 1)


def test_missing_data_folder_is_told_once_too(
    settings: Settings, mail: MailServer, tmp_path: Path
) -> None:
    settings.data_dir.rename(tmp_path / "weg")
    assert look(settings, alert=True).sent == 1
    assert "Der Datenordner ist nicht da." in _text(mail.letters[0][2])
    assert look(settings, alert=True).sent == 0
    assert not settings.data_dir.exists()
    (tmp_path / "weg").rename(settings.data_dir)
    assert look(settings, alert=True).sent == 1
    assert "behoben" in mail.letters[1][2]["Subject"]
    assert look(settings, alert=True).sent == 0


def test_a_strangers_folder_is_not_used(
    settings: Settings, mail: MailServer, tmp_path: Path
) -> None:
    """In a folder for all, somebody may have put a link where we would write."""
    shutil.rmtree(settings.data_dir)
    look(settings, alert=True)
    (own,) = (tmp_path / "state").iterdir()
    shutil.rmtree(own)
    (tmp_path / "fremd").mkdir()
    own.symlink_to(tmp_path / "fremd")
    found = look(settings, alert=True)
    assert found.sent == 1
    assert "nirgends merken" in found.problems[-1]
    assert list((tmp_path / "fremd").iterdir()) == []


def test_night_end_tells_at_once(settings: Settings, mail: MailServer) -> None:
    night_ended(settings, pass_night(settings, "failed", failures=["TypeError, Einzelheiten"]))
    assert "TypeError, Einzelheiten" in _text(mail.letters[0][2])
    night_ended(settings, pass_night(settings, "failed", failures=["TypeError, Einzelheiten"]))
    assert len(mail.letters) == 1
    night_ended(settings, pass_night(settings, "published"))
    assert "behoben" in mail.letters[1][2]["Subject"]


def test_night_end_survives_everything(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("WELTOFFEN_WEBHOOK_URL", "kein Weg")
    monkeypatch.setenv("WELTOFFEN_SMTP", "{")
    record = pass_night(settings, "failed")
    night_ended(settings, record)
    assert "Einstellungen für Nachrichten sind nicht gültig" in capsys.readouterr().err
    shutil.rmtree(settings.data_dir)
    settings.data_dir.write_text("kein Ordner")
    night_ended(settings, record)
    assert "Überwachung: " in capsys.readouterr().err


def test_mistyped_mail_server_does_not_silence_the_webhook(
    settings: Settings, web: WebServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WELTOFFEN_SMTP__PORT", "fünf")
    found = _late(settings)
    assert web.events == [("opened", "last_good_night")]
    check = next(x for x in found.checks if x.id == "channels")
    assert "WELTOFFEN_SMTP__PORT" in check.text
    assert "fünf" not in check.text


def _options(web: WebServer, **more: object) -> NoticeSettings:
    return NoticeSettings(webhook_url=web.url, **more)  # type: ignore[arg-type]


def _refusal(options: NoticeSettings) -> str:
    with pytest.raises(WebhookError) as caught:
        post(options, {"event": "opened"})
    assert "geheim" not in str(caught.value)
    assert "127.0.0.1" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("status", [400, 404, 429, 500, 503])
def test_webhook_that_refuses(status: int) -> None:
    with web_server() as web:
        web.status = status
        assert _refusal(_options(web)) == f"Der Webhook nimmt die Meldung nicht an ({status})."


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_webhook_redirections_are_not_followed(status: int) -> None:
    with web_server() as web:
        web.status = status
        assert "andere Adresse" in _refusal(_options(web))
        assert [path.partition("?")[0] for path, _ in web.posts] == ["/melden"]


def test_slow_and_dripping_webhooks_cost_the_time_limit() -> None:
    with web_server() as web:
        for trouble in ("wait", "drip"):
            setattr(web, trouble, 30.0)
            began = time.monotonic()
            assert "nicht rechtzeitig" in _refusal(_options(web, webhook_timeout=0.5))
            assert time.monotonic() - began < 3
            web.wait = 0.0


def test_webhook_that_is_no_web_server() -> None:
    with web_server() as web:
        web.garbage = True
        assert "wie ein Webserver" in _refusal(_options(web))
    assert _refusal(_options(web)) == "Der Webhook ist nicht erreichbar."


def test_answer_of_the_webhook_is_not_read() -> None:
    with web_server() as web:
        web.status, web.body = 200, b"x" * 50_000_000
        post(_options(web), {"event": "opened"})


def test_webhook_with_tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    certificate = Certificate(tmp_path)
    with web_server(certificate.context) as web:
        options = NoticeSettings(
            webhook_url=f"https://localhost:{web.port}/x",  # type: ignore[arg-type]
        )
        assert "nicht sicher verschlüsseln" in _refusal(options)
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate.ca_file))
        assert ssl.create_default_context().get_ca_certs()
        post(options, {"event": "opened"})
        assert web.posts == [("/x", {"event": "opened"})]


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/x",
        "ftp://127.0.0.1/x",
        "file:///etc/passwd",
        "http://127.0.0.1@example.org/",
        "https://nutzer:geheim@example.org/",
        "http://127.0.0.1.example.org/",
        "https://",
        "",
        "https://example.org:99999/",
        "https://exämple.org/",
    ],
)
def test_webhook_addresses_that_are_refused(url: str) -> None:
    options = NoticeSettings(webhook_url=url)  # type: ignore[arg-type]
    assert "WELTOFFEN_WEBHOOK_URL" in _refusal(options)


def test_webhook_address_from_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "webhook"
    assert "nicht lesbar" in _refusal(NoticeSettings(webhook_url_file=secret))
    with web_server() as web:
        secret.write_text(f"{web.url}\n")
        post(NoticeSettings(webhook_url_file=secret), {"event": "opened"})
        assert len(web.posts) == 1
        assert web.url not in repr(NoticeSettings(webhook_url=web.url))  # type: ignore[arg-type]


def _health(settings: Settings, *options: str) -> tuple[int, str]:
    """The command as a timer calls it, in a process of its own."""
    done = subprocess.run(
        [
            *(sys.executable, "-c", "from weltoffen_etl.cli import main; main()", "health"),
            *("--data-dir", str(settings.data_dir), *options),
        ],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"WELTOFFEN_MIN_FREE_BYTES": "0"},
        timeout=60,
    )
    return done.returncode, done.stdout + done.stderr


def test_timer_tells_that_no_night_came_while_no_process_of_ours_lives(
    settings: Settings, mail: MailServer, web: WebServer
) -> None:
    assert _health(settings, "--alert")[0] == 0
    make_older(settings, hours=27)
    code, said = _health(settings, "--alert")
    assert code == 1, said
    assert "Seit 27 Stunden" in said
    assert (len(mail.letters), web.events) == (1, [("opened", "last_good_night")])
    assert _health(settings, "--alert")[0] == 1
    assert (len(mail.letters), len(web.posts)) == (1, 1)
    night_ended(settings, pass_night(settings, "nothing_new"))
    assert _health(settings, "--alert")[0] == 0
    assert len(mail.letters) == 2
    assert web.events[1:] == [("resolved", "last_good_night")]
    for _, _, letter in mail.letters:
        assert NAME not in _text(letter)
