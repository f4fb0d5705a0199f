"""A small seeded form of the fuzz campaign."""

import re
import subprocess
import sys

import pytest

from weltoffen_etl.settings import PROJECT_ROOT


@pytest.mark.slow
def test_damaged_exports_are_never_read_wrong_in_silence() -> None:
    """In a process of its own: what the reader's child takes is counted from its parent's size on."""
    command = ["-m", "tests.hostile.fuzz", "--seed", "7", "--csv", "30", "--xlsx", "15"]
    done = subprocess.run(
        [sys.executable, *command], cwd=PROJECT_ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    said = re.search(r"(\d+) files, (\d+) cells compared", done.stdout)
    assert said is not None
    assert int(said[1]) > 40
    assert int(said[2]) > 10_000
