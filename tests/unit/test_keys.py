"""Reading what people type."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weltoffen_etl.interpret.keys import read_ags, read_count, read_date

KNOWN = {"03241005": "Garbsen", "12054000": "Potsdam", "09174": "Landkreis Dachau"}


@pytest.mark.parametrize(
    ("text", "ags", "repaired"),
    [
        ("03241005", "03241005", False),
        ("3241005", "03241005", True),
        ("3241005.0", "03241005", True),
        ("03 241 005", "03241005", True),
        ("032410005005", "03241005", True),
        ("09174", "09174", False),
        ("9174", "09174", True),
        ("12054000", "12054000", False),
        ("2054000", None, False),
        ("99999999", None, False),
        ("Garbsen", None, False),
        ("٣٢٤١٠٠٥", None, False),
        ("", None, False),
    ],
)
def test_ags(text: str, ags: str | None, repaired: bool) -> None:
    read, repair = read_ags(text, KNOWN)
    assert read == ags
    assert (repair is not None) == repaired


@given(st.text(max_size=20))
def test_ags_is_known_or_nothing(text: str) -> None:
    read, _ = read_ags(text, KNOWN)
    assert read is None or read in KNOWN


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("03.04.2024", date(2024, 4, 3)),
        ("2024-04-03", date(2024, 4, 3)),
        ("2024-04-03 00:00:00", date(2024, 4, 3)),
        ("03.04.24", date(2024, 4, 3)),
        ("04/03/2024", None),
        ("bald", None),
    ],
)
def test_date(text: str, day: date | None) -> None:
    assert read_date(text) == day


@pytest.mark.parametrize(
    ("text", "number"),
    [("3", 3), ("3.0", 3), ("3,0", 3), (" 12 ", 12), ("-1", -1)],
)
def test_count(text: str, number: int) -> None:
    assert read_count(text) == (number, None)
