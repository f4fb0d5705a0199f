"""Rules → Great Expectations suites. The only module that knows its classes."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from weltoffen_etl.quality.rules import Rule

if TYPE_CHECKING:
    import pandas as pd
    from great_expectations import ExpectationSuite
    from great_expectations.core import ExpectationSuiteValidationResult
    from great_expectations.data_context.data_context.ephemeral_data_context import (
        EphemeralDataContext,
    )
    from great_expectations.expectations.expectation import Expectation

_CLASSES = {
    "not_null": "ExpectColumnValuesToNotBeNull",
    "null": "ExpectColumnValuesToBeNull",
    "allowed": "ExpectColumnValuesToBeInSet",
    "range": "ExpectColumnValuesToBeBetween",
    "pattern": "ExpectColumnValuesToMatchRegex",
}
# Positions of failing rows only: answers of few people must not travel in results.
_RESULT_FORMAT: dict[str, Any] = {
    "result_format": "COMPLETE",
    "exclude_unexpected_values": True,
    "partial_unexpected_count": 0,
}


def build_suite(
    name: str, rules: Sequence[Rule], columns: Sequence[str], min_rows: int
) -> ExpectationSuite:
    """Builds a suite: the rules, the exact set of columns and the least row count.

    Args:
        name: name of the suite.
        rules: row rules; the rule's id stands in the expectation's ``meta``.
        columns: exact columns of the frame.
        min_rows: fewest rows.

    Returns:
        A suite of ``len(rules) + 2`` expectations.
    """
    import great_expectations as gx

    expectations: list[Expectation] = [
        _kind("ExpectTableColumnsToMatchSet")(
            column_set=list(columns), exact_match=True, meta={"rule": "columns"}
        ),
        _kind("ExpectTableRowCountToBeBetween")(min_value=min_rows, meta={"rule": "row_count"}),
    ]
    for number, rule in enumerate(rules):
        expectations.append(
            _kind(_CLASSES[rule.kind])(
                column=rule.column,
                severity=rule.text.severity,
                meta={"rule": number},
                **rule.arguments,
            )
        )
    return gx.ExpectationSuite(name=name, expectations=expectations)


def validate(suite: ExpectationSuite, frame: pd.DataFrame) -> ExpectationSuiteValidationResult:
    """Validates a frame; failing rows are reported by position, without values."""
    asset = _context().data_sources.get("frames").get_asset("frame")
    batch: Any = asset.get_batch_definition("whole").get_batch({"dataframe": frame})
    result: ExpectationSuiteValidationResult = batch.validate(suite, result_format=_RESULT_FORMAT)
    return result


def _kind(name: str) -> Any:
    import great_expectations as gx

    return getattr(gx.expectations, name)


@cache
def _context() -> EphemeralDataContext:
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    asset = context.data_sources.add_pandas("frames").add_dataframe_asset("frame")
    asset.add_batch_definition_whole_dataframe("whole")
    return context
