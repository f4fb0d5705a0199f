"""What all pages of a release's site share: navigation, the facts of the release, plain assets."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from weltoffen_etl.reports.pages import german

SITE = "site"
"""Folder of the site in a release."""
ASSETS = "assets"
"""Folder of style sheets and scripts in the site."""
NAVIGATION = (
    ("index", "Übersicht", "index.html"),
    ("felder", "Handlungsfelder", "index.html#handlungsfelder"),
    ("kommunen", "Kommunen", "index.html#kommunen"),
    ("prozess", "Prozess", "prozess.html"),
    ("methode", "Methode und Grenzen", "methode.html"),
    ("fragen", "Daten befragen", "fragen.html"),
    ("quality", "Datenqualität", "../quality.html"),
    ("dictionary", "Datenwörterbuch", "../dictionary.html"),
)
"""Entries of the navigation: key, label, address as seen from the site's folder."""
_SHEETS = ("page.css", "site.css")


def frame(manifest: Mapping[str, Any], section: str, *, depth: int = 0) -> dict[str, Any]:
    """Returns what ``pages/site.html.j2`` needs.

    Args:
        manifest: the release's manifest: ``release``, ``published_at``, ``as_of``,
            ``contains_synthetic_data``, ``min_respondents``, ``software``.
        section: key of the entry of `NAVIGATION` that the page belongs to.
        depth: folders between the site's folder and the page.

    Returns:
        Content for the template by name.
    """
    return {
        "root": "../" * depth,
        "section": section,
        "is_entry": depth == 0,
        "navigation": NAVIGATION,
        "release": manifest["release"],
        "published": german.local(datetime.fromisoformat(manifest["published_at"])),
        "as_of": date.fromisoformat(manifest["as_of"]),
        "is_synthetic": manifest["contains_synthetic_data"],
        "least": manifest["min_respondents"],
        "software": manifest["software"],
    }


def write_sheets(site: Path) -> None:
    """Writes the style sheets that all pages of the site use.

    Args:
        site: folder of the site; its assets folder is made where it is missing.
    """
    assets = site / ASSETS
    assets.mkdir(parents=True, exist_ok=True)
    for name in _SHEETS:
        text = Path(__file__).with_name(name).read_text(encoding="utf-8")
        (assets / name).write_text(text, encoding="utf-8")
