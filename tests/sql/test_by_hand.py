"""Three municipalities, two fields, few forms: every published figure computed by hand.

The forms (x: answer after polarity; MS02 is unfavourable, so x = 5 - answer):

=====  ==  ==  ======  =============  ===========  ==============
form   MS  FZ  MS01    MS02 (x)       FZ01 Sport   FZ02 Kultur
=====  ==  ==  ======  =============  ===========  ==============
A1     +   +   4       1 (4)          2            3
A2     +   +   3       2 (3)          4            3
A3     +   -   4       4 (1)          not_chosen   not_chosen
A4     +   +   d.k.    2 (3)          not_reached  not_reached
B1     +   -   1       n.a.           not_chosen   not_chosen
B2     +   ?   2       invalid        3            not_delivered
B3     +   -   2       3 (2)          not_chosen   not_chosen
B4     +   +   skipped 4 (1)          dont_know    unknown_reason
C1     +   +   4       1 (4)          4            4
=====  ==  ==  ======  =============  ===========  ==============

At least two respondents and two municipalities are asked for. So C is not compared at all; of B
the single answer to FZ01 is withheld, and with it the sub-theme Sport and the field FZ of B, and of
every group of A and B, since A is shown.
"""

from collections.abc import Iterator, Mapping
from math import log2, sqrt
from typing import Any

import pytest

from tests.statistics_of_answers import close
from weltoffen_etl.catalog import table
from weltoffen_etl.database import (
    Connection,
    build,
    connect,
    create,
    define_macros,
    insert,
    set_variables,
)
from weltoffen_etl.disclosure.state import load_before
from weltoffen_etl.lineage import build_order
from weltoffen_etl.settings import Settings

APART = {
    f"disclosure.{name}"
    for name in ("partner_cell", "respondent_group", "actor_group_shown", "workshop_shown")
}
"""Tables that figures of answers do not come from."""
A, B, C = "03241005", "09762000", "08335043"
ITEMS = ("MS01", "MS02", "FZ01", "FZ02")
# Municipality, form, why it does not count, choice of MS and FZ, answers in the order of ITEMS.
FORMS: list[tuple[str, str, str | None, bool | None, bool | None, tuple[int | str, ...]]] = [
    (A, "A1", None, True, True, (4, 1, 2, 3)),
    (A, "A2", None, True, True, (3, 2, 4, 3)),
    (A, "A3", None, True, False, (4, 4, "not_chosen", "not_chosen")),
    (A, "A4", None, True, True, ("dont_know", 2, "not_reached", "not_reached")),
    (A, "A5", "test_entry", True, True, (1, 4, 1, 1)),
    (B, "B1", None, True, False, (1, "not_applicable", "not_chosen", "not_chosen")),
    (B, "B2", None, True, None, (2, "invalid", 3, "not_delivered")),
    (B, "B3", None, True, False, (2, 3, "not_chosen", "not_chosen")),
    (B, "B4", None, True, True, ("skipped", 4, "dont_know", "unknown_reason")),
    (C, "C1", None, True, True, (4, 1, 4, 4)),
]
WITHHELD = [
    (kind, unit, part_kind, part)
    for kind, unit in (("municipality", B), ("all", "all"), ("type", "Stadt"))
    for part_kind, part in (("item", "FZ01"), ("sub_theme", "Sport"), ("field", "FZ"))
    if (kind, part_kind) != ("type", "item")
]

Figures = Mapping[str, Any]
SHARES = (
    "share_not_chosen",
    "share_not_delivered",
    "share_not_reached",
    "share_skipped",
    "share_dont_know",
    "share_not_applicable",
    "share_invalid",
    "share_unknown_reason",
)
FIGURES = [
    column.name
    for column in table("disclosure.figure").columns
    if column.name not in {*table("disclosure.figure").key, "is_synthetic"}
]


def _cell(counts: str, answers: str, centre: tuple[float | None, ...], **rest: Any) -> Figures:
    """One expected row.

    Args:
        counts: n_responses, n_respondents, n_chosen, n_undecided, n_items.
        answers: n_expected, n_answers, n_1, n_2, n_3, n_4.
        centre: mean, median, sd, consensus, agreement; or nothing of it.
        rest: all other figures that are not empty; shares that are not zero.
    """
    names = ("n_responses", "n_respondents", "n_chosen", "n_undecided", "n_items")
    values = dict(zip(names, map(int, counts.split()), strict=True))
    names = ("n_expected", "n_answers", "n_1", "n_2", "n_3", "n_4")
    values |= dict(zip(names, map(int, answers.split()), strict=True))
    names = ("mean", "median", "sd", "consensus", "agreement")
    middle = dict(zip(names, centre or (None,) * 5, strict=True))
    return dict.fromkeys(FIGURES) | dict.fromkeys(SHARES, 0) | values | middle | rest


