"""The gate trusts no silent success."""

import pandas as pd
import pytest

from weltoffen_etl.catalog import RuleText
from weltoffen_etl.quality.gate import GateError, check
from weltoffen_etl.quality.rules import Rule


def _rule(column: str, kind: str, **arguments: object) -> Rule:
    return Rule("t", column, kind, RuleText(id=f"{column}_{kind}", says="{value}"), dict(arguments))


def test_failing_rows_are_named_by_position() -> None:
    frame = pd.DataFrame({"a": [1, 9, None], "b": ["x", "y", "x"]})
    report = check(
        "t",
        frame,
        [
            _rule("a", "not_null"),
            _rule("a", "range", min_value=1, max_value=4),
            _rule("b", "allowed", value_set=["x"]),
        ],
        ["a", "b"],
    )
    assert [verdict.failing for verdict in report.verdicts] == [(2,), (1,), (1,)]
    assert report.evaluated == report.expected == 5


def test_empty_suite_fails() -> None:
    with pytest.raises(GateError, match="leer"):
        check("t", pd.DataFrame({"a": [1]}), [], ["a"])


def test_empty_frame_fails() -> None:
    with pytest.raises(GateError, match="row_count"):
        check("t", pd.DataFrame({"a": []}), [_rule("a", "not_null")], ["a"], min_rows=1)


def test_exception_inside_a_result_fails() -> None:
    with pytest.raises(GateError, match="nicht geprüft"):
        check("t", pd.DataFrame({"a": [1]}), [_rule("missing", "not_null")], ["a"])


def test_other_columns_fail() -> None:
    with pytest.raises(GateError, match="columns"):
        check("t", pd.DataFrame({"a": [1], "b": [1]}), [_rule("a", "not_null")], ["a"])


def test_share_of_filled_rows_counts_all_rows() -> None:
    frame = pd.DataFrame({"a": [1, None, None, None]})
    enough = check("t", frame, [_rule("a", "filled", min_value=0.25)], ["a"])
    assert enough.broken == ()
    (verdict,) = check("t", frame, [_rule("a", "filled", min_value=0.3)], ["a"]).verdicts
    assert verdict.failing == (1, 2, 3)


def test_wholly_empty_column_passes_rules_about_values_but_not_about_the_share() -> None:
    frame = pd.DataFrame({"a": pd.Series([None, None], dtype="float64")})
    rules = [_rule("a", "range", min_value=1, max_value=4), _rule("a", "filled", min_value=0.01)]
    report = check("t", frame, rules, ["a"])
    assert [verdict.failing for verdict in report.verdicts] == [(), (0, 1)]
