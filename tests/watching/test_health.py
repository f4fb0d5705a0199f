"""What `weltoffen health` notices, each thing broken on purpose."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.watching.installation import (
    NAME,
    arrive,
    install,
    later,
    make_older,
    new_settings,
    pass_night,
)
from weltoffen_etl.cli import main
from weltoffen_etl.deliveries.intake import take_in
from weltoffen_etl.permissions import make_folders
from weltoffen_etl.settings import Settings
from weltoffen_etl.watching import heartbeat
from weltoffen_etl.watching.look import look
from weltoffen_etl.watching.situation import Check


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = new_settings(tmp_path / "data")
    install(settings)
    return settings


def _checks(settings: Settings, **more: object) -> dict[str, Check]:
    return {check.id: check for check in look(settings, **more).checks}  # type: ignore[arg-type]


def _alarms(settings: Settings, **more: object) -> set[str]:
    return {x.id for x in _checks(settings, **more).values() if x.status == "alarm"}


def test_a_sound_installation_has_no_alarm(settings: Settings) -> None:
    checks = _checks(settings, deep=True)
    assert {x.id for x in checks.values() if x.status != "ok"} == {"channels"}
    assert "Prüfsummen" in checks["release"].text


def test_a_night_that_stays_away(settings: Settings) -> None:
    assert _alarms(settings, now=later(hours=25.9)) == set()
    (check,) = (
        x for x in look(settings, now=later(hours=26.1)).checks if x.id == "last_good_night"
    )
    assert check.status == "alarm"
    assert "Seit 26 Stunden ist kein Lauf gut zu Ende gegangen" in check.text
    assert "gilt weiter" in check.text
    assert "`weltoffen run`" in check.action
    assert _alarms(settings.model_copy(update={"alarm_hours": 50.0}), now=later(hours=49)) == set()


def test_the_journal_knows_good_nights_too(settings: Settings) -> None:
    heartbeat.heartbeat_file(settings).unlink()
    assert "last_good_night" not in _alarms(settings)
    assert "last_good_night" in _alarms(settings, now=later(hours=27))


def test_before_the_first_night(tmp_path: Path) -> None:
    settings = new_settings(tmp_path / "data")
    settings.inbox.mkdir(parents=True)
    assert _checks(settings)["last_good_night"].status == "warning"
    assert _alarms(settings) == set()
    # The first look of the timer is the beginning, whatever the folders say later.
    look(settings, alert=True)
    os.utime(settings.inbox, (0, 0))
    assert _alarms(settings, now=later(hours=25)) == set()
    assert _alarms(settings, now=later(hours=27)) == {"last_good_night"}


@pytest.mark.parametrize("outcome", ["failed", "audit_failed"])
def test_a_night_that_failed(settings: Settings, outcome: str) -> None:
    pass_night(settings, outcome, failures=["core.answer: Schlüssel"])
    check = _checks(settings)["last_run"]
    assert check.status == "alarm"
    assert "gilt weiter" in check.text
    assert check.details == ("core.answer: Schlüssel",)
    assert "core.answer" not in check.text
    pass_night(settings, "nothing_new")
    assert _checks(settings)["last_run"].status == "ok"


_NIGHT = """
import sys, time
from pathlib import Path
from weltoffen_etl.settings import Settings
from weltoffen_etl.watching.heartbeat import beating
with beating(Settings(data_dir=Path(sys.argv[1])), "run-0815"):
    print("begonnen", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def night(settings: Settings) -> Iterator[subprocess.Popen[str]]:
    """A real process that began a night and does not end it."""
    command = [sys.executable, "-c", _NIGHT, str(settings.data_dir)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "begonnen\n"
        try:
            yield process
        finally:
            process.kill()


def test_a_night_that_was_killed(settings: Settings, night: subprocess.Popen[str]) -> None:
    assert _checks(settings)["run_in_progress"].text.startswith("Ein Lauf ist seit")
    assert _alarms(settings) == set()
    night.kill()
    night.wait()
    check = _checks(settings)["last_run"]
    assert check.status == "alarm"
    assert "abgebrochen" in check.text
    assert "Es ging nichts verloren" in check.action
    pass_night(settings, "nothing_new")
    assert _alarms(settings) == set()


def test_a_night_without_end(settings: Settings, night: subprocess.Popen[str]) -> None:
    assert _alarms(settings, now=later(hours=3.9)) == set()
    assert _alarms(settings, now=later(hours=4.1)) == {"run_in_progress"}
    assert str(night.pid) in _checks(settings, now=later(hours=4.1))["run_in_progress"].action


def test_looking_does_not_disturb_a_night_that_begins(settings: Settings) -> None:
    """Health asks whether a run lives; a run that begins just then must not be refused."""
    asking = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys; from pathlib import Path; from weltoffen_etl.settings import Settings\n"
            "from weltoffen_etl.watching.heartbeat import alive\n"
            "s = Settings(data_dir=Path(sys.argv[1]))\nprint(alive(s), flush=True)\n"
            "while True: alive(s)",
            str(settings.data_dir),
        ],
        stdout=subprocess.PIPE,
    )
    try:
        assert asking.stdout is not None
        assert asking.stdout.readline() == b"False\n"
        for _ in range(20):
            with heartbeat.beating(settings, None):
                assert heartbeat.alive(settings)
    finally:
        asking.kill()
        asking.wait()
        asking.stdout.close()


