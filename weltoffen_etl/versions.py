"""Fingerprints of code and reference data: what a stored result depends on."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from weltoffen_etl.settings import PROJECT_ROOT, SQL_DIR

_PACKAGE = PROJECT_ROOT / "weltoffen_etl"
_SUFFIXES = frozenset({".py", ".sql", ".yml", ".csv", ".html", ".txt", ".j2", ".css"})
_READING = (
    "catalog.py",
    "corrections.py",
    "database.py",
    "deliveries.py",
    "findings.py",
    "lineage.py",
    "reading.py",
    "reference.py",
    "rules.yml",
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
    return _fingerprint(_files(reference_dir), reference_dir)


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
