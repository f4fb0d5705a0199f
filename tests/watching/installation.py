"""A small installation as a night leaves it, made with the library's own writers."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.releases.small import manifest, write_release
from weltoffen_etl import journal
from weltoffen_etl.deliveries.intake import take_in
from weltoffen_etl.journal import RunRecord
from weltoffen_etl.permissions import make_folders
from weltoffen_etl.settings import Settings
from weltoffen_etl.versions import file_hash
from weltoffen_etl.watching import heartbeat

NAME = "Erika_Mustermann.csv"


def new_settings(data_dir: Path, **more: Any) -> Settings:
    return Settings(data_dir=data_dir, settle_seconds=0.0, min_free_bytes=0, **more)


def install(settings: Settings) -> str:
    """One delivery, one release that holds it, one good night; returns the release's name."""
    make_folders(settings)
    arrive(settings, NAME)
    take_in(settings)
    name = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    folder = settings.releases / name
    folder.mkdir(parents=True)
    write_release(folder / "weltoffen.duckdb", {})
    (folder / "quality.html").write_text("<!doctype html>")
    files = {
        file.name: {"bytes": file.stat().st_size, "sha256": file_hash(file)}
        for file in folder.iterdir()
    }
    content = manifest(
        release=name,
        published_at=datetime.now(UTC).isoformat(timespec="seconds"),
        arrivals=1,
        files=files,
        quality={"findings": {"critical": 1, "warning": 2, "info": 3}},
        deliveries=[{"status": "loaded"}, {"status": "quarantined"}],
    )
    (folder / "manifest.json").write_text(json.dumps(content))
    (settings.releases / "current").symlink_to(name)
    (settings.releases / "current.json").write_text(json.dumps({"release": name}))
    pass_night(settings, "published", release=name)
    return name


def arrive(settings: Settings, name: str) -> Path:
    """Puts a file into the inbox."""
    file = settings.inbox / "03241005" / "t0" / "selfcheck" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("a;b\n1;2\n")
    return file


def pass_night(settings: Settings, outcome: str, **more: Any) -> RunRecord:
    """A night's traces, without the night."""
    record = RunRecord(outcome=outcome, **more)  # type: ignore[arg-type]
    settings.warehouse.mkdir(parents=True, exist_ok=True)
    with heartbeat.beating(settings, "run-4711"):
        journal.append(settings, record)
        heartbeat.end(settings, record)
    return record


def later(**delta: float) -> datetime:
    """A time from now."""
    return datetime.now(UTC) + timedelta(**delta)


def make_older(settings: Settings, **delta: float) -> None:
    """Moves everything the installation remembers into the past, as if that time had passed."""
    back = timedelta(**delta)
    for file in (heartbeat.heartbeat_file(settings), settings.journal):
        text = file.read_text()
        lines = [text] if file.suffix == ".json" else text.splitlines()
        aged = [json.dumps(_aged(json.loads(line), back)) for line in lines]
        file.write_text("\n".join(aged) + "\n")


def _aged(content: Any, back: timedelta) -> Any:
    if isinstance(content, dict):
        return {
            key: (datetime.fromisoformat(value) - back).isoformat()
            if key.endswith("_at") and value
            else _aged(value, back)
            for key, value in content.items()
        }
    return content
