"""Every check over several tables passes a real build and finds the one row it is tampered with."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import DEMO_INBOX, deliver
from tests.rules.builds import FIXTURES
from weltoffen_etl.catalog import SCHEMAS, tables
from weltoffen_etl.database import Connection, connect
from weltoffen_etl.database import build as table_of
from weltoffen_etl.deliveries.intake import take_in
from weltoffen_etl.disclosure.build import build_schema
from weltoffen_etl.quality.rulebook import rulebook
from weltoffen_etl.settings import SQL_DIR, Settings
from weltoffen_etl.staging import stage_deliveries
from weltoffen_etl.warehouse import build
from weltoffen_etl.warehouse.audit import audit_schema

DELIVERED = ("08335043/t0/selfcheck", "03241005/workshops/2025-05-14")


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> tuple[Settings, frozenset[str]]:
    """A build of one survey and one workshop, and the rules that their rows were judged by."""
    folder: Path = tmp_path_factory.mktemp("build")
    settings = Settings(data_dir=folder, settle_seconds=0.0)
    for place in DELIVERED:
        (file,) = (DEMO_INBOX / place).iterdir()
        deliver(settings, place, file)
    arrivals = list(take_in(settings).arrivals)
    staged = stage_deliveries(settings, arrivals)
    build.start(settings)
    build.build_raw(settings, arrivals)
    for schema in build.SCHEMAS[1:]:
        build_schema(settings, schema)
    judged = {outcome.rule.text.id for outcome in staged.outcomes}
    return settings, frozenset(judged)


@pytest.fixture
def database(sound: tuple[Settings, frozenset[str]]) -> Iterator[Connection]:
    """The build, to which nothing done in a test is done for good."""
    settings, _ = sound
    with connect(settings, build.build_file(settings)) as connection:
        connection.begin()
        yield connection
        connection.rollback()


def _offending(connection: Connection) -> dict[str, int]:
    """Number of offending rows by check, for those that find any."""
    found = {
        path.stem: len(connection.execute(path.read_text(encoding="utf-8")).fetchall())
        for path in sorted((SQL_DIR / "checks").glob("*.sql"))
    }
    return {name: rows for name, rows in found.items() if rows}


def test_a_sound_build_offends_no_check(database: Connection) -> None:
    for table in ("core.answer", "core.contribution", "comparison.item_result"):
        assert database.execute(f"SELECT count(*) > 0 FROM {table}").fetchone() == (True,)
    assert _offending(database) == {}


@pytest.mark.parametrize(("rule", "tampering"), FIXTURES.items(), ids=FIXTURES)
def test_tampering_offends_its_check_and_no_other(
    database: Connection, rule: str, tampering: str
) -> None:
    database.execute(tampering)
    assert _offending(database) == {rule: 1}


def test_a_night_checks_every_rule_about_rows_and_tables(
    sound: tuple[Settings, frozenset[str]],
) -> None:
    """Whatever the rulebook lists is asked, by the gate or by the audit, and nothing else."""
    settings, judged = sound
    schemas = [x for x in SCHEMAS if any(y.schema_name == x for y in tables().values())]
    audits = [audit_schema(settings, schema) for schema in schemas]
    assert all(audit.passed or audit.expected == 0 for audit in audits)
    audited = [check.name for audit in audits for check in audit.checks]
    assert len(set(audited)) == len(audited)
    assert judged.isdisjoint(audited)
    assert judged | set(audited) == {x.text.id for x in rulebook() if x.scope != "general"}


def test_an_answer_that_stands_twice_is_found_without_a_look_at_each(database: Connection) -> None:
    """The key of the largest table follows from the forms in bits, also where the number is right."""
    assert tables()["core.answer"].key_checked_by == "answers_complete"
    form, kept, lost = database.execute(
        "SELECT response_id, min(item_code), max(item_code) FROM core.answer "
        "JOIN core.response USING (response_id) WHERE excluded_because IS NULL "
        "GROUP BY response_id ORDER BY response_id LIMIT 1"
    ).fetchone() or (None, None, None)
    database.execute(
        "UPDATE core.answer SET item_code = $kept WHERE response_id = $form AND item_code = $lost",
        {"form": form, "kept": kept, "lost": lost},
    )
    database.execute("DROP TABLE core.response_field")
    table_of(database, "core.response_field")
    assert _offending(database)["answers_complete"] == 1
