"""A round by day tells each content once, leaves no trace else, and yields to a night."""

import json
import multiprocessing
import os
from email.message import EmailMessage

import pytest
from click.testing import CliRunner
from filelock import FileLock

from tests.conftest import DEMO_INBOX, deliver
from tests.mail_server import mail_server
from weltoffen_etl.cli import main
from weltoffen_etl.deliveries.intake import take_in
from weltoffen_etl.early import rounds
from weltoffen_etl.early.inbox import InboxFile
from weltoffen_etl.early.rounds import check_inbox
from weltoffen_etl.lock import is_held, outbox_lock, run_lock
from weltoffen_etl.notices.outbox import read
from weltoffen_etl.settings import Settings

GARBSEN = "03241005"
FOLDER = f"{GARBSEN}/t0/selfcheck"
EXPORT = next((DEMO_INBOX / GARBSEN / "t0" / "selfcheck").iterdir())
SOUND = next((DEMO_INBOX / GARBSEN / "workshops" / "2025-05-14").iterdir())
ADDRESS = "umfrage@garbsen.example"
NAME = "Erika Mustermann Bögen.csv"


def _deliver_note(settings: Settings, name: str = "notiz.csv", folder: str = FOLDER) -> None:
    """A file that is no export: refused before anything costly happens."""
    path = settings.inbox / folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"Einkauf;Menge\n{folder};2\n", encoding="utf-8")