CONFIDENTIAL = dict.fromkeys(FIGURES) | {"withheld_because": "confidential"}
TOO_FEW = dict.fromkeys(FIGURES) | {"withheld_because": "too_few_municipalities"}

# 3, 4, 4: mean 11/3, squared deviations 4/9 + 1/9 + 1/9 = 2/3 over 2. Distances from the mean as
# shares of 3: 2/9, 1/9, 1/9. Layers 0011 (2 of 3 answers, A 2/3) and 0001 (1 of 3, A 1):
# 4/9 + 3/9. Pairs: 3-4, 3-4, 4-4.
A_MS01 = _cell(
    "4 3 4 0 1",
    "4 3  0 0 1 2",
    (11 / 3, 4, sqrt(1 / 3), 1 + log2(7 / 9) / 3 + 2 * log2(8 / 9) / 3, 7 / 9),
    answered_share=3 / 4,
    answered_share_of_chosen=3 / 4,
    pairs_equal=1 / 3,
    pairs_within_one=1,
    share_dont_know=1 / 4,
)
# 1, 3, 3, 4: mean 11/4, squares 35 - 121/4 = 19/4 over 3. Distances 7/12, 1/12, 1/12, 5/12. Layers
# 1011 (3 of 4; one triple 011, two 101: U = (2 - 6) / 6, A = -2/3 · 1/3) and 0010 (1 of 4, A 1):
# -1/6 + 1/4. Pairs: 1-3, 1-3, 1-4, 3-3, 3-4, 3-4.
A_MS02 = _cell(
    "4 4 4 0 1",
    "4 4  1 0 2 1",
    (
        11 / 4,
        3,
        sqrt(19 / 12),
        1 + log2(5 / 12) / 4 + log2(11 / 12) / 2 + log2(7 / 12) / 4,
        1 / 12,
    ),
    answered_share=1,
    answered_share_of_chosen=1,
    pairs_equal=1 / 6,
    pairs_within_one=3 / 6,
)
# 2, 4: squared deviations 1 + 1 over 1. Distances 1/3. Layer 0101: one triple 011, one 101,
# U = (2 - 3) / 4, A = -1/4 · 2/3. Of four forms one did not choose the field.
A_FZ01 = _cell(
    "4 2 3 0 1",
    "4 2  0 1 0 1",
    (3, 3, sqrt(2), 1 + log2(2 / 3), -1 / 6),
    answered_share=1 / 2,
    answered_share_of_chosen=2 / 3,
    pairs_equal=0,
    pairs_within_one=0,
    share_not_chosen=1 / 4,
    share_not_reached=1 / 4,
)
# 3, 3.
A_FZ02 = _cell(
    "4 2 3 0 1",
    "4 2  0 0 2 0",
    (3, 3, 0, 1, 1),
    answered_share=1 / 2,
    answered_share_of_chosen=2 / 3,
    pairs_equal=1,
    pairs_within_one=1,
    share_not_chosen=1 / 4,
    share_not_reached=1 / 4,
)
# 1, 2, 2: mean 5/3, as for A but from the other end.
B_MS01 = _cell(
    "4 3 4 0 1",
    "4 3  1 2 0 0",
    (5 / 3, 2, sqrt(1 / 3), 1 + log2(7 / 9) / 3 + 2 * log2(8 / 9) / 3, 7 / 9),
    answered_share=3 / 4,
    answered_share_of_chosen=3 / 4,
    pairs_equal=1 / 3,
    pairs_within_one=1,
    share_skipped=1 / 4,
)
# 1, 2: squared deviations 1/4 + 1/4 over 1. Distances 1/6. Layer 1100, A 2/3.
B_MS02 = _cell(
    "4 2 4 0 1",
    "4 2  1 1 0 0",
    (3 / 2, 3 / 2, sqrt(1 / 2), 1 + log2(5 / 6), 2 / 3),
    answered_share=1 / 2,
    answered_share_of_chosen=1 / 2,
    pairs_equal=0,
    pairs_within_one=1,
    share_not_applicable=1 / 4,
    share_invalid=1 / 4,
)
# No answer; two of four forms did not choose the field.
B_FZ02 = _cell(
    "4 0 1 1 1",
    "4 0  0 0 0 0",
    (),
    answered_share=0,
    answered_share_of_chosen=0,
    share_not_chosen=2 / 4,
    share_not_delivered=1 / 4,
    share_unknown_reason=1 / 4,
)
# 1, 3, 3, 3, 4, 4, 4: mean 22/7, squares 76 - 484/7 = 48/7 over 6. Distances 5/7, 1/21, 2/7. Layers
# 1011 (3 of 7, A -2/9) and 0011 (4 of 7, A 2/3): -6/63 + 8/21.
A_MS = _cell(
    "4 4 4 0 2",
    "8 7  1 0 3 3",
    (
        22 / 7,
        3,
        sqrt(8 / 7),
        1 + log2(2 / 7) / 7 + 3 * log2(20 / 21) / 7 + 3 * log2(5 / 7) / 7,
        2 / 7,
    ),
    answered_share=7 / 8,
    answered_share_of_chosen=7 / 8,
    share_dont_know=1 / 8,
)
# 2, 3, 3, 4: squared deviations 1 + 1 over 3. Distances 1/3, 0, 0, 1/3. Layers 0111 (3 of 4; three
# triples 011, U 1, A 1/3) and 0010 (1 of 4, A 1).
A_FZ = _cell(
    "4 2 3 0 2",
    "8 4  0 1 2 1",
    (3, 3, sqrt(2 / 3), 1 + log2(2 / 3) / 2, 1 / 2),
    answered_share=4 / 8,
    answered_share_of_chosen=4 / 6,
    share_not_chosen=2 / 8,
    share_not_reached=2 / 8,
)
# 1, 1, 2, 2, 2: mean 8/5, squares 14 - 64/5 = 6/5 over 4. Distances 1/5, 2/15. Layers 1100 (4 of 5,
# A 2/3) and 0100 (1 of 5, A 1).
B_MS = _cell(
    "4 4 4 0 2",
    "8 5  2 3 0 0",
    (8 / 5, 2, sqrt(3 / 10), 1 + 2 * log2(4 / 5) / 5 + 3 * log2(13 / 15) / 5, 11 / 15),
    answered_share=5 / 8,
    answered_share_of_chosen=5 / 8,
    share_skipped=1 / 8,
    share_not_applicable=1 / 8,
    share_invalid=1 / 8,
)
# Three of each: mean 5/2, squares 90 - 75 = 15 over 11. Distances 1/2 (half of them), 1/6. One layer
# 1111.
BOTH_MS = _cell(
    "8 8 8 0 2",
    "16 12  3 3 3 3",
    (5 / 2, 5 / 2, sqrt(15 / 11), 1 - 1 / 2 + log2(5 / 6) / 2, 0),
    n_municipalities=2,
    answered_share=12 / 16,
    answered_share_of_chosen=12 / 16,
    share_skipped=1 / 16,
    share_dont_know=1 / 16,
    share_not_applicable=1 / 16,
    share_invalid=1 / 16,
)
# 1, 2, 2, 3, 4, 4: mean 8/3, squares 50 - 128/3 = 22/3 over 5. Distances 5/9, 2/9, 1/9, 4/9. Layers
# 1111 (4 of 6, A 0) and 0101 (2 of 6, A -1/6).
BOTH_MS01 = _cell(
    "8 6 8 0 1",
    "8 6  1 2 1 2",
    (
        8 / 3,
        5 / 2,
        sqrt(22 / 15),
        1 + log2(4 / 9) / 6 + log2(7 / 9) / 3 + log2(8 / 9) / 6 + log2(5 / 9) / 3,
        -1 / 18,
    ),
    n_municipalities=2,
    answered_share=6 / 8,
    answered_share_of_chosen=6 / 8,
    share_skipped=1 / 8,
    share_dont_know=1 / 8,
)
# 1, 1, 2, 3, 3, 4: the same from the other end, mean 7/3.
BOTH_MS02 = _cell(
    "8 6 8 0 1",
    "8 6  2 1 2 1",
    (
        7 / 3,
        5 / 2,
        sqrt(22 / 15),
        1 + log2(4 / 9) / 6 + log2(7 / 9) / 3 + log2(8 / 9) / 6 + log2(5 / 9) / 3,
        -1 / 18,
    ),
    n_municipalities=2,
    answered_share=6 / 8,
    answered_share_of_chosen=6 / 8,
    share_not_applicable=1 / 8,
    share_invalid=1 / 8,
)
# A group in which one municipality has answers.
ONE = TOO_FEW | {"n_municipalities": 1}

