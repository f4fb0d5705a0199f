"""Rules → Great Expectations suites. The only module that knows its classes."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cache
from pathlib import Path
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
    "filled": "ExpectColumnProportionOfNonNullValuesToBeBetween",
}
# Positions of failing rows only: answers of few people must not travel in results.
_RESULT_FORMAT: dict[str, Any] = {
    "result_format": "COMPLETE",
    "exclude_unexpected_values": True,
    "partial_unexpected_count": 0,
}


def suite_of(
    name: str, rules: Sequence[Rule], columns: Sequence[str], min_rows: int
) -> ExpectationSuite:
    """Returns the suite of a table, built once in a process.

    Making expectations costs about as much as checking them, and what is asked of a table
    hardly ever changes from one run to the next.
    """
    asked = repr((name, rules, columns, min_rows))
    if asked not in _BUILT:
        _BUILT[asked] = build_suite(name, rules, columns, min_rows)
    return _BUILT[asked]


_BUILT: dict[str, ExpectationSuite] = {}


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


def raised(exception_info: dict[str, Any] | None) -> bool:
    """Tells whether a result holds an exception: flat, or per metric one level deeper."""
    info = exception_info or {}
    return bool(info.get("raised_exception")) or any(
        isinstance(entry, dict) and entry.get("raised_exception") for entry in info.values()
    )


def _kind(name: str) -> Any:
    import great_expectations as gx

    return getattr(gx.expectations, name)


def site_context(folder: Path) -> EphemeralDataContext:
    """Returns a new context with a data source ``tables``, whose pages go to a folder."""
    context = _quiet_context()
    context.delete_data_docs_site("local_site")
    context.add_data_docs_site(
        "internal",
        {
            "class_name": "SiteBuilder",
            "store_backend": {
                "class_name": "TupleFilesystemStoreBackend",
                "base_directory": str(folder),
            },
            "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
        },
    )
    context.data_sources.add_pandas("tables")
    return context


@cache
def _context() -> EphemeralDataContext:
    context = _quiet_context()
    asset = context.data_sources.add_pandas("frames").add_dataframe_asset("frame")
    asset.add_batch_definition_whole_dataframe("whole")
    return context


def tell_nobody() -> None:
    """Great Expectations looks when it is loaded whether it may report its use."""
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")


def _quiet_context() -> EphemeralDataContext:
    tell_nobody()
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    return context
