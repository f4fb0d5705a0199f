"""Changes from wave to wave against a second implementation, and the generator of resamples."""

import math
from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

import numpy as np
import pytest
from scipy import stats

from tests.sql import generator
from tests.sql.database import ask, put
from tests.sql.forms import Answers, Item, Survey, comparing, load
from weltoffen_etl.catalog import table
from weltoffen_etl.database import Connection, build, create, insert
from weltoffen_etl.settings import Settings

ITEMS = [
    Item("M1", "MS"),
    Item("M2", "MS", -1),
    Item("M3", "MS"),
    Item("I1", "IA"),
    Item("I2", "IA"),
]
GARBSEN, KONSTANZ = "03241005", "08335043"


def drawn_forms(seed: int, n: int, *, without: Sequence[str] = ()) -> list[Answers]:
    """Draws forms: mostly answers, some gaps, and items that were not asked."""
    random = Random(seed)  # noqa: S311
    return [
        {
            item.code: "not_delivered"
            if item.code in without
            else random.choice([1, 2, 3, 4, 2, 3, random.randint(1, 4), "skipped"])
            for item in ITEMS
        }
        for _ in range(n)
    ]


def changes(connection: Connection, survey: Survey) -> dict[tuple[str, str, str], dict[str, Any]]:
    load(connection, survey)
    build(connection, "comparison.wave_change")
    return {
        (row["ags"], row["wave_to"], row["action_field"]): row
        for row in ask(connection, "FROM comparison.wave_change")
    }


def sums(forms: Sequence[Answers], codes: Sequence[str]) -> list[tuple[int, int]]:
    """Number and sum of the answers of each form that has any, in order."""
    polarity = {item.code: item.polarity for item in ITEMS}
    found = []
    for form in forms:
        given = [(code, form[code]) for code in codes]
        x = [v if polarity[c] == 1 else 5 - v for c, v in given if isinstance(v, int)]
        if x:
            found.append((len(x), sum(x)))
    return sorted(found)


def mean_of(forms: Sequence[tuple[int, int]]) -> float:
    return sum(total for _, total in forms) / sum(n for n, _ in forms)


def rounded(x: float) -> float:
    """To two places, halves away from zero."""
    return math.copysign(math.floor(abs(x) * 100 + 0.5) / 100, x)


def test_change_by_hand(settings: Settings) -> None:
    """Polarity turns M2: five forms of 4, 1 → 4, 4 become five of 2, 4 → 2, 1; mean 4 → 1.5."""
    survey = Survey(
        [Item("M1", "MS"), Item("M2", "MS", -1)],
        ["t0", "t1"],
        {(GARBSEN, "t0"): [{"M1": 4, "M2": 1}] * 5, (GARBSEN, "t1"): [{"M1": 2, "M2": 4}] * 5},
    )
    with comparing(settings) as connection:
        (row,) = changes(connection, survey).values()
    assert (row["mean_from"], row["mean_to"], row["change"]) == (4.0, 1.5, -2.5)
    assert (row["ci_low"], row["ci_high"], row["n_replicates"]) == (-2.5, -2.5, 1000)
    assert (row["n_items_common"], row["n_respondents_from"], row["n_respondents_to"]) == (2, 5, 5)
    assert (row["is_composition_changed"], row["withheld_because"]) == (False, None)
    assert (row["instrument_from"], row["instrument_to"]) == ("A", "A")


@pytest.mark.parametrize("seed", range(4))
def test_change_and_interval_equal_a_second_implementation(settings: Settings, seed: int) -> None:
    forms = {
        (GARBSEN, "t0"): drawn_forms(seed, 11),
        (GARBSEN, "t1"): drawn_forms(seed + 100, 6, without=["M3"]),
        (GARBSEN, "t2"): drawn_forms(seed + 200, 17),
        (KONSTANZ, "t0"): drawn_forms(seed + 300, 8),
        (KONSTANZ, "t2"): drawn_forms(seed + 400, 9),
    }
    pairs = [(GARBSEN, "t0", "t1"), (GARBSEN, "t1", "t2"), (KONSTANZ, "t0", "t2")]
    with comparing(settings) as connection:
        found = changes(connection, Survey(ITEMS, ["t0", "t1", "t2"], forms))
    assert len(found) == 6
    for ags, before, after in pairs:
        for action_field in ("MS", "IA"):
            asked = [
                {
                    c
                    for c in (item.code for item in ITEMS if item.action_field == action_field)
                    if forms[ags, wave][0][c] != "not_delivered"
                }
                for wave in (before, after)
            ]
            codes = sorted(asked[0] & asked[1])
            earlier, later = (sums(forms[ags, wave], codes) for wave in (before, after))
            row = found[ags, after, action_field]
            assert (row["n_items_common"], row["n_items_from"], row["n_items_to"]) == (
                len(codes),
                len(asked[0]),
                len(asked[1]),
            )
            assert row["is_composition_changed"] is (
                len(asked[0]) != len(asked[1])
                or abs(len(later) - len(earlier)) > 0.5 * len(earlier)
            )
            resampled = []
            for replicate in range(1, 1001):
                means = []
                for wave, x in ((before, earlier), (after, later)):
                    key = f"{ags} {wave} {before}-{after} {action_field}"
                    means.append(mean_of([x[p] for p in generator.places(key, replicate, len(x))]))
                resampled.append(means[1] - means[0])
            assert [row[x] for x in ("mean_from", "mean_to", "change", "ci_low", "ci_high")] == (
                pytest.approx(
                    [
                        mean_of(earlier),
                        mean_of(later),
                        mean_of(later) - mean_of(earlier),
                        *map(rounded, generator.percentiles(resampled)),
                    ],
                    abs=1e-9,
                )
            )


