"""Municipalities beside their peers, against figures computed from the answers themselves."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest

from tests.sql.database import ask, put
from tests.sql.forms import comparing
from weltoffen_etl.catalog import table
from weltoffen_etl.database import Connection, build, create, insert
from weltoffen_etl.settings import Settings

AGS = [f"0{number}000000" for number in range(1, 9)]
ANSWERS = {
    AGS[0]: [4, 4, 3, 4, 4, 3],
    AGS[1]: [1, 2, 3, 4, 2],
    AGS[2]: [2, 2, 2, 3, 3, 2, 2],
    AGS[3]: [3, 3, 3, 3, 3],
    AGS[4]: [1, 1, 2, 2, 4, 4],
    AGS[5]: [2, 3, 2, 3, 2],
    AGS[6]: [1, 4, 2, 4, 3, 3, 3, 1],
    AGS[7]: [2, 2, 1, 2, 3],
}


def prepared(
    connection: Connection,
    answers: Mapping[str, Sequence[int]],
    *,
    withheld: Mapping[str, str] | None = None,
    members_of_a_kreis: Sequence[str] = (),
) -> dict[str, dict[str, Any]]:
    """Builds the benchmark of one field, each municipality in the groups `all` and `chosen`."""
    withheld = withheld or {}
    create(connection, table("reference.peer_group"))
    insert(
        connection,
        "reference.peer_group",
        [("all", "all", "alle", ags, ags not in members_of_a_kreis) for ags in answers],
    )
    figures = []
    for ags, x in answers.items():
        reason = withheld.get(ags)
        counts = {"n_answers": len(x), "n_respondents": len(x)} if reason != "confidential" else {}
        figures.append(
            {
                "wave": "t0",
                "action_field": "MS",
                "unit_kind": "municipality",
                "unit": ags,
                "part_kind": "field",
                "part": "MS",
                "withheld_because": reason,
                **counts,
                "mean": float(np.mean(x)) if x and reason is None else None,
                "sd": float(np.std(x, ddof=1)) if len(x) > 1 and reason is None else None,
            }
        )
    put(connection, "disclosure.figure", *figures)
    create(connection, table("disclosure.member"))
    insert(
        connection,
        "disclosure.member",
        [
            ("t0", "MS", kind, kind, ags)
            for kind in ("all", "chosen")
            for ags in answers
            if ags not in members_of_a_kreis
        ],
    )
    keys = ("wave", "action_field", "part_kind", "part", "peer_kind", "peer_group")
    pooled = dict(zip(keys, ("t0", "MS", "field", "MS", "all", "all"), strict=True))
    put(connection, "comparison.peer_group_score", {**pooled, "mean": 2.5})
    build(connection, "comparison.benchmark")
    found = ask(connection, "FROM comparison.benchmark WHERE peer_kind = 'all' ORDER BY ags")
    return {row["ags"]: row for row in found}


def test_figures_of_a_municipality_follow_from_the_answers(settings: Settings) -> None:
    with comparing(settings) as connection:
        found = prepared(connection, ANSWERS)
    for ags, own in ANSWERS.items():
        others = [np.array(x) for other, x in ANSWERS.items() if other != ags]
        means = np.array([x.mean() for x in others])
        groups = [np.array(own), *others]
        residuals = np.concatenate([x - x.mean() for x in groups])
        df = len(residuals) - len(groups)
        s = math.sqrt((residuals**2).sum() / df)
        difference = np.mean(own) - means.mean()
        row = found[ags]
        assert (row["n_peers"], row["withheld_because"], row["n_respondents"]) == (
            7,
            None,
            len(own),
        )
        assert [
            row[name]
            for name in ("mean", "peer_mean", "difference", "peer_sd", "effect_size", "pooled_mean")
        ] == pytest.approx(
            [
                np.mean(own),
                means.mean(),
                difference,
                means.std(ddof=1),
                difference / s * (1 - 3 / (4 * df - 1)),
                2.5,
            ],
            abs=1e-9,
        )
        outside = "above" if difference > 0 else "below"
        assert row["band"] == (outside if abs(difference) > means.std(ddof=1) else "within")
    assert {row["band"] for row in found.values()} == {"below", "within", "above"}


def test_effect_size_by_hand(settings: Settings) -> None:
    """Means 4, 2, 2, 2; squares within: 0 and thrice 2; df 1 + 3·2 = 7: s² = 6/7."""
    answers = {AGS[0]: [4, 4], **{ags: [1, 2, 3] for ags in AGS[1:4]}}
    with comparing(settings) as connection:
        row = prepared(connection, answers)[AGS[0]]
    assert row["difference"] == pytest.approx(2, abs=1e-12)
    assert row["effect_size"] == pytest.approx(2 / math.sqrt(6 / 7) * (1 - 3 / 27), abs=1e-9)


@pytest.mark.parametrize(
    ("n_peers", "has_mean", "has_band"),
    [(2, False, False), (3, True, False), (5, True, False), (6, True, True)],
)
def test_few_peers_show_less(
    settings: Settings, n_peers: int, has_mean: bool, has_band: bool
) -> None:
    with comparing(settings) as connection:
        row = prepared(connection, {ags: ANSWERS[ags] for ags in AGS[: n_peers + 1]})[AGS[0]]
    assert row["n_peers"] == n_peers
    assert row["withheld_because"] == (None if has_mean else "too_few_municipalities")
    for name in ("peer_mean", "difference", "effect_size"):
        assert (row[name] is not None) is has_mean
    for name in ("peer_sd", "band"):
        assert (row[name] is not None) is has_band
    assert row["mean"] is not None


@pytest.mark.parametrize("reason", ["confidential", "low_answered_share"])
def test_withheld_municipality_is_no_peer_and_shows_nothing(
    settings: Settings, reason: str
) -> None:
    with comparing(settings) as connection:
        found = prepared(connection, ANSWERS, withheld={AGS[2]: reason})
    with comparing(settings) as connection:
        without = prepared(connection, {a: x for a, x in ANSWERS.items() if a != AGS[2]})
    own = found.pop(AGS[2])
    assert own["withheld_because"] == reason
    assert [own[name] for name in ("mean", "difference", "band", "effect_size")] == [None] * 4
    assert (own["n_respondents"] is None) is (reason == "confidential")
    assert own["n_peers"] == 7
    assert found == without


def test_member_of_a_kreis_is_compared_and_nobodys_peer(settings: Settings) -> None:
    with comparing(settings) as connection:
        found = prepared(connection, ANSWERS, members_of_a_kreis=[AGS[0]])
    with comparing(settings) as connection:
        without = prepared(connection, {a: x for a, x in ANSWERS.items() if a != AGS[0]})
    own = found.pop(AGS[0])
    assert (own["n_peers"], own["mean"] is None) == (7, False)
    assert own["peer_mean"] == pytest.approx(np.mean([np.mean(ANSWERS[ags]) for ags in AGS[1:]]))
    assert found == without


def test_everybody_stands_beside_those_who_chose_the_field(settings: Settings) -> None:
    with comparing(settings) as connection:
        prepared(connection, ANSWERS, members_of_a_kreis=[AGS[0]])
        found = ask(connection, "FROM comparison.benchmark WHERE peer_kind = 'chosen' ORDER BY ags")
    assert [(row["ags"], row["n_peers"]) for row in found] == [
        (ags, 7 if ags == AGS[0] else 6) for ags in AGS
    ]


def test_table_holds_no_rank_and_no_single_values() -> None:
    names = {column.name for column in table("comparison.benchmark").columns}
    assert not {name for name in names if any(x in name for x in ("rank", "min", "max", "quart"))}


def _peers(settings: Settings, *, anonymous: bool, municipalities: Sequence[str]) -> list[Any]:
    with comparing(settings, anonymous_peers=anonymous) as connection:
        create(connection, table("reference.peer_group"))
        insert(
            connection,
            "reference.peer_group",
            [(kind, "x", "x", ags, True) for kind in ("all", "type") for ags in municipalities]
            + [("all", "x", "x", "99999999", False)],
        )
        build(connection, "comparison.benchmark_peer")
        order = "SELECT peer_kind, peer_number, ags FROM comparison.benchmark_peer ORDER BY ALL"
        return connection.execute(order).fetchall()


def test_peers_are_named_in_the_order_of_their_keys(settings: Settings) -> None:
    found = _peers(settings, anonymous=False, municipalities=AGS[::-1])
    assert found == [(k, n, a) for k in ("all", "type") for n, a in enumerate(AGS, start=1)]


def test_anonymous_numbers_name_nobody(settings: Settings) -> None:
    found = _peers(settings, anonymous=True, municipalities=AGS)
    assert found == [(k, n, None) for k in ("all", "type") for n in range(1, 9)]


def test_anonymous_numbers_hide_the_order_of_the_keys(settings: Settings) -> None:
    """The statement without its last column, so that the test sees whom a number means."""
    from weltoffen_etl.database import statement

    told = "CASE WHEN NOT getvariable('anonymous_peers') THEN ags END AS ags"
    text = statement("comparison", "benchmark_peer")
    assert told in text
    with comparing(settings, anonymous_peers=True) as connection:
        create(connection, table("reference.peer_group"))
        insert(
            connection,
            "reference.peer_group",
            [(kind, "x", "x", ags, True) for kind in ("all", "type") for ags in AGS],
        )
        found = connection.execute(
            f"SELECT peer_kind, list(ags ORDER BY peer_number) FROM ({text.replace(told, 'ags')}) "
            "GROUP BY peer_kind ORDER BY peer_kind"
        ).fetchall()
    by_kind = dict(found)
    assert sorted(by_kind["all"]) == sorted(by_kind["type"]) == AGS
    assert by_kind["all"] not in (AGS, AGS[::-1])
    assert by_kind["all"] != by_kind["type"]
    assert abs(np.corrcoef([AGS.index(ags) for ags in by_kind["all"]], range(8))[0, 1]) < 0.8


def test_setting_is_among_the_inputs_of_a_release(settings: Settings) -> None:
    from weltoffen_etl.warehouse.inputs import inputs_version

    anonymous = settings.model_copy(update={"anonymous_peers": True})
    absent = settings.warehouse_file
    assert inputs_version(settings, absent) != inputs_version(anonymous, absent)
