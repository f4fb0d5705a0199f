"""Audits a build before anything is published: expectations on tables, checks in SQL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from weltoffen_etl.catalog import Table, tables
from weltoffen_etl.database import Connection, connect
from weltoffen_etl.lineage import inputs
from weltoffen_etl.quality.rules import rules_of
from weltoffen_etl.settings import SQL_DIR, Settings
from weltoffen_etl.stage_store import JUDGED_TABLES
from weltoffen_etl.warehouse.build import build_file


def audited_tables() -> list[Table]:
    """Returns the tables an audit checks: all but those the gate judged row by row."""
    judged = {f"raw.{name}" for name in JUDGED_TABLES}
    return [described for name, described in tables().items() if name not in judged]


@dataclass(frozen=True, slots=True)
class Check:
    """Outcome of one check of a build.

    Attributes:
        name: rule or file in ``sql/checks``.
        table: table the check is about.
        passed: whether nothing offends.
        offending: number of offending rows or combinations.
        severity: ``critical`` stops the release, ``warning`` does not.
    """

    name: str
    table: str
    passed: bool
    offending: int
    severity: str = "critical"


@dataclass(frozen=True, slots=True)
class Audit:
    """All checks of a build, with the number that should have been made."""

    checks: tuple[Check, ...]
    expected: int

    @property
    def passed(self) -> bool:
        """Whether every check was made and no critical one failed."""
        return len(self.checks) == self.expected > 0 and not self.failures

    @property
    def failures(self) -> tuple[Check, ...]:
        """Critical checks that failed."""
        return tuple(
            check for check in self.checks if not check.passed and check.severity == "critical"
        )


def audit_schema(settings: Settings, schema: str) -> Audit:
    """Checks the tables of one schema of this run's build.

    Great Expectations validates every table against its description, on the distinct
    combinations of the described columns, and on all rows where a share of them counts; keys are checked in SQL; each statement in
    ``sql/checks`` returns offending rows of the table it names first.

    Args:
        settings: folders.
        schema: a schema whose tables, and all before it, are built.

    Returns:
        The audit of the schema.

    Raises:
        GateError: a suite did not check what it should have.
    """
    checks: list[Check] = []
    expected = 0
    with connect(settings, build_file(settings)) as connection:
        for described in audited_tables():
            if described.schema_name == schema:
                expected += len(rules_of(described, connection)) + 2
                checks.extend(_audit_table(connection, described))
        for path in sorted((SQL_DIR / "checks").glob("*.sql")):
            subject = inputs(f"checks.{path.stem}")[0]
            if subject.startswith(f"{schema}."):
                expected += 1
                offending = len(connection.execute(path.read_text(encoding="utf-8")).fetchall())
                checks.append(Check(path.stem, subject, passed=offending == 0, offending=offending))
    return Audit(tuple(checks), expected)


def together(audits: Sequence[Audit]) -> Audit:
    """Adds the audits of all schemas up."""
    return Audit(
        tuple(check for part in audits for check in part.checks),
        sum(part.expected for part in audits),
    )


def _audit_table(connection: Connection, described: Table) -> list[Check]:
    from weltoffen_etl.quality.gate import check

    name = described.full_name
    rules = rules_of(described, connection)
    rows = _number(connection, f"SELECT count(*) FROM {name}")
    enough = rows >= described.min_rows
    checks = [Check(f"{name}.min_rows", name, passed=enough, offending=int(not enough))]
    key = ", ".join(f'"{column}"' for column in described.key)
    copies = _number(
        connection,
        f"SELECT count(*) FROM (SELECT {key} FROM {name} GROUP BY ALL HAVING count(*) > 1)",
    )
    checks.append(Check(f"{name}.key", name, passed=copies == 0, offending=copies))
    if rows == 0:
        # Nothing to check is not a pass of the rules; the row count above is the rule here.
        return checks + [_verdict(rule.text.id, name, 0, rule.text.severity) for rule in rules]
    for several, selection in (
        ([rule for rule in rules if not rule.of_all_rows], "DISTINCT"),
        ([rule for rule in rules if rule.of_all_rows], "ALL"),
    ):
        if several:
            columns = list(dict.fromkeys(rule.column for rule in several))
            selected = ", ".join(f'"{column}"' for column in columns)
            frame = connection.execute(
                f"SELECT {selection} {selected} FROM {name} ORDER BY ALL"
            ).df()
            report = check(name, frame, several, columns, min_rows=1)
            checks.extend(
                _verdict(x.rule.text.id, name, len(x.failing), x.rule.text.severity)
                for x in report.verdicts
            )
    return checks


def _verdict(rule: str, table_name: str, offending: int, severity: str) -> Check:
    return Check(rule, table_name, passed=offending == 0, offending=offending, severity=severity)


def _number(connection: Connection, statement: str) -> int:
    row = connection.execute(statement).fetchone()
    return int(row[0]) if row else 0
