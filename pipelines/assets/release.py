"""The release: what evaluators read."""

import dagster as dg

from pipelines.assets.intake import OWNERS
from pipelines.assets.tables import key_of
from pipelines.resources import Night
from weltoffen_etl.catalog import tables
from weltoffen_etl.quarantine import record_quarantine
from weltoffen_etl.releases.publication import publish
from weltoffen_etl.releases.retention import remove_old


@dg.asset(
    deps=[key_of(name) for name in tables()],
    description="The dated, immutable release; `current` moves to it last.",
    group_name="release",
    kinds={"duckdb"},
    owners=OWNERS,
)
def release(night: Night) -> dg.MaterializeResult[None]:
    """Publishes the audited build of this run."""
    with night.guarded():
        published = publish(night.settings, night.audit())
    night.published(published)
    manifest = published.manifest()
    with night.guarded():
        ledger = record_quarantine(night.settings, published.name)
        removed = remove_old(night.settings)
    return dg.MaterializeResult(
        metadata={
            "release": published.name,
            "deliveries": len(manifest["deliveries"]),
            "quarantined": night.record.quarantined_deliveries,
            "rows_kept_back": sum(event.event == "kept_back" for event in ledger),
            "rows_released": sum(event.event == "released" for event in ledger),
            "releases_removed": ", ".join(removed),
            "content": {name: entry["content_md5"] for name, entry in manifest["tables"].items()},
        }
    )
