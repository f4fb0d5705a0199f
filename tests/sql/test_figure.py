"""When the figures of a cell are shown, and why they are not."""

from collections.abc import Iterator
from typing import Any

import pytest

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
from weltoffen_etl.settings import Settings

_COUNTS = {
    "n_municipalities": 1,
    "n_responses": 5,
    "n_items": 2,
    "n_chosen": 5,
    "n_undecided": 0,
    "n_respondents": 5,
    "n_1": 0,
    "n_2": 2,
    "n_3": 2,
    "n_4": 1,
}
_CENTRE = ("mean", "median", "sd", "consensus", "agreement")
_PAIRS = ("pairs_equal", "pairs_within_one")


@pytest.fixture
def database(settings: Settings) -> Iterator[Connection]:
    with connect(settings) as connection:
        define_macros(connection)
        set_variables(connection, min_municipalities=3, min_answered_share=0.5)
        create(connection, table("disclosure.open_cell"))
        yield connection


def _figure(connection: Connection, **cell: Any) -> dict[str, Any]:
    """The figures of one cell; counts that are not named are those above, or zero."""
    columns = [column.name for column in table("disclosure.open_cell").columns]
    is_withheld = cell.get("is_withheld", False)
    key = {
        "wave": "t0",
        "action_field": "MS",
        "unit_kind": "municipality",
        "unit": "03241005",
        "part_kind": "field",
        "part": "MS",
        "is_withheld": is_withheld,
        "is_synthetic": True,
    }
    counts = {name: _COUNTS.get(name, 0) for name in columns if name.startswith("n_")}
    if is_withheld:
        counts = dict.fromkeys(counts) | {"n_municipalities": 1}
    row = key | counts | cell
    insert(connection, "disclosure.open_cell", [[row[name] for name in columns]])
    assert build(connection, "disclosure.figure") == 1
    found = connection.execute("FROM disclosure.figure").fetchone()
    assert found is not None
    names = [column.name for column in table("disclosure.figure").columns]
    return dict(zip(names, found, strict=True))


def _filled(figure: dict[str, Any]) -> set[str]:
    key = {*table("disclosure.figure").key, "withheld_because"}
    return {name for name, value in figure.items() if name not in key and value is not None}


def test_withheld_cells_show_only_that_they_exist(database: Connection) -> None:
    figure = _figure(database, is_withheld=True)
    assert figure["withheld_because"] == "confidential"
    assert _filled(figure) == {"n_municipalities", "is_synthetic"}


@pytest.mark.parametrize("kind", ["all", "size_class", "type", "cohort", "macro_region", "chosen"])
@pytest.mark.parametrize(("members", "is_shown"), [(1, False), (2, False), (3, True), (30, True)])
def test_groups_of_few_municipalities_show_only_their_number(
    database: Connection, kind: str, members: int, *, is_shown: bool
) -> None:
    figure = _figure(database, unit_kind=kind, unit="x", n_municipalities=members)
    assert figure["withheld_because"] == (None if is_shown else "too_few_municipalities")
    assert (_filled(figure) == {"n_municipalities", "is_synthetic"}) != is_shown
    assert figure["n_municipalities"] == members


def test_of_small_groups_nothing_is_told_about_their_people(database: Connection) -> None:
    figure = _figure(database, unit_kind="type", unit="x", n_municipalities=2, is_withheld=True)
    assert figure["withheld_because"] == "too_few_municipalities"


@pytest.mark.parametrize(
    ("part_kind", "unit_kind", "missing", "is_low"),
    [
        ("field", "municipality", 5, False),
        ("field", "municipality", 6, True),
        ("sub_theme", "municipality", 6, True),
        ("common", "municipality", 6, True),
        ("item", "municipality", 6, False),
        ("field", "all", 5, False),
        ("field", "all", 6, True),
        ("item", "all", 6, False),
    ],
)
def test_little_answered_parts_show_counts_but_no_centre(
    database: Connection, part_kind: str, unit_kind: str, missing: int, *, is_low: bool
) -> None:
    """Five answers beside five missing ones are half; who did not choose the field is left out."""
    figure = _figure(
        database,
        part_kind=part_kind,
        unit_kind=unit_kind,
        n_municipalities=3,
        n_skipped=missing,
        n_not_chosen=40,
    )
    assert figure["withheld_because"] == ("low_answered_share" if is_low else None)
    assert {figure[name] is None for name in _CENTRE} == {is_low}
    assert figure["n_answers"] == 5
    assert figure["n_expected"] == 45 + missing
    assert figure["answered_share"] == pytest.approx(5 / (45 + missing))
    assert figure["answered_share_of_chosen"] == pytest.approx(5 / (5 + missing))
    assert figure["share_skipped"] == pytest.approx(missing / (45 + missing))


def test_a_field_nobody_chose_has_counts_and_no_reason(database: Connection) -> None:
    nobody = {"n_1": 0, "n_2": 0, "n_3": 0, "n_4": 0, "n_respondents": 0, "n_chosen": 0}
    figure = _figure(database, **nobody, n_not_chosen=10)
    assert figure["withheld_because"] is None
    assert figure["answered_share_of_chosen"] is None
    assert (figure["n_expected"], figure["share_not_chosen"]) == (10, 1)
    assert {figure[name] for name in _CENTRE + _PAIRS} == {None}


@pytest.mark.parametrize(
    ("part_kind", "unit_kind", "answers", "is_shown"),
    [
        ("item", "municipality", 1, False),
        ("item", "municipality", 2, True),
        ("item", "municipality", 5, True),
        ("item", "municipality", 6, False),
        ("field", "municipality", 5, False),
        ("sub_theme", "municipality", 5, False),
        ("item", "all", 5, False),
    ],
)
def test_pairs_are_for_few_people_on_one_item_of_one_municipality(
    database: Connection, part_kind: str, unit_kind: str, answers: int, *, is_shown: bool
) -> None:
    figure = _figure(
        database,
        part_kind=part_kind,
        unit_kind=unit_kind,
        n_municipalities=3,
        n_2=0,
        n_3=answers,
        n_4=0,
    )
    assert (figure["pairs_equal"], figure["pairs_within_one"]) == (
        (1, 1) if is_shown else (None,) * 2
    )