@pytest.fixture
def contacts(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    (settings.data_dir / "contacts.csv").write_text(f"ags,email\n{GARBSEN},{ADDRESS}\n")
    monkeypatch.setenv("WELTOFFEN_OPERATOR_EMAIL", "betrieb@weltoffen.example")


def _waiting(settings: Settings) -> list[EmailMessage]:
    return [read(file) for file in sorted(settings.outbox.glob("*.eml"))]


def _text(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    assert body is not None
    return " ".join(str(body.get_content()).split())


def _page(message: EmailMessage) -> str:
    (attachment,) = message.iter_attachments()
    return str(attachment.get_content())


def test_sender_is_told_once_and_by_mail(
    settings: Settings, contacts: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two files, one message; the second round, also of a new process, has nothing to say."""
    deliver(settings, FOLDER, EXPORT, NAME)
    deliver(settings, f"{GARBSEN}/workshops/2025-05-14", SOUND)
    with mail_server() as server:
        for name, value in (("HOST", "localhost"), ("PORT", str(server.port)),
                            ("SECURITY", "none"), ("SENDER", "daten@weltoffen.example")):  # fmt: skip
            monkeypatch.setenv(f"WELTOFFEN_SMTP__{name}", value)
        done = check_inbox(settings)
        assert (done.state, done.written, done.sent, done.problems) == ("done", 1, 1, [])
        deliver(settings, FOLDER, EXPORT, "noch einmal.csv")
        again = check_inbox(settings)
        assert (again.written, again.sent, again.files) == (0, 0, [])
    ((_, recipients, letter),) = server.letters
    assert recipients == [ADDRESS]
    assert letter["Subject"] == "Weltoffene Kommune: Vorab-Rückmeldung zu Ihren Dateien (Garbsen)"
    text, page = _text(letter), _page(letter)
    assert "Noch ist nichts veröffentlicht" in text
    assert "Alle 22 Zeilen würden übernommen" in text
    assert "zählt nur diese" in text
    assert "default-src &#39;none&#39;" in page or "default-src 'none'" in page
    assert "108 von 108 Fragen" in page
    assert "Workshop-Vorlage" in page
    for told in (text, page, (settings.outbox / "early.jsonl").read_text()):
        assert "Mustermann" not in told
    # Nothing else was written: no archive, no stage, no release, no copy of a file.
    for folder in (settings.archive, settings.stage, settings.releases):
        assert not list(folder.iterdir())
    for file in settings.outbox.rglob("*"):
        assert not file.stat().st_mode & 0o077
    assert [x.name for x in (settings.early).iterdir()] == ["round.lock"]


def test_a_sound_file_is_confirmed(settings: Settings, contacts: None) -> None:
    deliver(settings, f"{GARBSEN}/workshops/2025-05-14", SOUND)
    assert check_inbox(settings).written == 1
    (message,) = _waiting(settings)
    assert "vollständig lesbar. Sie brauchen nichts zu tun." in _text(message)
    assert "Dabei ist uns" not in _text(message)
    assert 'class="verdict good"' in _page(message)


def test_a_file_of_nobody_is_for_the_operator(settings: Settings, contacts: None) -> None:
    for folder in ("_multi/t0", "Frau Mustermann"):
        _deliver_note(settings, NAME, folder)
    assert check_inbox(settings).written == 1
    (message,) = _waiting(settings)
    assert message["To"] == "betrieb@weltoffen.example"
    assert message["X-Weltoffen-AGS"] is None
    text = _text(message)
    assert "_multi/t0/" in text
    assert "- …/" in text
    assert "Mustermann" not in text
    assert check_inbox(settings).written == 0


def test_few_people_are_not_counted(settings: Settings, contacts: None) -> None:
    lines = EXPORT.read_text(encoding="utf-8").splitlines(keepends=True)
    file = deliver(settings, FOLDER, EXPORT)
    file.write_text("".join(lines[:4]), encoding="utf-8")
    done = check_inbox(settings)
    assert done.files[0].verdict == "loaded"
    (message,) = _waiting(settings)
    assert "Die Datei würde übernommen." in _text(message)
    assert "3 Zeilen" not in _text(message)
    assert "zu wenige" in _page(message)


def test_a_killed_reader_is_told_as_at_night(settings: Settings, contacts: None) -> None:
    """Parsing takes longer than allowed, and the child is killed."""
    impatient = settings.model_copy(update={"reader_seconds": 0.001})
    deliver(settings, FOLDER, EXPORT)
    done = check_inbox(impatient)
    assert [x.verdict for x in done.files] == ["quarantined"]
    (message,) = _waiting(settings)
    assert "So können wir die Datei noch nicht übernehmen." in _text(message)
    memory = (settings.outbox / "notified.jsonl").read_text().splitlines()
    assert [json.loads(x)["rule"] for x in memory] == ["file_reader_stopped"]


def test_a_file_that_changes_meanwhile_is_left(settings: Settings) -> None:
    """The state of the look no longer holds when the file is copied."""
    path = deliver(settings, FOLDER, EXPORT)
    before = path.lstat()
    with path.open("ab") as file:
        file.write(b"\n")
    os.utime(path, ns=(0, before.st_mtime_ns + 1))
    (settings.early).mkdir()
    with rounds.private_copy(InboxFile(path, "x", before), settings.early) as copy:
        assert copy is None


def _night(settings: Settings, has: "multiprocessing.synchronize.Event", end: "multiprocessing.synchronize.Event") -> None:  # fmt: skip
    with run_lock(settings):
        has.set()
        end.wait(60)


def test_a_night_goes_first(settings: Settings) -> None:
    """While a night runs in another process nothing is told; a stale note of one is no night."""
    _deliver_note(settings)
    spawned = multiprocessing.get_context("spawn")
    has, end = spawned.Event(), spawned.Event()
    night = spawned.Process(target=_night, args=(settings, has, end))
    night.start()
    try:
        assert has.wait(60)
        assert check_inbox(settings).state == "busy"
        answer = CliRunner().invoke(main, ["early", "--data-dir", str(settings.data_dir)])
        assert answer.exit_code == 75
    finally:
        end.set()
        night.join()
    assert not list(settings.outbox.glob("*"))
    (settings.warehouse / "run.holder.json").write_text('{"PID": "1"}')
    assert not is_held(settings)


def test_what_a_night_took_in_meanwhile_is_left_to_it(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A night takes the file in while it is being checked: it tells, the round does not."""
    _deliver_note(settings)
    checking = rounds.check_delivery

    def check_slowly(*arguments: object) -> object:
        checked = checking(*arguments)  # type: ignore[arg-type]
        take_in(settings)
        return checked

    monkeypatch.setattr(rounds, "check_delivery", check_slowly)
    done = check_inbox(settings)
    assert (done.written, done.left) == (0, 1)
    assert not list(settings.outbox.glob("*"))


def test_nothing_is_told_while_the_night_writes(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The outbox belongs to one at a time; a round waits for it and never takes the run's lock."""
    monkeypatch.setattr("weltoffen_etl.lock._SENDING_SECONDS", 0.2)
    _deliver_note(settings)
    with outbox_lock(settings), pytest.raises(TimeoutError):
        check_inbox(settings)
    assert not list(settings.outbox.glob("*"))
    assert check_inbox(settings).written == 1
    with FileLock(settings.warehouse / "run.lock", timeout=0):
        pass


def test_command_speaks_and_can_be_switched_off(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WELTOFFEN_SETTLE_SECONDS", "0")
    _deliver_note(settings, NAME)
    ask = ["early", "--data-dir", str(settings.data_dir)]
    dry = CliRunner().invoke(main, [*ask, "--dry-run"])
    assert dry.exit_code == 0
    assert f"{FOLDER}/" in dry.output
    assert "in Quarantäne, 1 Befunde" in dry.output
    assert "Mustermann" not in dry.output
    assert not list(settings.outbox.glob("*"))
    monkeypatch.setenv("WELTOFFEN_EARLY_CHECKS", "false")
    off = CliRunner().invoke(main, ask)
    assert (off.exit_code, list(settings.outbox.glob("*"))) == (0, [])
    assert "abgeschaltet" in off.output
