"""What must hold whatever the answers: from forms through disclosure to the comparison."""

from collections.abc import Iterable
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as campaign
from hypothesis import strategies as st

from tests.sql.database import ask, rebuild
from tests.sql.forms import Answers, Item, Survey, comparing, load
from weltoffen_etl.settings import Settings

ITEMS = [Item("M1", "MS"), Item("M2", "MS", -1), Item("I1", "IA"), Item("I2", "IA", -1)]
WAVES = ["t0", "t1"]
TABLES = (
    "item_result",
    "item_overview",
    "action_field_score",
    "peer_group_score",
    "benchmark",
    "wave_change",
    "wave_change_overview",
    "item_profile",
    "item_profile_overview",
)
FEW = campaign(
    max_examples=5,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)

Forms = dict[tuple[str, str], list[Answers]]
answer = st.one_of(st.integers(1, 4), st.integers(1, 4), st.sampled_from(["skipped", "dont_know"]))
form = st.fixed_dictionaries({item.code: answer for item in ITEMS})


@st.composite
def surveys(draw: st.DrawFn) -> Forms:
    """Draws the forms of two to eight municipalities, some in one wave only."""
    forms: Forms = {}
    for number in range(draw(st.integers(2, 8))):
        for wave in draw(st.sampled_from([["t0"], ["t0", "t1"], ["t0", "t1"]])):
            forms[f"0{number}", wave] = draw(st.lists(form, min_size=2, max_size=6))
    return forms


def compared(
    settings: Settings,
    forms: Forms,
    *,
    items: Iterable[Item] = ITEMS,
    not_counted: Iterable[str] = (),
    **variables: Any,
) -> dict[str, list[dict[str, Any]]]:
    """Builds every table of the comparison that follows from the figures."""
    groups = [
        ("all", "all", ags, ags not in set(not_counted))
        for ags in sorted({ags for ags, _ in forms})
    ]
    found = {}
    with comparing(settings, **variables) as connection:
        load(connection, Survey(list(items), WAVES, forms, groups))
        for name in TABLES:
            rebuild(connection, f"comparison.{name}")
            found[name] = ask(connection, f"FROM comparison.{name} ORDER BY ALL")
    return found


def only(found: list[dict[str, Any]], *columns: str) -> list[tuple[Any, ...]]:
    """Returns some columns, rounded so that sums of another size compare."""
    return [
        tuple(round(x, 9) if isinstance(x, float) else x for x in (row[c] for c in columns))
        for row in found
    ]


@FEW
@given(forms=surveys())
def test_every_form_twice_leaves_the_means(settings: Settings, forms: Forms) -> None:
    once = compared(settings, forms, min_respondents=1)
    twice = compared(settings, {key: x * 2 for key, x in forms.items()}, min_respondents=1)
    for name, columns in {
        "item_result": "ags wave item_code answered_share mean median consensus agreement",
        "action_field_score": "ags wave action_field answered_share mean median share_skipped",
        "peer_group_score": "wave part peer_kind peer_group n_municipalities mean median",
        "benchmark": "ags wave action_field peer_kind mean n_peers peer_mean pooled_mean difference peer_sd",
        "wave_change": "ags action_field mean_from mean_to change n_items_common is_composition_changed",
        "wave_change_overview": "action_field n_municipalities mean_change sd_change",
        "item_profile": "ags wave item_code mean reference_mean",
        "item_profile_overview": "wave item_code mean reference_mean",
    }.items():
        assert sorted(only(once[name], *columns.split()), key=str) == sorted(
            only(twice[name], *columns.split()), key=str
        )


@FEW
@given(forms=surveys())
def test_municipality_without_a_common_field_changes_nothing(
    settings: Settings, forms: Forms
) -> None:
    silent: Answers = {item.code: "not_chosen" for item in ITEMS}
    before = compared(settings, forms)
    after = compared(settings, {**forms, **{("99", wave): [silent] * 7 for wave in WAVES}})
    for name in ("item_result", "action_field_score", "benchmark", "wave_change", "item_profile"):
        assert [row for row in after[name] if row["ags"] != "99"] == before[name]
    told = [row for row in after["wave_change_overview"] if row["n_municipalities"]]
    assert told == [row for row in before["wave_change_overview"] if row["n_municipalities"]]


@FEW
@given(forms=surveys(), random=st.randoms(use_true_random=False))
def test_order_of_forms_and_municipalities_does_not_matter(
    settings: Settings, forms: Forms, random: Random
) -> None:
    mixed: Forms = {
        key: random.sample(forms[key], k=len(forms[key]))
        for key in random.sample(sorted(forms), k=len(forms))
    }
    assert compared(settings, mixed) == compared(settings, forms)


@FEW
@given(forms=surveys())
def test_turned_items_with_turned_answers_say_the_same(settings: Settings, forms: Forms) -> None:
    turned = [Item(item.code, item.action_field, -item.polarity) for item in ITEMS]
    mirrored: Forms = {
        key: [{c: 5 - x if isinstance(x, int) else x for c, x in f.items()} for f in several]
        for key, several in forms.items()
    }
    found = compared(settings, mirrored, items=turned)
    # What differs is that the table says so.
    for row in [*found["item_result"], *found["item_overview"]]:
        row["polarity"] *= -1
    assert found == compared(settings, forms)


@FEW
@given(forms=surveys())
def test_who_counts_nowhere_changes_nothing_for_others(settings: Settings, forms: Forms) -> None:
    extra: Forms = {("99", wave): [{item.code: 4 for item in ITEMS}] * 9 for wave in WAVES}
    before = compared(settings, forms)
    after = compared(settings, {**forms, **extra}, not_counted=["99"])
    for name in ("benchmark", "wave_change", "item_profile"):
        assert [row for row in after[name] if row["ags"] != "99"] == before[name]
    for name in ("wave_change_overview", "item_profile_overview"):
        assert after[name] == before[name]


@FEW
@given(forms=surveys())
def test_what_is_told_has_enough_behind_it(settings: Settings, forms: Forms) -> None:
    found = compared(settings, forms)
    for row in found["benchmark"]:
        n = row["n_peers"]
        assert (row["peer_mean"] is not None) is (n >= 3)
        assert (row["peer_sd"] is not None) is (n >= 6)
        assert row["mean"] is None or row["n_respondents"] >= 5
    for row in found["wave_change"]:
        if row["change"] is None:
            assert row["ci_low"] is row["ci_high"] is None
        else:
            assert min(row["n_respondents_from"], row["n_respondents_to"]) >= 5
            assert row["ci_low"] <= row["ci_high"]
            assert row["change"] == pytest.approx(row["mean_to"] - row["mean_from"], abs=1e-12)
    for row in found["item_profile"]:
        assert row["profile"] is None or row["n_answers"] >= 5
