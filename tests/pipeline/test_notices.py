"""What senders and operator are told: written once, sent when a server takes it."""

import json
import os
import shutil
import socket
import time
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner

from tests.conftest import DEMO_INBOX, deliver
from tests.mail_server import PASSWORD, USER, Certificate, free_port, mail_server
from tests.nights import run_night
from weltoffen_etl.cli import main
from weltoffen_etl.journal import RunRecord, last_runs
from weltoffen_etl.notices.notify import notify
from weltoffen_etl.settings import PROJECT_ROOT, NoticeSettings, Settings
from weltoffen_etl.warehouse.current import current_release

GARBSEN, KAUFBEUREN = "03241005", "09762000"
EXPORT = DEMO_INBOX / GARBSEN / "t0" / "selfcheck" / "garbsen_t0_results-survey352021.csv"
WHO = {GARBSEN: "umfrage@garbsen.example", KAUFBEUREN: "umfrage@kaufbeuren.example"}
OPERATOR = "betrieb@weltoffen.example"
REPORT = "<!doctype html><p>Der ganze Bericht: ä, ß, €</p>"


def _nobody_promised(folder: Path) -> Path:
    """The reference folder without expected deliveries: these nights are about what came."""
    reference = folder / "reference"
    shutil.copytree(PROJECT_ROOT / "data" / "reference", reference)
    expected = reference / "expected_deliveries.csv"
    expected.write_text(
        expected.read_text(encoding="utf-8").split("\n")[0] + "\n", encoding="utf-8"
    )
    return reference


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """One night with a cut CSV and a broken workbook; its messages are taken away again."""
    folder = tmp_path_factory.mktemp("published")
    settings = Settings(
        data_dir=folder / "data", reference_dir=_nobody_promised(folder), settle_seconds=0.0
    )
    cut = folder / "cut.csv"
    cut.write_bytes(EXPORT.read_bytes()[: EXPORT.stat().st_size * 2 // 3])
    deliver(settings, f"{GARBSEN}/t0/selfcheck", cut)
    workbook = next((DEMO_INBOX / KAUFBEUREN / "t0" / "selfcheck").glob("*.xlsx")).read_bytes()
    broken = folder / "broken.xlsx"
    broken.write_bytes(workbook[: len(workbook) // 2])
    deliver(settings, f"{KAUFBEUREN}/t0/selfcheck", broken)
    deliver(settings, "_multi/t7", EXPORT, "mehrere.csv")
    record = run_night(settings)
    assert record.outcome == "published", record.failures
    assert record.messages_sent == 0
    assert record.messages_waiting == 3
    shutil.rmtree(settings.outbox)
    return settings


@pytest.fixture
def installation(published: Settings, tmp_path: Path) -> Settings:
    """A copy of that night in which nobody was told anything, with contacts and reports."""
    shutil.copytree(published.data_dir, tmp_path / "data", symlinks=True)
    settings = published.model_copy(update={"data_dir": tmp_path / "data"})
    release = current_release(settings)
    assert release is not None
    report = release.folder / "reports" / f"{GARBSEN}.html"
    report.chmod(0o644)
    report.write_text(REPORT, encoding="utf-8")
    report.with_name(f"{KAUFBEUREN}.html").unlink()
    _contacts(settings, *[f"{ags},{address}" for ags, address in WHO.items()])
    return settings


def _contacts(settings: Settings, *lines: str) -> None:
    text = "\n".join(["ags,email", *lines]) + "\n"
    (settings.data_dir / "contacts.csv").write_text(text, encoding="utf-8")


def _use(monkeypatch: pytest.MonkeyPatch, port: int, **more: str) -> None:
    """Sets the environment as an operator would."""
    values = {"HOST": "localhost", "PORT": str(port), "SENDER": "daten@weltoffen.example", **more}
    for name, value in values.items():
        monkeypatch.setenv(f"WELTOFFEN_SMTP__{name}", value)
    monkeypatch.setenv("WELTOFFEN_OPERATOR_EMAIL", OPERATOR)


def _run(settings: Settings, outcome: str = "published") -> RunRecord:
    release = current_release(settings)
    return RunRecord(
        outcome=outcome,  # type: ignore[arg-type]
        release=release.name if release else None,
    )


def _waiting(settings: Settings) -> dict[str, EmailMessage]:
    messages = {}
    for file in sorted(settings.outbox.glob("*.eml")):
        message = message_from_bytes(file.read_bytes(), policy=policy.default)
        assert isinstance(message, EmailMessage)
        messages[file.name.partition("_")[2].removesuffix(".eml")] = message
    return messages


def _text(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def _flat(message: EmailMessage) -> str:
    return " ".join(_text(message).split())


def test_messages_say_what_arrived_and_what_to_do(installation: Settings) -> None:
    done = notify(installation, _run(installation))
    assert (done.written, done.sent, done.waiting, done.problems) == (2, 0, 3, ())
    messages = _waiting(installation)
    assert messages.keys() == {GARBSEN, KAUFBEUREN, "operator"}
    garbsen = messages[GARBSEN]
    assert garbsen["To"] == WHO[GARBSEN]
    assert garbsen["X-Weltoffen-AGS"] == GARBSEN
    assert "Garbsen" in garbsen["Subject"]
    text = _flat(garbsen)
    for words in (
        "vielen Dank für Ihre Daten",
        "Selbstcheck, Welle t0 (eingegangen am ",
        "Wir konnten die Datei noch nicht übernehmen.",
        "1 Stelle braucht einen neuen Export.",
        "bricht in Zeile",
        "Den ganzen Bericht finden Sie im Anhang.",
    ):
        assert words in text, words
    assert text.count(". ") + 1 <= 14
    (attached,) = garbsen.iter_attachments()
    release = current_release(installation)
    assert release is not None
    assert attached.get_filename() == f"datenqualitaet_{GARBSEN}_{release.name}.html"
    assert attached.get_content_type() == "text/html"
    assert attached.get_content().strip() == REPORT
    kaufbeuren = messages[KAUFBEUREN]
    assert not list(kaufbeuren.iter_attachments())
    assert "Anhang" not in _text(kaufbeuren)
    assert all(len(line) <= 100 for line in _text(garbsen).splitlines())


def test_digest_counts_what_the_warehouse_holds(installation: Settings) -> None:
    notify(installation, _run(installation))
    text = _flat(_waiting(installation)["operator"])
    with duckdb.connect(str(installation.warehouse_file), read_only=True) as connection:
        counts = dict(
            connection.execute("SELECT severity, count(*) FROM raw.finding GROUP BY 1").fetchall()
        )
    assert counts["critical"] == 3
    assert (
        f"Neue Befunde: {counts['critical']} halten zurück, {counts.get('warning', 0)} Warnungen, "
        f"{counts.get('info', 0)} Hinweise." in text
    )
    assert "Lieferungen in Quarantäne: 3." in text
    assert "nur für Sie: 1 halten zurück" in text


def test_no_words_from_files_leave(installation: Settings, tmp_path: Path) -> None:
    with duckdb.connect(str(installation.warehouse_file)) as connection:
        connection.execute(
            "UPDATE raw.finding SET message = 'Erika Mustermann', value = 'Erika Mustermann', "
            "sheet = 'Erika Mustermann', source_column = 'Erika Mustermann'"
        )
    notify(installation, _run(installation))
    for message in _waiting(installation).values():
        for part in message.walk():
            if not part.is_multipart():
                assert "Erika" not in part.get_content()
        assert "Erika" not in str(message.items())


def test_sent_once_and_not_again(installation: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    with mail_server() as server:
        _use(monkeypatch, server.port, SECURITY="none")
        first = _run(installation)
        notify(installation, first)
        assert (first.messages_sent, first.messages_waiting, first.message_problems) == (3, 0, [])
        assert sorted(server.recipients) == sorted([*WHO.values(), OPERATOR])
        second = _run(installation, "nothing_new")
        notify(installation, second)
        assert (second.messages_sent, second.messages_waiting) == (0, 0)
        assert len(server.letters) == 3
    assert _waiting(installation) == {}
    assert len(list((installation.outbox / "sent").glob("*.eml"))) == 3


@pytest.mark.slow
def test_findings_known_from_an_earlier_release_are_no_news(
    installation: Settings, tmp_path: Path
) -> None:
    notify(installation, _run(installation))
    shorter = tmp_path / "corrected.csv"
    lines = EXPORT.read_bytes().decode("utf-8-sig").split("\r\n")
    shorter.write_text("\r\n".join(lines[:3]) + "\r\n", encoding="utf-8", newline="")
    deliver(installation, f"{GARBSEN}/t1/selfcheck", shorter)
    before = {file.name for file in installation.outbox.glob("*.eml")}
    record = run_night(installation)
    assert record.outcome == "published", record.failures
    new = {file.name for file in installation.outbox.glob("*.eml")} - before
    with duckdb.connect(str(installation.warehouse_file), read_only=True) as connection:
        fresh = connection.execute(
            "SELECT count(*) FROM raw.finding JOIN raw.delivery USING (delivery_id) "
            "WHERE wave = 't1' AND severity <> 'info'"
        ).fetchone()
    assert fresh is not None
    assert {name.partition("_")[2] for name in new} == {"operator.eml"} | (
        {f"{GARBSEN}.eml"} if fresh[0] else set()
    )


def test_mere_notes_make_no_message(installation: Settings) -> None:
    with duckdb.connect(str(installation.warehouse_file)) as connection:
        connection.execute("UPDATE quality.finding SET severity = 'info'")
    notify(installation, _run(installation))
    assert _waiting(installation).keys() == {"operator"}


def test_replaced_files_are_not_complained_about(installation: Settings) -> None:
    with duckdb.connect(str(installation.warehouse_file)) as connection:
        connection.execute(
            f"UPDATE quality.finding SET is_current = false WHERE sender = '{GARBSEN}'"
        )
    notify(installation, _run(installation))
    assert _waiting(installation).keys() == {KAUFBEUREN, "operator"}


def test_encrypted_and_logged_in(
    installation: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    certificate = Certificate(tmp_path)
    secret = tmp_path / "kennwort"
    secret.write_text(f"{PASSWORD}\n")
    with mail_server(starttls=certificate) as server:
        _use(
            monkeypatch,
            server.port,
            USER=USER,
            PASSWORD_FILE=str(secret),
            CA_FILE=str(certificate.ca_file),
        )
        done = notify(installation, _run(installation))
        assert (done.sent, done.problems) == (3, ())
        assert server.encrypted == [True] * 3
        assert server.logins[0] == (USER.encode(), PASSWORD.encode())


def test_encrypted_from_the_first_byte(
    installation: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    certificate = Certificate(tmp_path)
    with mail_server(tls=certificate) as server:
        _use(monkeypatch, server.port, SECURITY="tls", CA_FILE=str(certificate.ca_file))
        assert notify(installation).sent == 2
        assert server.encrypted == [True] * 2


def test_foreign_certificate_is_not_trusted(
    installation: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "other").mkdir()
    other = Certificate(tmp_path / "other")
    with mail_server(starttls=Certificate(tmp_path)) as server:
        _use(monkeypatch, server.port, USER=USER, PASSWORD=PASSWORD, CA_FILE=str(other.ca_file))
        done = notify(installation)
        assert (done.sent, done.waiting, server.logins) == (0, 2, [])
        assert done.problems == (
            "Die Verbindung zum Mailserver ließ sich nicht sicher verschlüsseln.",
        )


def test_no_password_goes_to_a_server_without_encryption(
    installation: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with mail_server() as server:
        _use(monkeypatch, server.port, USER=USER, PASSWORD=PASSWORD)
        done = notify(installation)
        assert (done.sent, server.logins) == (0, [])
        assert "Verschlüsselung" in done.problems[0]
        monkeypatch.setenv("WELTOFFEN_SMTP__SECURITY", "none")
        done = notify(installation)
        assert (done.sent, server.logins) == (0, [])
        assert "unverschlüsselt" in done.problems[0]
        assert PASSWORD not in str(done)


def test_wrong_password_keeps_all_waiting(
    installation: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    certificate = Certificate(tmp_path)
    with mail_server(starttls=certificate) as server:
        _use(
            monkeypatch, server.port, USER=USER, PASSWORD="falsch", CA_FILE=str(certificate.ca_file)
        )
        record = _run(installation)
        done = notify(installation, record)
        assert (done.sent, done.waiting) == (0, 3)
        assert done.problems == ("Der Mailserver nimmt Benutzer und Kennwort nicht an (535).",)
        assert record.outcome == "published"


def test_refused_address_costs_only_its_own_message(
    installation: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with mail_server() as server:
        _use(monkeypatch, server.port, SECURITY="none")
        server.refused.add(WHO[GARBSEN])
        done = notify(installation, _run(installation))
        assert (done.sent, done.waiting) == (2, 1)
        assert sorted(server.recipients) == sorted([WHO[KAUFBEUREN], OPERATOR])
        (problem,) = done.problems
        assert problem.endswith(f"{GARBSEN}: Die Adresse wurde abgelehnt (550).")
        digest = next(m for _, to, m in server.letters if to == [OPERATOR])
        assert "Die Adresse wurde abgelehnt (550)." in _flat(digest)
        assert "1 warten im Ausgang" in _flat(digest)
        # A contact put right later reaches the municipality in a night without news.
        _contacts(installation, f"{GARBSEN},neu@garbsen.example", f"{KAUFBEUREN},{WHO[KAUFBEUREN]}")
        done = notify(installation, _run(installation, "nothing_new"))
        assert (done.written, done.sent, done.waiting, done.problems) == (0, 1, 0, ())
        assert server.letters[-1][1] == ["neu@garbsen.example"]
        assert server.letters[-1][2]["To"] == "neu@garbsen.example"


def test_server_down_then_up(installation: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    port = free_port()
    _use(monkeypatch, port, SECURITY="none")
    done = notify(installation, _run(installation))
    assert (done.sent, done.waiting) == (0, 3)
    assert done.problems == ("Der Mailserver ist nicht erreichbar.",)
    # A second bad night writes no second digest about the same trouble.
    done = notify(installation, _run(installation, "nothing_new"))
    assert (done.written, done.waiting) == (0, 3)
    with mail_server(port) as server:
        record = _run(installation, "nothing_new")
        notify(installation, record)
        assert (record.messages_sent, record.messages_waiting) == (3, 0)
        assert len(server.letters) == 3


def test_server_that_takes_nothing_now_gets_all_later(
    installation: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with mail_server() as server:
        _use(monkeypatch, server.port, SECURITY="none")
        server.busy = True
        done = notify(installation, _run(installation))
        assert (done.sent, done.waiting) == (0, 3)
        assert all(x.endswith("Die Nachricht wurde abgelehnt (451).") for x in done.problems)
        server.busy = False
        assert notify(installation).sent == 2
        assert server.letters[0][2]["Reply-To"] == OPERATOR


def test_server_that_never_answers_costs_the_timeout_once(
    installation: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        _use(monkeypatch, silent.getsockname()[1], HOST="127.0.0.1", TIMEOUT="0.5")
        began = time.monotonic()
        done = notify(installation, _run(installation))
        assert time.monotonic() - began < 10
    assert (done.sent, done.waiting) == (0, 3)
    assert done.problems == ("Der Mailserver antwortet nicht rechtzeitig.",)


def test_municipality_without_contact_waits_and_is_named(
    installation: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    _contacts(
        installation,
        f"{GARBSEN},{WHO[GARBSEN]}",
        "9762000,umfrage@kaufbeuren.example",
        f"{KAUFBEUREN},kein Mensch",
        f"{KAUFBEUREN},a@b.example\tBcc: c@d.example",
        f"{KAUFBEUREN},a@b.example,zu viel",
        f"{KAUFBEUREN},",
    )
    with mail_server() as server:
        _use(monkeypatch, server.port, SECURITY="none")
        done = notify(installation, _run(installation))
        assert done.without_contact == (KAUFBEUREN,)
        assert (done.sent, done.waiting) == (2, 1)
        assert [x.partition(":")[0] for x in done.problems] == [
            f"Kontaktliste, Zeile {line}" for line in range(3, 8)
        ]
        digest = _flat(next(m for _, to, m in server.letters if to == [OPERATOR]))
        assert f"{KAUFBEUREN} Kaufbeuren" in digest
        assert "führende Null" in digest
        assert "kein Mensch" not in digest
    (message,) = _waiting(installation).values()
    assert message["To"] is None
    assert message["X-Weltoffen-AGS"] == KAUFBEUREN


@pytest.mark.parametrize(
    "lines",
    [
        ['"09762000","a@b.example\r\nBcc: opfer@c.example"'],
        ['"09762000\r\nBcc: opfer@c.example","a@b.example"'],
        ["09762000,a@b.example\x0bBcc: opfer@c.example"],
        ["09762000,a@b.example%0d%0aBcc:opfer@c.example"],
        ["09762000,opfer@c.example>,<a@b.example"],
        ['09762000,"unclosed'],
    ],
)
def test_addresses_inject_no_header(
    installation: Settings, monkeypatch: pytest.MonkeyPatch, lines: list[str]
) -> None:
    text = "\r\n".join(["ags,email", *lines]) + "\r\n"
    (installation.data_dir / "contacts.csv").write_text(text, encoding="utf-8", newline="")
    with mail_server() as server:
        _use(monkeypatch, server.port, SECURITY="none")
        done = notify(installation, _run(installation))
        assert set(server.recipients) <= {OPERATOR}
        assert done.problems
        assert all(letter["Bcc"] is None for _, _, letter in server.letters)
    assert {name for name in _waiting(installation) if name != "operator"} == {GARBSEN, KAUFBEUREN}


def test_names_inject_no_header(
    installation: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    reference = tmp_path / "reference"
    shutil.copytree(installation.reference_dir, reference)
    registry = reference / "municipalities.csv"
    text = registry.read_text(encoding="utf-8")
    changed = text.replace(",Garbsen,", ',"Garbsen\nBcc: opfer@c.example",')
    assert changed != text
    registry.write_text(changed, encoding="utf-8")
    settings = installation.model_copy(update={"reference_dir": reference})
    done = notify(settings, _run(settings))
    assert _waiting(settings).keys() == {KAUFBEUREN, "operator"}
    assert done.problems == (
        f"Keine Nachricht für {GARBSEN}: Ein Name oder eine Adresse enthält einen Zeilenumbruch.",
    )


def test_wrong_settings_are_named_without_their_values(
    installation: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    _use(monkeypatch, 25, PASSWORD=PASSWORD)
    monkeypatch.setenv("WELTOFFEN_SMTP__PORT", PASSWORD)
    done = notify(installation, _run(installation))
    assert (done.sent, done.waiting) == (0, 3)
    assert "WELTOFFEN_SMTP__PORT" in done.problems[0]
    assert PASSWORD not in str(done)
    monkeypatch.setenv("WELTOFFEN_SMTP", "{")
    assert notify(installation).sent == 0


def test_message_written_before_a_crash_is_not_written_again(installation: Settings) -> None:
    notify(installation)
    (installation.outbox / "notified.jsonl").unlink()
    before = {x.name: x.read_bytes() for x in installation.outbox.glob("*.eml")}
    assert notify(installation).written == 0
    assert {x.name: x.read_bytes() for x in installation.outbox.glob("*.eml")} == before
    lines = (installation.outbox / "notified.jsonl").read_text().splitlines()
    (installation.outbox / "notified.jsonl").write_text("\n".join(lines) + '\n{"subject": "to')
    assert notify(installation).written == 0


def test_damaged_file_in_the_outbox_stops_nothing(
    installation: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    notify(installation)
    (installation.outbox / "00000000T000000Z_x.eml").write_bytes(b"\xff\xfe\x00garbage")
    with mail_server() as server:
        _use(monkeypatch, server.port, SECURITY="none")
        assert notify(installation, _run(installation, "nothing_new")).sent >= 2
        assert set(WHO.values()) <= set(server.recipients)


def _command(settings: Settings) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["notify", "--data-dir", str(settings.data_dir)])
    return result.exit_code, result.output


def test_command_sends_what_waits(installation: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    port = free_port()
    _use(monkeypatch, port, SECURITY="none")
    code, output = _command(installation)
    assert code == 1
    assert "2 geschrieben, 0 gesendet, 2 warten." in output
    assert "nicht erreichbar" in output
    with mail_server(port):
        assert _command(installation) == (0, "0 geschrieben, 2 gesendet, 0 warten.\n")


def test_night_sends_and_keeps_its_secrets(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The real job: bad server, then a good one in a night with nothing new, then a bad release."""
    settings = settings.model_copy(update={"reference_dir": _nobody_promised(tmp_path)})
    home = tmp_path / "home"
    monkeypatch.setenv("DAGSTER_HOME", str(home))
    certificate = Certificate(tmp_path)
    port = free_port()
    _use(monkeypatch, port, USER=USER, PASSWORD=PASSWORD, CA_FILE=str(certificate.ca_file))
    broken = tmp_path / "leer.csv"
    broken.write_bytes(b"")
    deliver(settings, f"{GARBSEN}/t0/selfcheck", broken)
    _contacts(settings, f"{GARBSEN},{WHO[GARBSEN]}")
    record = run_night(settings)
    assert (record.outcome, record.exit_code) == ("published", 3)
    assert (record.messages_sent, record.messages_waiting) == (0, 2)
    with mail_server(port, starttls=certificate) as server:
        record = run_night(settings)
        assert (record.outcome, record.exit_code) == ("nothing_new", 0)
        assert (record.messages_sent, record.messages_waiting) == (2, 0)
        assert sorted(server.recipients) == sorted([WHO[GARBSEN], OPERATOR])
        # A second night sends nothing again.
        assert run_night(settings).messages_sent == 0
        # A night that fails unexpectedly is told as an incident, without what it stumbled over.
        with (settings.archive / "ledger.jsonl").open("a") as ledger:
            ledger.write(json.dumps({"Erika_Mustermann": 1}) + "\n")
        record = run_night(settings)
        assert (record.outcome, record.exit_code) == ("failed", 1)
        assert record.failures == ["TypeError (Einzelheiten in failure.txt)"]
        assert server.recipients[2:] == [OPERATOR]
        assert server.letters[2][2]["Subject"].endswith(
            "letzter Lauf nicht gut beendet und 2 weitere"
        )
        assert "TypeError" in _flat(server.letters[2][2])
        # The next night that fails the same way is the same incident.
        assert run_night(settings).outcome == "failed"
        assert len(server.letters) == 3
    assert "Erika_Mustermann" in (settings.warehouse / "failure.txt").read_text()
    assert [x.messages_sent for x in last_runs(settings)] == [0, 0, 0, 2, 0]
    kept = [file for file in home.rglob("*") if file.is_file()] + [settings.journal]
    assert len(kept) > 3
    for file in kept:
        content = file.read_bytes()
        for secret in (PASSWORD, OPERATOR, WHO[GARBSEN], "Erika"):
            assert secret.encode() not in content, f"{secret} in {file}"


def test_release_stays_published_when_the_outbox_cannot_be_written(
    settings: Settings, tmp_path: Path
) -> None:
    broken = tmp_path / "leer.csv"
    broken.write_bytes(b"")
    deliver(settings, f"{GARBSEN}/t0/selfcheck", broken)
    settings.outbox.write_text("kein Ordner")
    record = run_night(settings)
    assert record.outcome == "published"
    assert record.failures == ["FileExistsError (Einzelheiten in failure.txt)"]
    release = current_release(settings)
    assert release is not None
    assert release.name == record.release


def test_settings_of_a_run_hold_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    from pipelines.resources import Night

    _use(monkeypatch, 587, USER=USER, PASSWORD=PASSWORD)
    assert NoticeSettings().smtp.password is not None
    stored = Night.of(Settings()).settings_json
    assert PASSWORD not in stored
    assert OPERATOR not in stored
    assert PASSWORD not in repr(NoticeSettings())
    assert os.environ["WELTOFFEN_SMTP__PASSWORD"] == PASSWORD
