"""Puts together what differs between two releases, for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from weltoffen_etl.database import Connection
from weltoffen_etl.differences.between import (
    PlaceChange,
    TableChange,
    compared,
    place_changes,
    table_changes,
)
from weltoffen_etl.differences.reasons import Reason, reasons
from weltoffen_etl.reports.pages import german
from weltoffen_etl.reports.pages.environment import render
from weltoffen_etl.settings import Settings
from weltoffen_etl.warehouse.current import DATABASE, Release, current_release

CHANGES = "CHANGES.md"
_GROUPS = {"_multi": "Dateien mehrerer Kommunen", "unbekannt": "Dateien an unbekanntem Ort"}
TOGETHER = "mehrere Kommunen zusammen"
"""Heads the rows that are about no single municipality."""


@dataclass(frozen=True, slots=True)
class Place:
    """A municipality with what changed about it and why.

    Attributes:
        name: label with key.
        reasons: sentences of its own reasons; empty where only others' files or reasons for
            all changed something about it.
        changes: by table.
    """

    name: str
    reasons: tuple[str, ...]
    changes: tuple[PlaceChange, ...]


@dataclass(frozen=True, slots=True)
class Changes:
    """What differs between two releases.

    Attributes:
        for_all: reasons that concern every municipality.
        tables: tables that differ.
        n_same: number of tables that are the same.
        places: municipalities by key, groups last.
        labels: German title by table.
    """

    for_all: tuple[str, ...]
    tables: tuple[TableChange, ...]
    n_same: int
    places: tuple[Place, ...]
    labels: Mapping[str, str]


def changes(
    connection: Connection, earlier: Mapping[str, Any], later: Mapping[str, Any]
) -> Changes:
    """Puts the differences of two releases in order.

    Args:
        connection: the comparison of their databases.
        earlier: manifest of the earlier release.
        later: manifest of the later release.
    """
    tables = table_changes(connection)
    found = reasons(connection, earlier, later)
    return Changes(
        tuple(x.says for x in found if x.ags is None),
        tuple(x for x in tables if not x.is_same),
        sum(x.is_same for x in tables),
        tuple(_places(_names(connection), place_changes(connection), found)),
        {x.table: x.label_de for x in tables},
    )


def write_changes(settings: Settings, folder: Path, manifest: Mapping[str, Any]) -> None:
    """Writes ``CHANGES.md`` of a release about to be published.

    Args:
        settings: where the release before is.
        folder: the new release's folder, with its database.
        manifest: its manifest.
    """
    earlier = current_release(settings)
    (folder / CHANGES).write_text(
        changes_text(settings, earlier, folder / DATABASE, manifest), encoding="utf-8"
    )


def changes_text(
    settings: Settings, earlier: Release | None, database: Path, manifest: Mapping[str, Any]
) -> str:
    """Returns the differences as Markdown.

    Args:
        settings: memory limit and threads.
        earlier: the release to compare with; None for the first.
        database: database of the later release.
        manifest: manifest of the later release.
    """
    found = None
    if earlier is not None:
        before = earlier.manifest()
        with compared(settings, earlier.database, database) as connection:
            found = changes(connection, before, manifest)
    return render(
        "changes/changes.md.j2",
        release=manifest["release"],
        published=german.local(datetime.fromisoformat(manifest["published_at"])),
        earlier=None if earlier is None else earlier.name,
        found=found,
        together=TOGETHER,
        n_tables=len(manifest["tables"]),
        n_deliveries=len(manifest["deliveries"]),
        n_rows=sum(x["rows"] for x in manifest["tables"].values()),
    )


def _names(connection: Connection) -> dict[str, str]:
    return dict(
        connection.execute(
            "SELECT ags, label_de FROM earlier.reference.municipality UNION "
            "SELECT ags, label_de FROM later.reference.municipality ORDER BY ALL"
        ).fetchall()
    )


def _places(
    names: Mapping[str, str], changed: Sequence[PlaceChange], found: Sequence[Reason]
) -> list[Place]:
    keys = {x.ags for x in changed} | {x.ags for x in found if x.ags is not None}
    ordered = sorted(keys, key=lambda ags: (ags is None, ags in _GROUPS, ags or ""))
    return [
        Place(
            TOGETHER
            if ags is None
            else _GROUPS.get(ags) or f"{names.get(ags, '')} ({ags})".strip(),
            () if ags is None else tuple(x.says for x in found if x.ags == ags),
            tuple(x for x in changed if x.ags == ags),
        )
        for ags in ordered
    ]
