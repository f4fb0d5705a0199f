"""Which releases there are and which one is current."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from weltoffen_etl.settings import Settings

DATABASE = "weltoffen.duckdb"
MANIFEST = "manifest.json"
CLOCK_STEP = timedelta(hours=1)
"""A clock may be put back so far without anything being wrong."""


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


def in_order(name: str) -> tuple[str, int]:
    """Returns what releases are ordered by: their time, and their number within a second."""
    time, _, number = name.partition("-")
    return time, int(number or 1)


def fresh_name(settings: Settings) -> str:
    """Returns a name for a new release: the UTC time to the second.

    A second release in one second gets a number, and so does one that a clock put back a little
    would name before the current one: names stay in the order of publication.
    """
    now = datetime.now(UTC)
    names = [release.name for release in list_releases(settings)]
    near = [name for name in names if published_at(name) <= now + CLOCK_STEP]
    newest, number = max(map(in_order, near), default=("", 0))
    time = now.strftime("%Y%m%dT%H%M%SZ")
    return time if newest < time else f"{newest}-{number + 1}"


def kept_manifest(settings: Settings, name: str) -> Path:
    """Returns where the archive keeps the manifest of a release, also when the release is removed."""
    return settings.archive / "releases" / name / MANIFEST


def current_release(settings: Settings) -> Release | None:
    """Returns the release that ``current`` points to, None before the first.

    A pointer to nothing counts as none, so that the next night publishes anew.
    """
    pointer = settings.releases / "current"
    if not pointer.is_symlink() or not (pointer / MANIFEST).is_file():
        return None
    folder = pointer.resolve()
    return Release(folder.name, folder)


def list_releases(settings: Settings) -> list[Release]:
    """Returns all releases, oldest first."""
    folders = [
        manifest.parent
        for manifest in settings.releases.glob(f"[0-9]*/{MANIFEST}")
        if not manifest.parent.is_symlink()
    ]
    return [
        Release(folder.name, folder)
        for folder in sorted(folders, key=lambda folder: in_order(folder.name))
    ]
