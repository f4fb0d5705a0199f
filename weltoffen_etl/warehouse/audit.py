"""Audits a build before anything is published: expectations on tables, checks in SQL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from weltoffen_etl.catalog import Table, tables
from weltoffen_etl.database import Connection, connect, count
from weltoffen_etl.lineage import inputs
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
    combinations of the described columns, and on the shares that count; keys are checked in
    SQL; each statement in ``sql/checks`` returns offending rows of the table it names first.
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
    with connect(settings, build_file(settings)) as connection:
        for described in audited_tables():
            if described.schema_name == schema:
                expected += len(_rules(connection, described)) + _number_of_whole(described)
                checks.extend(check_whole(connection, described))
                checks.extend(check_rules(connection, described))
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


def check_whole(connection: Connection, described: Table) -> list[Check]:
    """Checks a table as a whole: whether its key is one, and whether it has enough rows.

    Args:
        connection: database with the table.
        described: the table's description.

    Returns:
        One check each; none for a table whose rows the gate judged.
    """
    name = described.full_name
    if _is_judged(described):
        return []
    key = ", ".join(f'"{column}"' for column in described.key)
    copies = _number(
        connection,
        f"SELECT count(*) FROM (SELECT {key} FROM {name} GROUP BY ALL HAVING count(*) > 1)",
    )
    checks = [Check(f"{name}.key", name, passed=copies == 0, offending=copies)]
    if described.min_rows:
        enough = count(connection, name) >= described.min_rows
        checks.append(Check(f"{name}.min_rows", name, passed=enough, offending=int(not enough)))
    return checks


def check_rules(connection: Connection, described: Table) -> list[Check]:
    """Checks the rules of a table's columns with Great Expectations.

    Args:
        connection: database with the table and the schema ``reference``.
        described: the table's description.

    Returns:
        One check for each rule.

    Raises:
        GateError: the suite did not check what it should have.
    """
    from weltoffen_etl.quality.gate import check

    name = described.full_name
    rules = _rules(connection, described)
    if count(connection, name) == 0:
        # No row breaks a rule; where a table must have rows, that is a rule of its own.
        return [_verdict(rule.text.id, name, 0, rule.text.severity) for rule in rules]
    one_by_one = [rule for rule in rules if not rule.of_all_rows]
    together = [rule for rule in rules if rule.of_all_rows]
    checks: list[Check] = []
    for several, selection in (
        (one_by_one, _extremes if _is_judged(described) else _distinct),
        (together, _shares),
    ):
        if not several:
            continue
        columns = list(dict.fromkeys(rule.column for rule in several))
        frame = connection.execute(selection(name, columns)).df()
        report = check(name, frame, several, columns, min_rows=1)
        checks.extend(
            _verdict(x.rule.text.id, name, len(x.failing), x.rule.text.severity)
            for x in report.verdicts
        )
    return checks


def _rules(connection: Connection, described: Table) -> list[Rule]:
    rules = rules_of(described, connection)
    if _is_judged(described):
        return [rule for rule in rules if rule.column in PLACES]
    return rules


def _number_of_whole(described: Table) -> int:
    return 0 if _is_judged(described) else 1 + bool(described.min_rows)


def _is_judged(described: Table) -> bool:
    return described.schema_name == "raw" and described.name in JUDGED_TABLES


def _distinct(name: str, columns: Sequence[str]) -> str:
    selected = ", ".join(f'"{column}"' for column in columns)
    return f"SELECT DISTINCT {selected} FROM {name} ORDER BY ALL"


def _shares(name: str, columns: Sequence[str]) -> str:
    """A thousand rows in which each column is filled as often as in the whole table.

    A rule about a share has to see the share, not each kind of row once; and a table of
    any size need not leave DuckDB for it.
    """
    shares = ", ".join(f'count("{x}") / count(*) AS "{x}"' for x in columns)
    marks = ", ".join(
        f'CASE WHEN number < floor({_SHARE_ROWS} * "{x}") THEN 1 END AS "{x}"' for x in columns
    )
    return f"SELECT {marks} FROM range({_SHARE_ROWS}) AS row(number), (SELECT {shares} FROM {name})"


def _extremes(name: str, columns: Sequence[str]) -> str:
    """Least and greatest value of each column, and an empty one where it has any.

    Places differ from row to row; of their rules, which ask for a value and its range,
    these three say as much as all rows.
    """
    selected = ", ".join(
        f'unnest([min("{x}"), max("{x}"), CASE WHEN count("{x}") = count(*) THEN min("{x}") END]) '
        f'AS "{x}"'
        for x in columns
    )
    return f"SELECT {selected} FROM {name}"


def _verdict(rule: str, table_name: str, offending: int, severity: str) -> Check:
    return Check(rule, table_name, passed=offending == 0, offending=offending, severity=severity)


def _number(connection: Connection, statement: str) -> int:
    row = connection.execute(statement).fetchone()
    return int(row[0]) if row else 0
