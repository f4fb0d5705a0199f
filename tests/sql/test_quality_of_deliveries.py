"""Timeliness and the score of deliveries against numbers computed by hand."""

from datetime import date
from typing import Any

import pytest

from weltoffen_etl.catalog import table
from weltoffen_etl.database import Connection, build, connect, create, set_variables
from weltoffen_etl.settings import Settings


def _add(connection: Connection, name: str, **values: Any) -> None:
    columns = ", ".join(f"${key} AS {key}" for key in values)
    connection.execute(f"INSERT INTO {name} BY NAME SELECT {columns}", values)


def _tables(connection: Connection, *names: str) -> None:
    for name in names:
        create(connection, table(name))


@pytest.mark.parametrize(
    ("seen", "as_of", "status", "days"),
    [
        (None, "2025-05-31", "open", None),
        (None, "2025-06-01", "overdue", None),
        # Half past ten at night in UTC is the next day in Germany.
        ("2025-05-31 21:59:59", "2025-07-01", "on_time", 0),
        ("2025-05-31 22:00:00", "2025-07-01", "late", 1),
        ("2025-06-10 08:00:00", "2025-07-01", "late", 10),
    ],
)
def test_due_dates_are_days_in_germany(
    settings: Settings, seen: str | None, as_of: str, status: str, days: int | None
) -> None:
    with connect(settings) as connection:
        _tables(
            connection,
            "reference.expected_delivery",
            "raw.delivery",
            "raw.response",
            "core.response",
        )
        _add(
            connection,
            "reference.expected_delivery",
            ags="03241005",
            kind="selfcheck",
            wave="t0",
            due_on=date(2025, 5, 31),
        )
        if seen is not None:
            _add(
                connection,
                "raw.delivery",
                delivery_id="a",
                ags="03241005",
                kind="selfcheck",
                wave="t0",
                first_seen_at=seen,
                status="loaded",
            )
            for name in ("raw.response", "core.response"):
                _add(connection, name, delivery_id="a", source_row=2, ags="03241005", wave="t0")
        set_variables(connection, as_of=date.fromisoformat(as_of))
        build(connection, "quality.expected_delivery")
        found = connection.execute(
            "SELECT status, days_late FROM quality.expected_delivery"
        ).fetchall()
    assert found == [(status, days)]


def test_score_is_the_mean_of_its_known_parts(settings: Settings) -> None:
    """Ten forms, one kept back, two doubtful, 6 of 8 questions answered, 15 days late."""
    place = {"ags": "03241005", "wave": "t0"}
    with connect(settings) as connection:
        _tables(
            connection,
            "quality.expected_delivery",
            "quality.finding",
            "quality.quarantine",
            "raw.delivery",
            "raw.response",
            "core.response",
            "core.answer_count",
            "shown.block",
        )
        _add(
            connection,
            "quality.expected_delivery",
            kind="selfcheck",
            status="late",
            due_on=date(2025, 5, 31),
            received_on=date(2025, 6, 15),
            days_late=15,
            **place,
        )
        _add(
            connection,
            "raw.delivery",
            delivery_id="a",
            kind="selfcheck",
            status="partly_quarantined",
            **place,
        )
        _add(connection, "quality.quarantine", delivery_id="a", source_row=12, **place)
        for row in range(2, 11):
            _add(connection, "raw.response", delivery_id="a", source_row=row, **place)
            _add(
                connection,
                "core.response",
                delivery_id="a",
                source_row=row,
                is_synthetic=False,
                excluded_because="visit_only" if row == 10 else None,
                **place,
            )
        for row, rule, topic in (
            (2, "ags_repaired", "key"),
            (2, "answer_code_unknown", "answer"),
            (3, "test", "response"),
            # About its text only, and about a form that does not count.
            (4, "letters_replaced", "text"),
            (10, "ags_repaired", "key"),
        ):
            _add(
                connection,
                "quality.finding",
                delivery_id="a",
                source_row=row,
                rule=rule,
                topic=topic,
                severity="warning",
                kind="selfcheck",
                is_current=True,
                **place,
            )
        for value, reason, n in (
            (3, None, 5),
            (None, "dont_know", 1),
            (None, "skipped", 2),
            (None, "not_chosen", 40),
        ):
            _add(
                connection,
                "core.answer_count",
                item_code="P1",
                value=value,
                missing_reason=reason,
                n=n,
                **place,
            )
        build(connection, "quality.municipality_wave")
        row = connection.execute(
            "SELECT n_responses, rows_loaded, rows_quarantined, n_warnings, completeness, "
            "acceptance, timeliness, consistency, score FROM quality.municipality_wave"
        ).fetchone()
    assert row is not None
    assert row[:4] == (8, 9, 1, 5)
    # (5 + 1) / 8; 9 / 10; 1 − 15/30; 1 − 2/8; the mean of the four times 100
    assert row[4:] == pytest.approx((0.75, 0.9, 0.5, 0.75, 72.5))
