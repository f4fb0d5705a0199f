"""Fingerprints of code and reference data: what a stored result depends on."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from weltoffen_etl.settings import PROJECT_ROOT, SQL_DIR

_PACKAGE = PROJECT_ROOT / "weltoffen_etl"
_SUFFIXES = frozenset(
    {".py", ".sql", ".yml", ".csv", ".html", ".txt", ".j2", ".css", ".js", ".md", ".R", ".pq"}
)
_READING = (
    "catalog.py",
    "corrections.py",
    "database.py",
    "deliveries/places.py",
    "findings.py",
    "lineage.py",
    "reading.py",
    "reference.py",
    "rules.yml",
    "stage_store.py",
    "staging.py",
    "text_yaml.py",
    "exports",
    "instrument",
    "interpret",
    "quality",
)


@cache
def code_version() -> str:
    """Returns the fingerprint of everything that can change a release: library and SQL."""
    return _fingerprint([*_files(_PACKAGE), *_files(SQL_DIR)], PROJECT_ROOT)


@cache
def reading_version() -> str:
    """Returns the fingerprint of what reads, interprets and judges a delivery."""
    files = [file for name in _READING for file in _files(_PACKAGE / name)]
    files += [*_files(SQL_DIR / "stage"), *_files(SQL_DIR / "raw"), *_files(SQL_DIR / "reference")]
    return _fingerprint(files, PROJECT_ROOT)


def reference_version(reference_dir: Path) -> str:
    """Returns the fingerprint of the reference folder."""
    return _fingerprint(reference_files(reference_dir), reference_dir)


def reference_files(reference_dir: Path) -> list[Path]:
    """Returns the files of a reference folder that count, in order."""
    return _files(reference_dir)


@cache
def commit() -> str | None:
    """Returns the Git commit of the running code, None where it is not exactly one.

    None also where there is no Git, or code was changed since the commit.
    """
    git = shutil.which("git")
    if git is None:
        return None
    # The checkout belongs to another account than the service that reads it.
    at = [git, "-c", f"safe.directory={PROJECT_ROOT}", "-C", str(PROJECT_ROOT)]
    if _said([*at, "ls-files", "weltoffen_etl/versions.py"]) != "weltoffen_etl/versions.py":
        return None  # an installed package may lie inside somebody else's repository
    code = ["--", "weltoffen_etl", "pipelines", "sql", "uv.lock"]
    changed = _said([*at, "status", "--porcelain", *code])
    return _said([*at, "rev-parse", "HEAD"]) if changed == "" else None


def _said(command: list[str]) -> str | None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else None


def file_hash(file: Path) -> str:
    """Returns the SHA-256 of a file's bytes, in hexadecimal digits."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def combined(*parts: str) -> str:
    """Returns one fingerprint of several."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    return sorted(file for file in path.rglob("*") if file.is_file() and file.suffix in _SUFFIXES)


def _fingerprint(files: Iterable[Path], root: Path) -> str:
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.relative_to(root).as_posix().encode() + b"\0")
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()
