"""Publishes a build: a new folder with the allowed tables, then the pointer to it."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from weltoffen_etl import __version__
from weltoffen_etl.catalog import Table, tables
from weltoffen_etl.database import Connection, connect, create, insert, literal
from weltoffen_etl.disclosure import withhold
from weltoffen_etl.durable import fsync
from weltoffen_etl.settings import Settings
from weltoffen_etl.versions import code_version
from weltoffen_etl.warehouse.audit import Audit
from weltoffen_etl.warehouse.build import build_file
from weltoffen_etl.warehouse.current import DATABASE, Release
from weltoffen_etl.warehouse.inputs import inputs_version

STORAGE_VERSION = "v1.4.0"
"""Clients of DuckDB 1.4, 1.5 and 2.0 open this version, and it refuses a foreign log."""


class PublicationError(RuntimeError):
    """A release must not or cannot be published."""


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
    name = _fresh_name(settings)
    scratch = settings.releases / f".build-{name}"
    settings.releases.mkdir(parents=True, exist_ok=True)
    _sweep(settings)
    scratch.mkdir()
    content = _write_database(settings, scratch / DATABASE)
    manifest = _manifest(settings, name, content)
    _verify(settings, scratch / DATABASE, content)
    (scratch / "manifest.json").write_text(
        json.dumps(manifest, ensure_ascii=False, indent=2) + "\n", encoding="utf-8"
    )
    for file in scratch.iterdir():
        fsync(file)
        file.chmod(0o444)
    fsync(scratch)
    folder = settings.releases / name
    scratch.rename(folder)
    fsync(settings.releases)
    build_file(settings).replace(settings.warehouse_file)
    fsync(settings.warehouse)
    _point(settings, name)
    return Release(name, folder)


def _fresh_name(settings: Settings) -> str:
    """UTC time to the second; a second release in one second waits for the next name."""
    moment = datetime.now(UTC)
    name = moment.strftime("%Y%m%dT%H%M%SZ")
    number = 1
    while (settings.releases / name).exists():
        number += 1
        name = f"{moment.strftime('%Y%m%dT%H%M%SZ')}-{number}"
    return name


def _sweep(settings: Settings) -> None:
    for leftover in settings.releases.glob(".build-*"):
        shutil.rmtree(leftover)


def published_tables() -> list[Table]:
    """Returns the tables of a release in order."""
    return [described for described in tables().values() if described.publish]


def _write_database(settings: Settings, target: Path) -> dict[str, tuple[int, str]]:
    """Writes the allowed tables; returns row count and content hash by table."""
    content: dict[str, tuple[int, str]] = {}
    with connect(settings) as connection:
        source = literal(str(build_file(settings)))
        connection.execute(f"ATTACH {source} AS build (READ_ONLY)")
        connection.execute(
            f"ATTACH {literal(str(target))} AS release (STORAGE_VERSION '{STORAGE_VERSION}')"
        )
        connection.execute("USE release")
        for described in published_tables():
            create(connection, described, published=True)
            columns = ", ".join(f'"{column.name}"' for column in described.published_columns)
            connection.execute(
                f"INSERT INTO {described.full_name} BY NAME SELECT {columns} "
                f"FROM build.{described.full_name} ORDER BY {_order(described)}"
            )
            withhold(connection, described, settings.min_respondents)
            content[described.full_name] = content_of(connection, described)
        _write_dictionary(connection)
        connection.execute("CHECKPOINT release")
        connection.execute("USE memory")
        connection.execute("DETACH release")
    if target.with_name(target.name + ".wal").exists():
        raise PublicationError("Neben der neuen Datenbank liegt ein nicht übernommenes Protokoll.")
    return content


def _order(described: Table) -> str:
    published = {column.name for column in described.published_columns}
    return ", ".join(f'"{name}"' for name in described.key if name in published) or "ALL"


def content_of(connection: Connection, described: Table) -> tuple[int, str]:
    """Returns the number of rows and a hash of the content, whatever the row order.

    The hash is the MD5 of the sorted MD5s of each row's text, stable across machines.
    """
    columns = ", ".join(f'"{column.name}"' for column in described.published_columns)
    row = connection.execute(
        "SELECT count(*), md5(coalesce(string_agg(line, '' ORDER BY line), '')) FROM "
        f"(SELECT md5(row({columns})::VARCHAR) AS line FROM {described.full_name})"
    ).fetchone()
    if row is None:
        raise PublicationError(f"{described.full_name} ist nicht lesbar.")
    return int(row[0]), str(row[1])


def _write_dictionary(connection: Connection) -> None:
    """Writes ``meta.table`` and ``meta.column``: the data dictionary as tables."""
    connection.execute("CREATE SCHEMA meta")
    connection.execute(
        'CREATE TABLE meta."table" ("table" VARCHAR, label_de VARCHAR, description VARCHAR, '
        '"key" VARCHAR)'
    )
    connection.execute(
        'CREATE TABLE meta."column" ("table" VARCHAR, position INTEGER, "column" VARCHAR, '
        "type VARCHAR, unit VARCHAR, nullable BOOLEAN, description VARCHAR)"
    )
    for described in published_tables():
        insert(
            connection,
            'meta."table"',
            [
                (
                    described.full_name,
                    described.label_de,
                    described.description,
                    ", ".join(described.key),
                )
            ],
        )
        insert(
            connection,
            'meta."column"',
            [
                (
                    described.full_name,
                    position,
                    column.name,
                    column.type,
                    column.unit,
                    column.nullable or column.protected,
                    column.description,
                )
                for position, column in enumerate(described.published_columns, start=1)
            ],
        )


def _verify(settings: Settings, file: Path, content: dict[str, tuple[int, str]]) -> None:
    """Reads the closed file completely and compares it with what was written."""
    with connect(settings) as connection:
        connection.execute(f"ATTACH {literal(str(file))} AS release (READ_ONLY)")
        connection.execute("USE release")
        for described in published_tables():
            if content_of(connection, described) != content[described.full_name]:
                raise PublicationError(f"{described.full_name} wurde nicht richtig geschrieben.")
        foreign = connection.execute(
            "SELECT (SELECT count(*) FROM duckdb_views() WHERE NOT internal AND database_name = 'release') "
            "+ (SELECT count(*) FROM duckdb_functions() WHERE NOT internal AND database_name = 'release')"
        ).fetchone()
        if foreign is None or foreign[0]:
            raise PublicationError("Die neue Datenbank enthält mehr als Tabellen.")


def _manifest(settings: Settings, name: str, content: dict[str, tuple[int, str]]) -> dict[str, Any]:
    with connect(settings, build_file(settings)) as connection:
        deliveries = connection.execute(
            "SELECT delivery_id, sequence, sender, kind, wave, workshop_on::VARCHAR AS workshop_on, status, "
            "superseded_by, rows_expected, rows_loaded, rows_quarantined, is_synthetic "
            "FROM raw.delivery ORDER BY sequence"
        )
        names = [column[0] for column in deliveries.description or []]
        rows = [dict(zip(names, row, strict=True)) for row in deliveries.fetchall()]
    return {
        "release": name,
        "published_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "software": __version__,
        "code_version": code_version(),
        "inputs_version": inputs_version(settings),
        "contains_synthetic_data": any(row["is_synthetic"] for row in rows),
        "as_of": settings.day.isoformat(),
        "min_respondents": settings.min_respondents,
        "deliveries": rows,
        "tables": {
            table: {"rows": count, "content_md5": digest}
            for table, (count, digest) in content.items()
        },
    }


def _point(settings: Settings, name: str) -> None:
    """Moves ``current`` and ``current.json``, each in one step."""
    link = settings.releases / ".current.next"
    link.unlink(missing_ok=True)
    link.symlink_to(name)
    link.replace(settings.releases / "current")
    pointer = settings.releases / ".current.json.next"
    pointer.write_text(json.dumps({"release": name}) + "\n", encoding="utf-8")
    pointer.replace(settings.releases / "current.json")
    fsync(settings.releases)
