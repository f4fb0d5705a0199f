"""Which releases there are and which one is current."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from weltoffen_etl.settings import Settings

DATABASE = "weltoffen.duckdb"
MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True)
class Release:
    """A published release: its name and folder."""

    name: str
    folder: Path

    @property
    def database(self) -> Path:
        """The DuckDB file for evaluators."""
        return self.folder / DATABASE

    def manifest(self) -> dict[str, Any]:
        """Reads ``manifest.json``."""
        content: dict[str, Any] = json.loads((self.folder / MANIFEST).read_text(encoding="utf-8"))
        return content


def published_at(name: str) -> datetime:
    """Returns the UTC time that a release is named by."""
    return datetime.strptime(name.partition("-")[0], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)


def kept_manifest(settings: Settings, name: str) -> Path:
    """Returns where the archive keeps the manifest of a release, also when the release is removed."""
    return settings.archive / "releases" / name / MANIFEST


def current_release(settings: Settings) -> Release | None:
    """Returns the release that ``current`` points to, None before the first."""
    pointer = settings.releases / "current"
    if not pointer.is_symlink():
        return None
    folder = pointer.resolve()
    return Release(folder.name, folder)


def list_releases(settings: Settings) -> list[Release]:
    """Returns all releases, oldest first."""
    if not settings.releases.is_dir():
        return []
    return [
        Release(folder.name, folder)
        for folder in sorted(settings.releases.iterdir())
        if not folder.is_symlink() and (folder / MANIFEST).is_file()
    ]
