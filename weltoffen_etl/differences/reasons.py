"""Why two releases differ: new and replaced files, corrections, code, reference data, settings, day.

A reason is told where it can be read off the releases themselves: their manifests and the
published table of corrections. Which of several caused a value is not told, because a value
can follow from all of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from weltoffen_etl.database import Connection

_FATES = {
    "loaded": "übernommen",
    "partly_quarantined": "teilweise zurückgestellt",
    "quarantined": "zurückgestellt",
    "superseded": "durch eine neuere Datei ersetzt",
}
_OUTCOMES = {
    "applied": "angewandt",
    "expectation_failed": "nicht angewandt, dort steht etwas anderes",
    "unused": "ohne Wirkung",
    "only_superseded": "nur in einer ersetzten Datei angewandt",
}
_SETTINGS = {
    "min_respondents": "Mindestzahl der Antwortenden",
    "min_municipalities": "Mindestzahl der Kommunen",
    "min_answered_share": "Mindestanteil beantworteter Fragen",
    "dominance_share": "Anteil gegen das Übergewicht einzelner Kommunen",
    "anonymous_peers": "Vergleichskommunen ohne Schlüssel",
    "microdata": "Einzeldaten",
    "partner_databases": "Datenbanken der Kommunen",
    "pdf_reports": "Berichte als PDF",
    "contact_note": "Kontaktsatz der Berichte",
    "other_formats": "Arbeitsmappe, Parquet und CSV",
    "excel_csv": "CSV für Excel",
    "site": "Vergleichsbericht",
}


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason.

    Attributes:
        ags: municipality or folder whose files it concerns; None where it concerns all.
        says: German sentence without full stop.
    """

    ags: str | None
    says: str


def reasons(
    connection: Connection, earlier: Mapping[str, Any], later: Mapping[str, Any]
) -> list[Reason]:
    """Finds the reasons why two releases differ.

    Args:
        connection: both releases, attached as ``earlier`` and ``later``.
        earlier: manifest of the earlier release.
        later: manifest of the later release.

    Returns:
        Those of single senders first, in order of arrival, then those that concern all.
    """
    return [
        *_deliveries(earlier["deliveries"], later["deliveries"]),
        *_corrections(connection),
        *_for_all(earlier, later),
    ]


def _deliveries(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> list[Reason]:
    known = {entry["delivery_id"]: entry for entry in before}
    still = {entry["delivery_id"] for entry in after}
    found = []
    for entry in after:
        old = known.get(entry["delivery_id"])
        if old is None:
            found.append(Reason(entry["sender"], f"neue Lieferung: {_named(entry)}"))
        elif old["status"] != entry["status"]:
            fate = _FATES[entry["status"]]
            found.append(Reason(entry["sender"], f"{_named(entry)} ist jetzt {fate}"))
    found += [
        Reason(entry["sender"], f"{_named(entry)} gehört nicht mehr dazu")
        for entry in before
        if entry["delivery_id"] not in still
    ]
    return found


def _named(entry: Mapping[str, Any]) -> str:
    """A delivery in words: what it is, its number of arrival and the beginning of its hash."""
    if entry["kind"] == "workshop":
        day = date.fromisoformat(entry["workshop_on"]) if entry["workshop_on"] else None
        what = f"Workshop vom {day:%d.%m.%Y}" if day else "Workshop"
    elif entry["kind"] == "selfcheck":
        what = f"Selbstcheck {entry['wave'] or 'mehrerer Wellen'}"
    else:
        what = "Datei"
    return f"{what} (Eingang {entry['sequence']}, {entry['delivery_id'][:8]})"


def _corrections(connection: Connection) -> list[Reason]:
    """Corrections that came, went or have another outcome."""
    if not all(_has(connection, release, "quality.correction") for release in ("earlier", "later")):
        return []
    rows = connection.execute(
        "SELECT coalesce(b.correction, a.correction), b.outcome, delivery.sender "
        "FROM earlier.quality.correction AS a "
        "FULL JOIN later.quality.correction AS b ON a.correction = b.correction "
        "LEFT JOIN later.quality.reconciliation AS delivery "
        "ON delivery.delivery_id = coalesce(b.delivery_id, a.delivery_id) "
        "WHERE a.outcome IS DISTINCT FROM b.outcome OR a.action IS DISTINCT FROM b.action "
        "ORDER BY ALL"
    ).fetchall()
    return [
        Reason(sender, f"Berichtigung {name}: {_OUTCOMES[outcome] if outcome else 'entfallen'}")
        for name, outcome, sender in rows
    ]


def _has(connection: Connection, release: str, table: str) -> bool:
    found = connection.execute(
        f'SELECT count(*) FROM {release}.meta."table" WHERE "table" = $table', {"table": table}
    ).fetchone()
    return bool(found and found[0])


def _for_all(earlier: Mapping[str, Any], later: Mapping[str, Any]) -> list[Reason]:
    found = []
    if earlier["code_version"] != later["code_version"]:
        versions = f"{earlier['software']} → {later['software']}"
        same = earlier["software"] == later["software"]
        found.append(f"Software geändert ({earlier['software'] if same else versions})")
    known = "reference_version" in earlier  # the first versions did not write it down
    if known and earlier["reference_version"] != later["reference_version"]:
        found.append("Verzeichnisse geändert (Kommunen, Wellen, Fragebögen, Berichtigungen)")
    before, after = earlier.get("settings", {}), later.get("settings", {})
    found += [
        f"Einstellung „{_SETTINGS.get(name, name)}“: {_said(before[name])} → {_said(after[name])}"
        for name in sorted(before.keys() & after.keys())
        if before[name] != after[name]
    ]
    if earlier["as_of"] != later["as_of"]:
        days = [date.fromisoformat(x["as_of"]) for x in (earlier, later)]
        found.append(f"Stichtag für Fristen: {days[0]:%d.%m.%Y} → {days[1]:%d.%m.%Y}")
    return [Reason(None, says) for says in found]


def _said(value: object) -> str:
    """A setting's value in words."""
    if isinstance(value, bool):
        return "ja" if value else "nein"
    if isinstance(value, float):
        return f"{value:g}".replace(".", ",")
    return f"„{value}“" if isinstance(value, str) else str(value)
