"""Every figure that a night publishes on real exports, recomputed from the single answers."""

from collections.abc import Iterator
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest
from scipy import stats

from tests import statistics_of_answers as second
from tests.conftest import deliver
from tests.nights import run_night
from tests.seeded.exports import FIXTURES, PLACES
from tests.sql import generator
from weltoffen_etl.catalog import table
from weltoffen_etl.settings import Settings
from weltoffen_etl.warehouse.current import current_release

REASONS = (
    "not_chosen",
    "not_delivered",
    "not_reached",
    "skipped",
    "dont_know",
    "not_applicable",
    "invalid",
    "unknown_reason",
)
Figures = dict[str, Any]
Rows = dict[tuple[Any, ...], Figures]
Members = dict[tuple[Any, ...], set[str]]
"""Municipalities of a unit, by the unit's part of the key, action field and wave."""


class Night:
    """What a night loaded, and the figures it published."""

    def __init__(self, settings: Settings) -> None:
        release = current_release(settings)
        assert release is not None
        self._published = duckdb.connect(str(release.database), read_only=True)
        with duckdb.connect(str(settings.warehouse_file), read_only=True) as warehouse:
            self.forms = warehouse.execute("FROM core.response WHERE excluded_because IS NULL").df()
            self.choices = warehouse.execute("FROM core.field_choice").df()
            self.peers = warehouse.execute("FROM reference.peer_group WHERE is_counted").df()
            answers = warehouse.execute("FROM core.answer").df()
            items = warehouse.execute("FROM reference.item").df()
        self.answers = answers.merge(self.forms[["response_id", "ags", "wave"]]).merge(items)
        mirrored = self.answers["polarity"] == -1
        self.answers["x"] = self.answers["value"].where(~mirrored, 5 - self.answers["value"])
        self.choices = self.choices.merge(self.forms[["response_id", "ags", "wave"]])

    def published(self, name: str, key: tuple[str, ...]) -> Rows:
        """The rows of a published table by their key."""
        columns = [column.name for column in table(f"comparison.{name}").columns]
        found: Rows = {}
        for row in self._published.execute(f"FROM comparison.{name}").fetchall():
            values = dict(zip(columns, row, strict=True))
            found[tuple(values[x] for x in key)] = values
        return found

    def close(self) -> None:
        """Closes the release."""
        self._published.close()

    def municipalities(self) -> Members:
        """Each municipality as a unit of its own."""
        return {
            (ags, field, wave): {ags}
            for ags, wave in self.forms[["ags", "wave"]].drop_duplicates().itertuples(index=False)
            for field in self.answers["action_field"].unique()
        }

    def groups(self) -> Members:
        """Groups of municipalities that delivered, and those that chose a field."""
        members: Members = {}
        for ags, field, wave in self.municipalities():
            peers = self.peers[self.peers["ags"] == ags]
            for peer in peers.itertuples():
                members.setdefault((peer.peer_kind, peer.peer_group, field, wave), set()).add(ags)
            here = self._choices({ags}, field, wave)
            if not peers.empty and 2 * sum(here) >= self._forms({ags}, wave):
                members.setdefault(("chosen", "chosen", field, wave), set()).add(ags)
        return members

    def figures(self, members: set[str], field: str, wave: str, part: pd.Series) -> Figures:
        """All figures of a part of an action field in some municipalities and a wave."""
        rows = self.answers[
            self.answers["ags"].isin(members) & (self.answers["wave"] == wave) & part
        ]
        given = rows[rows["x"].notna()]
        answers = given["x"].astype(int).tolist()
        counts = np.bincount(answers, minlength=5)[1:].tolist()
        choices = self._choices(members, field, wave)
        of_chosen = len(rows) - int((rows["missing_reason"] == "not_chosen").sum())
        forms = self._forms(members, wave)
        # Only the table of items in municipalities has figures on pairs.
        few = 2 <= len(answers) <= 5
        return {
            "withheld_because": None,
            "n_municipalities": given["ags"].nunique(),
            "n_responses": forms,
            "n_respondents": given["response_id"].nunique(),
            "n_chosen": sum(choices),
            "n_undecided": forms - len(choices),
            "n_items": rows["item_code"].nunique(),
            "n_expected": len(rows),
            "n_answers": len(answers),
            **{f"n_{value}": counts[value - 1] for value in (1, 2, 3, 4)},
            "answered_share": len(answers) / len(rows),
            "answered_share_of_chosen": len(answers) / of_chosen if of_chosen else None,
            "mean": second.mean(answers),
            "median": second.median(answers),
            "sd": second.sd(answers),
            "consensus": second.consensus(answers),
            "agreement": second.agreement(counts),
            "pairs_equal": second.pairs(answers, 0) if few else None,
            "pairs_within_one": second.pairs(answers, 1) if few else None,
            **{f"share_{x}": float((rows["missing_reason"] == x).mean()) for x in REASONS},
        }

    def _forms(self, members: set[str], wave: str) -> int:
        return int((self.forms["ags"].isin(members) & (self.forms["wave"] == wave)).sum())

    def _choices(self, members: set[str], field: str, wave: str) -> list[bool]:
        """The choices of a field that are known."""
        here = self.choices[
            self.choices["ags"].isin(members)
            & (self.choices["wave"] == wave)
            & (self.choices["action_field"] == field)
        ]
        return [bool(choice) for choice in here["is_chosen"] if not pd.isna(choice)]

    def parts(self, column: str) -> Iterator[tuple[str, str, pd.Series]]:
        """Action field, part and its rows, for parts that stand in a column of items."""
        known = self.answers[self.answers[column].notna()]
        for field, part in sorted(set(zip(known["action_field"], known[column], strict=True))):
            yield field, part, self.answers[column] == part


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Night]:
    """A night that withholds nothing."""
    settings = Settings(
        data_dir=tmp_path_factory.mktemp("statistics"),
        settle_seconds=0.0,
        min_respondents=1,
        min_municipalities=1,
        min_answered_share=0,
    )
    for name, place in PLACES.items():
        deliver(settings, place, FIXTURES / f"{name}.csv")
    record = run_night(settings)
    assert record.outcome == "published", record.failures
    loaded = Night(settings)
    yield loaded
    loaded.close()


