"""From nothing to a published night, with the very commands of the page for administrators."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import dagster as dg
import pytest

from tests.conftest import deliver_demo
from tests.service.running import serving, states, until
from weltoffen_etl.journal import last_runs
from weltoffen_etl.settings import PROJECT_ROOT, Settings
from weltoffen_etl.warehouse.current import current_release

PAGE = PROJECT_ROOT / "weltoffen_etl/installation/README.md"
_SETUP = re.compile(r"<!-- setup:begin -->\n```sh\n(.*?)```\n<!-- setup:end -->", re.DOTALL)


_UNDER_WAY = {
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
}


def _checkout(into: Path) -> None:
    """Copies what Git knows, as a clone of it would be."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached"],  # noqa: S607
        cwd=PROJECT_ROOT,
        capture_output=True,
        check=True,
    )
    for name in filter(None, listed.stdout.decode().split("\0")):
        target = into / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(PROJECT_ROOT / name, target)


def _set_up(root: Path) -> None:
    """Runs the commands of the page; from the cache of packages if it has all, else online."""
    found = _SETUP.search(PAGE.read_text("utf-8"))
    assert found, "the page has lost its set-up"
    script = found[1].replace("/opt/weltoffen", str(root))
    assert "uv sync --frozen" in script
    ours = ("VIRTUAL_ENV", "PYTHON", "UV_", "WELTOFFEN_", "DAGSTER_")
    environment = {k: v for k, v in os.environ.items() if not k.startswith(ours)}
    if cache := os.environ.get("UV_CACHE_DIR"):
        environment["UV_CACHE_DIR"] = cache
    said = []
    for more in ({"UV_OFFLINE": "1"}, {}):
        ran = subprocess.run(
            ["sh", "-euc", script],  # noqa: S607
            env={**environment, **more},
            capture_output=True,
            text=True,
            check=False,
        )
        if ran.returncode == 0:
            assert "Alle Einstellungen sind gültig" in ran.stdout
            return
        said.append(ran.stderr[-2000:])
    raise AssertionError("\n".join(said))


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("uv") is None, reason="uv is absent")
def test_night_in_a_fresh_root(tmp_path: Path) -> None:
    root = tmp_path / "fresh"
    _checkout(root)
    _set_up(root)
    settings = Settings(data_dir=tmp_path / "data")
    deliver_demo(settings)
    program = root / ".venv/bin/weltoffen"
    with serving(settings, program=program, WELTOFFEN_SETTLE_SECONDS="0") as service:
        service.ready()
        home = settings.data_dir / "dagster"
        ran = subprocess.run(
            [program.with_name("python"), root / "tests/service/coming_night.py", home],
            env={**os.environ, "WELTOFFEN_DATA_DIR": str(settings.data_dir)},
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr

        until(lambda: states(settings)[0] not in _UNDER_WAY, 400)
        assert states(settings) == [dg.DagsterRunStatus.SUCCESS]
        workers = service.processes().values()
        assert not any(str(PROJECT_ROOT / ".venv") in line for line in workers)
    assert last_runs(settings)[0].outcome == "published"
    assert current_release(settings) is not None
