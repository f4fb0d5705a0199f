"""What to do to a sound build so that a check over several tables finds one offending row."""

from __future__ import annotations


def _one(table: str, condition: str = "true") -> str:
    """A condition that only the first fitting row of a table meets."""
    return f"rowid = (SELECT min(rowid) FROM {table} WHERE {condition})"


FIXTURES: dict[str, str] = {
    "answer_count_is_complete": (
        f"UPDATE core.answer_count SET n = n + 1000 WHERE {_one('core.answer_count')}"
    ),
    "answer_has_value_or_reason": (
        "UPDATE core.answer_count SET missing_reason = 'skipped' "
        f"WHERE {_one('core.answer_count', 'value IS NOT NULL')}"
    ),
    "answers_complete": (
        "UPDATE core.response_field SET n_items = n_items - 1, asked = asked - (asked & -asked) "
        f"WHERE {_one('core.response_field')}"
    ),
    "arrival_without_delivery": f"DELETE FROM raw.delivery WHERE {_one('raw.delivery')}",
    "contribution_counts_add_up": (
        f"DELETE FROM core.contribution WHERE {_one('core.contribution')}"
    ),
    "delivery_rows_balance": (
        "UPDATE quality.reconciliation SET rows_loaded = rows_loaded - 1 "
        f"WHERE {_one('quality.reconciliation')}"
    ),
    "item_counts_add_up": (
        "UPDATE comparison.item_result SET n_4 = n_4 + 1 "
        f"WHERE {_one('comparison.item_result', 'n_4 IS NOT NULL')}"
    ),
    "loaded_rows_are_there": f"DELETE FROM raw.response WHERE {_one('raw.response')}",
    "score_shares_add_up": (
        "UPDATE comparison.action_field_score SET share_skipped = share_skipped + 0.1 "
        f"WHERE {_one('comparison.action_field_score', 'share_skipped IS NOT NULL')}"
    ),
}
"""Statement that tampers with a build, by the check that must notice."""
