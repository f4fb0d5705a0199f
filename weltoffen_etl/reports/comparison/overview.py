"""The first page: what there is, who chose what, and where to go on."""

from __future__ import annotations

from typing import Any

from weltoffen_etl.reports.comparison import drawn, words
from weltoffen_etl.reports.comparison.filters import filters
from weltoffen_etl.reports.comparison.tables import Tables, grouped
from weltoffen_etl.reports.overview.figures import Row


def overview(tables: Tables) -> dict[str, Any]:
    """Returns the content of the overview.

    Args:
        tables: rows of the published tables.

    Returns:
        Content for ``comparison/index.html.j2`` by name.
    """
    cells = tables.all("cells")
    delivered = [row for row in cells if row["has_delivered"]]
    matrix = [
        {
            "ags": ags,
            "wave": wave,
            "label": tables.names[ags],
            "has_delivered": any(row["has_delivered"] for row in part),
            "cells": [(row, words.missing(row)) for row in part],
        }
        for (ags, wave), part in grouped(cells, "ags", "wave").items()
    ]
    return {
        "fields": tables.fields,
        "waves": tables.wave_facts(),
        "filters": filters(tables, default_wave=tables.latest),
        "matrix": matrix,
        "n_places": len({row["ags"] for row in delivered}),
        "n_known": len(tables.names),
        "n_responses": sum(
            part[0]["n_responses"] or 0 for part in grouped(delivered, "ags", "wave").values()
        ),
        "n_items": len(tables.all("items")),
        "fields_figure": _fields(tables),
        "choices": grouped(tables.all("choices"), "action_field"),
        "places": tables.all("places"),
        "steps": {row["ags"]: words.STEPS[row["process_step"]] for row in tables.all("processes")},
        "withheld": words.withheld,
        "waves_of": _waves_of(delivered),
    }


def _waves_of(delivered: list[Row]) -> dict[str, list[str]]:
    return {
        ags: sorted({row["wave"] for row in part})
        for ags, part in grouped(delivered, "ags").items()
    }


def _fields(tables: Tables) -> Any:
    everyone = [row for row in tables.all("group_scores") if row["peer_kind"] == "all"]
    order = list(tables.fields)
    return drawn.distribution(
        "felder",
        "Die sieben Handlungsfelder über alle Kommunen",
        "Anteile der vier Antworten an allen gegebenen Antworten nach der Polung: 4 ist immer "
        "günstig. Jede Antwort zählt gleich; die Felder haben verschieden viele Fragen und wurden "
        "von verschiedenen Kommunen gewählt, ein Feld sagt daher nichts über ein anderes.",
        "Handlungsfeld",
        [
            (
                tables.fields[row["action_field"]],
                f"{order.index(row['action_field']):02d}",
                row,
                words.withheld(row),
            )
            for row in everyone
        ],
    )
