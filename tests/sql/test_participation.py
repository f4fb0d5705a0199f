"""Who answered and who chose what, against small cases counted by hand and a second implementation."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as trial
from hypothesis import strategies as st

from tests.merging import merged
from tests.sql.database import ask, put, rebuild, reference_database
from weltoffen_etl.catalog import table
from weltoffen_etl.database import Connection, connect, define_macros, set_variables
from weltoffen_etl.settings import Settings

KREIS, TOWN = "09174", "09174115"
CHOICES: dict[str, dict[str, tuple[int, int, int] | None]] = {
    # Responses, chosen, undecided in fields MS and FZ; None: withheld.
    "03241005": {"MS": (10, 5, 0), "FZ": (10, 4, 0)},
    "08335043": {"MS": (12, 6, 2), "FZ": (12, 12, 0)},
    "09762000": {"MS": (8, 8, 0), "FZ": None},
    "12054000": {"MS": (6, 0, 6), "FZ": (6, 6, 0)},
    KREIS: {"MS": (7, 0, 0), "FZ": (7, 7, 0)},
    TOWN: {"MS": (9, 9, 0), "FZ": (9, 9, 0)},
}


@pytest.fixture
def database(settings: Settings) -> Iterator[Connection]:
    with reference_database(settings) as connection:
        for name in ("core.workshop", "core.measure", "core.response"):
            put(connection, name)
        yield connection


def _choose(connection: Connection, choices: Mapping[str, Mapping[str, Any]]) -> None:
    """Puts forms, blocks and cells of wave t0, and builds coverage from them."""
    put(
        connection,
        "core.response",
        *({"response_id": ags, "ags": ags, "wave": "t0", "is_synthetic": True} for ags in choices),
        {"response_id": "few", "ags": "14524330", "wave": "t0", "is_synthetic": True},
        {"response_id": "test", "ags": "13003000", "wave": "t0", "is_synthetic": True,
         "excluded_because": "test_case"},
    )  # fmt: skip
    put(
        connection,
        "shown.block",
        *({"ags": ags, "wave": "t0", "is_compared": True} for ags in choices),
        {"ags": "14524330", "wave": "t0", "is_compared": False},
    )
    put(
        connection,
        "disclosure.open_cell",
        *(
            {
                "wave": "t0", "action_field": field, "unit_kind": "municipality", "unit": ags,
                "part_kind": "field", "part": field, "is_withheld": counts is None,
                **dict(zip(("n_responses", "n_chosen", "n_undecided"), counts or (), strict=False)),
            }
            for ags, fields in choices.items()
            for field, counts in fields.items()
        ),
    )  # fmt: skip
    rebuild(connection, "comparison.process", "comparison.coverage")


def test_choice_by_hand(database: Connection) -> None:
    _choose(database, CHOICES)
    rows = ask(database, "FROM comparison.coverage WHERE wave = 't0'")
    found = {(row["ags"], row["action_field"]): row for row in rows}
    assert len(rows) == 15 * 7
    half = found["03241005", "MS"]
    assert (half["share_chosen"], half["has_chosen"], half["withheld_because"]) == (0.5, True, None)
    assert found["03241005", "FZ"]["has_chosen"] is False
    # Six of the ten forms that decided.
    assert found["08335043", "MS"]["share_chosen"] == pytest.approx(0.6, abs=1e-12)
    withheld = found["09762000", "FZ"]
    assert (withheld["withheld_because"], withheld["has_delivered"]) == ("confidential", True)
    assert {withheld[x] for x in ("n_responses", "n_chosen", "n_undecided", "share_chosen", "has_chosen")} == {None}  # fmt: skip
    undecided = found["12054000", "MS"]
    assert (undecided["n_undecided"], undecided["share_chosen"], undecided["has_chosen"]) == (6, None, None)  # fmt: skip
    # A questionnaire without the field; a block of too few; test entries only.
    assert (found["03241005", "KK"]["has_delivered"], found["03241005", "KK"]["withheld_because"]) == (True, "not_delivered")  # fmt: skip
    assert (found["14524330", "MS"]["has_delivered"], found["14524330", "MS"]["withheld_because"]) == (True, "confidential")  # fmt: skip
    assert (found["13003000", "MS"]["has_delivered"], found["13003000", "MS"]["withheld_because"]) == (False, "not_delivered")  # fmt: skip
    assert all(
        row["process_step"] == ("selfcheck" if row["has_delivered"] else "none") for row in rows
    )


def test_fields_over_municipalities_leave_out_the_members_of_a_kreis(database: Connection) -> None:
    _choose(database, CHOICES)
    rebuild(database, "comparison.field_choice", "comparison.field_pair")
    found = {row["action_field"]: row for row in ask(database, "FROM comparison.field_choice")}
    # MS: Garbsen, Konstanz, Kaufbeuren chose it, the Kreis did not, Potsdam says nothing.
    assert (found["MS"]["n_municipalities"], found["MS"]["n_chosen"], found["MS"]["share_chosen"]) == (4, 3, 0.75)  # fmt: skip
    # FZ: Konstanz, Potsdam, the Kreis; Garbsen did not; Kaufbeuren is withheld.
    assert (found["FZ"]["n_municipalities"], found["FZ"]["n_chosen"]) == (4, 3)
    assert set(found) == {"MS", "FZ"}
    (pair,) = ask(database, "FROM comparison.field_pair")
    assert (pair["action_field_a"], pair["action_field_b"]) == ("MS", "FZ")
    # Both are known of Garbsen (MS only), Konstanz (both) and the Kreis (FZ only).
    assert [pair[x] for x in ("n_municipalities", "n_a", "n_b", "n_both", "n_either")] == [3, 2, 2, 1, 3]  # fmt: skip
    assert pair["expected_both"] == pytest.approx(4 / 3, abs=1e-12)
    assert pair["withheld_because"] is None


def test_two_municipalities_are_too_few(database: Connection) -> None:
    two = {ags: CHOICES[ags] for ags in ("03241005", "08335043", TOWN)}
    _choose(database, two)
    rebuild(database, "comparison.field_choice", "comparison.field_pair")
    for row in ask(database, "FROM comparison.field_choice"):
        assert (row["n_municipalities"], row["withheld_because"]) == (2, "too_few_municipalities")
        assert row["n_chosen"] is row["share_chosen"] is None
    (pair,) = ask(database, "FROM comparison.field_pair")
    assert pair["withheld_because"] == "too_few_municipalities"
    assert {pair[x] for x in ("n_a", "n_b", "n_both", "n_either", "expected_both")} == {None}


Form = tuple[str, str | None, str | None]


def _forms(*blocks: tuple[str, Mapping[Any, int]]) -> list[Form]:
    """Forms by municipality and role; departments do not matter here."""
    return [(ags, role, "social") for ags, roles in blocks for role, n in roles.items() for _ in range(n)]  # fmt: skip


def _put_forms(connection: Connection, name: str, forms: list[Form]) -> None:
    put(
        connection,
        name,
        *(
            {"response_id": str(number), "ags": ags, "wave": "t0", "is_synthetic": False,
             "respondent_role": role, "department_group": department}
            for number, (ags, role, department) in enumerate(forms)
        ),
    )  # fmt: skip


def _roles(connection: Connection, forms: list[Form], before: list[Form]) -> dict[str, int | None]:
    """Builds the roles of a wave, given what was told of it before."""
    _put_forms(connection, "shown.response", forms)
    _put_forms(connection, "shown.respondent", before)
    connection.execute("CREATE OR REPLACE TEMP TABLE before_respondent AS FROM shown.respondent")
    rebuild(
        connection,
        "shown.respondent",
        "disclosure.respondent_group",
        "comparison.respondent_role",
        "comparison.respondent_department",
    )
    rows = ask(connection, "FROM comparison.respondent_role")
    shown = [row for row in rows if row["withheld_because"] is None]
    assert all(row["n_responses"] == sum(x["n"] for x in shown) for row in shown)
    return {row["respondent_role"]: row["n"] for row in rows}


FIRST = (
    ("03241005", {"head": 2, "case_worker": 7, None: 1}),
    ("08335043", {"head": 2, "case_worker": 3, "department_head": 6}),
    ("09762000", {"head": 1, "integration_officer": 1, "advisory_member": 3}),
)


def test_small_roles_are_merged_and_nothing_is_lost(database: Connection) -> None:
    """10 case workers, 6 heads of departments, 5 heads; of the others 3, 1 and 1 make five."""
    assert _roles(database, _forms(*FIRST), []) == {
        "case_worker": 10,
        "department_head": 6,
        "head": 5,
        "merged": 5,
    }
    (whole,) = ask(database, "FROM comparison.respondent_department")
    assert (whole["department_group"], whole["n"], whole["share"]) == ("social", 26, 1.0)


def test_the_next_smallest_role_joins_what_is_still_too_small(database: Connection) -> None:
    blocks = (*FIRST[:2], ("09762000", {"head": 1, "advisory_member": 3}))
    # 3 and 1 make four, so the 5 heads join.
    assert _roles(database, _forms(*blocks), []) == {
        "case_worker": 10,
        "department_head": 6,
        "merged": 9,
    }


def test_roles_of_too_few_municipalities_are_withheld(database: Connection) -> None:
    # A member of the Kreis is no third municipality beside it.
    blocks = (FIRST[0], (KREIS, {"head": 6}), (TOWN, {"head": 6}))
    assert _roles(database, _forms(*blocks), []) == {"merged": None}
    (row,) = ask(database, "FROM comparison.respondent_role")
    assert (row["withheld_because"], row["n_municipalities"], row["n_responses"]) == (
        "too_few_municipalities",
        2,
        None,
    )


def test_one_new_municipality_does_not_tell_its_roles(database: Connection) -> None:
    new = ("12054000", {"council_member": 5})
    before = _forms(*FIRST)
    told = _roles(database, before, [])
    assert _roles(database, _forms(*FIRST, new), before) == told
    # Three at once are enough, and so is a first time after too few.
    three = _forms(*FIRST, new, ("14524330", {"head": 5}), ("13003000", {"head": 5}))
    assert _roles(database, three, before)["council_member"] == 5
    assert _roles(database, before, _forms(*FIRST[:2])) == told


@pytest.mark.parametrize(
    ("text", "group"),
    [
        ("Amt 50", "social"),
        ("amt  500", "other"),
        ("Bürger*innenservice", "public_order"),
        ("BÜRGERSERVICE", "public_order"),
        ("Ausländerbehörde", "public_order"),
        ("Amt für Soziales und Integration", "integration"),
        ("Referat Interkulturelles", "integration"),
        ("Kulturamt", "culture_sport"),
        ("Landratsamt", "other"),
        ("Büro der Oberbürgermeisterin", "leadership"),
        ("Ausschuss für Soziales", "council"),
        ("Stadtplanungsamt (61)", "urban_development"),
        ("Erika Mustermann", "other"),
        ("  ", "not_stated"),
        (None, "not_stated"),
    ],
)
def test_a_department_is_told_by_its_group_only(
    database: Connection, text: str | None, group: str
) -> None:
    put(database, "core.response", {"response_id": "1"})
    comments = [{"response_id": "1", "topic": "department", "text": text}] if text else []
    put(database, "core.comment", {"response_id": "1", "topic": "general", "text": "Sozialamt"}, *comments)  # fmt: skip
    rebuild(database, "core.respondent_department")
    assert ask(database, "FROM core.respondent_department") == [
        {"response_id": "1", "department_group": group}
    ]
    assert "text" not in {x.name for x in table("core.respondent_department").columns}


def test_patterns_are_written_as_texts_are_compared(database: Connection) -> None:
    for name in ("reference.department", "reference.responsible_kind"):
        assert ask(database, f"FROM {name} WHERE text_key(pattern) <> pattern") == []
        (used,) = ask(database, f"SELECT count(*) AS n, count(DISTINCT pattern) AS d FROM {name}")
        assert used["n"] == used["d"]


@pytest.fixture(scope="module")
def empty() -> Iterator[Connection]:
    with connect(Settings()) as connection:
        define_macros(connection)
        set_variables(connection, min_respondents=5)
        connection.execute("CREATE TABLE sizes (total VARCHAR, name VARCHAR, n BIGINT)")
        yield connection


@trial(max_examples=150, deadline=None)
@given(
    totals=st.lists(
        st.dictionaries(st.sampled_from("abcdefgh"), st.integers(0, 12), min_size=1),
        min_size=1,
        max_size=3,
    )
)
def test_no_merged_group_is_too_small_and_totals_stay(
    empty: Connection, totals: list[dict[str, int]]
) -> None:
    empty.execute("DELETE FROM sizes")
    for number, sizes in enumerate(totals):
        empty.executemany(
            "INSERT INTO sizes VALUES (?, ?, ?)",
            [(str(number), name, n) for name, n in sizes.items()],
        )
    rows = empty.execute("SELECT total, name, n, is_merged(n, total, name) FROM sizes").fetchall()
    for number, sizes in enumerate(totals):
        own = [(name, n, is_in) for total, name, n, is_in in rows if total == str(number)]
        assert {name for name, _, is_in in own if is_in} == merged(sizes, 5)
        shown: Counter[str] = Counter()
        for name, n, is_in in own:
            shown["merged" if is_in else name] += n
        assert sum(shown.values()) == sum(sizes.values())
        if sum(sizes.values()) >= 5:
            assert min(shown.values()) >= 5


def _block(connection: Connection, departments: list[str]) -> dict[str, Any]:
    """Builds the block of forms that answer alike, told before with a social department each."""
    forms = [
        {"response_id": str(x), "ags": "03241005", "wave": "t0", "is_synthetic": False, "instrument_id": "352021"}
        for x in range(6)
    ]  # fmt: skip
    field = {
        "wave": "t0",
        "ags": "03241005",
        "action_field": "MS",
        "is_chosen": True,
        "asked": 1,
        "code_1": 0,
        "code_2": 1,
        "code_4": 1,
        "code_8": 1,
    }
    put(connection, "core.response", *forms)
    put(connection, "core.response_field", *({"response_id": str(x)} | field for x in range(6)))
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE before_response_field AS FROM core.response_field"
    )
    put(connection, "shown.response", *(form | {"department_group": "social"} for form in forms))
    connection.execute("CREATE OR REPLACE TEMP TABLE before_response AS FROM shown.response")
    put(
        connection,
        "core.respondent_department",
        *(
            {"response_id": str(x), "department_group": group}
            for x, group in enumerate(departments)
        ),
    )
    rebuild(connection, "shown.block", "shown.response")
    (block,) = ask(connection, "FROM shown.block")
    return block


def test_a_department_that_changes_is_a_change_of_the_form(database: Connection) -> None:
    same = _block(database, ["social"] * 6)
    assert (same["n_changed"], same["is_kept"]) == (0, False)
    # One form moved to another department: the block stays as it was told.
    one = _block(database, ["social"] * 5 + ["personnel"])
    assert (one["n_changed"], one["is_kept"]) == (1, True)
    told = "SELECT DISTINCT department_group AS x FROM shown.response"
    assert [row["x"] for row in ask(database, told)] == ["social"]
    all_of_them = _block(database, ["personnel"] * 6)
    assert (all_of_them["n_changed"], all_of_them["is_kept"]) == (6, False)
    assert [row["x"] for row in ask(database, told)] == ["personnel"]
