"""Every promise of our own tables is kept watch over: one broken row for each rule."""

from collections.abc import Iterator

import pytest

from tests.corrections import reference_with
from tests.hostile.material import SELFCHECK
from tests.rules.tables import breaks, fill, shares, valid_row
from weltoffen_etl.catalog import Table, tables
from weltoffen_etl.database import Connection, connect
from weltoffen_etl.instrument.store import load_instruments
from weltoffen_etl.quality.gate import check
from weltoffen_etl.quality.rules import PLACES, rules_of
from weltoffen_etl.reference import load_reference
from weltoffen_etl.settings import Settings
from weltoffen_etl.stage_store import JUDGED_TABLES
from weltoffen_etl.warehouse.audit import check_rules, check_whole

JUDGED = [tables()[f"raw.{name}"] for name in JUDGED_TABLES]
OTHERS = [described for described in tables().values() if described not in JUDGED]
SHARED = [described for described in tables().values() if shares(described)]
BREAKABLE = [described for described in tables().values() if breaks(described)]


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    """A database with the schema ``reference``, a correction among it."""
    correction = {
        "id": "konstanz-1", "place": SELFCHECK, "row": 2, "column": "jahre", "action": "override",
        "expect": "3", "value": "7",
    }  # fmt: skip
    folder = reference_with(tmp_path_factory.mktemp("reference"), correction)
    settings = Settings(reference_dir=folder)
    with connect(settings) as connection:
        load_reference(connection, settings, load_instruments(folder))
        yield connection


@pytest.fixture
def database(reference: Connection) -> Iterator[Connection]:
    """The same, in which tables may be replaced: nothing of it stays."""
    reference.begin()
    yield reference
    reference.rollback()


def _replace(database: Connection, described: Table, rows: list[dict[str, object]]) -> None:
    database.execute(f"DROP TABLE IF EXISTS {described.full_name}")
    fill(database, described, rows)


@pytest.mark.parametrize("described", BREAKABLE, ids=lambda x: x.full_name)
def test_each_broken_row_breaks_its_rule_and_no_other(
    database: Connection, described: Table
) -> None:
    valid = valid_row(described, database)
    broken = breaks(described)
    # Asked before the table is replaced: codes may be allowed by the table itself.
    rules = [rule for rule in rules_of(described, database) if not rule.of_all_rows]
    _replace(database, described, [valid, *(valid | {x.column: x.value} for x in broken)])
    expected: dict[str, tuple[int, ...]] = {}
    for row, entry in enumerate(broken, start=1):
        expected[entry.rule] = (*expected.get(entry.rule, ()), row)
    columns = list(dict.fromkeys(rule.column for rule in rules))
    selected = ", ".join(f'"{column}"' for column in columns)
    frame = database.execute(f"SELECT {selected} FROM {described.full_name} ORDER BY rowid").df()
    report = check(described.full_name, frame, rules, columns, min_rows=1)
    assert {x.rule.text.id: x.failing for x in report.verdicts} == expected


@pytest.mark.parametrize(
    "described", [x for x in OTHERS if not x.key_checked_by], ids=lambda x: x.full_name
)
def test_a_key_that_stands_twice_is_found(database: Connection, described: Table) -> None:
    valid = valid_row(described, database)
    _replace(database, described, [valid])
    assert [x.name for x in check_whole(database, described) if not x.passed] == []
    _replace(database, described, [valid, valid])
    failed = [x for x in check_whole(database, described) if not x.passed]
    assert [(x.name, x.offending) for x in failed] == [(f"{described.full_name}.key", 1)]


@pytest.mark.parametrize("described", OTHERS, ids=lambda x: x.full_name)
def test_a_table_that_must_have_rows_is_missed(database: Connection, described: Table) -> None:
    _replace(database, described, [])
    failed = [x.name for x in check_whole(database, described) if not x.passed]
    assert failed == ([f"{described.full_name}.min_rows"] if described.min_rows else [])


@pytest.mark.parametrize("described", SHARED, ids=lambda x: x.full_name)
def test_a_column_that_is_filled_nowhere_is_missed(database: Connection, described: Table) -> None:
    valid = valid_row(described, database)
    for rule, column in shares(described).items():
        _replace(database, described, [valid | {column: None}] * 9)
        assert rule in [x.name for x in check_rules(database, [described]) if not x.passed]
        _replace(database, described, [valid])
        assert rule not in [x.name for x in check_rules(database, [described]) if not x.passed]


@pytest.mark.parametrize("described", JUDGED, ids=lambda x: x.full_name)
def test_the_audit_finds_rows_without_a_place(database: Connection, described: Table) -> None:
    valid = valid_row(described, database)
    places = [entry for entry in breaks(described) if entry.column in PLACES]
    assert places
    # The audit looks at the least and greatest value only, which is enough for these kinds.
    kinds = {rule.kind for rule in rules_of(described, database) if rule.column in PLACES}
    assert kinds <= {"not_null", "range"}
    _replace(database, described, [valid] * 3)
    assert [x.name for x in check_rules(database, [described]) if not x.passed] == []
    for entry in places:
        _replace(database, described, [valid, valid | {entry.column: entry.value}, valid])
        failed = [x.name for x in check_rules(database, [described]) if not x.passed]
        assert failed == [entry.rule]
