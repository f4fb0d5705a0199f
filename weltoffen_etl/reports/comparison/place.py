"""The page of a municipality: its fields beside its peers, its change, its workshops."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from weltoffen_etl.reports.comparison import drawn, words
from weltoffen_etl.reports.comparison.field import GUIDING
from weltoffen_etl.reports.comparison.figure import Figure
from weltoffen_etl.reports.comparison.filters import filters
from weltoffen_etl.reports.comparison.tables import Tables, grouped
from weltoffen_etl.reports.overview.figures import Row

_BY_PLACE = (
    "cells", "benchmarks", "changes", "profiles", "contributions", "voices", "measures",
    "perspectives", "processes", "participations", "groups", "sub_themes",
)  # fmt: skip


def places(tables: Tables, reports: Collection[str]) -> dict[str, dict[str, Any]]:
    """Returns the content of the page of each municipality.

    Args:
        tables: rows of the published tables.
        reports: keys of the municipalities that have a report on their deliveries.

    Returns:
        Content for ``comparison/place.html.j2`` by AGS.
    """
    parts = {name: tables.grouped(name, "ags") for name in _BY_PLACE}
    members = grouped(tables.all("peers"), "peer_kind", "peer_group")
    return {
        place["ags"]: _place(
            tables, place, {name: parts[name].get(place["ags"], []) for name in _BY_PLACE}, members
        )
        | {"has_report": place["ags"] in reports}
        for place in tables.all("places")
    }


def _place(
    tables: Tables, place: Row, part: dict[str, list[Row]], members: dict[Any, list[Row]]
) -> dict[str, Any]:
    delivered = [row for row in part["cells"] if row["has_delivered"]]
    # Fields that nobody there chose would be rows without a figure.
    chosen = {row["action_field"] for row in delivered if row["has_chosen"] or row["mean"]}
    shown = [row for row in delivered if row["action_field"] in chosen]
    benchmarks = [row for row in part["benchmarks"] if row["action_field"] in chosen]
    process = part["processes"][0] if part["processes"] else None
    return {
        "place": place,
        "label": tables.names[place["ags"]],
        "status": words.STATUSES.get(place["status"], "Teil einer Modellkommune"),
        "of": tables.names.get(place["member_of"]),
        "process": process,
        "step": words.STEPS[process["process_step"]] if process else None,
        "filters": filters(
            tables, has_groups=False, bands={row["peer_kind"] for row in benchmarks}
        ),
        "not_chosen": [
            name
            for code, name in tables.fields.items()
            if code in {row["action_field"] for row in delivered} - chosen
        ],
        "waves": sorted({row["wave"] for row in delivered}),
        "fields": tables.fields,
        "chosen": chosen,
        "distribution": _distribution(tables, shown),
        "sub_themes": drawn.sub_themes(
            "Verteilung in den Unterthemen",
            [row for row in part["sub_themes"] if row["action_field"] in chosen],
        ),
        "bands": _bands(tables, benchmarks),
        "changes": _changes(
            tables, [row for row in part["changes"] if row["action_field"] in chosen]
        ),
        "profile": _profile([row for row in part["profiles"] if row["action_field"] in chosen]),
        "sides": _sides(tables, part["profiles"]),
        "voices": _voices(tables, part["contributions"]),
        "actors": _actors(tables, part["voices"]),
        "measures": part["measures"],
        "bodies": words.BODIES,
        "perspectives": part["perspectives"],
        "readings": words.READINGS,
        "participations": part["participations"],
        "withheld": words.withheld,
        "peers": _peers(tables, part["groups"], members),
    }


def _order(tables: Tables, row: Row) -> str:
    return f"{list(tables.fields).index(row['action_field']):02d}"


def _named(tables: Tables, row: Row) -> tuple[str, str]:
    return tables.fields[row["action_field"]], _order(tables, row)


def _distribution(tables: Tables, cells: list[Row]) -> Figure:
    return drawn.distribution(
        "verteilung",
        "Verteilung der Antworten in den gewählten Handlungsfeldern",
        "Anteile der vier Antworten an den gegebenen Antworten nach der Polung, 4 ist günstig. "
        "„Ohne Antwort“: Anteil fehlender an den möglichen Antworten derer, die das Feld gewählt "
        "haben. Handlungsfelder in amtlicher Reihenfolge.",
        "Handlungsfeld",
        [(*_named(tables, row), row, words.missing(row)) for row in cells],
    )


def _bands(tables: Tables, benchmarks: list[Row]) -> Figure:
    return drawn.bands(
        "baender",
        "Profil neben dem Band ähnlicher Kommunen",
        "Punkt: eigener Mittelwert. Strich: Mittel der Mittelwerte der Vergleichskommunen, ohne die "
        "Kommune selbst. Balken: dieses Mittel plus und minus eine Standardabweichung; er steht nur "
        "da, wo genug Kommunen verglichen werden. Ein Abstand ist ein Anlass zum Gespräch, kein "
        "Urteil.",
        "Handlungsfeld",
        [(*_named(tables, row), row) for row in benchmarks],
    )


def _changes(tables: Tables, changes: list[Row]) -> Figure:
    return drawn.changes(
        "veraenderung",
        "Veränderung von Welle zu Welle",
        "Punkt: Differenz der Mittelwerte, nur Fragen, die beide Male gestellt wurden. Linie: "
        "95-Prozent-Intervall (Bootstrap über die Bögen). Liegt die Null darin, lässt sich die "
        "Veränderung vom Zufall nicht unterscheiden. Die Bögen sind anonym, es können andere "
        "Personen geantwortet haben.",
        "Handlungsfeld",
        [(*_named(tables, row), row) for row in changes],
    )


def _profile(profiles: list[Row]) -> Figure:
    return drawn.profile(
        "fragenprofil",
        "Alle Fragen neben dem Mittel der anderen Fragen",
        "Punkt: Mittelwert einer Frage; Linie: 95-Prozent-t-Intervall; Strich: Mittel der anderen "
        "Fragen aus gewählten Handlungsfeldern. Fragen in der Ordnung des Fragebogens. Fragen "
        "verschiedenen Anspruchs sind nicht gleich schwer.",
        profiles,
    )


def _sides(tables: Tables, profiles: list[Row]) -> list[tuple[str, str, list[Row]]]:
    """Items beyond uncertainty, by wave and side, in the order of the questionnaire."""
    return [
        (wave, heading, found)
        for wave in tables.waves
        for side, heading in (("strength", "Stärken"), ("weakness", "Schwächen"))
        if (found := [x for x in profiles if x["wave"] == wave and x["profile"] == side])
    ]


def _voices(tables: Tables, contributions: list[Row]) -> Figure:
    order = list(GUIDING)
    return drawn.counts(
        "stimmen",
        "Beiträge in den Workshops nach Handlungsfeld",
        "Zahl der Beiträge je Leitfrage über alle Workshops der Kommune. Gezählt sind Aussagen, "
        "nicht Personen.",
        ("Handlungsfeld", "Leitfrage", "Beiträge"),
        [
            (
                None,
                *_named(tables, row),
                GUIDING[row["guiding_question"]],
                order.index(row["guiding_question"]),
                row["n_contributions"],
                words.withheld(row),
            )
            for row in contributions
        ],
    )


def _actors(tables: Tables, voices: list[Row]) -> list[dict[str, Any]]:
    """Contributions by group of actors, summed up over the fields that are shown."""
    lines = []
    for row in voices:
        said = words.withheld(row)
        if said is None and not (row["n_strength"] or row["n_need"] or row["n_cooperation"]):
            continue
        lines.append({**row, "field": tables.fields[row["action_field"]], "said": said})
    return lines


def _peers(
    tables: Tables, groups: list[Row], members: dict[Any, list[Row]]
) -> list[dict[str, Any]]:
    """The groups a municipality is compared with, and who else is in them."""
    found = []
    for kind, heading in words.PEER_KINDS.items():
        for row in groups:
            if row["peer_kind"] != kind:
                continue
            others = [
                x["ags"]
                for x in members.get((kind, row["peer_group"]), [])
                if x["ags"] != row["ags"]
            ]
            found.append(
                {
                    "heading": heading,
                    "label": row["label_de"],
                    "is_counted": row["is_counted"],
                    "others": [(ags, tables.names.get(ags)) for ags in others if ags],
                    "n_unnamed": sum(ags is None for ags in others),
                }
            )
    return found
