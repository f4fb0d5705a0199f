"""Audits a build before anything is published: expectations on tables, checks in SQL."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from weltoffen_etl.catalog import Table, tables
from weltoffen_etl.database import Connection, connect, count, second
from weltoffen_etl.lineage import inputs
from weltoffen_etl.quality.gate_process import check
from weltoffen_etl.quality.questions import ask
from weltoffen_etl.quality.rules import PLACES, Rule, rules_of
from weltoffen_etl.settings import SQL_DIR, Settings
from weltoffen_etl.stage_store import JUDGED_TABLES
from weltoffen_etl.warehouse.build import build_file

_SHARE_ROWS = 1000


def audited_tables() -> list[Table]:
    """Returns the tables an audit checks; of those the gate judged, it checks the places."""
    return list(tables().values())


@dataclass(frozen=True, slots=True)
class Check:
    """Outcome of one check of a build.

    Attributes:
        name: rule or file in ``sql/checks``.
        table: table the check is about.
        passed: whether nothing offends.
        offending: number of offending rows, of a rule about values the number of distinct values.
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

    Great Expectations validates every table against its description, on the distinct values
    of the described columns, and on the shares that count; keys are checked in SQL; each
    statement in ``sql/checks`` returns offending rows of the table it names first.
    Of tables that the gate judged row by row, what the gate leaves out is checked: where the
    rows stand.

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
    with (
        connect(settings, build_file(settings)) as connection,
        second(connection) as other,
        ThreadPoolExecutor(1) as beside,
    ):
        audited = [x for x in audited_tables() if x.schema_name == schema]
        # Great Expectations works in a process of its own: the keys need not wait for it.
        by_rules = beside.submit(check_rules, other, audited)
        for described in audited:
            expected += len(_rules(connection, described)) + _number_of_whole(described)
            checks.extend(check_whole(connection, described))
        for path in sorted((SQL_DIR / "checks").glob("*.sql")):
            subject = inputs(f"checks.{path.stem}")[0]
            if subject.startswith(f"{schema}."):
                expected += 1
                offending = len(connection.execute(path.read_text(encoding="utf-8")).fetchall())
                checks.append(Check(path.stem, subject, passed=offending == 0, offending=offending))
        checks.extend(by_rules.result())
    return Audit(tuple(checks), expected)


def together(audits: Sequence[Audit]) -> Audit:
    """Adds the audits of all schemas up."""
    return Audit(
        tuple(check for part in audits for check in part.checks),
        sum(part.expected for part in audits),
    )


def check_whole(connection: Connection, described: Table) -> list[Check]:
    """Checks a table as a whole: whether its key is one, and whether it has enough rows.

    Args:
        connection: database with the table.
        described: the table's description.

    Returns:
        One check each; none for a table whose rows the gate judged, nor for a key that a
        statement in ``sql/checks`` shows to hold.
    """
    name = described.full_name
    if _is_judged(described):
        return []
    checks = []
    if described.key_checked_by is None:
        key = ", ".join(f'"{column}"' for column in described.key)
        copies = _number(
            connection,
            f"SELECT count(*) FROM (SELECT {key} FROM {name} GROUP BY ALL HAVING count(*) > 1)",
        )
        checks.append(Check(f"{name}.key", name, passed=copies == 0, offending=copies))
    if described.min_rows:
        enough = count(connection, name) >= described.min_rows
        checks.append(Check(f"{name}.min_rows", name, passed=enough, offending=int(not enough)))
    return checks


def check_rules(connection: Connection, audited: Sequence[Table]) -> list[Check]:
    """Checks the rules of tables' columns with Great Expectations.

    Args:
        connection: database with the tables and the schema ``reference``.
        audited: descriptions of the tables.

    Returns:
        One check for each rule.

    Raises:
        GateError: a suite did not check what it should have.
    """
    # No row breaks a rule; where a table must have rows, that is a rule of its own.
    empty = {x.full_name for x in audited if count(connection, x.full_name) == 0}
    rules = [rule for described in audited for rule in _rules(connection, described)]
    asked = [rule for rule in rules if rule.table not in empty]
    found = [(rule, 0) for rule in rules if rule.table in empty]
    found += [
        (outcome.rule, outcome.offending)
        for outcome in ask(connection, "audit", [rule for rule in asked if not rule.of_all_rows])
    ]
    found += _too_few(connection, [rule for rule in asked if rule.of_all_rows])
    return [
        Check(
            rule.text.id,
            rule.table,
            passed=offending == 0,
            offending=offending,
            severity=rule.text.severity,
        )
        for rule, offending in found
    ]


def _rules(connection: Connection, described: Table) -> list[Rule]:
    rules = rules_of(described, connection)
    if _is_judged(described):
        return [rule for rule in rules if rule.column in PLACES]
    return rules


def _number_of_whole(described: Table) -> int:
    if _is_judged(described):
        return 0
    return (described.key_checked_by is None) + bool(described.min_rows)


def _is_judged(described: Table) -> bool:
    return described.schema_name == "raw" and described.name in JUDGED_TABLES


def _too_few(connection: Connection, rules: Sequence[Rule]) -> list[tuple[Rule, int]]:
    """Checks how often columns are filled; returns of a thousand rows the empty ones, by rule.

    A rule about a share has to see the share, not each value once. A thousand rows in which
    each column is filled as often as in its whole table say it, and a table of any size need
    not leave DuckDB.
    """
    if not rules:
        return []
    asked = [replace(rule, column=f"{rule.table}.{rule.column}") for rule in rules]
    shares = ", ".join(
        f'(SELECT count("{rule.column}") / count(*) FROM {rule.table}) AS "{named.column}"'
        for rule, named in zip(rules, asked, strict=True)
    )
    marks = ", ".join(
        f'CASE WHEN number < floor({_SHARE_ROWS} * "{named.column}") THEN 1 END AS "{named.column}"'
        for named in asked
    )
    frame = connection.execute(
        f"SELECT {marks} FROM range({_SHARE_ROWS}) AS row(number), (SELECT {shares})"
    ).df()
    report = check("audit", frame, asked, [named.column for named in asked], min_rows=1)
    return [
        (rule, len(verdict.failing)) for rule, verdict in zip(rules, report.verdicts, strict=True)
    ]


def _number(connection: Connection, statement: str) -> int:
    row = connection.execute(statement).fetchone()
    return int(row[0]) if row else 0
