"""Deliveries and the stage: what arrived, read and judged once."""

from collections.abc import Iterator, Sequence

import dagster as dg

from pipelines.resources import Night
from weltoffen_etl.deliveries.intake import in_words, take_in
from weltoffen_etl.journal import is_recorded
from weltoffen_etl.quality.questions import Outcome
from weltoffen_etl.quarantine import record_quarantine
from weltoffen_etl.releases.beginning import begin
from weltoffen_etl.releases.publication import check_publishable
from weltoffen_etl.stage_store import JUDGED_TABLES
from weltoffen_etl.staging import stage_deliveries
from weltoffen_etl.warehouse.current import current_release
from weltoffen_etl.warehouse.inputs import holds_everything, inputs_version

OWNERS = ["team:weltoffene-kommune"]
DELIVERIES = dg.AssetKey("deliveries")
STAGE = dg.AssetKey("stage")


@dg.multi_asset(
    specs=[
        dg.AssetSpec(
            DELIVERIES,
            description="Files of the inbox, archived under their hash; skipped when nothing is new.",
            group_name="intake",
            kinds={"python"},
            owners=OWNERS,
            skippable=True,
        )
    ],
    name="deliveries",
)
def deliveries(
    context: dg.AssetExecutionContext, night: Night
) -> Iterator[dg.MaterializeResult[None]]:
    """Takes in what lies in the inbox; a run without news ends here."""
    settings = night.settings
    with night.guarded():
        beginning = begin(settings)
        intake = take_in(settings)
    if beginning.rights:
        context.log.info(beginning.rights)
    night.record.new_deliveries = len(intake.new)
    night.record.archive_problems = list(beginning.archive)
    night.record.left_alone = in_words(intake.left_alone, settings)
    release = current_release(settings)
    if release is None and not intake.arrivals:
        night.record.outcome = "nothing_new"  # an installation nobody has delivered to yet
        return
    with night.guarded():
        version = inputs_version(settings, settings.warehouse_file)
        nothing_to_do = release is not None and holds_everything(settings, release, version)
    if release is not None and nothing_to_do:
        with night.guarded():
            if is_recorded(settings, release.name):
                night.record.outcome = "nothing_new"
                night.record.release = release.name
            else:
                # The night that published it was broken off and has told nobody.
                night.published(release)
            # Makes good a night that ended between publishing and its last entry.
            record_quarantine(settings, release.name)
        return
    with night.guarded():
        check_publishable(settings)
    yield dg.MaterializeResult(
        asset_key=DELIVERIES,
        metadata={
            "arrivals": len(intake.arrivals),
            "new": len(intake.new),
            "left_alone": len(intake.left_alone),
            "inputs_version": version,
        },
    )


@dg.asset(
    key=STAGE,
    deps=[DELIVERIES],
    description="What each delivery gave: accepted rows, findings and quarantine, as Parquet.",
    group_name="intake",
    kinds={"python", "duckdb", "parquet"},
    owners=OWNERS,
    check_specs=[
        dg.AssetCheckSpec(
            name,
            asset=STAGE,
            description=f"Great Expectations on the newly read rows of {name}.",
        )
        for name in JUDGED_TABLES
    ],
)
def stage(context: dg.AssetExecutionContext, night: Night) -> Iterator[dg.MaterializeResult[None]]:
    """Reads, interprets and judges every delivery the stage does not hold yet."""
    with night.guarded():
        staged = stage_deliveries(night.settings, night.arrivals(), context.log.info)
    yield dg.MaterializeResult(
        metadata={
            "deliveries": len(staged.deliveries),
            "read_now": len(staged.read),
            **{f"findings_{severity}": number for severity, number in staged.findings.items()},
        },
        check_results=[
            _check_result(name, [x for x in staged.outcomes if x.rule.table == f"raw.{name}"])
            for name in JUDGED_TABLES
        ],
    )


def _check_result(name: str, outcomes: Sequence[Outcome]) -> dg.AssetCheckResult:
    broken = [outcome.rule.text.id for outcome in outcomes if outcome.offending]
    return dg.AssetCheckResult(
        check_name=name,
        passed=not broken,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"rules": len(outcomes), "broken_rules": ", ".join(broken)},
    )
