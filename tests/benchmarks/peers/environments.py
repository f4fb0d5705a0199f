"""The environments of the peers: made once by uv, outside the project."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb

HERE = Path(__file__).parent
OLDER_DUCKDB = {"sqlmesh"}
"""Peers that do not yet run on the DuckDB version of this project."""

QUIET = {
    "DO_NOT_TRACK": "1",
    "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    "SQLMESH__DISABLE_ANONYMIZED_ANALYTICS": "true",
    "RUNTIME__DLTHUB_TELEMETRY": "false",
    "GX_ANALYTICS_ENABLED": "false",
    "DAGSTER_DISABLE_TELEMETRY": "true",
}
"""Nothing that is measured here tells anybody of it."""


def default_folder() -> Path:
    """Returns the folder for environments where none is named."""
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache) / "weltoffen-benchmarks"


def environment(peer: str, folder: Path) -> Path:
    """Makes the environment of a peer unless it is there.

    Args:
        peer: name of the peer's folder.
        folder: holds the environments.

    Returns:
        Folder with the environment's programs.
    """
    home = folder / peer
    programs, mark = home / "bin", home / "complete"
    requirements = HERE / peer / "requirements.txt"
    wanted = requirements.read_text(encoding="utf-8")
    if peer not in OLDER_DUCKDB:
        wanted += f"duckdb=={duckdb.__version__}\n"
    if mark.is_file() and mark.read_text(encoding="utf-8") == wanted:
        return programs
    uv = shutil.which("uv") or "uv"
    subprocess.run([uv, "venv", "-q", "--clear", "-p", sys.executable, home], check=True)
    subprocess.run(
        [uv, "pip", "install", "-q", "--compile-bytecode", "-p", programs / "python", "-r", "-"],
        input=wanted,
        text=True,
        check=True,
    )
    mark.write_text(wanted, encoding="utf-8")
    return programs


def versions(programs: Path, packages: tuple[str, ...]) -> str:
    """Returns names and versions of installed packages."""
    code = "import sys; from importlib.metadata import version as v; "
    code += "print(', '.join(f'{x} {v(x)}' for x in sys.argv[1:]))"
    done = subprocess.run(
        [programs / "python", "-c", code, *packages], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()
