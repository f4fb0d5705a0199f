"""What runs did and took in, for a person at a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from gettext import gettext as _
from typing import Any

from rich.table import Table

from weltoffen_etl.journal import RunRecord
from weltoffen_etl.language import noted
from weltoffen_etl.reports.cells import console
from weltoffen_etl.warehouse.current import Release

_STATUS = {
    "loaded": noted("übernommen"),
    "partly_quarantined": noted("teilweise zurückgestellt"),
    "quarantined": noted("in Quarantäne"),
    "superseded": noted("durch neuere Datei ersetzt"),
}
_OUTCOME = {
    "published": noted("veröffentlicht"),
    "nothing_new": noted("nichts Neues"),
    "audit_failed": noted("Prüfung nicht bestanden"),
    "failed": noted("Fehler"),
}


def status_words(status: str) -> str:
    """Returns what became of a delivery, in words."""
    return _(_STATUS[status])


def show_outcome(record: RunRecord, release: Release | None) -> None:
    """Prints what a run did: per delivery what arrived, was loaded and kept back."""
    screen = console()
    for path, reason in record.left_alone:
        screen.print(_("Nicht gelesen ({reason}): {path}").format(reason=reason, path=path))
    for problem in record.message_problems:
        screen.print(_("Nachrichten: {problem}").format(problem=problem))
    if record.messages_sent or record.messages_waiting:
        screen.print(
            _("Nachrichten: {sent} gesendet, {waiting} warten.").format(
                sent=record.messages_sent, waiting=record.messages_waiting
            )
        )
    if record.outcome == "nothing_new" and record.release is None:
        screen.print(_("Noch keine Lieferung im Eingang; nichts wurde veröffentlicht."))
        return
    if record.outcome == "nothing_new":
        screen.print(_("Nichts Neues. Der Stand {name} gilt weiter.").format(name=record.release))
        return
    if record.outcome != "published" or release is None:
        screen.print(
            _("{outcome}; nichts wurde veröffentlicht.").format(outcome=_(_OUTCOME[record.outcome]))
        )
        for failure in record.failures:
            screen.print(f"  {failure}")
        return
    manifest = release.manifest()
    screen.print(_deliveries(release, manifest["deliveries"]))
    screen.print(
        _("Neu veröffentlicht: {tables} Tabellen aus {deliveries} Lieferungen.").format(
            tables=len(manifest["tables"]), deliveries=len(manifest["deliveries"])
        )
    )
    if manifest["contains_synthetic_data"]:
        screen.print(_("Der Stand enthält synthetische Daten; sie sind gekennzeichnet."))
    screen.print(_("Er liegt in {folder}").format(folder=release.folder), soft_wrap=True)


def show_runs(records: Sequence[RunRecord]) -> None:
    """Prints the last runs, newest first."""
    if not records:
        return
    table = Table(
        _("Beginn (UTC)"),
        _("Ergebnis"),
        _("Neue Dateien"),
        _("Quarantäne"),
        _("Stand"),
        title=_("Läufe"),
    )
    for record in records:
        table.add_row(
            record.started_at.replace("T", " ").removesuffix("+00:00"),
            _(_OUTCOME[record.outcome]),
            str(record.new_deliveries),
            str(record.quarantined_deliveries),
            record.release or "–",
        )
    console().print(table)


def _deliveries(release: Release, deliveries: Sequence[dict[str, Any]]) -> Table:
    names = _municipality_names(release)
    table = Table(
        title=_("Lieferungen"),
        caption=_("Zeilen: erwartet = übernommen + zurückgestellt; –: zu wenige Personen"),
    )
    table.add_column(_("Kommune"))
    table.add_column(_("Lieferung"))
    table.add_column(_("erwartet"), justify="right")
    table.add_column(_("übernommen"), justify="right")
    table.add_column(_("zurückgestellt"), justify="right")
    table.add_column(_("Verbleib"))
    for entry in sorted(deliveries, key=lambda x: (x["sender"], str(x["wave"]), x["sequence"])):
        what = (
            _("Selbstcheck {wave}").format(wave=entry["wave"] or "?")
            if entry["kind"] == "selfcheck"
            else "–"
        )
        if entry["kind"] == "workshop":
            what = _("Workshop {day}").format(day=entry["workshop_on"] or "?")
        table.add_row(
            names.get(entry["sender"], entry["sender"]),
            what,
            _rows(entry["rows_expected"]),
            _rows(entry["rows_loaded"]),
            _rows(entry["rows_quarantined"]),
            _(_STATUS[entry["status"]]),
        )
    return table


def _rows(number: int | None) -> str:
    """A number of rows; withheld where too few people stand behind it."""
    return "–" if number is None else str(number)


def _municipality_names(release: Release) -> dict[str, str]:
    import duckdb

    with duckdb.connect(str(release.database), read_only=True) as connection:
        rows = connection.execute("SELECT ags, label_de FROM reference.municipality").fetchall()
    return {"_multi": _("mehrere Kommunen"), **dict(rows)}
