"""From archived bytes to the stage: every new delivery is read, interpreted and judged once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from importlib import import_module
from itertools import chain, pairwise
from pathlib import Path
from threading import Thread

from weltoffen_etl.database import connect
from weltoffen_etl.deliveries.archive import Archive, Arrival
from weltoffen_etl.deliveries.places import common_place, masked
from weltoffen_etl.exports.isolation import IsolatedReader
from weltoffen_etl.findings import found
from weltoffen_etl.quality.questions import Outcome
from weltoffen_etl.reading import DeliveryReader
from weltoffen_etl.settings import Settings
from weltoffen_etl.stage_store import StageStore, drop_other_versions
from weltoffen_etl.versions import combined, reading_version, reference_version

Progress = Callable[[str], None]

_FORMS_TOGETHER = 100_000
_FILES_TOGETHER = 400
"""So much is read before it is judged and staged: memory does not grow with what arrived."""


@dataclass(frozen=True, slots=True)
class Staged:
    """What a run of the stage did.

    Attributes:
        deliveries: all deliveries of the ledger in order of arrival.
        read: those that were read and judged now.
        outcomes: what each rule found in the rows read now.
        findings: number of new findings by severity.
    """

    deliveries: tuple[str, ...]
    read: tuple[str, ...]
    outcomes: tuple[Outcome, ...] = ()
    findings: dict[str, int] = field(default_factory=dict)


def paths_by_delivery(arrivals: Iterable[Arrival]) -> dict[str, list[str]]:
    """Returns the paths under which the bytes of each delivery arrived, in order of arrival."""
    paths: dict[str, list[str]] = {}
    for arrival in arrivals:
        paths.setdefault(arrival.sha256, []).append(arrival.path)
    return paths


def store_of(settings: Settings) -> StageStore:
    """Returns the stage of the present code, rules and reference data."""
    version = combined(reading_version(), reference_version(settings.reference_dir))
    return StageStore(settings.stage / version[:16])


def stage_deliveries(
    settings: Settings, arrivals: Iterable[Arrival], progress: Progress = lambda _: None
) -> Staged:
    """Reads and judges every delivery that the stage does not hold yet.

    A file that cannot be read, and a row that breaks a critical rule, is kept back with
    a finding; the rest goes on. Nothing of a file is lost: its bytes are in the archive.

    Args:
        settings: folders and limits.
        arrivals: the ledger.
        progress: told each file in turn, by a name that may stand in logs.

    Returns:
        Which deliveries there are and which were read now.

    Raises:
        GateError: a suite did not check what it should have; the deliveries that were judged
            together are not staged.
    """
    store = store_of(settings)
    paths = paths_by_delivery(arrivals)
    store.keep_only(paths)
    new = [delivery_id for delivery_id in paths if not store.has(delivery_id, paths[delivery_id])]
    if not new:
        return Staged(tuple(paths), ())
    # Protection needs it later and loads it for a second; this process waits for files first.
    Thread(target=import_module, args=("scipy.optimize",), name="load-ahead", daemon=True).start()
    archive = Archive(settings.archive)
    outcomes: dict[tuple[str, str, str], Outcome] = {}
    counts: Counter[str] = Counter()
    with connect(settings) as connection, IsolatedReader(settings) as isolated:
        reader = DeliveryReader.open(connection, settings)

        def finish() -> None:
            isolated.rest()
            for outcome in reader.judge():
                rule = outcome.rule
                before = outcomes.get((rule.table, rule.column, rule.kind))
                offending = outcome.offending + (before.offending if before else 0)
                outcomes[rule.table, rule.column, rule.kind] = Outcome(rule, offending)
            counts.update(finding.severity for finding in reader.findings)
            store.write(connection, {x: paths[x] for x in reader.places})
            reader.forget()
            isolated.forget()

        for (delivery_id, file), (_, then) in _with_next(archive, new):
            progress(masked(paths[delivery_id][0], reader.registry, delivery_id))
            place, others = common_place(paths[delivery_id], reader.registry)
            reader.findings.extend(
                found(delivery_id, "same_bytes_elsewhere", value=path) for path in others
            )
            reader.read(isolated, delivery_id, file, place, then)
            if reader.forms >= _FORMS_TOGETHER or len(reader.places) >= _FILES_TOGETHER:
                finish()
        if reader.places:
            finish()
    drop_other_versions(settings.stage, store)
    return Staged(tuple(paths), tuple(new), tuple(outcomes.values()), dict(counts))


def _with_next(
    archive: Archive, deliveries: Iterable[str]
) -> Iterator[tuple[tuple[str, Path | None], tuple[str, Path | None]]]:
    """Yields each delivery and its file, None where it is damaged, with the next one."""
    files = ((x, archive.object_path(x) if archive.is_whole(x) else None) for x in deliveries)
    return pairwise(chain(files, [("", None)]))