EXPECTED: dict[str, dict[tuple[Any, ...], Figures]] = {
    "item_result": {
        (A, "t0", "MS01", "MS", None, 1, True): A_MS01,
        (A, "t0", "MS02", "MS", None, -1, True): A_MS02,
        (A, "t0", "FZ01", "FZ", "Sport", 1, True): A_FZ01,
        (A, "t0", "FZ02", "FZ", "Kultur", 1, True): A_FZ02,
        (B, "t0", "MS01", "MS", None, 1, False): B_MS01,
        (B, "t0", "MS02", "MS", None, -1, False): B_MS02,
        (B, "t0", "FZ01", "FZ", "Sport", 1, False): CONFIDENTIAL,
        (B, "t0", "FZ02", "FZ", "Kultur", 1, False): B_FZ02,
    },
    "item_overview": {
        ("t0", "MS01", "MS", None, 1, True): BOTH_MS01,
        ("t0", "MS02", "MS", None, -1, True): BOTH_MS02,
        ("t0", "FZ01", "FZ", "Sport", 1, True): CONFIDENTIAL | {"n_municipalities": 2},
        ("t0", "FZ02", "FZ", "Kultur", 1, True): ONE,
    },
    "sub_theme_score": {
        (A, "t0", "FZ", "Sport", True): A_FZ01,
        (A, "t0", "FZ", "Kultur", True): A_FZ02,
        (B, "t0", "FZ", "Sport", False): CONFIDENTIAL,
        (B, "t0", "FZ", "Kultur", False): B_FZ02 | {"withheld_because": "low_answered_share"},
    },
    "action_field_score": {
        (A, "t0", "MS", True): A_MS,
        (A, "t0", "FZ", True): A_FZ,
        (B, "t0", "MS", False): B_MS,
        (B, "t0", "FZ", False): CONFIDENTIAL,
        (C, "t0", "MS", None): CONFIDENTIAL,
        (C, "t0", "FZ", None): CONFIDENTIAL,
    },
    # Only the forms of A are made up, and the class 31 is B alone.
    "peer_group_score": {
        ("t0", field, kind, part, peer_kind, group, label, group != "31"): figures
        for peer_kind, group, label, of_part in (
            (
                "all",
                "all",
                "alle Kommunen",
                {
                    "MS": BOTH_MS,
                    "FZ": CONFIDENTIAL | {"n_municipalities": 2},
                    "Sport": CONFIDENTIAL | {"n_municipalities": 2},
                    "Kultur": ONE,
                },
            ),
            (
                "type",
                "Stadt",
                "Stadt",
                {
                    "MS": BOTH_MS,
                    "FZ": CONFIDENTIAL | {"n_municipalities": 2},
                    "Sport": CONFIDENTIAL | {"n_municipalities": 2},
                    "Kultur": ONE,
                },
            ),
            # Three of four forms of A chose FZ, one of four of B.
            (
                "chosen",
                "chosen",
                "Kommunen, die das Feld gewählt haben",
                {
                    "MS": BOTH_MS,
                    "FZ": ONE,
                    "Sport": ONE,
                    "Kultur": ONE,
                },
            ),
            *(
                (
                    "size_class",
                    group,
                    label,
                    {"MS": ONE, "FZ": ONE, "Sport": ONE}
                    # Of B nobody answered on culture.
                    | {"Kultur": TOO_FEW | {"n_municipalities": answering}},
                )
                for group, label, answering in (
                    ("22", "kleinere Mittelstadt", 1),
                    ("31", "größere Kleinstadt", 0),
                )
            ),
        )
        for part, figures in of_part.items()
        for kind, field in [("field", part) if part in ("MS", "FZ") else ("sub_theme", "FZ")]
    },
}


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    settings = Settings(data_dir=tmp_path_factory.mktemp("by_hand"))
    with connect(settings) as connection:
        define_macros(connection)
        set_variables(connection, min_respondents=2, min_municipalities=2, min_answered_share=0.5)
        _reference(connection)
        _forms(connection)
        build(connection, "core.item_bit")
        load_before(connection, settings)
        for name in (
            "core.answer_count",
            "core.response_field",
            "core.respondent_department",
            *build_order("shown"),
            *(name for name in build_order("disclosure") if name not in APART),
            *(f"comparison.{name}" for name in EXPECTED),
        ):
            if name == "disclosure.suppression":
                _withhold(connection)
            build(connection, name)
        yield connection


