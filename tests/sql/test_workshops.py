"""What workshops said, against small cases counted by hand; nothing of a few people is told."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as trial
from hypothesis import strategies as st

from tests.sql.database import ask, put, rebuild, reference_database
from weltoffen_etl.database import Connection, connect, define_macros
from weltoffen_etl.settings import SQL_DIR, Settings

A, B, C = "03241005", "08335043", "09762000"
KREIS, TOWN = "09174", "09174115"
GROUPS = ("administration", "politics", "civil_society", "business", "education", "security")
TABLES = (
    "disclosure.actor_group_shown",
    "disclosure.workshop_shown",
    "comparison.workshop_participation",
    "comparison.workshop_contribution",
    "comparison.actor_group_contribution",
    "comparison.contribution_theme",
)
Persons = dict[str, int]
Said = tuple[str, str, str | None, int | None]


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    with reference_database(Settings(data_dir=tmp_path_factory.mktemp("data"))) as connection:
        yield connection


def _hold(connection: Connection, *workshops: tuple[str, str, Persons, list[Said]]) -> None:
    """Puts workshops with those present and what they said, and builds all tables."""
    places = [f"{ags}/{day}" for ags, day, _, _ in workshops]
    put(
        connection,
        "core.workshop",
        *(
            {"workshop_id": place, "ags": ags, "held_on": day, "is_synthetic": True,
             "ordinal": sum(x < day for a, x, _, _ in workshops if a == ags) + 1}
            for place, (ags, day, _, _) in zip(places, workshops, strict=True)
        ),
    )  # fmt: skip
    put(
        connection,
        "core.participation",
        *(
            {"workshop_id": place, "actor_group": group, "persons": n}
            for place, (_, _, persons, _) in zip(places, workshops, strict=True)
            for group, n in persons.items()
        ),
    )
    put(
        connection,
        "core.contribution",
        *(
            {"contribution_id": f"{place}/{number}", "workshop_id": place, "guiding_question": question,
             "action_field": field, "actor_group": group, "points": points, "text": "geheim"}
            for place, (_, _, _, said) in zip(places, workshops, strict=True)
            for number, (question, field, group, points) in enumerate(said)
        ),
    )  # fmt: skip
    rebuild(connection, *TABLES)
    check = (SQL_DIR / "checks" / "contribution_counts_add_up.sql").read_text(encoding="utf-8")
    assert connection.execute(check).fetchall() == []


def _participations(connection: Connection, ags: str) -> dict[str, int | None]:
    rows = ask(connection, f"FROM comparison.workshop_participation WHERE ags = '{ags}'")
    return {row["actor_group"]: row["participations"] for row in rows}


def test_participation_is_added_up_and_small_groups_are_merged(database: Connection) -> None:
    """Security had 4 and 4 people, who may be the same four; business joins them."""
    _hold(
        database,
        (A, "2025-05-14", {"administration": 9, "security": 4, "business": 5}, []),
        (A, "2025-06-25", {"administration": 3, "security": 4, "politics": 6, "education": 0}, []),
        (B, "2025-06-03", {}, []),
        (C, "2025-05-20", {"administration": 3, "politics": 1}, []),
    )
    assert _participations(database, A) == {"administration": 12, "politics": 6, "merged": 13}
    assert _participations(database, B) == {"not_stated": None}
    assert _participations(database, C) == {"merged": None}
    found = {row["ags"]: row for row in ask(database, "FROM comparison.workshop_participation")}
    assert {ags: row["withheld_because"] for ags, row in found.items()} == {
        A: None,
        B: "not_delivered",
        C: "confidential",
    }
    assert (found[A]["n_workshops"], found[A]["n_workshops_counted"]) == (2, 2)
    assert (found[B]["n_workshops"], found[B]["n_workshops_counted"]) == (1, 0)


SAID: list[Said] = [
    ("strength", "MS", "administration", 3),
    ("strength", "MS", "security", 2),
    ("need", "MS", "business", None),
    ("need", "MS", None, 4),
    ("cooperation", "FZ", "education", 1),
]


def test_contributions_by_group_follow_what_is_merged(database: Connection) -> None:
    """Education spoke, but nobody said how many they were: it counts as small."""
    present = {"administration": 9, "security": 4, "business": 5, "politics": 6}
    _hold(database, (A, "2025-05-14", present, SAID))
    rows = ask(database, "FROM comparison.actor_group_contribution")
    assert len(rows) == 7 * 4
    counted = {
        (row["action_field"], row["actor_group"]): tuple(
            row[x] for x in ("n_strength", "n_need", "n_cooperation", "points")
        )
        for row in rows
        if row["n_strength"] + row["n_need"] + row["n_cooperation"]
    }
    assert counted == {
        ("MS", "administration"): (1, 0, 0, 3),
        ("MS", "merged"): (1, 1, 0, 2),
        ("MS", "not_stated"): (0, 1, 0, 4),
        ("FZ", "merged"): (0, 0, 1, 1),
    }
    # 4 security, education unknown: 5 of business join; 6 of politics and 9 stay.
    assert _participations(database, A) == {"administration": 9, "politics": 6, "merged": 9}


def test_a_workshop_of_few_tells_nothing_it_said(database: Connection) -> None:
    few = {"administration": 3, "politics": 1}
    big = {"administration": 9}
    _hold(
        database,
        (A, "2025-05-14", few, SAID),
        *((ags, "2025-05-14", big, SAID[:1]) for ags in (B, C, KREIS, TOWN)),
    )
    rows = ask(database, f"FROM comparison.workshop_contribution WHERE ags = '{A}'")
    # All cells stand there: none tells by being there that something was said.
    assert len(rows) == 3 * 7
    assert {row["withheld_because"] for row in rows} == {"confidential"}
    figures = ("n_workshops", "n_contributions", "n_with_points", "points")
    assert {row[x] for row in rows for x in figures} == {None}
    groups = ask(database, f"FROM comparison.actor_group_contribution WHERE ags = '{A}'")
    assert {row["actor_group"] for row in groups} == {"merged"}
    assert {row[x] for row in groups for x in ("n_strength", "n_need", "n_cooperation", "points")} == {None}  # fmt: skip
    # Over all: without A; the town of the Kreis is no municipality beside it, what it said counts.
    (theme,) = ask(database, "FROM comparison.contribution_theme WHERE withheld_because IS NULL")
    assert (theme["guiding_question"], theme["action_field"]) == ("strength", "MS")
    assert [theme[x] for x in ("n_municipalities", "n_contributions", "points")] == [3, 4, 12]


def test_two_municipalities_make_no_theme(database: Connection) -> None:
    _hold(
        database,
        *((ags, "2025-05-14", {"administration": 9}, SAID[:1]) for ags in (B, KREIS, TOWN)),
    )
    rows = ask(database, "FROM comparison.contribution_theme")
    assert {row["withheld_because"] for row in rows} == {"too_few_municipalities"}
    assert max(row["n_municipalities"] for row in rows) == 2
    assert {row[x] for row in rows for x in ("n_contributions", "points")} == {None}


_PERSONS = st.dictionaries(st.sampled_from(GROUPS), st.integers(0, 9))
_SAID = st.lists(
    st.tuples(
        st.sampled_from(["strength", "need", "cooperation"]),
        st.sampled_from(["MS", "FZ"]),
        st.none() | st.sampled_from(GROUPS),
        st.none() | st.integers(0, 9),
    ),
    max_size=12,
)


@trial(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=st.tuples(_PERSONS, _SAID), second=st.tuples(_PERSONS, _SAID))
def test_totals_stay_and_no_shown_group_is_small(
    database: Connection, first: tuple[Persons, list[Said]], second: tuple[Persons, list[Said]]
) -> None:
    _hold(database, (A, "2025-05-14", *first), (A, "2025-06-25", *second))
    present: Counter[str] = Counter()
    together: Counter[str] = Counter()
    for persons, _ in (first, second):
        together.update(persons)
        present |= Counter(persons)
    said = [*first[1], *second[1]]
    groups = ask(database, "FROM comparison.actor_group_contribution")
    participation = ask(database, "FROM comparison.workshop_participation")
    if 1 <= sum(present.values()) <= 4:
        assert {row["withheld_because"] for row in (*groups, *participation)} <= {"confidential"}
        return
    assert sum(row["participations"] or 0 for row in participation) == sum(together.values())
    shown = {row["actor_group"] for row in (*groups, *participation)} - {"merged", "not_stated"}
    assert all(present[group] >= 5 for group in shown)
    people = {group for group in (*present, *(x[2] for x in said)) if group} - shown
    people -= {
        group for group in people if not present[group] and group not in {x[2] for x in said}
    }
    assert not people or sum(present[x] for x in people) >= 5 or not sum(present.values())
    for question in ("strength", "need", "cooperation"):
        counted = sum(row[f"n_{question}"] for row in groups)
        assert counted == sum(x[0] == question for x in said)
    assert sum(row["points"] or 0 for row in groups) == sum(x[3] or 0 for x in said)


def _perspective(connection: Connection, scores: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    # Only the columns that are read: the figures themselves have tests of their own.
    connection.execute("CREATE SCHEMA IF NOT EXISTS comparison")
    connection.execute(
        "CREATE OR REPLACE TABLE comparison.action_field_score (ags VARCHAR, wave VARCHAR, "
        "action_field VARCHAR, is_synthetic BOOLEAN, withheld_because VARCHAR, mean DOUBLE, "
        "n_respondents BIGINT, answered_share DOUBLE)"
    )
    connection.executemany(
        "INSERT INTO comparison.action_field_score VALUES (?, ?, ?, false, ?, ?, 9, 0.9)",
        [(x["ags"], x["wave"], x["field"], x.get("because"), x["mean"]) for x in scores],
    )
    rebuild(connection, "comparison.perspective")
    rows = ask(connection, "FROM comparison.perspective")
    return {f"{row['ags']} {row['action_field']}": row for row in rows}


def _balance(field: str, strengths: int, needs: int) -> list[Said]:
    said: list[Said] = [("strength", field, None, 1)] * strengths
    return said + [("need", field, None, 1)] * needs


def test_two_perspectives_side_by_side(database: Connection) -> None:
    day = "2025-05-14"  # after t0 began, before t1 did
    big = {"administration": 9}
    said = [*_balance("MS", 3, 2), *_balance("IA", 1, 3), *_balance("FZ", 2, 4), ("cooperation", "FZ", None, 7)]  # fmt: skip
    _hold(
        database,
        (A, day, big, said),
        (B, "2025-01-01", big, _balance("MS", 5, 0)),
        (C, day, {"politics": 4}, _balance("MS", 5, 0)),
    )
    found = _perspective(
        database,
        [
            {"ags": A, "wave": "t0", "field": "MS", "mean": 3.0},
            {"ags": A, "wave": "t1", "field": "MS", "mean": 1.0},
            {"ags": A, "wave": "t0", "field": "IA", "mean": 3.0},
            {"ags": A, "wave": "t0", "field": "FZ", "mean": None, "because": "confidential"},
            {"ags": B, "wave": "t0", "field": "MS", "mean": 1.5},
            {"ags": B, "wave": "t1", "field": "MS", "mean": 2.0},
            {"ags": C, "wave": "t0", "field": "MS", "mean": 2.0},
            {"ags": KREIS, "wave": "t0", "field": "MS", "mean": 2.0},
        ],
    )
    assert len(found) == 4 * 7
    first = found[f"{A} MS"]
    assert (first["wave"], first["mean"], first["n_respondents"], first["answered_share"]) == ("t0", 3.0, 9, 0.9)  # fmt: skip
    assert (first["share_strength"], first["reading"]) == (0.6, "both_favourable")
    # Four statements are too few; a mean that is withheld; none at all.
    assert found[f"{A} IA"]["reading"] == "not_comparable"
    assert (found[f"{A} FZ"]["withheld_because"], found[f"{A} FZ"]["reading"]) == ("confidential", "not_comparable")  # fmt: skip
    assert [found[f"{A} FZ"][x] for x in ("n_strength", "n_need", "n_cooperation", "points")] == [2, 4, 1, 13]  # fmt: skip
    assert (found[f"{A} ZB"]["withheld_because"], found[f"{A} ZB"]["share_strength"]) == ("not_delivered", None)  # fmt: skip
    # No wave began before the workshop: the latest.
    assert (found[f"{B} MS"]["wave"], found[f"{B} MS"]["reading"]) == ("t1", "contrast_workshop_better")  # fmt: skip
    assert found[f"{C} MS"]["workshop_withheld_because"] == "confidential"
    assert (found[f"{C} MS"]["n_strength"], found[f"{C} MS"]["reading"]) == (None, "not_comparable")
    assert found[f"{KREIS} MS"]["workshop_withheld_because"] == "not_delivered"


@pytest.mark.parametrize(
    ("mean", "strengths", "needs", "reading"),
    [
        (2.51, 3, 2, "both_favourable"),
        (2.49, 2, 3, "both_critical"),
        (2.51, 2, 3, "contrast_selfcheck_better"),
        (2.49, 3, 2, "contrast_workshop_better"),
        (2.5, 3, 2, "mixed"),
        (2.49, 3, 3, "mixed"),
        (4, 4, 0, "not_comparable"),
        (4, 5, 0, "both_favourable"),
        (None, 9, 0, "not_comparable"),
        (3, None, None, "not_comparable"),
    ],
)
def test_reading_at_the_edges(
    settings: Settings, mean: float | None, strengths: int | None, needs: int | None, reading: str
) -> None:
    with connect(settings) as connection:
        define_macros(connection)
        row = connection.execute(
            "SELECT perspective_reading($mean::DOUBLE, $strengths::BIGINT, $needs::BIGINT)",
            {"mean": mean, "strengths": strengths, "needs": needs},
        ).fetchone()
    assert row == (reading,)
