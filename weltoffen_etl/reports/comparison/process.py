"""The page on the process: who went which steps, who took part, what was agreed."""

from __future__ import annotations

from typing import Any

from weltoffen_etl.reports.comparison import drawn, words
from weltoffen_etl.reports.comparison.figure import Figure
from weltoffen_etl.reports.comparison.filters import filters
from weltoffen_etl.reports.comparison.tables import Tables, grouped
from weltoffen_etl.reports.overview.figures import Row


def process(tables: Tables) -> dict[str, Any]:
    """Returns the content of the page on the process.

    Args:
        tables: rows of the published tables.

    Returns:
        Content for ``comparison/process.html.j2`` by name.
    """
    participations = tables.all("participations")
    return {
        "filters": filters(tables, has_waves=False),
        "names": tables.names,
        "fields": tables.fields,
        "processes": [
            (row, tables.names[row["ags"]], words.STEPS[row["process_step"]])
            for row in tables.all("processes")
        ],
        "participation": _participation(tables, participations),
        "roles": _share(
            "rollen", "Rollen der Befragten", "Rolle", tables.all("roles"), "respondent_role"
        ),
        "departments": _share(
            "fachbereiche",
            "Fachbereiche der Befragten",
            "Fachbereich",
            tables.all("departments"),
            "department_group",
        ),
        "measures": _measures(tables),
        "steps": tables.all("steps"),
        "can_show": words.CAN_SHOW,
    }


def _participation(tables: Tables, rows: list[Row]) -> Figure:
    order = {row["actor_group"]: row["position"] for row in tables.all("actors")}
    return drawn.counts(
        "teilnahme",
        "Teilnahmen an Workshops nach Akteursgruppe",
        "Teilnahmen über alle Workshops einer Kommune; wer zweimal kam, zählt zweimal. Zu kleine "
        "Gruppen stehen zusammen.",
        ("Akteursgruppe", "Kommune", "Teilnahmen"),
        [
            (
                row["ags"],
                tables.names[row["ags"]],
                row["ags"],
                row["label_de"],
                order.get(row["actor_group"], len(order) + 1),
                row["participations"],
                words.withheld(row),
            )
            for row in rows
        ],
    )


def _share(name: str, title: str, heading: str, rows: list[Row], code: str) -> Figure:
    order = list(dict.fromkeys(row[code] for row in rows))
    total = {wave: part[0]["n_responses"] for wave, part in grouped(rows, "wave").items()}
    return drawn.counts(
        name,
        title,
        "Bögen über alle Kommunen und nie je Kommune; zu kleine Gruppen stehen zusammen, die Summe "
        "bleibt wahr.",
        (heading, "Welle", "Bögen"),
        [
            (
                None,
                row["label_de"],
                f"{order.index(row[code]):02d}",
                f"{row['wave']} ({total[row['wave']]} Bögen)"
                if total[row["wave"]]
                else row["wave"],
                list(total).index(row["wave"]),
                row["n"],
                words.withheld(row),
            )
            for row in rows
        ],
    )


def _measures(tables: Tables) -> Figure:
    counts: dict[tuple[str, str, int], int] = {}
    for row in tables.all("measures"):
        key = (row["action_field"], row["status_de"], row["status_position"])
        counts[key] = counts.get(key, 0) + row["n_measures"]
    order = list(tables.fields)
    return drawn.counts(
        "massnahmen",
        "Vereinbarte Maßnahmen nach Handlungsfeld und Stand",
        "Zahl der Maßnahmen aller Kommunen. Der Stand ist eine Angabe der Kommunen zum Zeitpunkt der "
        "Lieferung.",
        ("Handlungsfeld", "Stand", "Maßnahmen"),
        [
            (None, tables.fields[code], f"{order.index(code):02d}", status, position, n, None)
            for (code, status, position), n in counts.items()
        ],
    )