def test_deliveries_that_no_release_holds(settings: Settings) -> None:
    file = arrive(settings, "neu.csv")
    assert "waiting_deliveries" not in _alarms(settings, now=later(hours=35.9))
    check = _checks(settings, now=later(hours=36.1))["waiting_deliveries"]
    assert (check.status, check.value) == ("alarm", 1)
    take_in(settings)
    file.unlink()
    check = _checks(settings, now=later(hours=36.1))["waiting_deliveries"]
    assert (check.status, check.value) == ("alarm", 1)
    assert "Lieferung " in check.details[0]
    assert "neu" not in str(check)


def test_a_touched_file_is_no_new_delivery(settings: Settings) -> None:
    """A night reads it, finds the same bytes and writes nothing down."""
    os.utime(settings.inbox / "03241005/t0/selfcheck" / NAME, (1_700_000_000, 1_700_000_000))
    time.sleep(1.1)
    pass_night(settings, "nothing_new")
    assert "waiting_deliveries" not in _alarms(settings, now=later(hours=40))


def _cut_database(settings: Settings) -> None:
    database = (settings.releases / "current").resolve() / "weltoffen.duckdb"
    os.truncate(database, database.stat().st_size // 2)


def _overwrite_database(settings: Settings) -> None:
    database = (settings.releases / "current").resolve() / "weltoffen.duckdb"
    database.write_bytes(b"\0" * database.stat().st_size)


def _dangle(settings: Settings) -> None:
    (settings.releases / "current").unlink()
    (settings.releases / "current").symlink_to("20200101T000000Z")


def _loop(settings: Settings) -> None:
    (settings.releases / "current").unlink()
    (settings.releases / "current").symlink_to("current")


def _two_pointers(settings: Settings) -> None:
    (settings.releases / "current.json").write_text('{"release": "20200101T000000Z"}')


def _no_manifest(settings: Settings) -> None:
    ((settings.releases / "current").resolve() / "manifest.json").unlink()


def _no_page(settings: Settings) -> None:
    ((settings.releases / "current").resolve() / "quality.html").unlink()


def _no_release(settings: Settings) -> None:
    shutil.rmtree(settings.releases)


@pytest.mark.parametrize(
    "damage",
    [
        _cut_database,
        _overwrite_database,
        _dangle,
        _loop,
        _two_pointers,
        _no_manifest,
        _no_page,
        _no_release,
    ],
)
def test_a_release_that_is_not_whole(settings: Settings, damage: Callable[..., None]) -> None:
    damage(settings)
    assert "release" in _alarms(settings)


def test_a_changed_byte_shows_in_the_deep_check(settings: Settings) -> None:
    page = (settings.releases / "current").resolve() / "quality.html"
    page.write_text(page.read_text().upper())
    assert "release" not in _alarms(settings)
    assert "release" in _alarms(settings, deep=True)


def test_a_full_disk(settings: Settings) -> None:
    full = settings.model_copy(update={"min_free_bytes": 10**18})
    assert _alarms(full) == {"free_space"}


def test_messages_that_wait(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    (settings.outbox / "a.eml").write_text("Betreff")
    assert _checks(settings, now=later(hours=71))["outbox"].status == "ok"
    assert _checks(settings, now=later(hours=73))["outbox"].status == "warning"
    monkeypatch.setenv("WELTOFFEN_SMTP__HOST", "localhost")
    monkeypatch.setenv("WELTOFFEN_SMTP__SENDER", "daten@weltoffen.example")
    assert _checks(settings, now=later(hours=73))["outbox"].status == "alarm"


def test_a_clock_that_went_back(settings: Settings) -> None:
    assert _alarms(settings, now=later(minutes=-55)) == set()
    check = _checks(settings, now=later(hours=-12))["clock"]
    assert check.status == "alarm"
    assert "12,0 Stunden in der Zukunft" in check.text


def test_an_archive_with_gaps(settings: Settings) -> None:
    (object_,) = (x for x in (settings.archive / "objects").rglob("*") if x.is_file())
    object_.unlink()
    assert _alarms(settings) == {"archive"}
    shutil.rmtree(settings.archive)
    assert "archive" in _alarms(settings)


def test_folders_open_to_others(tmp_path: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:  # that of the tests is closed by itself
        Path(folder).chmod(0o755)
        settings = new_settings(Path(folder) / "data")
        install(settings)
        assert _checks(settings)["file_modes"].status == "ok"
        settings.warehouse.chmod(0o755)
        check = _checks(settings)["file_modes"]
        assert check.status == "alarm"
        assert "chmod o-rwx warehouse" in check.action
        Path(folder).chmod(0o700)
        assert _checks(settings)["file_modes"].status == "ok"


def test_a_data_folder_that_is_missing(tmp_path: Path) -> None:
    settings = new_settings(tmp_path / "platte" / "data")
    assert _alarms(settings) == {"data_folder"}
    assert not (tmp_path / "platte").exists()


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become another user")
def test_a_data_folder_that_cannot_be_written() -> None:
    """The tests may run as root, who may do everything: another user looks."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        settings = new_settings(Path(folder) / "data")
        install(settings)
        make_folders(settings)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # the tests may run in threads
            child = os.fork()
        if child == 0:
            code = 99
            try:
                os.setgid(65534)
                os.setuid(65534)
                found = look(settings, alert=True)
                alarms = {x.id for x in found.checks if x.status == "alarm"}
                code = 0 if alarms >= {"data_folder", "archive"} else 1
            finally:
                os._exit(code)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


@pytest.mark.parametrize("garbage", [b"", b"\xff\xfe\x00", b"null", b"[]", b"{}", b'{"run": 1}\n'])
def test_no_damage_makes_it_fall(settings: Settings, garbage: bytes) -> None:
    files = [
        heartbeat.heartbeat_file(settings),
        settings.journal,
        settings.data_dir / "incidents.jsonl",
        settings.archive / "ledger.jsonl",
        settings.releases / "current.json",
        (settings.releases / "current").resolve() / "manifest.json",
    ]
    for file in files:
        before = file.read_bytes() if file.exists() else None
        file.write_bytes(garbage)
        look(settings, alert=True)
        if before is not None:
            file.write_bytes(before)
    for file in files:
        file.write_bytes(garbage)
    assert look(settings, alert=True).status == "alarm"


def test_command_answers_in_a_second_without_heavy_libraries(settings: Settings) -> None:
    command = "import sys; from weltoffen_etl.cli import main\ntry: main()\nfinally: print(*sys.modules, file=sys.stderr)"
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", command, "health", "--json", "--data-dir", str(settings.data_dir)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert time.monotonic() - began < 10
    assert done.returncode == 0, done.stdout
    loaded = set(done.stderr.split())
    assert not loaded & {"dagster", "great_expectations", "pandas", "numpy", "scipy", "altair"}
    content = json.loads(done.stdout)
    assert content["status"] == "warning"
    assert {x["id"] for x in content["checks"]} >= {"last_good_night", "release", "archive"}
    assert set(content["checks"][0]) == {"id", "status", "text", "action", "value", "details"}


def test_command_shows_what_to_do(settings: Settings) -> None:
    make_older(settings, hours=30)
    result = CliRunner().invoke(main, ["health", "--data-dir", str(settings.data_dir)])
    assert result.exit_code == 1
    assert "Störung  Seit 30 Stunden" in result.output
    assert "systemctl status" in result.output


def test_heartbeat_is_open_to_all_and_shows_nobody(settings: Settings) -> None:
    file = heartbeat.heartbeat_file(settings)
    assert file.stat().st_mode & 0o777 == 0o644
    content = json.loads(file.read_text())
    assert set(content) == {"version", "run", "last_good", "last_release"}
    assert content["run"]["run_id"] == "run-4711"
    assert "Erika" not in file.read_text()


def test_a_resource_opened_for_nothing_is_no_night(settings: Settings) -> None:
    """Dagster may open the resource once more after a run, to read its results."""
    before = heartbeat.read(settings)
    with heartbeat.beating(settings, "run-0815"):
        assert heartbeat.read(settings).run != before.run
    assert heartbeat.read(settings) == before


def test_a_night_that_falls_out_of_its_frame_is_broken_off(settings: Settings) -> None:
    with pytest.raises(OSError, match="voll"), heartbeat.beating(settings, "run-0815"):
        raise OSError("voll")
    assert _alarms(settings) == {"last_run"}


def test_no_heartbeat_stops_no_night(tmp_path: Path) -> None:
    blocked = tmp_path / "data"
    blocked.write_text("kein Ordner")
    with heartbeat.beating(new_settings(blocked), "run"):
        pass
