"""Fuzzes the readers with damaged real exports and compares with an independent oracle.

Run ``uv run python -m tests.hostile.fuzz --seed 1 --csv 1000 --xlsx 300``.
"""

import argparse
import hashlib
import itertools
import random
import resource
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from tests.conftest import DEMO_INBOX
from tests.hostile.batch import ADDRESS_SPACE, RESIDENT
from tests.hostile.material import as_csv, as_workbook, survey
from tests.hostile.mutations import CSV_MUTATIONS, XLSX_MUTATIONS, Mutation, mutated
from tests.hostile.oracle import Truth, truth_of_csv, truth_of_workbook
from weltoffen_etl.database import connect
from weltoffen_etl.deliveries.places import Place, Registry, place_of
from weltoffen_etl.exports.isolation import IsolatedReader
from weltoffen_etl.reading import DeliveryReader
from weltoffen_etl.settings import Settings

SECONDS = 60.0
_TOGETHER = 50
_USUAL = {"comment_maybe_converted", "wave_repaired", "ags_repaired", "long_answers"}


@dataclass(frozen=True, slots=True)
class Sample:
    """One damaged file: its kind, what was done to it and what it really holds."""

    name: str
    kind: str
    mutation: str
    content: bytes
    truth: Truth
    place: str

    @property
    def delivery_id(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


@dataclass(slots=True)
class Report:
    """What a campaign found."""

    files: int = 0
    outcomes: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    violations: list[tuple[Sample, str]] = field(default_factory=list)
    cells: int = 0
    stopped: int = 0
    slowest: float = 0.0
    child_bytes: int = 0

    def lines(self) -> Iterator[str]:
        """The summary as a table."""
        yield f"{'kind':6}{'oracle':10}{'outcome':12}{'files':>7}"
        for (kind, verdict, outcome), number in sorted(self.outcomes.items()):
            yield f"{kind:6}{verdict:10}{outcome:12}{number:7}"
        yield f"{self.files} files, {self.cells} cells compared, reader stopped {self.stopped} times"
        yield f"slowest {self.slowest:.1f} s, largest child {self.child_bytes / 1e6:.0f} MB"
        yield f"{len(self.violations)} violations"
        for sample, why in self.violations[:40]:
            yield f"  {sample.name} ({sample.mutation}): {why}"


def samples(seed: int, texts: int, workbooks: int) -> Iterator[Sample]:
    """Damaged files, the same for the same seed."""
    csv_sources = [
        (path.read_bytes(), "\t" if b"\t" in path.read_bytes()[:200] else ";", path)
        for path in sorted(DEMO_INBOX.glob("*/*/selfcheck/*.csv"))
    ]
    own = DEMO_INBOX / "08335043" / "t0" / "selfcheck" / "own"
    csv_sources.append((as_csv(survey("fuzz")), ";", own))
    csv_sources.append((as_csv(survey("fuzz"), ","), ",", own))
    book_sources = [
        (path.read_bytes(), "", path) for path in sorted(DEMO_INBOX.glob("*/*/selfcheck/*.xlsx"))
    ]
    book_sources.append((as_workbook(survey("fuzz")), "", own))
    yield from _distinct("csv", seed, texts, csv_sources, CSV_MUTATIONS)
    yield from _distinct("xlsx", seed, workbooks, book_sources, XLSX_MUTATIONS)


def _distinct(
    kind: str,
    seed: int,
    wanted: int,
    sources: Sequence[tuple[bytes, str, Path]],
    mutations: dict[str, Mutation],
) -> Iterator[Sample]:
    """Mutates until there are as many different files as wanted; equal bytes count once."""
    seen: set[str] = set()
    for number in itertools.count():
        if len(seen) == wanted:
            return
        draw = random.Random(f"{seed} {kind} {number}")  # noqa: S311  (damage, not secrets)
        source, delimiter, path = draw.choice(sources)
        mutation, content = mutated(draw, source, mutations)
        truth = truth_of_csv(content, delimiter) if kind == "csv" else truth_of_workbook(content)
        sample = Sample(f"{kind}-{seed}-{number}", kind, mutation, content, truth, _place(path))
        if content and sample.delivery_id not in seen:
            seen.add(sample.delivery_id)
            yield sample


def _place(path: Path) -> str:
    return path.relative_to(DEMO_INBOX).as_posix()


def campaign(seed: int, texts: int, workbooks: int, keep: Path | None = None) -> Report:
    """Reads and judges all samples in batches."""
    report = Report()
    waiting: list[Sample] = []
    told = 0
    for sample in samples(seed, texts, workbooks):
        waiting.append(sample)
        if len(waiting) == _TOGETHER:
            _read(waiting, report)
            waiting = []
            sys.stderr.write(f"{report.files} files, {len(report.violations)} violations\n")
            for offender, why in report.violations[told:]:
                sys.stderr.write(f"  {offender.name} ({offender.mutation}): {why}\n")
            told = len(report.violations)
    if waiting:
        _read(waiting, report)
    report.child_bytes = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
    if report.child_bytes > RESIDENT and waiting:
        report.violations.append((waiting[-1], f"a child used {report.child_bytes} bytes"))
    if keep is not None and report.violations:
        keep.mkdir(parents=True, exist_ok=True)
        for sample, _ in report.violations:
            (keep / sample.name).write_bytes(sample.content)
    return report


def _read(batch: list[Sample], report: Report) -> None:
    settings = Settings(reader_memory_bytes=ADDRESS_SPACE, reader_seconds=SECONDS)
    registry = Registry(settings.reference_dir)
    with (
        tempfile.TemporaryDirectory() as folder,
        connect(settings) as connection,
        IsolatedReader(settings) as isolated,
    ):
        reader = DeliveryReader.open(connection, settings)
        for sample in batch:
            path = Path(folder) / sample.name
            path.write_bytes(sample.content)
            place: Place = place_of(sample.place, registry)
            started = time.monotonic()
            try:
                reader.read(isolated, sample.delivery_id, path, place)
            except Exception as error:
                report.violations.append((sample, f"uncaught {error!r}"))
            seconds = time.monotonic() - started
            report.slowest = max(report.slowest, seconds)
            if seconds > SECONDS:
                report.violations.append((sample, f"took {seconds:.0f} s"))
        reader.judge()
        for sample in batch:
            _compare(sample, reader, report)
    report.files += len(batch)


def _compare(sample: Sample, reader: DeliveryReader, report: Report) -> None:
    """Compares what was read with what the file holds."""
    delivery_id = sample.delivery_id
    rules = {x.rule: x.severity for x in reader.findings if x.delivery_id == delivery_id}
    row = reader.connection.execute(
        "SELECT rows_expected, rows_loaded, rows_quarantined, rows_ignored FROM raw.reading "
        "WHERE delivery_id = $id",
        {"id": delivery_id},
    ).fetchone()
    report.stopped += "file_reader_stopped" in rules
    export = reader.exports.get(delivery_id)
    refused = export is None
    loud = bool(rules.keys() - _USUAL)
    outcome = "refused" if refused else "noted" if loud else "silent"
    report.outcomes[sample.kind, sample.truth.verdict, outcome] += 1

    def blame(why: str) -> None:
        report.violations.append((sample, f"{why}; findings {sorted(rules)}"))

    if row is None:
        blame("no balance")
        return
    expected, loaded, quarantined, ignored = row
    if "reader_failed" in rules:
        blame("reader failed")
    if expected != loaded + quarantined:
        blame(f"{expected} rows, {loaded} loaded, {quarantined} kept back")
    if sample.truth.verdict == "broken" and not refused and not loud:
        blame("broken and accepted without a finding")
    if sample.truth.verdict == "ragged" and not refused:
        told = {
            x.source_row
            for x in reader.findings
            if x.delivery_id == delivery_id and x.rule == "row_ragged"
        }
        if told != sample.truth.ragged:
            blame(f"ragged rows {sorted(sample.truth.ragged)}, told {sorted(map(str, told))}")
    if sample.truth.rows and not refused and sample.truth.verdict != "broken":
        data = len(sample.truth.rows) - 1
        if data != expected + ignored:
            blame(f"{data} rows in the file, {expected} + {ignored} delivered")
    tables = reader.tables.get(delivery_id)
    if sample.truth.verdict == "legal":
        if tables is None:
            # Only the bytes are judged here; questions of content come after the grid.
            blame("legal and not read")
        else:
            _compare_cells(sample, tables.grids[0].table, report)


def _compare_cells(sample: Sample, table: Path, report: Report) -> None:
    rows = duckdb.sql(f"FROM read_parquet('{table}') ORDER BY source_row").fetchall()
    got = {row[0]: tuple(cell or "" for cell in row[1:]) for row in rows}
    for number in sample.truth.rows.keys() | got.keys():
        read, true = got.get(number, ()), sample.truth.rows.get(number, ())
        width = max(len(read), len(true))
        report.cells += width
        for at in range(width):
            mine = read[at] if at < len(read) else ""
            yours = true[at] if at < len(true) else ""
            if sample.kind == "xlsx":
                # Blanks at the edge of a cell count only where the file says so.
                mine, yours = mine.strip(), yours.strip()
            if mine != yours:
                why = f"row {number} column {at + 1}: {mine[:40]!r} instead of {yours[:40]!r}"
                report.violations.append((sample, why))
                return


def main() -> int:
    """Runs a campaign from the command line; 1 when anything was violated."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--csv", type=int, default=1000)
    parser.add_argument("--xlsx", type=int, default=300)
    parser.add_argument("--keep", type=Path)
    options = parser.parse_args()
    report = campaign(options.seed, options.csv, options.xlsx, options.keep)
    sys.stdout.write("\n".join(report.lines()) + "\n")
    return 1 if report.violations else 0


if __name__ == "__main__":
    sys.exit(main())
