"""Dagster's folder for an installation: where it is and the settings that stand in it."""

import hashlib
import os
from pathlib import Path
from typing import Any

import dagster as dg
import yaml

from weltoffen_etl import durable
from weltoffen_etl.settings import PROJECT_ROOT, Settings

LOCAL = "dagster.local.yaml"
"""Name of the operator's own file in Dagster's folder; what stands there wins."""

_SHIPPED = Path(__file__).with_name("dagster.yaml")
_HEAD = "# Written anew at every start; own settings belong in dagster.local.yaml. "
# Up to version 0.5 the file was copied once and had no head; this is its sha256.
_COPIED_ONCE = frozenset({"3d6f3942ac508727f29fe751bc252422fc2def5b326ba8621e953967a011f104"})


class HomeError(RuntimeError):
    """Dagster's settings cannot be read; says in German which file and what to do."""


def dagster_home(settings: Settings) -> Path:
    """Makes Dagster's folder ready: an absolute path that nobody else may open.

    ``dagster.yaml`` in it is written at every start from the shipped one, so that an upgrade
    takes effect. What the operator set in ``dagster.local.yaml`` wins over it, key by key; a
    ``dagster.yaml`` changed by hand becomes that file.

    Args:
        settings: the installation.

    Returns:
        ``DAGSTER_HOME`` where it is set, else ``dagster/`` in the data folder.

    Raises:
        HomeError: the operator's file is not YAML with keys.
    """
    home = Path(os.environ.get("DAGSTER_HOME") or settings.data_dir / "dagster").resolve()
    home.mkdir(parents=True, exist_ok=True)
    if home.stat().st_uid == os.geteuid():
        home.chmod(0o700)
    _write_config(home)
    return home


def open_records(settings: Settings) -> dg.DagsterInstance:
    """Opens Dagster's records of an installation, to be closed by the caller.

    Raises:
        HomeError: the operator's own settings are not such as Dagster knows.
    """
    home = dagster_home(settings)
    try:
        return dg.DagsterInstance.from_config(str(home))
    except dg.DagsterInvalidConfigError as error:
        raise HomeError(
            f"{home / LOCAL} enthält Einstellungen, die Dagster nicht kennt oder nicht annimmt:\n"
            + "\n".join(entry.message for entry in error.errors)
        ) from None


def workspace_file(home: Path) -> Path:
    """Writes the file that tells Dagster where the graph is, right from any working folder.

    Args:
        home: Dagster's folder.

    Returns:
        The file.
    """
    content = {
        "load_from": [
            {
                "python_module": {
                    "module_name": "pipelines.definitions",
                    "working_directory": str(PROJECT_ROOT),
                    "location_name": "weltoffen_etl",
                }
            }
        ]
    }
    return _write_if_changed(home / "workspace.yaml", yaml.safe_dump(content).encode())


def _write_config(home: Path) -> None:
    config, local = home / "dagster.yaml", home / LOCAL
    if config.is_file() and not local.exists() and not _is_ours(config.read_bytes()):
        config.replace(local)
    own = _read(local) if local.is_file() else {}
    settings = _merged(_read(_SHIPPED), own)
    if "storage" not in own:
        # Two ways of saying where records are exclude each other.
        settings.setdefault("event_log_storage", _event_records(home))
    body = yaml.safe_dump(settings, sort_keys=False).encode()
    head = f"{_HEAD}{hashlib.sha256(body).hexdigest()}\n".encode()
    _write_if_changed(config, head + body)


def _event_records(home: Path) -> dict[str, Any]:
    """Our own way into the files where Dagster keeps its events anyway."""
    return {
        "module": "pipelines.records",
        "class": "EventRecords",
        "config": {"base_dir": str(home / "history" / "runs")},
    }


def _is_ours(content: bytes) -> bool:
    """Whether a file is as it was shipped or written, and nobody changed it since."""
    if hashlib.sha256(content).hexdigest() in _COPIED_ONCE:
        return True
    head, _, body = content.partition(b"\n")
    return head == f"{_HEAD}{hashlib.sha256(body).hexdigest()}".encode()


def _read(file: Path) -> dict[str, Any]:
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError):
        content = None
    if not isinstance(content, dict):
        raise HomeError(
            f"{file} ist nicht lesbar oder kein YAML mit Schlüsseln. Bitte berichtigen oder die "
            "Datei weglegen; dann gelten die mitgelieferten Einstellungen."
        )
    return content


def _merged(shipped: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    merged = dict(shipped)
    for key, value in own.items():
        below = merged.get(key)
        both = isinstance(below, dict) and isinstance(value, dict)
        merged[key] = _merged(below, value) if both and below is not None else value
    return merged


def _write_if_changed(file: Path, content: bytes) -> Path:
    if not file.is_file() or file.read_bytes() != content:
        durable.write(file, content)
    return file
