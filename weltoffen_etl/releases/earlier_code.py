"""Runs the command of an earlier commit: code in a work tree of its own, with its own packages."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from weltoffen_etl.settings import PROJECT_ROOT


class EarlierCodeError(RuntimeError):
    """The earlier code cannot be had or run here; says what is missing."""


def run_earlier(commit: str, arguments: list[str]) -> int:
    """Runs ``weltoffen`` as it was at a commit.

    Args:
        commit: full hash of a commit of this repository.
        arguments: of the command.

    Returns:
        Its exit code.

    Raises:
        EarlierCodeError: Git, uv or the commit is missing.
    """
    git, uv = shutil.which("git"), shutil.which("uv")
    if git is None or uv is None:
        raise EarlierCodeError(f"Dafür braucht es git und uv: git checkout {commit}.")
    scratch = Path(tempfile.mkdtemp(prefix="weltoffen-code-"))
    tree = scratch / "tree"
    at = [git, "-C", str(PROJECT_ROOT), "worktree"]
    made = subprocess.run(
        [*at, "add", "--detach", str(tree), commit], capture_output=True, text=True, check=False
    )
    try:
        if made.returncode != 0:
            raise EarlierCodeError(
                f"Der Code {commit} ist nicht zu bekommen: {made.stderr.strip()}"
            )
        environment = {k: v for k, v in os.environ.items() if k != "VIRTUAL_ENV"}
        command = [uv, "run", "--frozen", "--project", str(tree), "weltoffen", *arguments]
        return subprocess.run(command, check=False, env=environment).returncode
    finally:
        subprocess.run([*at, "remove", "--force", str(tree)], capture_output=True, check=False)
        shutil.rmtree(scratch, ignore_errors=True)
