"""Tables for a person at a terminal."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from weltoffen_etl.journal import RunRecord
from weltoffen_etl.warehouse.current import Release

_STATUS = {
    "loaded": "übernommen",
    "partly_quarantined": "teilweise zurückgestellt",
    "quarantined": "in Quarantäne",
    "superseded": "durch neuere Datei ersetzt",
}
_OUTCOME = {
    "published": "veröffentlicht",
    "nothing_new": "nichts Neues",
    "audit_failed": "Prüfung nicht bestanden",
    "failed": "Fehler",
}


def show_outcome(record: RunRecord, release: Release | None) -> None:
    """Prints what a run did: per delivery what arrived, was loaded and kept back."""
    shown = console()
    for path, reason in record.left_alone:
        shown.print(f"Nicht gelesen ({reason}): {path}")
    for problem in record.message_problems:
        shown.print(f"Nachrichten: {problem}")
    if record.messages_sent or record.messages_waiting:
        shown.print(
            f"Nachrichten: {record.messages_sent} gesendet, {record.messages_waiting} warten."
        )
    if record.outcome == "nothing_new":
        shown.print(f"Nichts Neues. Der Stand {record.release} gilt weiter.")
        return
    if record.outcome != "published" or release is None:
        shown.print(f"{_OUTCOME[record.outcome]}; nichts wurde veröffentlicht.")
        for failure in record.failures:
            shown.print(f"  {failure}")
        return
    manifest = release.manifest()
    shown.print(_deliveries(release, manifest["deliveries"]))
    shown.print(
        f"Neu veröffentlicht: {len(manifest['tables'])} Tabellen aus "
        f"{len(manifest['deliveries'])} Lieferungen."
    )
    if manifest["contains_synthetic_data"]:
        shown.print("Der Stand enthält synthetische Daten; sie sind gekennzeichnet.")
    shown.print(f"Er liegt in {release.folder}", soft_wrap=True)


def show_runs(records: Sequence[RunRecord]) -> None:
    """Prints the last runs, newest first."""
    if not records:
        return
    table = Table("Beginn (UTC)", "Ergebnis", "Neue Dateien", "Quarantäne", "Stand", title="Läufe")
    for record in records:
        table.add_row(
            record.started_at.replace("T", " ").removesuffix("+00:00"),
            _OUTCOME[record.outcome],
            str(record.new_deliveries),
            str(record.quarantined_deliveries),
            record.release or "–",
        )
    console().print(table)


def show_rows(names: Sequence[str], rows: Sequence[Sequence[Any]], form: str | None) -> None:
    """Prints the result of a query as a table, CSV or JSON."""
    if form == "csv":
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(names)
        writer.writerows(rows)
    elif form == "json":
        content = [dict(zip(names, row, strict=True)) for row in rows]
        sys.stdout.write(json.dumps(content, ensure_ascii=False, default=str, indent=2) + "\n")
    else:
        table = Table()
        for number, name in enumerate(names):
            numeric = any(isinstance(row[number], int | float) for row in rows)
            table.add_column(name, justify="right" if numeric else "left")
        for row in rows:
            table.add_row(*("" if cell is None else str(cell) for cell in row))
        console().print(table)


def console() -> Console:
    """A console; where nobody watches, wide enough not to cut columns."""
    return Console(highlight=False, markup=False, width=None if sys.stdout.isatty() else 160)


def _deliveries(release: Release, deliveries: Sequence[dict[str, Any]]) -> Table:
    names = _municipality_names(release)
    table = Table(
        title="Lieferungen",
        caption="Zeilen: erwartet = übernommen + zurückgestellt; –: zu wenige Personen",
    )
    table.add_column("Kommune")
    table.add_column("Lieferung")
    table.add_column("erwartet", justify="right")
    table.add_column("übernommen", justify="right")
    table.add_column("zurückgestellt", justify="right")
    table.add_column("Verbleib")
    for entry in sorted(deliveries, key=lambda x: (x["sender"], str(x["wave"]), x["sequence"])):
        what = f"Selbstcheck {entry['wave'] or '?'}" if entry["kind"] == "selfcheck" else "–"
        if entry["kind"] == "workshop":
            what = f"Workshop {entry['workshop_on'] or '?'}"
        table.add_row(
            names.get(entry["sender"], entry["sender"]),
            what,
            _rows(entry["rows_expected"]),
            _rows(entry["rows_loaded"]),
            _rows(entry["rows_quarantined"]),
            _STATUS[entry["status"]],
        )
    return table


def _rows(number: int | None) -> str:
    """A number of rows; withheld where too few people stand behind it."""
    return "–" if number is None else str(number)


def _municipality_names(release: Release) -> dict[str, str]:
    import duckdb

    with duckdb.connect(str(release.database), read_only=True) as connection:
        rows = connection.execute("SELECT ags, label_de FROM reference.municipality").fetchall()
    return {"_multi": "mehrere Kommunen", **dict(rows)}