def test_interval_is_near_that_of_scipy(settings: Settings) -> None:
    forms = {(GARBSEN, "t0"): drawn_forms(1, 40), (GARBSEN, "t1"): drawn_forms(2, 30)}
    with comparing(settings) as connection:
        row = changes(connection, Survey(ITEMS, ["t0", "t1"], forms))[GARBSEN, "t1", "MS"]
    earlier, later = (
        np.array(sums(forms[GARBSEN, wave], ["M1", "M2", "M3"])) for wave in ("t0", "t1")
    )

    def change(i: Any, j: Any, axis: int = -1) -> Any:
        means = [
            x[k, 1].sum(axis=axis) / x[k, 0].sum(axis=axis) for x, k in ((earlier, i), (later, j))
        ]
        return means[1] - means[0]

    interval = stats.bootstrap(
        (np.arange(len(earlier)), np.arange(len(later))),
        change,
        n_resamples=9999,
        method="percentile",
        rng=np.random.default_rng(0),
    ).confidence_interval
    assert [row["ci_low"], row["ci_high"]] == pytest.approx([*interval], abs=0.04)
    assert row["ci_high"] - row["ci_low"] > 0.2


def _linearised(forms: Sequence[tuple[int, int]]) -> float:
    """Variance of a mean over all answers of whole forms."""
    n, total = np.array(forms, dtype=float).T
    rest = total - total.sum() / n.sum() * n
    return float(len(n) / (len(n) - 1) * (rest**2).sum() / n.sum() ** 2)


def test_many_forms_are_not_drawn(settings: Settings) -> None:
    """Where a wave has more than 1,000 forms the interval is the normal one, near the drawn one."""
    forms = {(GARBSEN, "t0"): drawn_forms(5, 300), (GARBSEN, "t1"): drawn_forms(6, 1_005)}
    with comparing(settings) as connection:
        row = changes(connection, Survey(ITEMS, ["t0", "t1"], forms))[GARBSEN, "t1", "MS"]
    waves = [sums(forms[GARBSEN, wave], ["M1", "M2", "M3"]) for wave in ("t0", "t1")]
    change = mean_of(waves[1]) - mean_of(waves[0])
    width = stats.norm.ppf(0.975) * math.sqrt(sum(map(_linearised, waves)))
    assert row["change"] == pytest.approx(change, abs=1e-9)
    assert row["n_replicates"] is None
    assert [row["ci_low"], row["ci_high"]] == pytest.approx(
        [change - width, change + width], abs=0.005 + 1e-9
    )
    rng = np.random.default_rng(1)
    drawn = []
    for _ in range(1_000):
        means = []
        for wave in waves:
            sample = np.array(wave)[rng.integers(0, len(wave), len(wave))]
            means.append(sample[:, 1].sum() / sample[:, 0].sum())
        drawn.append(means[1] - means[0])
    assert [row["ci_low"], row["ci_high"]] == pytest.approx(
        np.percentile(drawn, [2.5, 97.5]).tolist(), abs=0.02
    )


def test_result_depends_on_answers_not_on_threads_nor_order(settings: Settings) -> None:
    forms = {(GARBSEN, "t0"): drawn_forms(5, 9), (GARBSEN, "t1"): drawn_forms(6, 12)}
    turned = {key: x[::-1] for key, x in forms.items()}
    with comparing(settings.model_copy(update={"duckdb_threads": 1})) as connection:
        one = changes(connection, Survey(ITEMS, ["t0", "t1"], forms))
    with comparing(settings.model_copy(update={"duckdb_threads": 4})) as connection:
        assert changes(connection, Survey(ITEMS, ["t0", "t1"], turned)) == one


