"""Writes the site of a release: pages from the release's own database, assets beside them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from weltoffen_etl.reports.comparison.field import fields
from weltoffen_etl.reports.comparison.method import method
from weltoffen_etl.reports.comparison.overview import overview
from weltoffen_etl.reports.comparison.place import places
from weltoffen_etl.reports.comparison.process import process
from weltoffen_etl.reports.comparison.tables import read_tables
from weltoffen_etl.reports.pages.environment import render
from weltoffen_etl.reports.pages.site import ASSETS, SITE, frame, write_sheets
from weltoffen_etl.reports.release_pages import REPORTS
from weltoffen_etl.settings import Settings
from weltoffen_etl.warehouse.current import DATABASE
from weltoffen_etl.warehouse.published import open_release


def write_site(settings: Settings, folder: Path, manifest: Mapping[str, Any]) -> None:
    """Writes the comparison report as a static site into ``<folder>/site``.

    The same database and manifest give the same bytes.

    Args:
        settings: limits of DuckDB, and the least numbers that the page on method names.
        folder: folder of the release, with its database in it, and with the reports to the
            senders where they are to be linked.
        manifest: the release's manifest.
    """
    with open_release(settings, folder / DATABASE) as connection:
        tables = read_tables(connection)
    site = folder / SITE
    _write_assets(site)
    _write(site / "index.html", "index", frame(manifest, "index"), overview(tables))
    for code, content in fields(tables).items():
        page = site / "felder" / f"{code}.html"
        _write(page, "field", frame(manifest, "felder", depth=1), content)
    reports = {file.stem for file in (folder / REPORTS).glob("*.html")}
    for ags, content in places(tables, reports).items():
        page = site / "kommunen" / f"{ags}.html"
        _write(page, "place", frame(manifest, "kommunen", depth=1), content)
    _write(site / "prozess.html", "process", frame(manifest, "prozess"), process(tables))
    _write(site / "methode.html", "method", frame(manifest, "methode"), method(settings, tables))


def _write(file: Path, template: str, frame: dict[str, Any], content: dict[str, Any]) -> None:
    file.parent.mkdir(exist_ok=True)
    page = render(f"comparison/{template}.html.j2", **frame, **content)
    file.write_text(page, encoding="utf-8")


def _write_assets(site: Path) -> None:
    from weltoffen_etl.reports.comparison.charts import scripts
    from weltoffen_etl.reports.comparison.vega import vega

    write_sheets(site)
    assets = site / ASSETS
    script = Path(__file__).with_name("site.js").read_text(encoding="utf-8")
    for name, text in {"site.js": script, "charts.js": scripts(), "vega.js": vega()}.items():
        (assets / name).write_text(text, encoding="utf-8")
