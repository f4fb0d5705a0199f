"""Strengths and weaknesses among items against scipy and a second implementation."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest
from scipy import stats

from tests.sql.database import ask, put
from tests.sql.forms import comparing
from weltoffen_etl.catalog import table
from weltoffen_etl.database import build
from weltoffen_etl.settings import Settings

GARBSEN = "03241005"
ANSWERS = {
    "A1": [4, 4, 4, 4, 4],
    "A2": [2, 3, 2, 3, 2, 3, 2],
    "A3": [1, 2, 1, 1, 2, 1, 1, 2],
    "B1": [1, 4, 2, 3, 4, 1],
    "B2": [4, 3, 4, 4, 3, 4, 4],
}


def profile(
    settings: Settings,
    answers: Mapping[str, Sequence[int]],
    *,
    overall: bool = False,
    withheld: Mapping[str, str] | None = None,
    chosen: Mapping[str, int] | None = None,
    **variables: Any,
) -> dict[str, dict[str, Any]]:
    """Builds the profile of one municipality, or over all, of ten forms."""
    figures = []
    for item, x in answers.items():
        reason = (withheld or {}).get(item)
        row = {
            "wave": "t0",
            "action_field": item[0],
            "unit_kind": "all" if overall else "municipality",
            "unit": "all" if overall else GARBSEN,
            "part_kind": "item",
            "part": item,
            "withheld_because": reason,
            "n_municipalities": 4 if overall else 1,
        }
        if reason is None:
            row |= {
                "n_responses": 10,
                "n_chosen": (chosen or {}).get(item[0], 10),
                "n_answers": len(x),
                "mean": float(np.mean(x)) if x else None,
                "sd": float(np.std(x, ddof=1)) if len(x) > 1 else None,
            }
        figures.append(row)
    name = "item_profile_overview" if overall else "item_profile"
    with comparing(settings, **variables) as connection:
        put(connection, "disclosure.figure", *figures)
        build(connection, "disclosure.profile")
        build(connection, f"comparison.{name}")
        found = ask(connection, f"FROM comparison.{name} ORDER BY item_code")
    return {row["item_code"]: row for row in found}


def expected(
    answers: Mapping[str, Sequence[int]], item: str
) -> tuple[float, float, float, float, str]:
    """Mean, interval, mean of the other items and profile, with scipy's quantile."""
    x = np.array(answers[item])
    n, sd = len(x), max(x.std(ddof=1), math.sqrt(1 / len(x)))
    margin = stats.t.ppf(0.975, n - 1) * sd / math.sqrt(n)
    low, high = x.mean() - margin, x.mean() + margin
    reference = np.mean([np.mean(other) for code, other in answers.items() if code != item])
    word = "strength" if low > reference else "weakness" if high < reference else "neither"
    return float(x.mean()), max(low, 1.0), min(high, 4.0), float(reference), word


@pytest.mark.parametrize("overall", [False, True])
def test_profile_equals_a_second_implementation(settings: Settings, overall: bool) -> None:
    found = profile(settings, ANSWERS, overall=overall)
    assert list(found) == sorted(ANSWERS)
    for item, row in found.items():
        mean, low, high, reference, word = expected(ANSWERS, item)
        assert [row["mean"], row["reference_mean"]] == pytest.approx([mean, reference], abs=1e-9)
        assert [row["ci_low"], row["ci_high"]] == pytest.approx([low, high], abs=3e-4)
        assert (row["profile"], row["n_answers"]) == (word, len(ANSWERS[item]))
    assert {row["profile"] for row in found.values()} == {"strength", "weakness", "neither"}


def test_interval_by_hand(settings: Settings) -> None:
    """1, 2, 2, 2, 3: mean 2, s² = 2/4, t(4) = 2.77645; 2 ± 2.77645 · √(0.5/5) = 2 ± 0.87799."""
    row = profile(settings, {"A1": [1, 2, 2, 2, 3], "A2": [4] * 5})["A1"]
    assert [row["ci_low"], row["ci_high"]] == pytest.approx([1.12201, 2.87799], abs=1e-4)
    assert (row["reference_mean"], row["profile"]) == (4.0, "weakness")


