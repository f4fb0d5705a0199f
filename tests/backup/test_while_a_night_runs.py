"""One night with backups in a loop beside it, under an open umask: what they hold, who may read."""

import json
import os
import stat
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import DEMO_INBOX, deliver
from tests.nights import run_night
from weltoffen_etl.backup.restoring import restore
from weltoffen_etl.backup.taking import take
from weltoffen_etl.backup.vault import Vault
from weltoffen_etl.deliveries.archive import Archive
from weltoffen_etl.disclosure.state import state_names, state_of
from weltoffen_etl.permissions import closed_folders, put_right
from weltoffen_etl.quarantine import history
from weltoffen_etl.settings import PROJECT_ROOT, Settings
from weltoffen_etl.versions import file_hash
from weltoffen_etl.warehouse.current import current_release, kept_manifest

pytestmark = pytest.mark.slow
GARBSEN = "03241005"
EXPORT = DEMO_INBOX / GARBSEN / "t0" / "selfcheck" / "garbsen_t0_results-survey352021.csv"


@dataclass(frozen=True)
class _Watched:
    settings: Settings
    vault: Vault
    taken: int


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> _Watched:
    folder = tmp_path_factory.mktemp("watched")
    settings = Settings(data_dir=folder / "data", settle_seconds=0.0, partner_databases=True)
    # One municipality: a partner's database is made for each.
    deliver(settings, f"{GARBSEN}/t0/selfcheck", EXPORT)
    cut = folder / "cut.csv"
    cut.write_bytes(EXPORT.read_bytes()[: EXPORT.stat().st_size * 2 // 3])
    deliver(settings, f"{GARBSEN}/t1/selfcheck", cut)
    stop = folder / "stop"
    command = [sys.executable, "-m", "tests.backup.looping"]
    beside = subprocess.Popen(
        [*command, str(settings.data_dir), str(folder / "vault"), str(stop)],
        cwd=PROJECT_ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    before = os.umask(0)
    try:
        record = run_night(settings)
    finally:
        os.umask(before)
        stop.touch()
        told, _ = beside.communicate(timeout=60)
    assert beside.returncode == 0
    assert record.outcome == "published", record.failures
    return _Watched(settings, Vault(folder / "vault"), int(told))


def test_every_backup_of_the_night_is_whole_in_itself(watched: _Watched, tmp_path: Path) -> None:
    """Whatever a backup refers to is in it, at whatever moment it was taken."""
    names = watched.vault.names()
    assert len(names) == watched.taken > 3
    different = {
        tuple((p, x.sha256) for p, x in watched.vault.read(name).files.items()): name
        for name in names
    }
    assert len(different) > 3
    stages = set()
    for name in different.values():
        settings = watched.settings.model_copy(update={"data_dir": tmp_path / name})
        done = restore(settings, watched.vault.folder, name)
        assert not done.problems
        archive = Archive(settings.archive)
        ledger = archive.arrivals()
        for arrival in ledger:
            assert file_hash(archive.object_path(arrival.sha256)) == arrival.sha256
        deliveries = {arrival.sha256 for arrival in ledger}
        for release in state_names(settings):
            assert {file.name for file in state_of(settings, release).iterdir()} == {
                file.name for file in state_of(watched.settings, release).iterdir()
            }
            manifest = json.loads(kept_manifest(settings, release).read_text(encoding="utf-8"))
            assert manifest["arrivals"] <= len(ledger)
            kept = settings.archive / "reference" / f"{manifest['reference_version']}.zip"
            assert kept.is_file()
        assert {event.delivery_id for event in history(settings)} <= deliveries
        assert {event.release for event in history(settings)} <= {*state_names(settings)}
        told = settings.outbox / "notified.jsonl"
        subjects = (
            {json.loads(line)["subject"] for line in told.read_text("utf-8").splitlines()}
            if told.is_file()
            else set()
        )
        assert {x for x in subjects if "/" not in x} <= deliveries
        stages.add((bool(ledger), bool(state_names(settings)), bool(subjects)))
    assert len(stages) > 1
    assert (True, True, True) in stages


def test_a_night_after_a_backup_of_any_moment_publishes_the_same(
    watched: _Watched, tmp_path: Path
) -> None:
    """The first backup that held the deliveries, and the first that held what is shown."""
    release = current_release(watched.settings)
    assert release is not None
    expected = release.manifest()["tables"]
    first: dict[bool, str] = {}
    for name in watched.vault.names():
        files = watched.vault.read(name).files
        if "archive/ledger.jsonl" in files:
            first.setdefault(any(x.startswith("archive/disclosure/") for x in files), name)
    assert set(first) == {True, False}
    for name in first.values():
        settings = watched.settings.model_copy(update={"data_dir": tmp_path / name})
        restore(settings, watched.vault.folder, name)
        record = run_night(settings)
        assert record.outcome == "published", record.failures
        again = current_release(settings)
        assert again is not None
        assert again.manifest()["tables"] == expected


def _modes(folder: Path) -> dict[Path, int]:
    return {
        path: stat.S_IMODE(path.stat().st_mode)
        for path in (folder, *folder.rglob("*"))
        if not path.is_symlink()
    }


def _assert_closed(settings: Settings) -> None:
    for folder in closed_folders(settings):
        modes = _modes(folder)
        # Between its rounds the folder of the checks by day is empty.
        assert len(modes) > 1 or folder == settings.early, folder
        for path, mode in modes.items():
            if path.is_dir():
                assert mode == 0o700, path
            elif settings.archive / "objects" in path.parents:
                assert mode == 0o440, path
            else:
                assert mode & 0o177 == 0, path


def _assert_readable(settings: Settings) -> None:
    assert stat.S_IMODE(settings.releases.stat().st_mode) == 0o755
    assert stat.S_IMODE((settings.releases / "current.json").stat().st_mode) == 0o644
    release = current_release(settings)
    assert release is not None
    modes = _modes(release.folder)
    partners = release.folder / "partners"
    assert modes.pop(partners) == 0o700
    assert any(partners in path.parents for path in modes)
    for path, mode in modes.items():
        assert mode == (0o755 if path.is_dir() else 0o444), path


def test_internal_folders_are_closed_and_releases_readable(watched: _Watched) -> None:
    """The night ran under umask 000."""
    _assert_closed(watched.settings)
    _assert_readable(watched.settings)
    for path, mode in _modes(watched.vault.folder).items():
        assert mode == (0o700 if path.is_dir() else 0o600), path


def test_an_old_installation_is_put_right_and_told(watched: _Watched) -> None:
    settings = watched.settings
    assert str(put_right(settings)) == ""
    inbox = _modes(settings.inbox)
    for folder in (*closed_folders(settings), settings.releases):
        for path in (folder, *folder.rglob("*")):
            if not path.is_symlink():
                path.chmod(0o777 if path.is_dir() else 0o666)
    (settings.data_dir / "contacts.csv").write_text("ags,email\n", encoding="utf-8")
    (settings.data_dir / "contacts.csv").chmod(0o644)
    told = str(put_right(settings))
    assert "archive" in told
    assert "contacts.csv" in told
    assert EXPORT.name not in told
    _assert_closed(settings)
    _assert_readable(settings)
    assert stat.S_IMODE((settings.data_dir / "contacts.csv").stat().st_mode) == 0o600
    assert _modes(settings.inbox) == inbox
    # The umask of a very careful account closes no release.
    release = current_release(settings)
    assert release is not None
    for path in (release.folder, *release.folder.rglob("*")):
        path.chmod(0o700 if path.is_dir() else 0o400)
    put_right(settings)
    _assert_readable(settings)


def test_a_night_that_finds_nothing_new_puts_right_and_says_so(watched: _Watched) -> None:
    settings = watched.settings
    settings.stage.chmod(0o755)
    before = os.umask(0o077)
    try:
        assert run_night(settings).outcome == "nothing_new"
    finally:
        os.umask(before)
    _assert_closed(settings)
    _assert_readable(settings)
    from dagster import DagsterInstance

    with DagsterInstance.from_config(str(settings.data_dir / "dagster")) as instance:
        run = instance.get_run_records(limit=1)[0].dagster_run.run_id
        said = [entry.user_message for entry in instance.all_logs(run)]
    assert any(line.startswith("Rechte von 1 Dateien und Ordnern") for line in said)


def test_backup_says_the_same_a_second_time(watched: _Watched) -> None:
    first = take(watched.settings, watched.vault.folder)
    again = take(watched.settings, watched.vault.folder)
    assert again.copied == 0
    assert not again.problems
    assert again.files == first.files
    manifest = watched.vault.read(again.name)
    release = current_release(watched.settings)
    assert release is not None
    assert (manifest.current, manifest.releases) == (release.name, (release.name,))
