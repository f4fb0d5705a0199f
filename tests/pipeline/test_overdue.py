"""A measure becomes overdue without any delivery: the next night says so."""

from datetime import date

import pytest

from tests.conftest import DEMO_INBOX, deliver
from tests.nights import run_night
from weltoffen_etl.asking.query import ask
from weltoffen_etl.settings import Settings

pytestmark = pytest.mark.slow

WORKSHOP = DEMO_INBOX / "09762000" / "workshops" / "2025-05-20" / "workshop_1.xlsx"
"""Its one measure is in progress and due on 5 May 2026."""


def test_a_measure_that_becomes_overdue_makes_the_next_night_publish(settings: Settings) -> None:
    deliver(settings, "09762000/workshops/2025-05-20", WORKSHOP)
    told = []
    for day in (4, 5, 6, 7):
        dated = settings.model_copy(update={"as_of": date(2026, 5, day)})
        outcome = run_night(dated).outcome
        _, rows = ask(dated, "select sum(n_overdue)::integer from comparison.measure_summary")
        told.append((outcome, rows[0][0]))
    assert told == [("published", 0), ("nothing_new", 0), ("published", 1), ("nothing_new", 1)]
