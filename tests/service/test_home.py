"""Dagster's folder: the shipped settings win until the operator says otherwise."""

import stat
import subprocess
from pathlib import Path

import pytest
import yaml

from pipelines.home import HomeError, dagster_home, open_records, workspace_file
from weltoffen_etl.settings import PROJECT_ROOT, Settings


def _config(home: Path) -> dict[str, dict[str, object]]:
    loaded: dict[str, dict[str, object]] = yaml.safe_load((home / "dagster.yaml").read_text())
    return loaded


def test_upgrade_takes_effect_and_own_settings_win(settings: Settings) -> None:
    home = dagster_home(settings)
    assert home.is_absolute()
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    written = (home / "dagster.yaml").read_bytes()
    (home / "dagster.local.yaml").write_text("retention: {schedule: {purge_after_days: 7}}")
    dagster_home(settings)
    config = _config(home)
    assert config["retention"]["schedule"] == {"purge_after_days": 7}
    assert "sensor" in config["retention"]
    assert config["telemetry"] == {"enabled": False}
    (home / "dagster.local.yaml").unlink()
    dagster_home(settings)
    assert (home / "dagster.yaml").read_bytes() == written


def test_file_changed_by_hand_becomes_the_own_one(settings: Settings) -> None:
    home = dagster_home(settings)
    changed = (home / "dagster.yaml").read_text().replace("14400", "7200")
    (home / "dagster.yaml").write_text(changed)
    dagster_home(settings)
    assert (home / "dagster.local.yaml").read_text() == changed
    assert _config(home)["run_monitoring"]["max_runtime_seconds"] == 7200


def test_file_that_was_copied_once_is_replaced(settings: Settings) -> None:
    home = dagster_home(settings)
    # The only version that was shipped before; without history there is nothing to compare.
    shown = subprocess.run(
        ["git", "show", "79a2a3a:pipelines/dagster.yaml"],  # noqa: S607
        cwd=PROJECT_ROOT,
        capture_output=True,
        check=False,
    )
    if shown.returncode:
        pytest.skip("no history of the checkout here")
    (home / "dagster.yaml").write_bytes(shown.stdout)
    dagster_home(settings)
    assert not (home / "dagster.local.yaml").exists()
    assert "run_retries" in _config(home)


def test_unreadable_own_file_is_told(settings: Settings) -> None:
    home = dagster_home(settings)
    (home / "dagster.local.yaml").write_text("- a\n")
    with pytest.raises(HomeError, match=r"dagster\.local\.yaml ist nicht lesbar"):
        dagster_home(settings)


def test_setting_that_dagster_does_not_know_is_told(settings: Settings) -> None:
    (dagster_home(settings) / "dagster.local.yaml").write_text("run_retrys: {enabled: true}\n")
    with pytest.raises(HomeError, match="run_retrys"):
        open_records(settings)


def test_workspace_is_right_from_any_folder(settings: Settings) -> None:
    loaded = yaml.safe_load(workspace_file(dagster_home(settings)).read_text())
    (entry,) = loaded["load_from"]
    assert entry["python_module"]["working_directory"] == str(PROJECT_ROOT)
