"""Field figures against a table computed by hand."""

import math
from pathlib import Path

import pytest

from weltoffen_etl.catalog import table
from weltoffen_etl.database import build, connect, create, insert
from weltoffen_etl.settings import Settings


def test_score_by_hand(settings: Settings, tmp_path: Path) -> None:
    """Two items, the second of negative polarity; answers after polarity are 1, 3, 4, 4."""
    with connect(settings) as connection:
        for name in ("reference.item", "core.answer_count", "core.response_field", "core.response"):
            create(connection, table(name))
        insert(
            connection,
            "reference.item",
            [("P1", "MS", None, 1, 1, "p"), ("N1", "MS", None, 2, -1, "n")],
        )
        insert(
            connection,
            "core.answer_count",
            [
                ("03241005", "t0", "P1", 1, None, 1),
                ("03241005", "t0", "P1", 3, None, 1),
                ("03241005", "t0", "P1", None, "skipped", 1),
                ("03241005", "t0", "N1", 1, None, 2),
                ("03241005", "t0", "N1", None, "dont_know", 1),
            ],
        )
        insert(
            connection,
            "core.response_field",
            [(str(x), "03241005", "t0", "MS", True, 2, n) for x, n in enumerate((2, 2, 0))],
        )
        connection.execute(
            "INSERT INTO core.response BY NAME SELECT '1' AS response_id, '03241005' AS ags, "
            "'t0' AS wave, true AS is_synthetic"
        )
        assert build(connection, "comparison.action_field_score") == 1
        row = connection.execute(
            "SELECT n_responses, n_respondents, n_expected, n_answers, answered_share, mean, median, "
            "sd, share_skipped, share_dont_know, share_not_chosen FROM comparison.action_field_score"
        ).fetchone()
    assert row is not None
    assert row[:4] == (3, 2, 6, 4)
    # mean 12/4; median of 1, 3, 4, 4; squared deviations 4 + 0 + 1 + 1 over n − 1 = 3
    assert row[4:] == pytest.approx((4 / 6, 3.0, 3.5, math.sqrt(2), 1 / 6, 1 / 6, 0.0), abs=1e-12)
