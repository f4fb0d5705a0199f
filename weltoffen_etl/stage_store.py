"""Keeps what one delivery gave as Parquet, under its hash and the version of the readers."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

from weltoffen_etl.catalog import table
from weltoffen_etl.database import Connection, count
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


@dataclass(frozen=True, slots=True)
class StageStore:
    """The stage folder of one version of readers, rules and reference data.

    What a crash or a disk has spoilt counts as not there: it is read again from the archive.

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
        place = self._place(delivery_id)
        try:
            done = json.loads((place / _DONE).read_text(encoding="utf-8"))
            files = {name: file_hash(place / name) for name in done["files"]}
        except (OSError, ValueError, KeyError):
            return False
        return bool(done["paths"] == paths and files == done["files"] and not done["is_damaged"])

    def write(self, connection: Connection, delivery_id: str, paths: list[str]) -> None:
        """Writes a delivery's rows of schema ``raw``, complete or not at all.

        Args:
            connection: intake database; rows kept back are already out of its tables.
            delivery_id: the delivery.
            paths: all paths under which its bytes arrived, in order.
        """
        place = self._place(delivery_id)
        scratch = place.with_suffix(".part")
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir(parents=True)
        rows: dict[str, int] = {}
        for name in STAGED:
            key = ", ".join(table(f"raw.{name}").key)
            connection.execute(
                f"CREATE OR REPLACE TEMP TABLE own AS SELECT * FROM raw.{name} "
                "WHERE delivery_id = $delivery_id",
                {"delivery_id": delivery_id},
            )
            rows[name] = count(connection, "own")
            if rows[name]:
                target = str(scratch / f"{name}.parquet").replace("'", "''")
                connection.execute(
                    f"COPY (SELECT * FROM own ORDER BY {key}) TO '{target}' (FORMAT parquet)"
                )
        damaged = connection.execute(
            "SELECT count(*) FROM raw.finding WHERE delivery_id = $delivery_id AND rule = $rule",
            {"delivery_id": delivery_id, "rule": ARCHIVE_DAMAGED},
        ).fetchone()
        done = {
            "paths": paths,
            "rows": rows,
            "files": {file.name: file_hash(file) for file in sorted(scratch.glob("*.parquet"))},
            "is_damaged": damaged != (0,),
        }
        (scratch / _DONE).write_text(json.dumps(done, ensure_ascii=False), encoding="utf-8")
        shutil.rmtree(place, ignore_errors=True)
        scratch.rename(place)

    def files(self, name: str, deliveries: list[str]) -> list[str]:
        """Returns the Parquet files of a table over deliveries, in their order."""
        paths = (self._place(delivery_id) / f"{name}.parquet" for delivery_id in deliveries)
        return [str(path) for path in paths if path.is_file()]

    def _place(self, delivery_id: str) -> Path:
        return self.folder / delivery_id[:2] / delivery_id


def drop_other_versions(stage: Path, current: StageStore) -> None:
    """Removes stages of older versions; they can be made again at any time."""
    if stage.is_dir():
        for entry in stage.iterdir():
            if entry.is_dir() and entry != current.folder:
                shutil.rmtree(entry, ignore_errors=True)
