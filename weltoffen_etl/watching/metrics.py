"""Numbers for Prometheus, as a text file that a node exporter's textfile collector reads.

Nothing is told of a single municipality: these numbers stand in the release's manifest anyway.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, get_args

from prometheus_client import CollectorRegistry, Gauge, write_to_textfile

from weltoffen_etl.catalog import SEVERITIES
from weltoffen_etl.journal import Outcome
from weltoffen_etl.notices.outbox import Outbox
from weltoffen_etl.settings import Settings
from weltoffen_etl.watching.situation import Check, Situation, time_of

_OUTCOMES = (*get_args(Outcome), "broken_off")


def metrics_file(settings: Settings) -> Path:
    """Returns the file; it holds no personal data and may be read by everybody."""
    return settings.data_dir / "metrics.prom"


def write_metrics(situation: Situation, checks: Sequence[Check], open_incidents: int) -> None:
    """Writes all numbers of one moment; what cannot be read has no value in it.

    Args:
        situation: the moment.
        checks: what the checks found.
        open_incidents: number of incidents that are not over.

    Raises:
        OSError: the file cannot be written.
    """
    registry = CollectorRegistry()
    for describe in (_nights, _release, _rest):
        # A damaged manifest is an alarm already; the other numbers are told nevertheless.
        with suppress(OSError, ValueError, KeyError, TypeError, AttributeError):
            describe(registry, situation)
    _set(registry, "incidents_open", "Incidents that are not over.", open_incidents)
    status = Gauge(
        "weltoffen_check",
        "Checks of `weltoffen health`: 0 ok, 1 warning, 2 alarm.",
        ["check"],
        registry=registry,
    )
    for check in checks:
        status.labels(check.id).set(("ok", "warning", "alarm").index(check.status))
        if check.id == "free_space" and isinstance(check.value, int | float):
            _set(registry, "free_bytes", "Free bytes on the disk of the data folder.", check.value)
    _set(
        registry,
        "health_timestamp_seconds",
        "When these numbers were taken.",
        situation.now.timestamp(),
    )
    file = metrics_file(situation.settings)
    write_to_textfile(str(file), registry)
    file.chmod(0o644)


def _nights(registry: CollectorRegistry, situation: Situation) -> None:
    run, good = situation.last_run, situation.last_good
    _set(registry, "run_in_progress", "1 while a run is under way.", int(situation.alive))
    if good is not None:
        _set(
            registry,
            "last_good_night_timestamp_seconds",
            "When the last run ended that published or found nothing new.",
            time_of(good.finished_at).timestamp(),
        )
    if run is None:
        return
    outcome = Gauge(
        "weltoffen_last_run_outcome",
        "1 for how the last run ended, 0 for all else.",
        ["outcome"],
        registry=registry,
    )
    ended = run.outcome if run.finished_at is not None else "broken_off"
    for name in _OUTCOMES:
        outcome.labels(name).set(int(name == ended))
    if run.finished_at is not None:
        took = time_of(run.finished_at) - time_of(run.started_at)
        _set(
            registry,
            "last_run_duration_seconds",
            "How long the last run took.",
            took.total_seconds(),
        )
    for record in situation.nights[:1]:
        _set(
            registry,
            "last_run_new_deliveries",
            "Files that arrived since the run before.",
            record.new_deliveries,
        )


def _release(registry: CollectorRegistry, situation: Situation) -> None:
    manifest: dict[str, Any] = situation.manifest
    if not manifest:
        return
    published = time_of(manifest["published_at"]).timestamp()
    _set(registry, "last_release_timestamp_seconds", "When the release was published.", published)
    _set(
        registry,
        "release_bytes",
        "Bytes of all files of the release.",
        sum(entry["bytes"] for entry in manifest.get("files", {}).values()),
    )
    deliveries = manifest["deliveries"]
    _set(registry, "release_deliveries", "Deliveries in the release.", len(deliveries))
    _set(
        registry,
        "release_deliveries_quarantined",
        "Deliveries in the release that are in quarantine as a whole.",
        sum(entry["status"] == "quarantined" for entry in deliveries),
    )
    findings = Gauge(
        "weltoffen_release_findings",
        "Findings of the release about deliveries in force.",
        ["severity"],
        registry=registry,
    )
    for severity in SEVERITIES:
        findings.labels(severity).set(manifest["quality"]["findings"][severity])


def _rest(registry: CollectorRegistry, situation: Situation) -> None:
    waiting = len(Outbox(situation.settings).waiting())
    _set(registry, "messages_waiting", "Messages that wait in the outbox.", waiting)


def _set(registry: CollectorRegistry, name: str, text: str, value: float) -> None:
    Gauge(f"weltoffen_{name}", text, registry=registry).set(value)