def _compare(published: Rows, expected: Rows, least: int) -> None:
    """Compares all figures of a table; at least so many of them must have a value."""
    assert published.keys() == expected.keys()
    compared = 0
    for key, figures in expected.items():
        shared = figures.keys() & published[key].keys()
        found = {name: published[key][name] for name in shared}
        different = {
            name: (value, figures[name])
            for name, value in found.items()
            if not second.close(value, figures[name])
        }
        assert different == {}, key
        compared += sum(value is not None for value in found.values())
    assert compared >= least


def test_the_night_holds_what_makes_figures_differ(night: Night) -> None:
    assert len(night.forms) > 70
    assert set(night.answers["polarity"]) == {1, -1}
    assert night.answers["missing_reason"].nunique() >= 4
    assert night.answers["sub_theme"].nunique() == 9


def test_item_result(night: Night) -> None:
    expected = {
        (ags, wave, item): night.figures(members, field, wave, part)
        for (ags, unit_field, wave), members in night.municipalities().items()
        for field, item, part in night.parts("item_code")
        if field == unit_field
    }
    assert len(expected) == 6 * 108
    _compare(night.published("item_result", ("ags", "wave", "item_code")), expected, 15_000)


def test_item_overview(night: Night) -> None:
    expected = {
        (wave, item): night.figures(members, field, wave, part)
        for (kind, _, unit_field, wave), members in night.groups().items()
        for field, item, part in night.parts("item_code")
        if (kind, field) == ("all", unit_field)
    }
    assert len(expected) == 2 * 108
    _compare(night.published("item_overview", ("wave", "item_code")), expected, 5_000)


def test_sub_theme_score(night: Night) -> None:
    expected = {
        (ags, wave, field, sub_theme): night.figures(members, field, wave, part)
        for (ags, unit_field, wave), members in night.municipalities().items()
        for field, sub_theme, part in night.parts("sub_theme")
        if field == unit_field
    }
    assert len(expected) == 6 * 9
    key = ("ags", "wave", "action_field", "sub_theme")
    _compare(night.published("sub_theme_score", key), expected, 1_300)


def test_action_field_score(night: Night) -> None:
    expected = {
        (ags, wave, field): night.figures(members, field, wave, part)
        for (ags, unit_field, wave), members in night.municipalities().items()
        for field, _, part in night.parts("action_field")
        if field == unit_field
    }
    assert len(expected) == 6 * 7
    _compare(
        night.published("action_field_score", ("ags", "wave", "action_field")), expected, 1_000
    )


def test_peer_group_score(night: Night) -> None:
    expected = {
        (wave, field, kind, name, peer_kind, group): night.figures(members, field, wave, part)
        for (peer_kind, group, unit_field, wave), members in night.groups().items()
        for kind, column in (("field", "action_field"), ("sub_theme", "sub_theme"))
        for field, name, part in night.parts(column)
        if field == unit_field
    }
    assert {key[4] for key in expected} == {
        "all",
        "size_class",
        "type",
        "cohort",
        "macro_region",
        "chosen",
    }
    for figures in expected.values():
        if figures["n_municipalities"] == 0:
            figures |= {**dict.fromkeys(figures), "n_municipalities": 0}
            figures["withheld_because"] = "too_few_municipalities"
    key = ("wave", "action_field", "part_kind", "part", "peer_kind", "peer_group")
    _compare(night.published("peer_group_score", key), expected, 6_000)


def _by_municipality(night: Night, column: str) -> dict[tuple[str, str, str, str], list[int]]:
    """Answers after polarity by wave, field, part and municipality."""
    given = night.answers[night.answers["x"].notna() & night.answers[column].notna()]
    return {
        (str(wave), str(field), str(part), str(ags)): rows["x"].astype(int).tolist()
        for (wave, field, part, ags), rows in given.groupby(["wave", "action_field", column, "ags"])
    }


