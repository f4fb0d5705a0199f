"""A release with a site: the demo, with names that attack pages and a wave of too few forms."""

import csv
import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from tests.conftest import deliver, deliver_demo
from tests.nights import run_night
from tests.report_night import SHARED, flawless, made_of
from weltoffen_etl.reports.comparison.site import write_site
from weltoffen_etl.settings import PROJECT_ROOT, Settings
from weltoffen_etl.warehouse.current import current_release

FEW = SHARED
PAYLOADS = {
    "Musterstadt (fiktiv)": "</script><img src=x onerror=alert(1)>{{ 7*7 }}",
    "Konstanz": '=1+1;"Konstanz"',
}
_COPIES = 11


@dataclass(frozen=True)
class Built:
    """A release's folder with its site, and what it was made with."""

    settings: Settings
    folder: Path
    manifest: dict[str, Any]

    @property
    def site(self) -> Path:
        return self.folder / "site"

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Rows of a query on the release's database."""
        with duckdb.connect(str(self.folder / "weltoffen.duckdb"), read_only=True) as connection:
            return connection.execute(sql).fetchall()


def make_release(folder: Path) -> Built:
    """Runs one night on the demo and writes the site of its release into a copy."""
    reference = folder / "reference"
    shutil.copytree(PROJECT_ROOT / "data" / "reference", reference)
    municipalities = reference / "municipalities.csv"
    with municipalities.open(encoding="utf-8", newline="") as source:
        entries = list(csv.DictReader(source))
    for entry in entries:
        entry["label_de"] = PAYLOADS.get(entry["label_de"], entry["label_de"])
    _write(municipalities, entries)
    settings = Settings(
        data_dir=folder / "data",
        reference_dir=reference,
        settle_seconds=0.0,
        as_of=date(2026, 10, 1),
    )
    deliver_demo(settings)
    few = folder / "few.csv"
    _write(few, made_of(flawless()[:3], FEW, "t0", 900))
    deliver(settings, f"{FEW}/t0/selfcheck", few)
    record = run_night(settings)
    assert record.outcome == "published", record.failures
    release = current_release(settings)
    assert release is not None
    return with_site(settings, release.folder, folder / "release")


def with_site(settings: Settings, release: Path, target: Path) -> Built:
    """Copies a release and writes its site anew."""
    shutil.copytree(release, target, ignore=shutil.ignore_patterns("site", "partners"))
    for entry in [target, *target.rglob("*")]:
        entry.chmod(0o755 if entry.is_dir() else 0o644)
    manifest = json.loads((target / "manifest.json").read_text(encoding="utf-8"))
    built = Built(settings, target, manifest)
    write_site(settings, target, manifest)
    return built


def enlarged(built: Built, target: Path, names: Sequence[str] = ()) -> Built:
    """The same with as many municipalities and two waves as the project can have.

    Args:
        built: a release.
        target: folder for the other one.
        names: what its municipalities are called, one after the other.
    """
    shutil.copytree(built.folder, target, ignore=shutil.ignore_patterns("site"))
    with duckdb.connect(str(target / "weltoffen.duckdb")) as connection:
        keyed = connection.execute(
            "SELECT DISTINCT schema_name, table_name FROM duckdb_columns() "
            "WHERE column_name = 'ags' AND schema_name IN ('reference', 'comparison') ORDER BY ALL"
        ).fetchall()
        for schema, table in keyed:
            connection.execute(
                f"INSERT INTO {schema}.{table} SELECT copied.* REPLACE "
                f"(lpad((90000000 + 100 * number + row_number)::VARCHAR, 8, '0') AS ags) "
                f"FROM {schema}.{table} AS copied "
                "JOIN (VALUES ('03241005', 1), ('08335043', 2), ('09762000', 3)) "
                "AS original (ags, row_number) USING (ags), "
                f"range({_COPIES}) AS copies (number)"
            )
        for name in names:
            connection.execute(
                "UPDATE reference.municipality SET label_de = $name WHERE ags = (SELECT max(ags) "
                "FROM reference.municipality WHERE NOT list_contains($names, label_de))",
                {"name": name, "names": list(names)},
            )
    write_site(built.settings, target, built.manifest)
    return Built(built.settings, target, built.manifest)


def _write(file: Path, entries: list[dict[str, str]]) -> None:
    with file.open("w", encoding="utf-8", newline="") as target:
        writer = csv.DictWriter(target, list(entries[0]), quoting=csv.QUOTE_ALL)
        writer.writeheader()
        writer.writerows(entries)
