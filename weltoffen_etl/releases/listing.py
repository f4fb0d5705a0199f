"""Releases in a terminal: the list of them, and a release beside its rebuild."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from gettext import gettext as _

from rich.box import SIMPLE_HEAD
from rich.table import Table

from weltoffen_etl.releases.rebuilding import Comparison
from weltoffen_etl.releases.retention import kept_names
from weltoffen_etl.reports.cells import console
from weltoffen_etl.reports.pages import german
from weltoffen_etl.settings import Settings
from weltoffen_etl.warehouse.current import Release, current_release, list_releases


@dataclass(frozen=True, slots=True)
class Entry:
    """A release as listed.

    Attributes:
        release: name.
        published_at: UTC time in ISO format.
        software: version that made it.
        deliveries: number of deliveries behind it.
        tables: number of its tables.
        rows: rows of all tables.
        bytes: size of all files; None for releases that did not write it down.
        is_current: whether ``current`` points to it.
        is_kept: whether it is named in ``kept.txt``.
    """

    release: str
    published_at: str
    software: str
    deliveries: int
    tables: int
    rows: int
    bytes: int | None
    is_current: bool
    is_kept: bool


def listed(settings: Settings) -> list[Entry]:
    """Returns all releases, oldest first."""
    current, kept = current_release(settings), kept_names(settings)
    entries = []
    for release in list_releases(settings):
        manifest = release.manifest()
        files = manifest.get("files")
        entries.append(
            Entry(
                release.name,
                manifest["published_at"],
                manifest["software"],
                len(manifest["deliveries"]),
                len(manifest["tables"]),
                sum(x["rows"] for x in manifest["tables"].values()),
                None if files is None else sum(x["bytes"] for x in files.values()),
                current is not None and release.name == current.name,
                release.name in kept,
            )
        )
    return entries


def show_releases(entries: Sequence[Entry]) -> None:
    """Prints the list."""
    if not entries:
        console().print(_("Noch nichts veröffentlicht."))
        return
    # A name is there to be copied: the table must fit a narrow window without cutting it.
    table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    table.add_column(_("Stand"), no_wrap=True)
    table.add_column(_("veröffentlicht"), no_wrap=True)
    for heading in (_("Lieferungen"), _("Zeilen"), _("Größe")):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("")
    for entry in entries:
        marks = [_("aktuell")] * entry.is_current + [_("wird behalten")] * entry.is_kept
        published = german.local(datetime.fromisoformat(entry.published_at))
        table.add_row(
            entry.release,
            published.strftime("%d.%m.%Y %H:%M"),
            german.whole(entry.deliveries),
            german.whole(entry.rows),
            german.NOTHING if entry.bytes is None else german.size(entry.bytes),
            ", ".join(marks),
        )
    console().print(table)


def show_comparison(published: Release, found: Comparison) -> None:
    """Prints how a release and its rebuild compare."""
    shown = console()
    same = sum(found.tables.values())
    shown.print(
        _("{name}: {same} von {all} Tabellen gleich, Wert für Wert.").format(
            name=published.name, same=same, all=len(found.tables)
        )
    )
    for name, is_same in found.tables.items():
        if not is_same:
            shown.print("  " + _("anders: {name}").format(name=name))
    equal = sum(found.files.values())
    shown.print(
        _("{same} von {all} Dateien gleich, Byte für Byte (Datenbanken Wert für Wert).").format(
            same=equal, all=len(found.files)
        )
    )
    for name, is_same in found.files.items():
        if not is_same:
            shown.print("  " + _("anders: {name}").format(name=name))
