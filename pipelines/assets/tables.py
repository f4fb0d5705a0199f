"""One asset per table, one step per schema, dependencies from the SQL files' heads."""

from collections.abc import Iterator

import dagster as dg

from pipelines.assets.intake import DELIVERIES, OWNERS, STAGE
from pipelines.resources import Night
from weltoffen_etl.catalog import SEVERITIES, TOPICS, Table, table
from weltoffen_etl.disclosure.build import build_schema
from weltoffen_etl.lineage import build_order, inputs
from weltoffen_etl.warehouse import build
from weltoffen_etl.warehouse.audit import Check, audited_tables
from weltoffen_etl.warehouse.rule_groups import RuleGroup, rule_groups

FINDINGS = "quality.finding"


def key_of(full_name: str) -> dg.AssetKey:
    """Returns the asset key of a table."""
    return dg.AssetKey(full_name.split("."))


def schema_assets(schema: str) -> dg.AssetsDefinition:
    """Makes the assets of one schema.

    Args:
        schema: ``reference``, ``raw``, ``core``, ``quality`` or ``comparison``.

    Returns:
        A step that builds all tables of the schema and reports each.
    """
    audited = [x.full_name for x in audited_tables() if x.schema_name == schema]
    topics = list(TOPICS) if f"{schema}.finding" == FINDINGS else []

    @dg.multi_asset(
        name=schema,
        specs=[_spec(name) for name in build_order(schema)],
        check_specs=[*map(_check_spec, audited), *map(_group_spec, topics)],
    )
    def tables_of_schema(
        night: Night,
    ) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
        with night.guarded():
            built = _build(night, schema)
        for name, rows in built.items():
            yield dg.MaterializeResult(asset_key=key_of(name), metadata={"dagster/row_count": rows})
        audit = night.audit_schema(schema)
        for name in audited:
            yield _check_result(name, [check for check in audit.checks if check.table == name])
        if topics:
            yield from map(_group_result, rule_groups(night.settings))

    return tables_of_schema


def _group_spec(topic: str) -> dg.AssetCheckSpec:
    return dg.AssetCheckSpec(
        f"rules_{topic}",
        asset=key_of(FINDINGS),
        description=f"Findings about deliveries in force: {TOPICS[topic]}.",
    )


def _group_result(group: RuleGroup) -> dg.AssetCheckResult:
    # Not blocking: what a sender got wrong is kept back already, and the rest is published.
    return dg.AssetCheckResult(
        check_name=f"rules_{group.topic}",
        asset_key=key_of(FINDINGS),
        passed=group.worst in (None, "info"),
        severity=dg.AssetCheckSeverity.ERROR
        if group.worst == "critical"
        else dg.AssetCheckSeverity.WARN,
        metadata={
            **{severity: group.severities[severity] for severity in SEVERITIES},
            "rules": dict(group.rules.most_common()),
        },
    )


def _check_spec(name: str) -> dg.AssetCheckSpec:
    return dg.AssetCheckSpec(
        "audit",
        asset=key_of(name),
        blocking=True,
        description="Great Expectations from the table's description, its key, and sql/checks.",
    )


def _check_result(name: str, checks: list[Check]) -> dg.AssetCheckResult:
    failed = [check for check in checks if not check.passed]
    critical = any(check.severity == "critical" for check in failed)
    return dg.AssetCheckResult(
        check_name="audit",
        asset_key=key_of(name),
        passed=not failed,
        severity=dg.AssetCheckSeverity.ERROR if critical else dg.AssetCheckSeverity.WARN,
        metadata={
            "checks": len(checks),
            "failed": ", ".join(check.name for check in failed),
            "offending": sum(check.offending for check in failed),
        },
    )


def _build(night: Night, schema: str) -> dict[str, int]:
    if schema == "reference":
        return build.start(night.settings)
    if schema == "raw":
        return build.build_raw(night.settings, night.arrivals())
    return build_schema(night.settings, schema)


def _spec(name: str) -> dg.AssetSpec:
    described = table(name)
    schema = described.schema_name
    sources = [key_of(source) for source in inputs(name)]
    if schema == "reference":
        sources = [DELIVERIES]
    elif schema == "raw":
        sources += [STAGE, *(key_of(reference) for reference in _referenced(described))]
    return dg.AssetSpec(
        key_of(name),
        deps=sources,
        description=f"{described.label_de}. {described.description}",
        group_name=schema,
        kinds={"duckdb", "sql"},
        owners=OWNERS,
        metadata={"dagster/column_schema": _column_schema(described)},
    )


def _referenced(described: Table) -> list[str]:
    """Reference tables whose codes the columns of a table may hold."""
    names = [
        column.allowed.rpartition(".")[0]
        for column in described.columns
        if isinstance(column.allowed, str)
    ]
    return list(dict.fromkeys(names))


def _column_schema(described: Table) -> dg.TableSchema:
    return dg.TableSchema(
        columns=[
            dg.TableColumn(
                name=column.name,
                type=column.type,
                description=column.description,
                constraints=dg.TableColumnConstraints(
                    nullable=column.nullable, unique=described.key == (column.name,)
                ),
            )
            for column in described.columns
        ]
    )