@pytest.mark.parametrize("small", ["t0", "t1"])
def test_nothing_is_told_where_a_wave_is_withheld(settings: Settings, small: str) -> None:
    forms: dict[tuple[str, str], list[Answers]] = {
        (GARBSEN, "t0"): drawn_forms(7, 8),
        (GARBSEN, "t1"): drawn_forms(8, 8),
    }
    forms[GARBSEN, small] = [
        {c: x if n < 4 or c.startswith("I") else "skipped" for c, x in form.items()}
        for n, form in enumerate(forms[GARBSEN, small])
    ]
    with comparing(settings) as connection:
        found = changes(connection, Survey(ITEMS, ["t0", "t1"], forms))
    row = found[GARBSEN, "t1", "MS"]
    assert row["withheld_because"] == "confidential"
    told = {name for name, value in row.items() if value is not None}
    assert not told & {
        "n_respondents_from",
        "n_respondents_to",
        "mean_from",
        "mean_to",
        "change",
        "ci_low",
        "ci_high",
        "n_replicates",
        "is_composition_changed",
    }
    assert found[GARBSEN, "t1", "IA"]["change"] is not None


def test_too_few_answers_leave_the_counts(settings: Settings) -> None:
    forms = {(GARBSEN, "t0"): drawn_forms(7, 8), (GARBSEN, "t1"): drawn_forms(8, 8)}
    with comparing(settings) as connection:
        load(connection, Survey(ITEMS, ["t0", "t1"], forms))
        connection.execute(
            "UPDATE disclosure.figure SET withheld_because = 'low_answered_share', mean = NULL, "
            "sd = NULL WHERE wave = 't1'"
        )
        build(connection, "comparison.wave_change")
        for row in ask(connection, "FROM comparison.wave_change"):
            assert row["withheld_because"] == "low_answered_share"
            assert [row["change"], row["ci_low"], row["mean_to"]] == [None] * 3
            assert row["mean_from"] is not None
            assert (row["n_respondents_from"], row["n_respondents_to"]) == (8, 8)


def test_field_that_nobody_answered_has_no_change(settings: Settings) -> None:
    silent = [{**form, "I1": "not_chosen", "I2": "not_chosen"} for form in drawn_forms(3, 6)]
    forms = {(GARBSEN, "t0"): drawn_forms(2, 6), (GARBSEN, "t1"): silent}
    with comparing(settings) as connection:
        row = changes(connection, Survey(ITEMS, ["t0", "t1"], forms))[GARBSEN, "t1", "IA"]
    assert (row["withheld_because"], row["n_respondents_to"]) == (None, 0)
    assert [row["mean_to"], row["change"], row["ci_low"], row["n_replicates"]] == [None] * 4


def test_waves_of_two_questionnaires_are_linked_through_items(settings: Settings) -> None:
    forms = {
        (GARBSEN, "t0"): drawn_forms(1, 6, without=["I1"]),
        (GARBSEN, "t1"): drawn_forms(2, 10, without=["I2", "M1"]),
    }
    survey = Survey(
        ITEMS, ["t0", "t1"], forms, instruments={(GARBSEN, "t0"): "A", (GARBSEN, "t1"): "B"}
    )
    with comparing(settings) as connection:
        ((key, row),) = changes(connection, survey).items()
    assert key == (GARBSEN, "t1", "MS")  # of the other field no item was asked twice
    assert (row["instrument_from"], row["instrument_to"]) == ("A", "B")
    assert (row["n_items_common"], row["n_items_from"], row["n_items_to"]) == (2, 3, 2)
    assert row["is_composition_changed"] is True


@pytest.mark.parametrize(("n", "changed"), [(12, False), (13, True), (5, False)])
def test_composition_changes_by_more_than_half(settings: Settings, n: int, changed: bool) -> None:
    """Eight forms before: four more are half, which is not more than half."""
    whole = {item.code: 3 for item in ITEMS}
    forms = {(GARBSEN, "t0"): [whole] * 8, (GARBSEN, "t1"): [whole] * n}
    with comparing(settings) as connection:
        row = changes(connection, Survey(ITEMS, ["t0", "t1"], forms))[GARBSEN, "t1", "MS"]
    assert row["is_composition_changed"] is changed


def test_respondents_of_one_field_do_not_count_those_of_another(settings: Settings) -> None:
    forms: dict[tuple[str, str], list[Answers]] = {
        (GARBSEN, wave): [
            {"M1": 3, "M2": 2, "M3": 1, "I1": 4 if n < 6 else "not_chosen", "I2": "not_chosen"}
            for n in range(9)
        ]
        for wave in ("t0", "t1")
    }
    with comparing(settings) as connection:
        found = changes(connection, Survey(ITEMS, ["t0", "t1"], forms))
    assert found[GARBSEN, "t1", "MS"]["n_respondents_to"] == 9
    assert found[GARBSEN, "t1", "IA"]["n_respondents_to"] == 6