def test_quantile_is_near_that_of_scipy(settings: Settings) -> None:
    with comparing(settings) as connection:
        for df in range(3, 400):
            (found,) = connection.execute("SELECT t_quantile($df)", {"df": df}).fetchall()[0]
            error = abs(found - stats.t.ppf(0.975, df))
            assert error < (1e-3 if df == 3 else 2e-4 if df == 4 else 5e-5)


def test_agreement_of_few_is_no_certainty(settings: Settings) -> None:
    """Five answers of 3 beside a mean of 2.8: as if one had differed, 3 ± 2.776 · √0.2 / √5."""
    row = profile(settings, {"A1": [3] * 5, "A2": [2, 3, 3, 3, 3]})["A1"]
    margin = stats.t.ppf(0.975, 4) * 0.2
    assert [row["ci_low"], row["ci_high"]] == pytest.approx([3 - margin, 3 + margin], abs=1e-4)
    assert row["profile"] == "neither"


def test_few_answers_are_not_judged(settings: Settings) -> None:
    found = profile(settings, {**ANSWERS, "A4": [4, 4, 4, 4]})
    assert [found["A4"][name] for name in ("ci_low", "ci_high", "profile")] == [None] * 3
    assert found["A4"]["mean"] == 4.0
    assert found["A3"]["reference_mean"] == pytest.approx(
        np.mean([np.mean(x) for code, x in ANSWERS.items() if code != "A3"] + [4]), abs=1e-9
    )


def test_least_number_of_answers_follows_the_setting(settings: Settings) -> None:
    found = profile(settings, ANSWERS, min_respondents=7)
    assert {code for code, row in found.items() if row["profile"] is not None} == {"A2", "A3", "B2"}


def test_fields_that_few_chose_neither_count_nor_are_judged(settings: Settings) -> None:
    found = profile(settings, ANSWERS, chosen={"B": 4})
    half = profile(settings, ANSWERS, chosen={"B": 5})
    own = {code: x for code, x in ANSWERS.items() if code[0] == "A"}
    for code, row in found.items():
        assert row["is_chosen"] is (code[0] == "A")
        if code[0] == "A":
            assert row["reference_mean"] == pytest.approx(expected(own, code)[3], abs=1e-9)
        else:
            assert (row["reference_mean"], row["profile"]) == (None, None)
            assert row["mean"] is not None
    assert all(row["is_chosen"] for row in half.values())


@pytest.mark.parametrize("reason", ["confidential", "low_answered_share"])
def test_withheld_item_is_empty_and_counts_nowhere(settings: Settings, reason: str) -> None:
    found = profile(settings, ANSWERS, withheld={"A1": reason})
    without = profile(settings, {code: x for code, x in ANSWERS.items() if code != "A1"})
    own = found.pop("A1")
    names = ("mean", "ci_low", "ci_high", "reference_mean", "profile")
    assert [own[name] for name in names] == [None] * 5
    assert own["withheld_because"] == reason
    assert found == without


def test_item_without_answers_or_without_others(settings: Settings) -> None:
    found = profile(settings, {"A1": [1, 2, 3, 4, 4], "A2": []})
    names = ("ci_low", "ci_high", "reference_mean", "profile")
    assert [found["A2"][name] for name in ("mean", *names)] == [None] * 5
    assert (found["A1"]["reference_mean"], found["A1"]["profile"]) == (None, None)


def test_means_at_the_end_of_the_scale_stay_on_it(settings: Settings) -> None:
    found = profile(settings, {"A1": [4] * 6, "A2": [4] * 6, "A3": [3, 3, 4], "A4": [2, 2, 3]})
    assert all(row["reference_mean"] <= 4 for row in found.values())
    assert found["A1"]["ci_high"] == 4


@pytest.mark.parametrize("name", ["item_profile", "item_profile_overview"])
def test_table_is_ordered_by_item_and_has_no_rank(name: str) -> None:
    described = table(f"comparison.{name}")
    assert described.key[-1] == "item_code"
    assert not [column.name for column in described.columns if "rank" in column.name]
