"""Puts the overview of data quality together."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from weltoffen_etl.catalog import table
from weltoffen_etl.database import Connection
from weltoffen_etl.reports.overview import figures
from weltoffen_etl.reports.overview.trend import HEADINGS, HEIGHT, WIDTH, trend
from weltoffen_etl.reports.pages import german
from weltoffen_etl.reports.pages.environment import render
from weltoffen_etl.settings import Settings
from weltoffen_etl.warehouse.current import in_order, list_releases

PARTS = {
    "completeness": "Vollständigkeit",
    "acceptance": "Übernahme",
    "timeliness": "Pünktlichkeit",
    "consistency": "Stimmigkeit",
    "score": "Punkte",
}
_PROMISES = {
    "on_time": "rechtzeitig",
    "late": "nach der Frist",
    "kept_back": "ganz zurückgestellt",
    "open": "noch nicht fällig",
    "overdue": "überfällig",
    "unexpected": "nicht zugesagt",
}
_FATES = {
    "loaded": "übernommen",
    "partly_quarantined": "teilweise übernommen",
    "quarantined": "nicht übernommen",
    "superseded": "ersetzt",
}
_SEVERITIES = {"critical": "dringend", "warning": "zu prüfen", "info": "Hinweis"}
_SENDERS = {"_multi": "mehrere Kommunen", "unbekannt": "unbekannter Ablageort"}
_MISSING = frozenset({"open", "overdue", "kept_back"})


def overview_page(
    settings: Settings, connection: Connection, release_name: str, manifest: Mapping[str, Any]
) -> str:
    """Writes the overview of one release.

    Args:
        settings: folders of the earlier releases, least number of respondents.
        connection: the release's database, in which too small figures are withheld.
        release_name: the release's name.
        manifest: its manifest.

    Returns:
        A self-contained HTML page.
    """
    matrix = figures.rows(connection, figures.MATRIX)
    expected = figures.rows(connection, figures.EXPECTED)
    deliveries = figures.rows(connection, figures.DELIVERIES)
    earlier = [
        release.manifest()
        for release in list_releases(settings)
        if in_order(release.name) < in_order(release_name)
    ]
    return render(
        "overview/quality.html.j2",
        release=release_name,
        published=german.local(datetime.fromisoformat(manifest["published_at"])),
        as_of=date.fromisoformat(manifest["as_of"]),
        is_synthetic=manifest["contains_synthetic_data"],
        least=settings.min_respondents,
        has_site=settings.site,
        quality=manifest["quality"],
        n_withheld=sum(row["is_suppressed"] for row in matrix),
        matrix=matrix,
        expected=expected,
        missing=[row for row in expected if row["status"] in _MISSING],
        topics=figures.rows(connection, figures.TOPICS),
        rules=figures.rows(connection, figures.RULES),
        deliveries=deliveries,
        formulas=_formulas(),
        trend=trend(earlier, manifest),
        trend_headings=HEADINGS,
        width=WIDTH,
        height=HEIGHT,
        parts=PARTS,
        promises=_PROMISES,
        fates=_FATES,
        severities=_SEVERITIES,
        senders=_SENDERS,
    )


def _formulas() -> list[tuple[str, str]]:
    """Name and definition of each part, as the column is described."""
    described = {column.name: column for column in table("quality.municipality_wave").columns}
    formulas = {name: described[name].description.partition(": ")[2] for name in PARTS}
    return [(PARTS[name], f"{said[:1].upper()}{said[1:]}.") for name, said in formulas.items()]