# The generator


def test_generator_in_sql_is_the_generator_in_python(settings: Settings) -> None:
    with comparing(settings) as connection:
        for n in (1, 5, 107, 5000):
            for key, replicate in (("03241005 t0 t0-t1 MS", 1), ("ä", 1000)):
                found = connection.execute(
                    "SELECT list(random_place(random_stream($key, $r), draw, $n) - 1 ORDER BY draw) "
                    "FROM range(1, $n + 1) AS draws (draw)",
                    {"key": key, "r": replicate, "n": n},
                ).fetchone()
                assert found == (generator.places(key, replicate, n),)


def test_hash_maps_numbers_one_to_one() -> None:
    assert len({generator.hashed(x) for x in range(100_000)}) == 100_000


@pytest.mark.parametrize("n", [5, 13, 30])
def test_draws_are_even_and_independent(n: int) -> None:
    draws = np.array([generator.places("03241005 t0 t0-t1 MS", r, n) for r in range(1, 1001)])
    assert stats.chisquare(np.bincount(draws.ravel(), minlength=n)).pvalue > 1e-3
    # neighbours within a resample, and the same draw of neighbouring resamples
    for a, b in ((draws[:, :-1], draws[:, 1:]), (draws[:-1], draws[1:])):
        pairs = np.bincount((a * n + b).ravel(), minlength=n * n)
        assert stats.chisquare(pairs).pvalue > 1e-3
    other = np.array([generator.places("03241005 t1 t0-t1 MS", r, n) for r in range(1, 1001)])
    assert abs(np.corrcoef(draws.ravel(), other.ravel())[0, 1]) < 0.02


# Groups


def overview(
    settings: Settings, by_ags: Mapping[str, float | None], *, uncounted: Sequence[str] = ()
) -> list[dict[str, Any]]:
    with comparing(settings) as connection:
        create(connection, table("reference.peer_group"))
        insert(
            connection,
            "reference.peer_group",
            [("all", "all", "alle", ags, ags not in uncounted) for ags in by_ags]
            + [("type", "Stadt", "Stadt", ags, True) for ags in list(by_ags)[:3]],
        )
        put(
            connection,
            "comparison.wave_change",
            *(
                {
                    "ags": ags,
                    "wave_from": "t0",
                    "wave_to": "t1",
                    "action_field": "MS",
                    "is_synthetic": True,
                    "change": change,
                }
                for ags, change in by_ags.items()
            ),
        )
        build(connection, "comparison.wave_change_overview")
        return ask(connection, "FROM comparison.wave_change_overview ORDER BY peer_kind")


def test_groups_average_their_municipalities(settings: Settings) -> None:
    random = Random(3)  # noqa: S311
    by_ags = {f"0{n}": random.uniform(-1, 1) for n in range(9)}
    group, cities = overview(settings, {**by_ags, "99": None, "77": 3.0}, uncounted=["77"])
    x = np.array(sorted(by_ags.values()))
    resampled = [
        float(x[generator.places("t0 t1 MS all all", r, len(x))].mean()) for r in range(1, 1001)
    ]
    assert group["n_municipalities"] == 9
    assert [group[k] for k in ("mean_change", "sd_change", "ci_low", "ci_high")] == pytest.approx(
        [x.mean(), x.std(ddof=1), *generator.percentiles(resampled)], abs=1e-9
    )
    interval = stats.bootstrap(
        (x,), np.mean, method="percentile", rng=np.random.default_rng(0)
    ).confidence_interval
    assert [group["ci_low"], group["ci_high"]] == pytest.approx([*interval], abs=0.05)
    assert (group["withheld_because"], group["n_replicates"]) == (None, 1000)
    assert cities["mean_change"] == pytest.approx(np.mean(list(by_ags.values())[:3]), abs=1e-9)
    assert [cities[k] for k in ("sd_change", "ci_low", "ci_high", "n_replicates")] == [None] * 4


@pytest.mark.parametrize(
    ("n", "told"),
    [
        (2, set()),
        (3, {"mean_change"}),
        (5, {"mean_change"}),
        (6, {"mean_change", "sd_change", "ci_low", "ci_high"}),
    ],
)
def test_small_groups_tell_less(settings: Settings, n: int, told: set[str]) -> None:
    group = overview(settings, {f"0{k}": k / 10 for k in range(n)})[0]
    found = {k for k in ("mean_change", "sd_change", "ci_low", "ci_high") if group[k] is not None}
    assert found == told
    assert group["withheld_because"] == (None if told else "too_few_municipalities")
    assert group["n_municipalities"] == n