def _reference(connection: Connection) -> None:
    for name in ("item", "wave", "action_field", "department"):
        create(connection, table(f"reference.{name}"))
    connection.execute("INSERT INTO reference.wave BY NAME SELECT 't0' AS wave, 1 AS position")
    insert(connection, "reference.action_field", [("MS", 1, "x"), ("FZ", 2, "y")])
    insert(
        connection,
        "reference.item",
        [
            ("MS01", "MS", None, 1, 1, "x"),
            ("MS02", "MS", None, 2, -1, "x"),
            ("FZ01", "FZ", "Sport", 1, 1, "x"),
            ("FZ02", "FZ", "Kultur", 2, 1, "x"),
        ],
    )
    create(connection, table("reference.peer_group"))
    classes = {A: ("22", "kleinere Mittelstadt"), B: ("31", "größere Kleinstadt"), C: ("21", "x")}
    for ags, (group, label) in classes.items():
        insert(
            connection,
            "reference.peer_group",
            [
                ("all", "all", "alle Kommunen", ags, True),
                ("type", "Stadt", "Stadt", ags, True),
                ("size_class", group, label, ags, True),
            ],
        )


def _forms(connection: Connection) -> None:
    for name in ("response", "field_choice", "answer", "comment"):
        create(connection, table(f"core.{name}"))
    for ags, form, excluded_because, chose_ms, chose_fz, answers in FORMS:
        connection.execute(
            "INSERT INTO core.response BY NAME SELECT $form AS response_id, $ags AS ags, "
            "'t0' AS wave, 'i' AS instrument_id, $ags = $synthetic AS is_synthetic, "
            "$excluded AS excluded_because",
            {"form": form, "ags": ags, "synthetic": A, "excluded": excluded_because},
        )
        insert(
            connection,
            "core.field_choice",
            [(form, "MS", chose_ms, None), (form, "FZ", chose_fz, None)],
        )
        insert(
            connection,
            "core.answer",
            [
                (form, item, answer, None)
                if isinstance(answer, int)
                else (form, item, None, answer)
                for item, answer in zip(ITEMS, answers, strict=True)
            ],
        )


