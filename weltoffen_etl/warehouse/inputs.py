"""What a release follows from: the ledger, the reference data, the code, the settings."""

from __future__ import annotations

import csv
import hashlib
import json
from datetime import date
from pathlib import Path
from typing import Any

from weltoffen_etl.database import connect, prepare
from weltoffen_etl.deliveries.archive import Archive
from weltoffen_etl.reference_archive import official_list_version
from weltoffen_etl.settings import Settings
from weltoffen_etl.versions import code_version, combined, reference_version
from weltoffen_etl.warehouse.current import Release

_WEIGHED = {
    "min_respondents",
    "min_municipalities",
    "min_answered_share",
    "dominance_share",
    "anonymous_peers",
    "microdata",
    "partner_databases",
    "other_formats",
    "site",
    "pdf_reports",
    "excel_csv",
    "contact_note",
}
"""Settings that change what a release holds."""


def weighed_settings(settings: Settings) -> dict[str, Any]:
    """Returns the settings that change what a release holds, by name."""
    return settings.model_dump(mode="json", include=_WEIGHED)


def inputs_version(settings: Settings, warehouse: Path) -> str:
    """Returns the fingerprint of everything a release follows from.

    Two runs with the same fingerprint give the same content; so a run that finds the
    fingerprint of the current release has nothing to do.

    Args:
        settings: folders, least numbers and the run's day.
        warehouse: internal warehouse of the release: that of a build, or the current one.
    """
    ledger = hashlib.sha256()
    for arrival in Archive(settings.archive).arrivals():
        ledger.update(f"{arrival.sequence} {arrival.sha256} {arrival.path}\n".encode())
    return combined(
        code_version(),
        reference_version(settings.reference_dir),
        ledger.hexdigest(),
        json.dumps(weighed_settings(settings), sort_keys=True),
        official_list_version(settings) or "",
        *sorted(Archive(settings.archive).damaged()),
        *due_dates_passed(settings, warehouse),
    )


def holds_everything(settings: Settings, release: Release, version: str) -> bool:
    """Tells whether a release follows from all there is now: then a night has nothing to do.

    Without its warehouse a release is still read, but nothing is known of what is kept back.

    Args:
        settings: folders.
        release: the current release.
        version: what `inputs_version` says of the current warehouse.
    """
    return settings.warehouse_file.is_file() and release.manifest()["inputs_version"] == version


def due_dates_passed(settings: Settings, warehouse: Path) -> list[str]:
    """Returns the due dates that lie behind the run's day, in order.

    The calendar changes a release only on the day after one of them; on all other days
    the same deliveries give the same content. Those of deliveries are agreed in the
    reference folder, those of measures stand in what municipalities sent.

    Args:
        settings: the reference folder and the run's day.
        warehouse: internal warehouse with the measures; before the first build there is none.
    """
    due = set()
    for name in ("waves.csv", "expected_deliveries.csv"):
        with (settings.reference_dir / name).open(encoding="utf-8", newline="") as file:
            due |= {row["due_on"] for row in csv.DictReader(file) if row["due_on"]}
    passed = {day for day in due if date.fromisoformat(day) < settings.day}
    return sorted(passed | _measures_overdue_since(settings, warehouse))


def _measures_overdue_since(settings: Settings, warehouse: Path) -> set[str]:
    if not warehouse.is_file():
        return set()
    with connect(settings, warehouse, read_only=True) as connection:
        prepare(connection, settings)
        rows = connection.execute(
            "SELECT DISTINCT due_on::VARCHAR FROM core.measure WHERE is_overdue(due_on, measure_status)"
        ).fetchall()
    return {day for (day,) in rows}
