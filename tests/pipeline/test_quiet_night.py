"""The night without news: the same outcome as the graph's, and no graph."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import pytest

from tests.conftest import DEMO_INBOX, deliver
from tests.nights import run_night
from weltoffen_etl.deliveries.archive import Archive
from weltoffen_etl.journal import RunRecord, last_runs
from weltoffen_etl.lock import LockHeldError, run_lock
from weltoffen_etl.notices.outbox import Outbox
from weltoffen_etl.quarantine import ledger_file
from weltoffen_etl.quiet_night import quiet_night
from weltoffen_etl.releases.beginning import Beginning
from weltoffen_etl.settings import PROJECT_ROOT, Settings
from weltoffen_etl.warehouse.current import list_releases
from weltoffen_etl.watching import heartbeat

GARBSEN = DEMO_INBOX / "03241005" / "t0" / "selfcheck" / "garbsen_t0_results-survey352021.csv"
PLACE = "03241005/t0/selfcheck"
Change = Callable[[Settings], object]


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """One release of one delivery; `reference` is a copy that tests may change."""
    home = tmp_path_factory.mktemp("quiet")
    shutil.copytree(PROJECT_ROOT / "data" / "reference", home / "reference")
    settings = Settings(
        data_dir=home / "data", reference_dir=home / "reference", settle_seconds=0.0
    )
    deliver(settings, PLACE, GARBSEN)
    record = run_night(settings)
    assert record.outcome == "published", record.failures
    return settings


@pytest.fixture
def after(published: Settings, tmp_path: Path) -> Settings:
    """The same installation once more, to be changed."""
    return _copy(published, tmp_path / "after")


def _copy(settings: Settings, to: Path) -> Settings:
    shutil.copytree(settings.data_dir, to / "data", symlinks=True)
    shutil.copytree(settings.reference_dir, to / "reference")
    return settings.model_copy(update={"data_dir": to / "data", "reference_dir": to / "reference"})


def _object(settings: Settings) -> Path:
    archive = Archive(settings.archive)
    [arrival] = archive.arrivals()
    return archive.object_path(arrival.sha256)


def _damage(settings: Settings) -> None:
    file = _object(settings)
    file.chmod(0o600)
    file.write_bytes(file.read_bytes()[:-1])


def _link(settings: Settings) -> None:
    (settings.inbox / PLACE / "Erika Mustermann.csv").symlink_to("/etc/hostname")


def _thumbs(settings: Settings) -> None:
    (settings.inbox / "Thumbs.db").write_bytes(b"x")


def _open_archive(settings: Settings) -> None:
    settings.archive.chmod(0o755)


def _leftover(settings: Settings) -> None:
    (settings.releases / ".build-20200101T000000Z").mkdir()


def _lost_ledger(settings: Settings) -> None:
    ledger_file(settings).unlink(missing_ok=True)


def _waiting_mail(settings: Settings) -> None:
    for file in Outbox(settings).waiting():
        file.unlink()


def _all_at_once(settings: Settings) -> None:
    changes = (_link, _thumbs, _damage, _open_archive, _leftover, _lost_ledger, _waiting_mail)
    for change in changes:
        change(settings)


QUIET: dict[str, Change] = {"nothing": lambda _: None, "all that a night rights": _all_at_once}


def _new_file(settings: Settings) -> None:
    deliver(settings, PLACE, GARBSEN, "zweite.csv")


def _touched(settings: Settings) -> None:
    os.utime(settings.inbox / PLACE / GARBSEN.name, (1_700_000_000, 1_700_000_000))


def _changed_reference(settings: Settings) -> None:
    file = settings.reference_dir / "waves.csv"
    file.write_bytes(file.read_bytes() + b"\n")


def _damaged_for_good(settings: Settings) -> None:
    _damage(settings)
    (settings.inbox / PLACE / GARBSEN.name).unlink()


def _no_release(settings: Settings) -> None:
    (settings.releases / "current").unlink()


def _torn_manifest(settings: Settings) -> None:
    [release] = list_releases(settings)
    file = release.folder / "manifest.json"
    file.parent.chmod(0o700)
    file.chmod(0o600)
    file.write_text("{", encoding="utf-8")


LOUD: dict[str, Change] = {
    "new file": _new_file,
    "touched file": _touched,
    "reference": _changed_reference,
    "damaged for good": _damaged_for_good,
    "no release": _no_release,
    "no warehouse": lambda settings: settings.warehouse_file.unlink(),
    "nobody told": lambda settings: settings.journal.unlink(),
    "torn manifest": _torn_manifest,
}


@pytest.mark.parametrize("name", QUIET)
def test_it_ends_as_the_graph_does(published: Settings, tmp_path: Path, name: str) -> None:
    """Two equal installations: one night by the graph, one without it."""
    by_graph, without = (_copy(published, tmp_path / x) for x in ("graph", "quiet"))
    for settings in (by_graph, without):
        QUIET[name](settings)
    expected = run_night(by_graph)
    assert expected.outcome == "nothing_new", expected.failures
    record = quiet_night(without)
    assert record is not None
    assert _said(record) == _said(expected)
    assert _said(last_runs(without)[0]) == _said(record)
    assert _tree(without) == _tree(by_graph)
    beats = [heartbeat.read(settings) for settings in (without, by_graph)]
    assert [beat.run is not None and beat.run.outcome for beat in beats] == ["nothing_new"] * 2
    assert len({beat.last_good is not None and beat.last_good.release for beat in beats}) == 1


@pytest.mark.parametrize("name", LOUD)
def test_it_leaves_to_the_graph(after: Settings, name: str) -> None:
    """Whatever is to be done, or wrong, is found by the graph as if nobody had looked."""
    LOUD[name](after)
    before, beat = _tree(after), heartbeat.read(after)
    assert quiet_night(after) is None
    assert heartbeat.read(after) == beat
    changed = _tree(after) ^ before
    assert {x.split("/")[0] for x in changed} <= {"archive"}, changed
    if name != "damaged for good":
        assert changed == set()


def test_what_it_restored_it_tells_once(after: Settings) -> None:
    _damage(after)
    record = quiet_night(after)
    assert record is not None
    [problem] = record.archive_problems
    assert "wiederhergestellt" in problem
    again = quiet_night(after)
    assert again is not None
    assert again.archive_problems == []


def test_what_it_cannot_restore_the_graph_tells(after: Settings) -> None:
    _damaged_for_good(after)
    assert quiet_night(after) is None
    record = run_night(after)
    assert ["weltoffen restore --repair" in x for x in record.archive_problems] == [True]


def test_a_publication_finished_meanwhile_is_told_by_the_graph(
    after: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Putting right may change what is current: then the night is not quiet any more."""

    def begin(settings: Settings) -> Beginning:
        _changed_reference(settings)
        return Beginning("", ())

    monkeypatch.setattr("weltoffen_etl.quiet_night.begin", begin)
    beat = heartbeat.read(after)
    runs = last_runs(after)
    assert quiet_night(after) is None
    assert heartbeat.read(after) == beat
    assert last_runs(after) == runs