def test_benchmark(night: Night) -> None:
    """Means, spread and effect size beside the other municipalities of each group."""
    answers = {
        kind: _by_municipality(night, column)
        for kind, column in (("field", "action_field"), ("sub_theme", "sub_theme"))
    }
    groups = {
        (kind, group, field, wave): x for (kind, group, field, wave), x in night.groups().items()
    }
    key = ("ags", "wave", "part_kind", "part", "action_field", "peer_kind", "peer_group")
    compared = 0
    for (ags, wave, kind, part, field, peer_kind, group), row in night.published(
        "benchmark", key
    ).items():
        members = groups.get((peer_kind, group, field, wave), set())
        here = {
            x: answers[kind][wave, field, part, x]
            for x in members | {ags}
            if (wave, field, part, x) in answers[kind]
        }
        others = {x: given for x, given in here.items() if x != ags}
        own, means = here.get(ags), [float(np.mean(x)) for x in others.values()]
        pooled = [x for name, given in here.items() if name in members for x in given]
        expected: Figures = {
            "mean": float(np.mean(own)) if own else None,
            "n_peers": len(others),
            "peer_mean": float(np.mean(means)) if means else None,
            "pooled_mean": float(np.mean(pooled)) if pooled else None,
            "peer_sd": float(np.std(means, ddof=1)) if len(means) > 1 else None,
        }
        if own and means:
            residuals = np.concatenate([np.array(x) - np.mean(x) for x in [own, *others.values()]])
            df = len(residuals) - 1 - len(others)
            spread = np.sqrt((residuals**2).sum() / df)
            difference = float(np.mean(own) - np.mean(means))
            expected["difference"] = difference
            expected["effect_size"] = difference / spread * (1 - 3 / (4 * df - 1))
        if own and pooled:
            expected["pooled_difference"] = float(np.mean(own) - np.mean(pooled))
        found = {name: row[name] for name in expected}
        assert all(second.close(found[x], value) for x, value in expected.items()), (
            found,
            expected,
        )
        compared += own is not None and bool(means)
    assert compared > 100


def test_wave_change(night: Night) -> None:
    """Means of both waves and the bootstrap interval, drawn a second time."""
    given = night.answers[night.answers["x"].notna()]
    found = night.published("wave_change", ("ags", "wave_from", "wave_to", "action_field"))
    told = {key: row for key, row in found.items() if row["change"] is not None}
    assert len(told) >= 12
    for (ags, before, after, field), row in told.items():
        waves = []
        for wave in (before, after):
            here = given[
                (given["ags"] == ags) & (given["wave"] == wave) & (given["action_field"] == field)
            ]
            forms = here.groupby("response_id")["x"].agg(["count", "sum"]).astype(int)
            waves.append(sorted(forms.itertuples(index=False, name=None)))
        means = [sum(x[1] for x in forms) / sum(x[0] for x in forms) for forms in waves]
        resampled = []
        for replicate in range(1, 1001):
            drawn = []
            for wave, forms in zip((before, after), waves, strict=True):
                key = f"{ags} {wave} {before}-{after} {field}"
                sample = [forms[x] for x in generator.places(key, replicate, len(forms))]
                drawn.append(sum(x[1] for x in sample) / sum(x[0] for x in sample))
            resampled.append(drawn[1] - drawn[0])
        low, high = generator.percentiles(resampled)
        assert (row["n_respondents_from"], row["n_respondents_to"]) == tuple(map(len, waves))
        assert [row[x] for x in ("mean_from", "mean_to", "change")] == pytest.approx(
            [*means, means[1] - means[0]], abs=1e-9
        )
        assert [row["ci_low"], row["ci_high"]] == pytest.approx([low, high], abs=0.005 + 1e-9)


def test_item_profile(night: Night) -> None:
    """Means and references; the interval as scipy has it, within the stated precision."""
    items = _by_municipality(night, "item_code")
    chosen = {
        (ags, wave, field): 2 * sum(night._choices({ags}, field, wave)) >= night._forms({ags}, wave)
        for ags, field, wave in night.municipalities()
    }
    compared = 0
    for (ags, wave, item), row in night.published(
        "item_profile", ("ags", "wave", "item_code")
    ).items():
        answers = items.get((wave, row["action_field"], item, ags))
        assert row["mean"] == (pytest.approx(np.mean(answers), abs=1e-9) if answers else None)
        others = [
            float(np.mean(x))
            for (other_wave, field, other, place), x in items.items()
            if (other_wave, place) == (wave, ags) and other != item and chosen[ags, wave, field]
        ]
        if answers and chosen[ags, wave, row["action_field"]]:
            assert row["reference_mean"] == pytest.approx(np.mean(others), abs=1e-9)
        if answers and len(answers) >= 5:
            n = len(answers)
            spread = max(float(np.std(answers, ddof=1)), (1 / n) ** 0.5)
            margin = stats.t.ppf(0.975, n - 1) * spread / n**0.5
            ends = [max(1.0, np.mean(answers) - margin), min(4.0, np.mean(answers) + margin)]
            assert [row["ci_low"], row["ci_high"]] == pytest.approx(ends, abs=1e-3)
            compared += 1
    assert compared > 200
