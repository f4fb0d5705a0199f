"""A release made by an earlier commit is rebuilt with the code of that commit."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from weltoffen_etl.settings import PROJECT_ROOT

pytestmark = pytest.mark.slow
GIT, UV = shutil.which("git"), shutil.which("uv")


@pytest.mark.skipif(GIT is None or UV is None, reason="git or uv is absent")
def test_the_commit_of_a_release_rebuilds_it(tmp_path: Path) -> None:
    """A clone publishes, gets another commit, and rebuilds what the first one published."""
    clone, data = tmp_path / "clone", tmp_path / "data"
    # Of a new environment only a part is imported: nothing need be compiled beforehand.
    ours = {"VIRTUAL_ENV", "UV_COMPILE_BYTECODE"}
    environment = {k: v for k, v in os.environ.items() if k not in ours}

    def run(*command: str | None) -> subprocess.CompletedProcess[str]:
        said = [str(x) for x in command]
        return subprocess.run(
            said, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )

    assert run(GIT, "clone", "-q", str(PROJECT_ROOT), str(clone)).returncode == 0
    weltoffen = [UV, "run", "-q", "--no-dev", "--project", str(clone), "weltoffen"]
    done = run(*weltoffen, "demo", "--into", str(data))
    assert done.returncode == 0, done.stderr
    release = (data / "releases" / "current").resolve().name
    (clone / "weltoffen_etl" / "later.py").write_text('"""Added later."""\n', encoding="utf-8")
    author = ["-c", "user.name=Erika Muster", "-c", "user.email=erika@example.org"]
    assert run(GIT, "-C", str(clone), "add", "-A").returncode == 0
    assert run(GIT, "-C", str(clone), *author, "commit", "-qm", "Add a module").returncode == 0
    done = run(*weltoffen, "rebuild", release, "--data-dir", str(data))
    assert done.returncode == 0, done.stderr
    assert "mit anderem Code entstanden" in done.stderr
    assert "anders" not in done.stdout
    assert len(run(GIT, "-C", str(clone), "worktree", "list").stdout.splitlines()) == 1
