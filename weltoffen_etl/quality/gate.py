"""Runs suites and trusts no silent success: every expectation must have been evaluated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from weltoffen_etl.quality.rules import Rule
from weltoffen_etl.quality.suites import raised, suite_of, validate

if TYPE_CHECKING:
    import pandas as pd


class GateError(RuntimeError):
    """A suite did not check what it should have checked."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one rule found in one frame.

    Attributes:
        rule: the rule.
        failing: positions of the rows that break it, from 0; all empty rows where too few
            are filled.
    """

    rule: Rule
    failing: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class GateReport:
    """Outcome of one suite.

    Attributes:
        table: full table name.
        expected: number of expectations the suite should have.
        evaluated: number that were evaluated without an exception.
        rows: rows of the frame.
        verdicts: one per row rule.
    """

    table: str
    expected: int
    evaluated: int
    rows: int
    verdicts: tuple[Verdict, ...]

    @property
    def broken(self) -> tuple[Verdict, ...]:
        """Verdicts with failing rows."""
        return tuple(verdict for verdict in self.verdicts if verdict.failing)


def check(
    table: str,
    frame: pd.DataFrame,
    rules: Sequence[Rule],
    columns: Sequence[str],
    min_rows: int = 0,
) -> GateReport:
    """Validates a frame against its rules.

    Args:
        table: full table name.
        frame: rows to validate: each kind of row once or all rows, but always all rows where
            a rule is about a share of them.
        rules: row rules of the table.
        columns: exact columns the frame must have.
        min_rows: fewest rows.

    Returns:
        The report; failing rows are its verdicts.

    Raises:
        GateError: no rules, too few rows, wrong columns, an exception inside a result,
            or fewer results than expectations.
    """
    if not rules:
        raise GateError(f"{table}: die Suite ist leer.")
    suite = suite_of(table, rules, columns, min_rows)
    expected = len(rules) + 2
    if len(suite.expectations) != expected:
        raise GateError(
            f"{table}: {len(suite.expectations)} von {expected} Erwartungen in der Suite."
        )
    result = validate(suite, frame)
    failing: dict[int, tuple[int, ...]] = {}
    evaluated = 0
    for entry in result.results:
        config = entry.expectation_config
        rule: Any = config.meta["rule"] if config is not None and config.meta else None
        if raised(entry.exception_info):
            raise GateError(f"{table}: Erwartung {_name(rule, rules)} konnte nicht geprüft werden.")
        evaluated += 1
        if rule in ("columns", "row_count"):
            if not entry.success:
                raise GateError(
                    f"{table}: {rule} nicht erfüllt, gefunden {entry.result.get('observed_value')}."
                )
        elif rules[rule].of_all_rows:
            failing[rule] = _empty(frame, rules[rule], passed=bool(entry.success))
        else:
            failing[rule] = _positions(
                entry.result, table, _name(rule, rules), passed=bool(entry.success)
            )
    if evaluated != expected:
        raise GateError(f"{table}: {evaluated} von {expected} Erwartungen geprüft.")
    return GateReport(
        table=table,
        expected=expected,
        evaluated=evaluated,
        rows=len(frame),
        verdicts=tuple(Verdict(rule, failing[number]) for number, rule in enumerate(rules)),
    )


def _name(rule: Any, rules: Sequence[Rule]) -> str:
    return rules[rule].text.id if isinstance(rule, int) else str(rule)


def _positions(result: dict[str, Any], table: str, name: str, *, passed: bool) -> tuple[int, ...]:
    positions = tuple(int(position) for position in result.get("unexpected_index_list") or ())
    if passed == bool(positions):
        raise GateError(f"{table}: Erwartung {name} nennt keine Stellen zu ihrem Ergebnis.")
    return positions


def _empty(frame: pd.DataFrame, rule: Rule, *, passed: bool) -> tuple[int, ...]:
    if passed:
        return ()
    flags = frame[rule.column].isna()
    positions = tuple(position for position, empty in enumerate(flags) if empty)
    if not positions:
        raise GateError(f"{rule.table}: Erwartung {rule.text.id} nennt keine leeren Zeilen.")
    return positions
