"""What is installed: systemd itself judges the units, and nothing is overwritten."""

import getpass
import re
import shutil
import stat
import subprocess
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner

from weltoffen_etl.cli import main
from weltoffen_etl.installation.files import InstallationError, Plan

SYSTEMD = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd-analyze is absent"
)
# Known from systemd 254 on; older ones pass over them and wait ten seconds each time.
_NEWER = re.compile(r"Unknown key(?: name)? '(RestartSteps|RestartMaxDelaySec)'")


def _install(root: Path, *more: str) -> tuple[int, str]:
    data, copies = root / "data", root / "copies"
    for folder in (data, copies):
        folder.mkdir(parents=True, exist_ok=True)
    ran = CliRunner().invoke(
        main,
        [
            "install-service",
            *("--into", str(root), "--user", getpass.getuser()),
            *("--data-dir", str(data), "--backup-to", str(copies)),
            *more,
        ],
    )
    return ran.exit_code, ran.output


@pytest.fixture
def units(tmp_path: Path) -> list[Path]:
    code, said = _install(tmp_path)
    assert code == 0, said
    return sorted((tmp_path / "etc/systemd/system").iterdir())


@SYSTEMD
def test_systemd_finds_nothing_wrong_with_the_units(units: list[Path]) -> None:
    assert len(units) == 5
    ran = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *map(str, units)],  # noqa: S607
        capture_output=True,
        text=True,
        check=False,
    )
    ours = [line for line in ran.stderr.splitlines() if "weltoffen" in line]
    assert [line for line in ours if not _NEWER.search(line)] == []
    assert ran.returncode == 0


@SYSTEMD
def test_exposure_is_low(units: list[Path]) -> None:
    for unit in units:
        if unit.suffix != ".service":
            continue
        ran = subprocess.run(
            ["systemd-analyze", "security", "--offline=true", "--no-pager", str(unit)],  # noqa: S607
            capture_output=True,
            text=True,
            check=False,
        )
        found = re.search(r"Overall exposure level for .*: ([\d.]+)", ran.stdout)
        assert found, ran.stderr
        print(unit.name, found[1])
        assert float(found[1]) <= 2.5


def test_secrets_are_for_service_and_root_only(units: list[Path], tmp_path: Path) -> None:
    for name in ("environment", "weltoffen.toml"):
        file = tmp_path / "etc/weltoffen" / name
        assert stat.S_IMODE(file.stat().st_mode) == 0o640
    told = tomllib.loads((tmp_path / "etc/weltoffen/weltoffen.toml").read_text())
    assert told == {"data_dir": str(tmp_path / "data"), "limits": {}, "smtp": {}}


def test_second_call_changes_nothing_and_own_files_stay(units: list[Path], tmp_path: Path) -> None:
    own = tmp_path / "etc/weltoffen/environment"
    own.write_text("WELTOFFEN_SMTP__PASSWORD=x\n")
    before = [unit.read_bytes() for unit in units]
    code, said = _install(tmp_path)
    assert code == 0
    assert said.count("bleibt, wie es ist") == 7
    assert own.read_text() == "WELTOFFEN_SMTP__PASSWORD=x\n"
    assert [unit.read_bytes() for unit in units] == before


def test_changed_unit_is_not_overwritten(units: list[Path], tmp_path: Path) -> None:
    units[0].unlink()
    units[-1].write_text("[Unit]\n")
    code, said = _install(tmp_path)
    assert code == 1
    assert str(units[-1]) in said
    assert units[-1].read_text() == "[Unit]\n"
    assert not units[0].exists(), "all or nothing"


def test_dry_run_shows_all_and_writes_nothing(tmp_path: Path) -> None:
    code, said = _install(tmp_path, "--dry-run")
    assert code == 0
    assert not (tmp_path / "etc").exists()
    for word in (
        "==> /etc/systemd/system/weltoffen.service (0644)",
        "==> /etc/systemd/system/weltoffen-backup.timer (0644)",
        "==> /etc/weltoffen/environment (0640)",
        "weltoffen health --alert",
        "systemctl enable --now weltoffen.service weltoffen-watch.timer weltoffen-backup.timer",
    ):
        assert word in said


def test_without_target_there_is_no_backup(tmp_path: Path) -> None:
    ran = CliRunner().invoke(main, ["install-service", "--dry-run"])
    assert ran.exit_code == 0
    assert "backup" not in ran.output


@pytest.mark.parametrize("folder", ["/srv/mit leer", "/srv/100%", "/srv/a\nExecStart=b", "daten"])
def test_what_systemd_would_understand_otherwise_is_refused(folder: str) -> None:
    with pytest.raises(InstallationError):
        Plan("weltoffen", Path(folder))
