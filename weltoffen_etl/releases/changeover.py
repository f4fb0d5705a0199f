"""Moves an installation to a finished release, in steps that the next night can finish.

A release consists of more than its folder: the internal warehouse it was made from, what it
has shown, and the pointer to it. Whatever stops the process between these steps, the marker
says which release was under way.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from weltoffen_etl.disclosure.state import state_of
from weltoffen_etl.durable import fsync, write
from weltoffen_etl.settings import Settings
from weltoffen_etl.warehouse.build import build_file
from weltoffen_etl.warehouse.current import kept_manifest

_CURRENT = "current"


def announce(settings: Settings, name: str) -> None:
    """Writes down that a release is about to leave traces outside of its scratch folder."""
    write(_marker(settings), json.dumps({"release": name}).encode())


def change_over(settings: Settings, name: str) -> None:
    """Makes a whole release folder the current release.

    Args:
        settings: the installation.
        name: the release; its folder is whole and durable.
    """
    if build_file(settings).exists():
        build_file(settings).replace(settings.warehouse_file)
        fsync(settings.warehouse)
    _point(settings, name)
    _marker(settings).unlink(missing_ok=True)
    fsync(settings.warehouse)


def finish_interrupted(settings: Settings) -> None:
    """Finishes the publication that a crash broke off, or removes its traces.

    A release whose folder is whole becomes current, with the warehouse it was made from. Of one
    that nobody could see, what it would have shown is forgotten: the next release need not be
    protected against it.

    Args:
        settings: the installation; the caller holds its lock.
    """
    marker = _marker(settings)
    if not marker.is_file():
        return
    name: str = json.loads(marker.read_text(encoding="utf-8"))["release"]
    if (settings.releases / name).is_dir():
        change_over(settings, name)
        return
    for trace in (state_of(settings, name), kept_manifest(settings, name).parent):
        shutil.rmtree(trace, ignore_errors=True)
    marker.unlink()


def _marker(settings: Settings) -> Path:
    return settings.warehouse / "publishing.json"


def _point(settings: Settings, name: str) -> None:
    """Moves ``current`` and ``current.json``, each in one step."""
    link = settings.releases / ".current.next"
    link.unlink(missing_ok=True)
    link.symlink_to(name)
    link.replace(settings.releases / _CURRENT)
    pointer = json.dumps({"release": name}) + "\n"
    write(settings.releases / "current.json", pointer.encode(), 0o644)
