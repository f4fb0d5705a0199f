"""Publishes a build: a new folder with database, pages and manifest, then the pointer to it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from weltoffen_etl import __version__
from weltoffen_etl.catalog import SEVERITIES
from weltoffen_etl.database import Connection, connect
from weltoffen_etl.deliveries.archive import Archive
from weltoffen_etl.disclosure.state import before, keep
from weltoffen_etl.distribution.about import load_about
from weltoffen_etl.durable import fsync, write
from weltoffen_etl.partners import write_partner_databases
from weltoffen_etl.permissions import PARTNERS, open_folder
from weltoffen_etl.reference_archive import keep_reference, official_list_version
from weltoffen_etl.releases.beginning import check_clock
from weltoffen_etl.releases.changeover import announce, change_over
from weltoffen_etl.reports.changes.page import write_changes
from weltoffen_etl.reports.pdf import check_pdf
from weltoffen_etl.reports.release_pages import write_pages
from weltoffen_etl.settings import Settings
from weltoffen_etl.versions import code_version, commit, file_hash, reference_version
from weltoffen_etl.warehouse.audit import Audit
from weltoffen_etl.warehouse.build import build_file
from weltoffen_etl.warehouse.current import (
    DATABASE,
    MANIFEST,
    Release,
    current_release,
    fresh_name,
    kept_manifest,
    published_at,
)
from weltoffen_etl.warehouse.inputs import inputs_version, weighed_settings
from weltoffen_etl.warehouse.release import (
    PublicationError,
    published_tables,
    verify,
    write_database,
)


def check_publishable(settings: Settings) -> None:
    """Refuses at the beginning of a night what could not be published at its end.

    Raises:
        AboutError: what is said about the release is missing or not valid.
        ClockError: the clock lies before the current release.
        PublicationError: PDFs are asked for and cannot be written.
    """
    check_clock(settings)
    if settings.other_formats:
        load_about(settings.reference_dir)
    if settings.pdf_reports:
        check_pdf()


def publish(settings: Settings, audit: Audit) -> Release:
    """Publishes the build of this run under a fresh name.

    The database is built new from the described columns that may be published, so that
    nothing dropped stays readable in its bytes; it is verified by a full scan, made
    durable and read-only, and the pointer moves last.

    Args:
        settings: folders and the least number of respondents.
        audit: the audit of this build.

    Returns:
        The new release.

    Raises:
        PublicationError: the audit did not pass, or the written file is not what was built.
    """
    if not audit.passed:
        names = ", ".join(check.name for check in audit.failures[:5]) or "unvollständig geprüft"
        raise PublicationError(f"Nicht veröffentlicht: {names}.")
    name = settings.release_name or fresh_name(settings)
    scratch = settings.releases / f".build-{name}"
    settings.releases.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir()
    content = write_database(
        settings, build_file(settings), scratch / DATABASE, published_tables(settings)
    )
    manifest = _manifest(settings, name, scratch / DATABASE, content)
    verify(settings, scratch / DATABASE, content)
    if settings.partner_databases:
        write_partner_databases(settings, scratch / PARTNERS)
    write_pages(settings, scratch, name, manifest)
    write_changes(settings, scratch, manifest)
    _write_forms(settings, scratch, manifest)
    manifest["files"] = _files(scratch)
    text = json.dumps(manifest, ensure_ascii=False, indent=2) + "\n"
    (scratch / MANIFEST).write_text(text, encoding="utf-8")
    _make_durable(scratch)
    keep_reference(settings)
    announce(settings, name)
    write(kept_manifest(settings, name), text.encode())
    keep(settings, name)
    folder = settings.releases / name
    scratch.rename(folder)
    fsync(settings.releases)
    change_over(settings, name)
    return Release(name, folder)


def _write_forms(settings: Settings, folder: Path, manifest: dict[str, Any]) -> None:
    """Writes the other forms of a release; their libraries load only where they are needed."""
    if settings.other_formats:
        from weltoffen_etl.distribution.write import write_distribution
        from weltoffen_etl.recipes.write import write_recipes

        write_distribution(settings, folder, manifest)
        write_recipes(folder)
    if settings.site:
        from weltoffen_etl.reports.ask.page import write_ask
        from weltoffen_etl.reports.comparison.site import write_site

        write_site(settings, folder, manifest)
        write_ask(settings, folder, manifest)


def _files(folder: Path) -> dict[str, dict[str, Any]]:
    """Size and hash of every file of a release, by its path."""
    return {
        file.relative_to(folder).as_posix(): {
            "bytes": file.stat().st_size,
            "sha256": file_hash(file),
        }
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


def _make_durable(folder: Path) -> None:
    """Writes a folder with all below it through to the disk; its files are for reading only."""
    for entry in folder.iterdir():
        if entry.is_dir():
            _make_durable(entry)
        else:
            fsync(entry)
            entry.chmod(0o444)
    open_folder(folder)
    fsync(folder)


def _manifest(
    settings: Settings, name: str, database: Path, content: dict[str, tuple[int, str]]
) -> dict[str, Any]:
    with connect(settings, database, read_only=True) as connection:
        # From the release itself: what it withholds, its manifest does not tell.
        deliveries = connection.execute(
            "SELECT delivery_id, sequence, sender, kind, wave, workshop_on::VARCHAR AS workshop_on, status, "
            "superseded_by, rows_expected, rows_loaded, rows_quarantined, is_synthetic "
            "FROM quality.reconciliation ORDER BY sequence"
        )
        names = [column[0] for column in deliveries.description or []]
        rows = [dict(zip(names, row, strict=True)) for row in deliveries.fetchall()]
    with connect(settings, build_file(settings), read_only=True) as connection:
        quality = _quality(connection, settings.min_respondents)
    return {
        "release": name,
        "published_at": published_at(name).isoformat(),
        "previous": None if (previous := current_release(settings)) is None else previous.name,
        "software": __version__,
        "code_version": code_version(),
        "commit": commit(),
        "reference_version": reference_version(settings.reference_dir),
        "official_list": official_list_version(settings),
        "arrivals": len(Archive(settings.archive).arrivals()),
        "settings": weighed_settings(settings),
        "inputs_version": inputs_version(settings, build_file(settings)),
        "contains_synthetic_data": any(row["is_synthetic"] for row in rows),
        "as_of": settings.day.isoformat(),
        "min_respondents": settings.min_respondents,
        "protected_against": None if (seen := before(settings)) is None else seen.name,
        "quality": quality,
        "deliveries": rows,
        "tables": {
            table: {"rows": count, "content_md5": digest}
            for table, (count, digest) in content.items()
        },
    }


def _quality(connection: Connection, least: int) -> dict[str, Any]:
    """Sums up the quality of a build, for comparing releases.

    Waves with too few forms stay out of score and number: where all others are published,
    the difference would tell theirs.
    """
    findings = dict(
        connection.execute(
            "SELECT severity, count(*) FROM quality.finding WHERE is_current GROUP BY severity"
        ).fetchall()
    )
    deliveries = dict(
        connection.execute("SELECT status, count(*) FROM raw.delivery GROUP BY status").fetchall()
    )
    told = connection.execute(
        # An average over rows in no fixed order differs in its last digits.
        "SELECT round(avg(score), 6), coalesce(sum(n_responses), 0)::BIGINT "
        "FROM quality.municipality_wave WHERE NOT (is_suppressed OR n_responses BETWEEN 1 AND $least - 1)",
        {"least": least},
    ).fetchone()
    mean_score, n_responses = told or (None, 0)
    return {
        "findings": {name: findings.get(name, 0) for name in SEVERITIES},
        "deliveries": {
            name: deliveries.get(name, 0)
            for name in ("loaded", "partly_quarantined", "quarantined", "superseded")
        },
        "mean_score": mean_score,
        "n_responses": n_responses,
    }
