"""Writes the page „Daten befragen“ into a release's site, with the release's own dictionary."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from weltoffen_etl.reports.ask.questions import EXAMPLE, EXAMPLE_KEY, ready_questions
from weltoffen_etl.reports.pages.environment import render
from weltoffen_etl.reports.pages.site import ASSETS, SITE, frame, write_sheets
from weltoffen_etl.settings import Settings
from weltoffen_etl.warehouse.current import DATABASE
from weltoffen_etl.warehouse.published import open_release

PAGE = "fragen.html"
_SCRIPTS = ("ask_values.js", "ask_chart.js", "ask.js")
_STYLES = "ask.css"
_DICTIONARY = """
SELECT t."table", t.label_de, t.description, c."column", c.description, c.unit
FROM meta."table" AS t
JOIN meta."column" AS c USING ("table")
ORDER BY split_part(t."table", '.', 1) <> 'comparison', t."table", c.position
"""
"""Comparison tables first: they are what evaluators ask for."""
_PLACES = """
SELECT m.ags, m.label_de FROM reference.municipality AS m
WHERE m.ags IN (SELECT ags FROM comparison.coverage WHERE has_delivered)
ORDER BY m.ags
"""


def write_ask(settings: Settings, folder: Path, manifest: Mapping[str, Any]) -> None:
    """Writes ``site/fragen.html`` with its scripts and styles.

    Args:
        settings: limits of the database.
        folder: the release's folder with its database; pages of the site that exist already
            are linked.
        manifest: the release's manifest.
    """
    site = folder / SITE
    write_sheets(site)
    here = Path(__file__).parent
    for name in (*_SCRIPTS, _STYLES):
        text = (here / name).read_text(encoding="utf-8")
        (site / ASSETS / name).write_text(text, encoding="utf-8")
    entries = ready_questions()
    tables, places = _read(settings, folder / DATABASE)
    page = render(
        "ask/fragen.html.j2",
        **frame(manifest, "fragen"),
        scripts=_SCRIPTS,
        questions=entries,
        pages={entry.page for entry in entries if (site / entry.page).is_file()},
        tables=tables,
        example=EXAMPLE,
        example_key=EXAMPLE_KEY,
        places=places,
    )
    (site / PAGE).write_text(page, encoding="utf-8")


def _read(settings: Settings, database: Path) -> tuple[list[dict[str, Any]], list[tuple[str, str]]]:
    """Tables and columns of a release with their descriptions, and who has delivered, key and name."""
    with open_release(settings, database) as connection:
        rows = connection.execute(_DICTIONARY).fetchall()
        places = connection.execute(_PLACES).fetchall()
    found: dict[str, dict[str, Any]] = {}
    for table, label, description, column, says, unit in rows:
        entry = found.setdefault(
            table,
            {"name": table, "label": label, "description": description, "columns": []},
        )
        entry["columns"].append({"name": column, "description": says, "unit": unit})
    return list(found.values()), places