def _withhold(connection: Connection) -> None:
    connection.execute(
        "CREATE TEMP TABLE loaded_suppression (wave VARCHAR, action_field VARCHAR, "
        "unit_kind VARCHAR, unit VARCHAR, part_kind VARCHAR, part VARCHAR, is_primary BOOLEAN)"
    )
    insert(
        connection, "loaded_suppression", [("t0", "FZ", *cell, cell[1] == B) for cell in WITHHELD]
    )


@pytest.mark.parametrize("name", EXPECTED)
def test_every_published_value(database: Connection, name: str) -> None:
    described = table(f"comparison.{name}")
    columns = [column.name for column in described.columns]
    shown = [x for x in columns if x in FIGURES]
    own = [x for x in columns if x not in FIGURES]
    rows = database.execute(
        f"SELECT {', '.join(own + shown)} FROM {described.full_name}"
    ).fetchall()
    found = {row[: len(own)]: dict(zip(shown, row[len(own) :], strict=True)) for row in rows}
    assert len(found) == len(rows)
    assert found.keys() == EXPECTED[name].keys()
    different = {
        (*key, column): (found[key][column], figures[column])
        for key, figures in EXPECTED[name].items()
        for column in shown
        if not close(found[key][column], figures[column])
    }
    assert different == {}


def test_all_reasons_and_figures_are_seen() -> None:
    """The example says something on every column: none is empty or the same in all rows."""
    rows = [figures for rows in EXPECTED.values() for figures in rows.values()]
    for column in FIGURES:
        assert len({row[column] for row in rows}) > 2, column
