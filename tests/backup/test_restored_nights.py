"""Nights after a restore, and after an update of the code: the same figures, nothing told twice."""

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import DEMO_INBOX, deliver, deliver_demo
from tests.nights import run_night
from weltoffen_etl.backup.restoring import restore
from weltoffen_etl.backup.taking import take
from weltoffen_etl.disclosure.state import before, state_names, state_of
from weltoffen_etl.quarantine import history
from weltoffen_etl.settings import PROJECT_ROOT, Settings
from weltoffen_etl.versions import file_hash
from weltoffen_etl.warehouse.current import current_release

pytestmark = pytest.mark.slow
GARBSEN = "03241005"
EXPORT = DEMO_INBOX / GARBSEN / "t0" / "selfcheck" / "garbsen_t0_results-survey352021.csv"
EARLIER = "c24c393283c5d24406348624cb2016698060569e"
"""Code of version 0.4.0: the first that keeps what releases have shown."""
GIT, UV = shutil.which("git"), shutil.which("uv")


@dataclass(frozen=True)
class _Lost:
    """An installation after two nights, and its backup."""

    settings: Settings
    vault: Path


def _hashes(settings: Settings) -> dict[str, str]:
    release = current_release(settings)
    assert release is not None
    return {name: x["content_md5"] for name, x in release.manifest()["tables"].items()}


def _state(settings: Settings) -> dict[str, str]:
    folder = before(settings)
    assert folder is not None
    return {file.name: file_hash(file) for file in folder.iterdir()}


def _told(settings: Settings) -> list[str]:
    lines = (settings.outbox / "notified.jsonl").read_text("utf-8").splitlines()
    keys = ("subject", "rule", "sheet_number", "source_row", "column_number")
    return [json.dumps({key: json.loads(line)[key] for key in keys}) for line in lines]


@pytest.fixture(scope="module")
def lost(tmp_path_factory: pytest.TempPathFactory) -> _Lost:
    folder = tmp_path_factory.mktemp("lost")
    settings = Settings(data_dir=folder / "data", settle_seconds=0.0)
    deliver_demo(settings)
    assert run_night(settings).outcome == "published"
    cut = folder / "cut.csv"
    cut.write_bytes(EXPORT.read_bytes()[: EXPORT.stat().st_size * 2 // 3])
    deliver(settings, f"{GARBSEN}/t0/selfcheck", cut)
    assert run_night(settings).outcome == "published"
    assert not take(settings, folder / "vault", keep=3).problems
    return _Lost(settings, folder / "vault")


def test_the_night_after_a_restore_publishes_the_same(lost: _Lost, tmp_path: Path) -> None:
    settings = lost.settings.model_copy(update={"data_dir": tmp_path / "data"})
    assert not restore(settings, lost.vault).problems
    assert state_names(settings) == state_names(lost.settings)
    assert _state(settings) == _state(lost.settings)
    waiting = {file.name for file in settings.outbox.glob("*.eml")}
    record = run_night(settings)
    assert record.outcome == "published", record.failures
    last = current_release(lost.settings)
    release = current_release(settings)
    assert last is not None
    assert release is not None
    assert _hashes(settings) == _hashes(lost.settings)
    assert len(_hashes(settings)) >= 20
    # Protected against what the last release showed, as if nothing had happened.
    assert release.manifest()["protected_against"] == last.name
    assert state_of(settings, last.name).is_dir()
    assert sorted(_told(settings)) == sorted(_told(lost.settings))
    assert len(_told(settings)) == len(set(_told(settings)))
    written = {file.name for file in settings.outbox.glob("*.eml")} - waiting
    assert {name.rpartition("_")[2] for name in written} <= {"operator.eml"}
    assert history(settings) == history(lost.settings)
    assert run_night(settings).outcome == "nothing_new"


def test_stage_warehouse_and_releases_can_be_deleted(lost: _Lost, tmp_path: Path) -> None:
    """An update needs no migration: whatever is not in a backup follows from what is."""
    shutil.copytree(lost.settings.data_dir, tmp_path / "data", symlinks=True)
    settings = lost.settings.model_copy(update={"data_dir": tmp_path / "data"})
    for folder in (settings.stage, settings.warehouse, settings.releases):
        shutil.rmtree(folder)
    shutil.rmtree(settings.data_dir / "dagster")
    record = run_night(settings)
    assert record.outcome == "published", record.failures
    assert _hashes(settings) == _hashes(lost.settings)


@pytest.mark.skipif(GIT is None or UV is None, reason="git or uv is absent")
def test_a_data_folder_of_earlier_code_is_taken_as_it_is(tmp_path: Path) -> None:
    """Earlier code writes archive, stage, warehouse and release; the present code goes on with them."""
    clone, data = tmp_path / "clone", tmp_path / "data"
    # Of a new environment only a part is imported: nothing need be compiled beforehand.
    ours = {"VIRTUAL_ENV", "UV_COMPILE_BYTECODE"}
    environment = {k: v for k, v in os.environ.items() if k not in ours}

    def run(*command: str | Path | None) -> subprocess.CompletedProcess[str]:
        said = [str(x) for x in command]
        return subprocess.run(
            said, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )

    assert run(GIT, "clone", "-q", PROJECT_ROOT, clone).returncode == 0
    if run(GIT, "-C", clone, "checkout", "-q", EARLIER).returncode != 0:
        pytest.skip(f"the commit {EARLIER} is not in this clone")
    weltoffen = [UV, "run", "-q", "--frozen", "--no-dev", "--project", clone, "weltoffen"]
    done = run(*weltoffen, "demo", "--into", data)
    assert done.returncode == 0, done.stderr
    settings = Settings(data_dir=data, settle_seconds=0.0)
    earlier = current_release(settings)
    assert earlier is not None
    assert not take(settings, tmp_path / "vault").problems
    record = run_night(settings)
    assert record.outcome == "published", record.failures
    release = current_release(settings)
    assert release is not None
    assert release.name != earlier.name
    assert release.manifest()["protected_against"] == earlier.name
    assert record.quarantined_deliveries == 0
    assert len(release.manifest()["deliveries"]) == len(earlier.manifest()["deliveries"])
    assert sorted({*_told(settings)}) == sorted(_told(settings))
    # What the earlier code kept can be brought back by the present one, and then go on.
    restored = settings.model_copy(update={"data_dir": tmp_path / "again"})
    assert not restore(restored, tmp_path / "vault").problems
    assert run_night(restored).outcome == "published"
    assert _hashes(restored) == _hashes(settings)