def test_messages_that_fail_fail_no_night(after: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def notify(*_: object) -> None:
        raise ValueError("Erika Mustermann")

    monkeypatch.setattr("weltoffen_etl.quiet_night.notify", notify)
    record = quiet_night(after)
    assert record is not None
    assert record.outcome == "nothing_new"
    assert record.failures == ["ValueError (Einzelheiten in failure.txt)"]
    assert last_runs(after)[0].failures == record.failures


def test_it_is_refused_beside_another_run(after: Settings) -> None:
    with run_lock(after), pytest.raises(LockHeldError):
        quiet_night(after)


def test_the_command_loads_neither_graph_nor_great_expectations(after: Settings) -> None:
    runs = _dagster_runs(after)
    code = (
        "import sys, json\n"
        f"sys.argv = ['weltoffen', 'run', '--data-dir', {str(after.data_dir)!r}]\n"
        "from weltoffen_etl.cli import main\n"
        "try:\n"
        "    main()\n"
        "except SystemExit as end:\n"
        "    heavy = {'dagster', 'great_expectations', 'pandas', 'altair', 'pipelines'}\n"
        "    print(json.dumps([end.code, sorted(heavy & set(sys.modules))]))\n"
    )
    variables = {"WELTOFFEN_REFERENCE_DIR": str(after.reference_dir), "WELTOFFEN_CONFIG": ""}
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        cwd=PROJECT_ROOT,
        env=os.environ | variables,
    )
    assert json.loads(done.stdout.splitlines()[-1]) == [0, []], done.stderr
    assert _dagster_runs(after) == runs


def _said(record: RunRecord) -> dict[str, object]:
    """The record as the journal has it, without its times."""
    said: dict[str, object] = json.loads(json.dumps(asdict(record)))
    return {name: x for name, x in said.items() if name not in {"started_at", "finished_at"}}


def _tree(settings: Settings) -> set[str]:
    """Every file and folder with its rights and, where a night may not change it, its size."""
    own = {"dagster", "heartbeat.json", "metrics.prom"}
    found = set()
    for path in settings.data_dir.rglob("*"):
        place = path.relative_to(settings.data_dir)
        if place.parts[0] in own:
            continue
        state = path.lstat()
        size = state.st_size if path.is_file() and path.suffix != ".jsonl" else 0
        found.add(f"{place} {state.st_mode:o} {size}")
    return found


def _dagster_runs(settings: Settings) -> set[str]:
    return {path.name for path in (settings.data_dir / "dagster").rglob("*.db")}
