"""Rebuilds a published release from archive, reference data and code, and compares the two."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from weltoffen_etl.asking.query import chosen_release
from weltoffen_etl.database import Connection, connect, literal
from weltoffen_etl.deliveries.archive import Archive
from weltoffen_etl.disclosure.state import state_names, state_of
from weltoffen_etl.durable import whole_lines
from weltoffen_etl.reference_archive import kept_official_list, unpack_reference
from weltoffen_etl.settings import Settings
from weltoffen_etl.versions import code_version
from weltoffen_etl.warehouse.current import (
    MANIFEST,
    Release,
    in_order,
    kept_manifest,
    list_releases,
)

_DATABASE = ".duckdb"


class RebuildError(RuntimeError):
    """A release cannot be rebuilt here; says what is missing."""


class OtherCodeError(RebuildError):
    """The release was made by another version of the code.

    Attributes:
        commit: Git commit that made it, None where it is not known.
    """

    def __init__(self, message: str, commit: str | None) -> None:
        super().__init__(message)
        self.commit = commit


@dataclass(frozen=True, slots=True)
class Comparison:
    """A release and its rebuild.

    Attributes:
        tables: by full name, whether rows and content are the same.
        files: by path, whether the bytes are the same; databases, whose bytes never are,
            are compared value for value, and left out where the release is removed. Only files
            that the manifest lists.
    """

    tables: Mapping[str, bool]
    files: Mapping[str, bool]

    @property
    def is_same(self) -> bool:
        """Whether all data are the same: every table of the release and every database in it."""
        databases = [same for path, same in self.files.items() if path.endswith(_DATABASE)]
        return bool(self.tables) and all(self.tables.values()) and all(databases)


def published_release(settings: Settings, name: str) -> Release:
    """Returns a release; one that is removed by now with the manifest kept in the archive alone.

    Raises:
        QueryError: nothing is published yet.
        UnknownReleaseError: no release ever had this name.
    """
    kept = Release(name, kept_manifest(settings, name).parent)
    if not (settings.releases / name).is_dir() and (kept.folder / MANIFEST).is_file():
        return kept
    return chosen_release(settings, name)


def prepare(settings: Settings, release: Release, folder: Path) -> Settings:
    """Puts everything that a release followed from into a folder of its own.

    Deliveries are linked from the archive, not copied; the inbox stays empty.

    Args:
        settings: the installation.
        release: the release to rebuild.
        folder: a new folder.

    Returns:
        Settings for the run that rebuilds it.

    Raises:
        OtherCodeError: other code made the release.
        RebuildError: the release is too old to say what it followed from.
        MissingReferenceError: the archive lacks its reference data.
    """
    manifest = release.manifest()
    missing = {"settings", "arrivals", "reference_version"} - manifest.keys()
    if missing:
        raise RebuildError(
            f"Der Stand {release.name} ist mit Version {manifest['software']} entstanden, die noch "
            "nicht aufschrieb, woraus er folgt. Er lässt sich nur mit ihrem Code von Hand nachbauen."
        )
    if manifest["code_version"] != code_version():
        commit = manifest["commit"]
        how = f"git checkout {commit}" if commit else "der genaue Stand des Codes ist nicht bekannt"
        raise OtherCodeError(
            f"Der Stand {release.name} ist mit anderem Code entstanden (Version "
            f"{manifest['software']}; {how}).",
            commit,
        )
    rebuilt = settings.model_copy(
        update=manifest["settings"]
        | {
            "data_dir": folder,
            "reference_dir": folder / "reference",
            "official_list": kept_official_list(settings, manifest["official_list"]),
            "as_of": date.fromisoformat(manifest["as_of"]),
            "release_name": release.name,
            "keep_releases": None,
        }
    )
    rebuilt.inbox.mkdir(parents=True)
    unpack_reference(settings, manifest["reference_version"], rebuilt.reference_dir)
    _link_archive(settings, rebuilt, manifest)
    _copy_earlier(settings, rebuilt, manifest)
    return rebuilt


def compare(settings: Settings, published: Release, rebuilt: Release) -> Comparison:
    """Compares a release with its rebuild: tables and files by their hashes, databases by content.

    Args:
        settings: memory limit and threads.
        published: the release.
        rebuilt: its rebuild.
    """
    before, after = published.manifest(), rebuilt.manifest()
    names = before["tables"].keys() | after["tables"].keys()
    files = {}
    for path in sorted(before["files"].keys() | after["files"].keys()):
        is_same = before["files"].get(path) == after["files"].get(path)
        if path.endswith(_DATABASE) and not is_same:
            one, other = published.folder / path, rebuilt.folder / path
            if other.is_file() and not published.database.is_file():
                continue  # the release is removed: of its other databases nothing is known
            is_same = one.is_file() and other.is_file() and _same_content(settings, one, other)
        files[path] = is_same
    return Comparison(
        {x: before["tables"].get(x) == after["tables"].get(x) for x in sorted(names)}, files
    )


def _same_content(settings: Settings, one: Path, other: Path) -> bool:
    """Whether two databases hold the same tables with the same rows."""
    with connect(settings) as connection:
        connection.execute(f"ATTACH {literal(str(one))} AS one (READ_ONLY)")
        connection.execute(f"ATTACH {literal(str(other))} AS other (READ_ONLY)")
        tables = [_tables(connection, name) for name in ("one", "other")]
        return tables[0] == tables[1] and not any(
            _differ(connection, f'one."{schema}"."{name}"', f'other."{schema}"."{name}"')
            for schema, name, _ in tables[0]
        )


def _tables(connection: Connection, database: str) -> list[tuple[str, str, str]]:
    return connection.execute(
        "SELECT schema_name, table_name, sql FROM duckdb_tables() WHERE database_name = $name "
        "ORDER BY ALL",
        {"name": database},
    ).fetchall()


def _differ(connection: Connection, one: str, other: str) -> bool:
    row = connection.execute(
        f"SELECT count(*) FROM ((FROM {one} EXCEPT ALL FROM {other}) UNION ALL "
        f"(FROM {other} EXCEPT ALL FROM {one}))"
    ).fetchone()
    return row is None or row[0] > 0


def _link_archive(settings: Settings, rebuilt: Settings, manifest: Mapping[str, Any]) -> None:
    source, target = Archive(settings.archive), Archive(rebuilt.archive)
    target.folder.mkdir(parents=True)
    (target.folder / "objects").symlink_to((source.folder / "objects").resolve())
    lines = whole_lines(source.ledger)[: manifest["arrivals"]]
    target.ledger.write_bytes(b"".join(line + b"\n" for line in lines))
    seen = manifest["protected_against"]
    if seen is not None:
        if seen not in state_names(settings):
            raise RebuildError(f"Im Archiv fehlt, was der Stand {seen} gezeigt hat.")
        shutil.copytree(state_of(settings, seen), state_of(rebuilt, seen))


def _copy_earlier(settings: Settings, rebuilt: Settings, manifest: Mapping[str, Any]) -> None:
    """Copies what pages of a release read of earlier ones: their manifests, one database."""
    rebuilt.releases.mkdir(parents=True)
    previous = manifest["previous"]
    for release in list_releases(settings):
        if in_order(release.name) >= in_order(manifest["release"]):
            continue
        folder = rebuilt.releases / release.name
        folder.mkdir()
        shutil.copyfile(release.folder / MANIFEST, folder / MANIFEST)
        if release.name == previous:
            shutil.copyfile(release.database, folder / release.database.name)
            (rebuilt.releases / "current").symlink_to(release.name)
