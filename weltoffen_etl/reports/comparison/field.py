"""The page of an action field: all municipalities side by side, sorted by key, never ranked."""

from __future__ import annotations

from typing import Any

from weltoffen_etl.reports.comparison import drawn, words
from weltoffen_etl.reports.comparison.figure import Figure
from weltoffen_etl.reports.comparison.filters import filters
from weltoffen_etl.reports.comparison.tables import Tables
from weltoffen_etl.reports.overview.figures import Row

GUIDING = {
    "strength": "Was läuft gut?",
    "need": "Handlungsbedarfe",
    "cooperation": "Zusammenarbeit",
}
"""Short names of the guiding questions."""


def fields(tables: Tables) -> dict[str, dict[str, Any]]:
    """Returns the content of the page of each action field, by its code."""
    names = (
        "cells", "benchmarks", "group_scores", "sub_theme_groups", "changes", "group_changes", "item_overview",
        "contributions", "themes", "choices",
    )  # fmt: skip
    parts = {name: tables.grouped(name, "action_field") for name in names}
    return {
        code: _field(tables, code, {name: parts[name].get(code, []) for name in names})
        for code in tables.fields
    }


def _field(tables: Tables, code: str, part: dict[str, list[Row]]) -> dict[str, Any]:
    cells = [row for row in part["cells"] if row["has_delivered"]]
    kinds = {row["peer_kind"] for row in part["benchmarks"]}
    return {
        "code": code,
        "label": tables.fields[code],
        "filters": filters(tables, default_wave=tables.latest, bands=kinds),
        "choices": part["choices"],
        "n_items": len([row for row in tables.all("items") if row["action_field"] == code]),
        "withheld": words.withheld,
        "distribution": _distribution(tables, cells),
        "groups": _groups(part["group_scores"]),
        "bands": _bands(tables, part["benchmarks"]),
        "sub_themes": drawn.sub_themes(
            "Verteilung in den Unterthemen, alle Kommunen zusammen", part["sub_theme_groups"]
        ),
        "items": _items(part["item_overview"]),
        "item_profile": _item_profile(part["item_overview"]),
        "changes": _changes(tables, part["changes"]),
        "group_changes": part["group_changes"],
        "peer_kinds": words.PEER_KINDS,
        "voices": _voices(tables, part["contributions"]),
        "themes": [(GUIDING[row["guiding_question"]], row) for row in _in_order(part["themes"])],
        "cells": [(row, tables.names[row["ags"]], words.missing(row)) for row in cells],
        "reasons": tables.all("reasons"),
    }


def _in_order(themes: list[Row]) -> list[Row]:
    order = list(GUIDING)
    return sorted(themes, key=lambda row: order.index(row["guiding_question"]))


def _distribution(tables: Tables, cells: list[Row]) -> Figure:
    return drawn.distribution(
        "verteilung",
        "Verteilung der Antworten in jeder Kommune",
        "Anteile der vier Antworten an den gegebenen Antworten nach der Polung, 4 ist günstig. "
        "„Ohne Antwort“: Anteil fehlender an den möglichen Antworten derer, die das Feld gewählt "
        "haben. Mittel ± Standardabweichung der Antworten. Kommunen in der Ordnung des "
        "Gemeindeschlüssels.",
        "Kommune",
        [(tables.names[row["ags"]], row["ags"], row, words.missing(row)) for row in cells],
    )


def _groups(scores: list[Row]) -> Figure:
    kinds = list(words.PEER_KINDS)
    return drawn.distribution(
        "gruppen",
        "Verteilung in Gruppen ähnlicher Kommunen",
        "Alle Antworten einer Gruppe zusammen, jede zählt gleich. Gruppen mit zu wenigen Kommunen "
        "haben keine Zahlen.",
        "Gruppe",
        [
            (
                row["label_de"],
                f"{kinds.index(row['peer_kind'])} {row['peer_group']}",
                row,
                words.withheld(row),
            )
            for row in sorted(scores, key=lambda x: kinds.index(x["peer_kind"]))
        ],
    )


def _bands(tables: Tables, benchmarks: list[Row]) -> Figure:
    return drawn.bands(
        "baender",
        "Mittelwerte neben dem Band ähnlicher Kommunen",
        "Punkt: Mittelwert der Antworten der Kommune. Strich: Mittel der Mittelwerte der "
        "Vergleichskommunen, ohne die Kommune selbst. Balken: dieses Mittel plus und minus eine "
        "Standardabweichung; er steht nur da, wo genug Kommunen verglichen werden. Wer außerhalb "
        "liegt, hat Anlass zum Gespräch; ein Urteil ist das nicht.",
        "Kommune",
        [(tables.names[row["ags"]], row["ags"], row) for row in benchmarks],
    )


def _items(overview: list[Row]) -> Figure:
    return drawn.distribution(
        "fragen",
        "Antworten auf die einzelnen Fragen, alle Kommunen zusammen",
        "Anteile der vier Antworten je Frage nach der Polung; jede Antwort zählt gleich. Den "
        "vollen Wortlaut zeigt die Tabelle der nächsten Abbildung." + drawn.TURNED,
        "Frage",
        [
            (
                drawn.item_label(row),
                row["item_code"],
                row,
                words.withheld(row),
            )
            for row in overview
        ],
    )


def _item_profile(overview: list[Row]) -> Figure:
    return drawn.profile(
        "fragenprofil",
        "Fragen neben dem Mittel der anderen Fragen, alle Kommunen zusammen",
        "Punkt: Mittelwert einer Frage; Linie: 95-Prozent-t-Intervall; Strich: Mittel der anderen "
        "Fragen aller gewählten Handlungsfelder. Stärke oder Schwäche steht nur da, wo das ganze "
        "Intervall auf einer Seite des Strichs liegt. Bei rund hundert Fragen liegen etwa fünf "
        "allein durch Zufall außerhalb.",
        [row | {"is_chosen": None} for row in overview],
    )


def _changes(tables: Tables, changes: list[Row]) -> Figure:
    return drawn.changes(
        "veraenderung",
        "Veränderung von Welle zu Welle",
        "Punkt: Differenz der Mittelwerte, nur Fragen, die beide Male gestellt wurden. Linie: "
        "95-Prozent-Intervall (Bootstrap über die Bögen). Die Bögen sind anonym, es können andere "
        "Personen geantwortet haben; eine Veränderung sagt nichts über ihre Ursache. Der Filter "
        "nach Wellen gilt hier nicht.",
        "Kommune",
        [(tables.names[row["ags"]], row["ags"], row) for row in changes],
    )


def _voices(tables: Tables, contributions: list[Row]) -> Figure:
    order = list(GUIDING)
    return drawn.counts(
        "stimmen",
        "Beiträge in den Workshops",
        "Zahl der Beiträge je Leitfrage über alle Workshops einer Kommune. Gezählt sind "
        "Aussagen, nicht Personen; die Zahl hängt auch davon ab, wie lange gesprochen wurde.",
        ("Kommune", "Leitfrage", "Beiträge"),
        [
            (
                row["ags"],
                tables.names[row["ags"]],
                row["ags"],
                GUIDING[row["guiding_question"]],
                order.index(row["guiding_question"]),
                row["n_contributions"],
                words.withheld(row),
            )
            for row in contributions
        ],
    )
