"""An error is one sentence, whatever the order in which Python forgets things at its end."""

import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.parametrize("seed", ["1", "2", "3"])
def test_error_is_one_line(tmp_path: Path, seed: str) -> None:
    done = subprocess.run(
        [
            sys.executable,
            *("-c", "from weltoffen_etl.cli import main; main()"),
            *("query", "select 1", "--data-dir", str(tmp_path)),
        ],
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONHASHSEED": seed},
        check=False,
    )
    assert done.returncode == 1
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert "weltoffen run" in line
