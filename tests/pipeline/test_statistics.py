"""Every figure that a night publishes on real exports, recomputed from the single answers."""

from collections.abc import Iterator
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest

from tests import statistics_of_answers as second
from tests.conftest import deliver
from tests.nights import run_night
from tests.seeded.exports import FIXTURES, PLACES
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
