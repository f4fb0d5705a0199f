"""Writes all forms of a release, from its own database, into its folder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from weltoffen_etl.catalog import Table
from weltoffen_etl.database import Connection
from weltoffen_etl.distribution import datapackage
from weltoffen_etl.distribution.about import Edition, edition
from weltoffen_etl.distribution.contents import WORKBOOK, write_workbook
from weltoffen_etl.distribution.csv_package import (
    CSV,
    EXCEL_CSV,
    write_csv_package,
    write_excel_package,
)
from weltoffen_etl.distribution.parquet import parquet_path, write_parquet
from weltoffen_etl.distribution.texts import CITATION, GUIDE, LICENCE, citation, guide, licence
from weltoffen_etl.reports.dictionary.page import Heading, dictionary_markdown, dictionary_page
from weltoffen_etl.settings import Settings
from weltoffen_etl.warehouse.current import DATABASE
from weltoffen_etl.warehouse.published import described_tables, open_release, quoted

DICTIONARY: Final = "dictionary.html"
DICTIONARY_MARKDOWN: Final = "dictionary.md"

_WHOLE: Final = (
    ("database", DATABASE, "Alle Tabellen als Datenbank", "duckdb", "application/vnd.duckdb"),
    (
        "workbook",
        WORKBOOK,
        "Alle Tabellen als Arbeitsmappe",
        "xlsx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ),
    ("csv", CSV, "Alle Tabellen als CSV, als eigenes Data Package", "zip", "application/zip"),
    ("excel-csv", EXCEL_CSV, "Alle Tabellen als CSV für Excel", "zip", "application/zip"),
)
"""Files that hold all tables: name, path, title, format, media type."""


def write_distribution(settings: Settings, folder: Path, manifest: Mapping[str, Any]) -> None:
    """Writes Parquet, workbook, CSV, dictionary, licence, citation, guide and ``datapackage.json``.

    Everything follows from the database in the folder, the manifest and ``publication.yml``;
    the same three give the same bytes.

    Args:
        settings: reference folder, limits, whether there are CSV files for Excel.
        folder: the release's folder, with its database in it.
        manifest: the release's manifest.

    Raises:
        AboutError: ``publication.yml`` is missing or not valid.
    """
    released = edition(settings.reference_dir, manifest)
    with open_release(settings, folder / DATABASE) as connection:
        tables = described_tables(connection)
        for described in tables:
            target = folder / parquet_path(described)
            target.parent.mkdir(parents=True, exist_ok=True)
            write_parquet(connection, described, target)
        write_workbook(connection, tables, released, folder / WORKBOOK)
        write_csv_package(connection, tables, released, folder / CSV)
        if settings.excel_csv:
            write_excel_package(connection, tables, released, folder / EXCEL_CSV)
        _write_dictionary(settings, connection, tables, released, folder)
    texts = {
        GUIDE: guide(released, settings),
        LICENCE: licence(released),
        CITATION: citation(released),
        datapackage.FILE: _described(folder, tables, released),
    }
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")


def _write_dictionary(
    settings: Settings,
    connection: Connection,
    tables: Sequence[Table],
    released: Edition,
    folder: Path,
) -> None:
    counted = []
    for described in tables:
        (rows,) = connection.execute(f"SELECT count(*) FROM {quoted(described)}").fetchone() or (0,)
        counted.append((described, int(rows)))
    heading = Heading(released.about.title, released.about.licence.text, released.citation)
    page = dictionary_page(counted, heading, released.manifest, has_site=settings.site)
    (folder / DICTIONARY).write_text(page, encoding="utf-8")
    text = dictionary_markdown(counted, heading, released.manifest)
    (folder / DICTIONARY_MARKDOWN).write_text(text, encoding="utf-8")


def _described(folder: Path, tables: Sequence[Table], released: Edition) -> str:
    resources = []
    for described in tables:
        path = parquet_path(described)
        resource = datapackage.file_resource(
            folder / path,
            path,
            name=described.full_name,
            title=described.label_de,
            form="parquet",
            mediatype="application/vnd.apache.parquet",
        )
        resources.append(datapackage.table_resource(resource, described, tables))
    for name, path, title, form, mediatype in _WHOLE:
        if (folder / path).is_file():
            resources.append(
                datapackage.file_resource(
                    folder / path, path, name=name, title=title, form=form, mediatype=mediatype
                )
            )
    return datapackage.package(released, resources)
