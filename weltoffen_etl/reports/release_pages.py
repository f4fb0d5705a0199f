"""The HTML pages of a release: a report for each municipality and the overview of quality."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from weltoffen_etl.database import connect
from weltoffen_etl.reports.overview.page import overview_page
from weltoffen_etl.reports.partner.facts import municipalities, read_facts, reported
from weltoffen_etl.reports.partner.others import Names, Neighbours
from weltoffen_etl.reports.partner.report import partner_report
from weltoffen_etl.reports.pdf import pdf_of
from weltoffen_etl.settings import Settings
from weltoffen_etl.warehouse.build import build_file
from weltoffen_etl.warehouse.current import DATABASE, current_release
from weltoffen_etl.warehouse.published import open_release
from weltoffen_etl.warehouse_key import attach

REPORTS = "reports"
OVERVIEW = "quality.html"


class ReportError(LookupError):
    """There is no such report."""


def write_pages(
    settings: Settings, folder: Path, release_name: str, manifest: Mapping[str, Any]
) -> None:
    """Writes all pages of a release.

    Args:
        settings: folders, least number of respondents, contact, PDF or not.
        folder: the release's folder, with its database in it.
        release_name: the release's name.
        manifest: the release's manifest.

    Raises:
        PublicationError: PDFs are asked for and cannot be written.
    """
    (folder / REPORTS).mkdir()
    with connect(settings) as connection:
        attach(connection, settings, build_file(settings), "build")
        connection.execute("USE build")
        everyone = municipalities(connection)
        names = Names(everyone)
        for facts in read_facts(connection, reported(connection, everyone)):
            own = facts.municipality
            page = partner_report(settings, facts, Neighbours(own, names), manifest)
            report_file(folder, own.ags).write_text(page, encoding="utf-8")
            if settings.pdf_reports:
                report_file(folder, own.ags).with_suffix(".pdf").write_bytes(pdf_of(page))
    # The overview reads what is published, nothing else.
    with open_release(settings, folder / DATABASE) as connection:
        page = overview_page(settings, connection, release_name, manifest)
    (folder / OVERVIEW).write_text(page, encoding="utf-8")


def report_file(folder: Path, ags: str) -> Path:
    """Returns where a release keeps the report of a municipality."""
    return folder / REPORTS / f"{ags}.html"


def current_report(settings: Settings, ags: str) -> Path:
    """Returns the report of a municipality in the current release.

    Raises:
        ReportError: nothing is published yet, or no report has this key.
    """
    release = current_release(settings)
    if release is None:
        raise ReportError(f"Noch nichts veröffentlicht in {settings.releases}.")
    known = sorted(file.stem for file in (release.folder / REPORTS).glob("*.html"))
    if ags not in known:
        listed = ", ".join(known) or "keinen"
        raise ReportError(f"Für „{ags}“ gibt es keinen Bericht. Es gibt Berichte für: {listed}.")
    return report_file(release.folder, ags)
