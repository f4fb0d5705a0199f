"""From archived bytes to the stage: every new delivery is read, interpreted and judged once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

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
        GateError: a suite did not check what it should have; nothing was staged.
    """
    store = store_of(settings)
    paths = paths_by_delivery(arrivals)
    new = [delivery_id for delivery_id in paths if not store.has(delivery_id, paths[delivery_id])]
    if not new:
        return Staged(tuple(paths), ())
    archive = Archive(settings.archive)
    with connect(settings) as connection, IsolatedReader(settings) as isolated:
        reader = DeliveryReader.open(connection, settings)
        for delivery_id in new:
            progress(masked(paths[delivery_id][0], reader.registry, delivery_id))
            place, others = common_place(paths[delivery_id], reader.registry)
            reader.findings.extend(
                found(delivery_id, "same_bytes_elsewhere", value=path) for path in others
            )
            whole = archive.is_whole(delivery_id)
            file = archive.object_path(delivery_id) if whole else None
            reader.read(isolated, delivery_id, file, place)
        outcomes = reader.judge()
        for delivery_id in new:
            store.write(connection, delivery_id, paths[delivery_id])
    drop_other_versions(settings.stage, store)
    counts: dict[str, int] = {}
    for finding in reader.findings:
        counts[finding.severity] = counts.get(finding.severity, 0) + 1
    return Staged(tuple(paths), tuple(new), outcomes, counts)
