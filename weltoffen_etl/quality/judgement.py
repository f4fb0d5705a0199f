"""Judges what was read: which rows pass, which are kept back, and the findings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from weltoffen_etl.catalog import table
from weltoffen_etl.database import Connection, count, insert
from weltoffen_etl.findings import Finding, sentence, shown
from weltoffen_etl.quality.questions import Outcome, ask, asked_of
from weltoffen_etl.quality.rules import PLACES, Rule, rules_of
from weltoffen_etl.stage_store import JUDGED_TABLES

if TYPE_CHECKING:
    from collections.abc import Sequence

JUDGED = tuple(f"raw.{name}" for name in JUDGED_TABLES)
"""Tables with rows that come from files, in the order in which they are judged."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """Outcome for all tables: the findings, and what each rule found."""

    findings: tuple[Finding, ...]
    outcomes: tuple[Outcome, ...]


def judge(connection: Connection, template_headings: dict[tuple[str, str], str]) -> Judgement:
    """Validates all raw tables of the intake.

    Great Expectations sees each distinct value of a column once; the rows behind a value that
    breaks a rule are found again in SQL. So its cost does not grow with the number of answers,
    and the findings are the same as row by row. The columns that say where a row stands are
    checked by the audit of the build.

    Args:
        connection: intake database with the schemas ``reference`` and ``raw``.
        template_headings: headings of the workshop template by table and column name.

    Returns:
        Findings in order of delivery and place.

    Raises:
        GateError: a suite did not check what it should have.
    """
    rules = [
        rule
        for name in JUDGED
        if count(connection, name)
        for rule in rules_of(table(name), connection)
        if rule.column not in PLACES
    ]
    outcomes = ask(connection, "raw", rules)
    broken = [outcome.rule for outcome in outcomes if outcome.offending]
    findings = [
        finding
        for outcome in ask(connection, "raw", broken, every=True)
        for finding in _locate(connection, outcome, template_headings)
    ]
    return Judgement(tuple(sorted(findings, key=_place)), tuple(outcomes))


def keep_back(connection: Connection, findings: Sequence[Finding]) -> None:
    """Takes out of the raw tables whatever a critical finding is about.

    The places are left in the temporary table ``kept_back``. A form is kept back with
    all its answers; a finding about the sheet *Workshop* keeps the whole file back, and
    its place has no row.

    Args:
        connection: intake database with schema ``raw``.
        findings: findings of all deliveries.
    """
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE kept_back "
        "(delivery_id VARCHAR, sheet VARCHAR, source_row INTEGER, rules VARCHAR)"
    )
    whole_file = _ids_of_table("raw.workshop")
    places: dict[tuple[str, str | None, int | None], set[str]] = {}
    for finding in findings:
        if finding.severity == "critical":
            place = (
                (None, None) if finding.rule in whole_file else (finding.sheet, finding.source_row)
            )
            places.setdefault((finding.delivery_id, *place), set()).add(finding.rule)
    insert(
        connection,
        "kept_back",
        [(*place, ", ".join(sorted(rules))) for place, rules in places.items()],
    )
    for name in JUDGED:
        columns = {column.name for column in table(name).columns}
        sheet = "nullif(row.sheet, '')" if "sheet" in columns else "NULL"
        connection.execute(
            f"DELETE FROM {name} AS row USING kept_back WHERE row.delivery_id = kept_back.delivery_id "
            "AND (kept_back.source_row IS NULL OR (kept_back.source_row = row.source_row "
            f"AND kept_back.sheet IS NOT DISTINCT FROM {sheet}))"
        )


def _ids_of_table(name: str) -> set[str]:
    return {text.id for column in table(name).columns for text in column.rules.values()}


def _locate(
    connection: Connection, outcome: Outcome, template_headings: dict[tuple[str, str], str]
) -> list[Finding]:
    """Finds the rows behind offending values and words their findings."""
    rule = outcome.rule
    described = table(rule.table)
    names = {column.name for column in described.columns}
    shows = rule.text.shows or rule.column
    sheet = "nullif(row.sheet, '')" if "sheet" in names else "NULL"
    source_code = "row.source_code" if "source_code" in names else "NULL"
    role = f'row."{rule.text.source_from}"' if rule.text.source_from else "NULL"
    rows = connection.execute(
        f"SELECT row.delivery_id, {sheet}, row.source_row, {source_code}, {role}, "
        f'row."{shows}"::VARCHAR, row."{rule.column}"::VARCHAR '
        f"FROM {rule.table} AS row JOIN ({outcome.values}) AS broken "
        f"ON {asked_of(rule, 'row')} IS NOT DISTINCT FROM broken.value ORDER BY ALL"
    ).fetchall()
    headings = _headings(connection, rule)
    findings = []
    for delivery_id, sheet_name, source_row, code, role_found, value, evidence in rows:
        heading, position = (
            headings.get((delivery_id, code))
            or headings.get((delivery_id, role_found or rule.text.source))
            or (template_headings.get((described.name, rule.text.source or "")), None)
        )
        findings.append(
            Finding(
                delivery_id=delivery_id,
                rule=rule.text.id,
                severity=rule.text.severity,
                message=sentence(rule.text, value=value, column=heading, evidence=evidence),
                sheet=sheet_name,
                source_row=source_row,
                source_column=heading,
                value=shown(value),
                words={"evidence": evidence},
                position=position,
            )
        )
    return findings


def _headings(
    connection: Connection, rule: Rule
) -> dict[tuple[str, str | None], tuple[str | None, int | None]]:
    """Headings as they stood in the files with their position, by source code or by role."""
    by = "source_code" if rule.text.source == "source_code" else "role"
    rows = connection.execute(
        f"SELECT delivery_id, {by}, arg_min(heading, position), min(position) "
        "FROM raw.file_column GROUP BY ALL"
    ).fetchall()
    return {(delivery_id, key): (heading, position) for delivery_id, key, heading, position in rows}


def _place(finding: Finding) -> tuple[str, str, int, str, str]:
    return (
        finding.delivery_id,
        finding.sheet or "",
        finding.source_row or 0,
        finding.rule,
        finding.source_column or "",
    )
