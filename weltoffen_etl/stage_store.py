"""Keeps what deliveries gave as Parquet, under the version of the readers."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import duckdb

from weltoffen_etl.catalog import table
from weltoffen_etl.database import Connection, literal
from weltoffen_etl.versions import file_hash

STAGED = (
    "reading",
    "file_column",
    "response",
    "field_choice",
    "answer",
    "priority",
    "comment",
    "workshop",
    "participation",
    "contribution",
    "measure",
    "finding",
    "quarantine",
    "correction_use",
)
"""Tables of schema ``raw`` that a delivery gives rows to."""

JUDGED_TABLES = STAGED[2:11]
"""Those of them that hold rows of files, which the rules judge."""

ARCHIVE_DAMAGED = "archive_damaged"
"""Rule of a delivery whose archived bytes are gone; what it was read as does not stand for it."""

_DONE = "done.json"
_UNFINISHED = ".part"


class _Kept(NamedTuple):
    """Where a delivery is kept.

    Attributes:
        pack: folder of the deliveries that were written together.
        paths: paths under which its bytes had arrived.
        is_damaged: whether its bytes were gone when it was read.
    """

    pack: Path
    paths: list[str]
    is_damaged: bool


@dataclass(frozen=True)
class StageStore:
    """The stage folder of one version of readers, rules and reference data.

    Deliveries that are read together lie together, in one file for each table. What a crash or a
    disk has spoilt counts as not there: it is read again from the archive.

    Attributes:
        folder: ``data/stage/<version>``.
    """

    folder: Path

    def has(self, delivery_id: str, paths: list[str]) -> bool:
        """Tells whether a delivery has been read and judged with this version.

        Args:
            delivery_id: the delivery.
            paths: all paths under which its bytes arrived; what they were read as depends
                on them, so a stage made before one more path arrived does not count.
        """
        kept = self._kept.get(delivery_id)
        return kept is not None and kept.paths == paths and not kept.is_damaged

    def write(self, connection: Connection, deliveries: Mapping[str, list[str]]) -> None:
        """Writes the rows of schema ``raw``, complete or not at all.

        Args:
            connection: intake database with the rows of these deliveries and no others; rows
                kept back are already out of its tables.
            deliveries: all paths under which the bytes of each delivery arrived, in order.
        """
        self.leave_out(deliveries)
        rows = connection.execute(
            "SELECT DISTINCT delivery_id FROM raw.finding WHERE rule = $rule",
            {"rule": ARCHIVE_DAMAGED},
        ).fetchall()
        damaged = {delivery_id for (delivery_id,) in rows}
        self._write_pack(
            {name: _in_order(connection, name) for name in STAGED},
            {x: _Kept(self.folder, paths, x in damaged) for x, paths in deliveries.items()},
            connection,
        )

    def files(self, name: str, deliveries: Iterable[str]) -> list[str]:
        """Returns the Parquet files of a table that hold the rows of deliveries."""
        packs = dict.fromkeys(self._kept[x].pack for x in deliveries if x in self._kept)
        paths = (pack / f"{name}.parquet" for pack in packs)
        return [str(path) for path in paths if path.is_file()]

    def keep_only(self, deliveries: Collection[str]) -> None:
        """Leaves out whatever is not among the deliveries."""
        self.leave_out([x for x in self._kept if x not in deliveries])

    def leave_out(self, deliveries: Collection[str]) -> None:
        """Removes deliveries, and what has been spoilt."""
        packs: dict[Path, dict[str, _Kept]] = {}
        for delivery_id, kept in self._kept.items():
            packs.setdefault(kept.pack, {})[delivery_id] = kept
        for entry in self.folder.iterdir() if self.folder.is_dir() else ():
            if entry.is_dir() and entry not in packs:
                shutil.rmtree(entry)
        for pack, held in packs.items():
            rest = {x: kept for x, kept in held.items() if x not in deliveries}
            if len(rest) == len(held):
                continue
            # A crash from here on costs a second reading and never doubles a row.
            self.__dict__.pop("_kept", None)
            ids = ", ".join(map(literal, rest))
            with duckdb.connect() as connection:
                sources = {
                    path.stem: f"FROM read_parquet({literal(str(path))}) WHERE delivery_id IN ({ids})"
                    for path in sorted(pack.glob("*.parquet"))
                }
                self._write_pack(sources if rest else {}, rest, connection, instead_of=pack)

    def _write_pack(
        self,
        sources: Mapping[str, str],
        deliveries: Mapping[str, _Kept],
        connection: Connection,
        instead_of: Path | None = None,
    ) -> None:
        """Writes deliveries together; the pack that they stood in goes before."""
        name = hashlib.sha256("\n".join(sorted(deliveries)).encode()).hexdigest()[:32]
        place = self.folder / name
        scratch = place.with_suffix(_UNFINISHED)
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir(parents=True)
        for table_name, source in sources.items():
            file = scratch / f"{table_name}.parquet"
            written = connection.execute(
                f"COPY ({source}) TO {literal(str(file))} (FORMAT parquet)"
            ).fetchone()
            if written in (None, (0,)):
                file.unlink(missing_ok=True)
        done = {
            "deliveries": {
                x: {"paths": kept.paths, "is_damaged": kept.is_damaged}
                for x, kept in deliveries.items()
            },
            "files": {file.name: file_hash(file) for file in sorted(scratch.glob("*.parquet"))},
        }
        (scratch / _DONE).write_text(json.dumps(done, ensure_ascii=False), encoding="utf-8")
        for old in filter(None, (instead_of, place)):
            (old / _DONE).unlink(missing_ok=True)
            shutil.rmtree(old, ignore_errors=True)
        if deliveries:
            scratch.rename(place)
        else:
            shutil.rmtree(scratch)
        self.__dict__.pop("_kept", None)

    @cached_property
    def _kept(self) -> dict[str, _Kept]:
        """What is kept and sound, by delivery."""
        kept: dict[str, _Kept] = {}
        for pack in sorted(self.folder.iterdir()) if self.folder.is_dir() else ():
            try:
                done = json.loads((pack / _DONE).read_text(encoding="utf-8"))
                is_sound = all(file_hash(pack / x) == y for x, y in done["files"].items())
                held = {
                    x: _Kept(pack, entry["paths"], entry["is_damaged"])
                    for x, entry in done["deliveries"].items()
                }
            except (OSError, ValueError, KeyError, TypeError, AttributeError):
                continue
            if is_sound and pack.suffix != _UNFINISHED:
                kept |= held
        return kept


def _in_order(connection: Connection, name: str) -> str:
    """The rows of a raw table by their key; sorted only where they do not stand so already."""
    described = table(f"raw.{name}")
    key = ", ".join(described.key)
    rows = f"SELECT * FROM raw.{name}"
    if not any(x.nullable for x in described.columns if x.name in described.key):
        falls = connection.execute(
            f"SELECT count(*) FROM (SELECT ROW({key}) < lag(ROW({key})) OVER () AS falls "
            f"FROM raw.{name}) WHERE falls"
        ).fetchone()
        if falls == (0,):
            return rows
    return f"{rows} ORDER BY {key}"


def drop_other_versions(stage: Path, current: StageStore) -> None:
    """Removes stages of older versions; they can be made again at any time."""
    if stage.is_dir():
        for entry in stage.iterdir():
            if entry.is_dir() and entry != current.folder:
                shutil.rmtree(entry, ignore_errors=True)
