"""A form in bits says what its answers say, also those of an earlier release and questionnaire."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from tests.sql.forms import REASONS, in_bits
from weltoffen_etl.catalog import table
from weltoffen_etl.database import Connection, build, connect, create, define_macros, insert
from weltoffen_etl.disclosure.kept import keep_table
from weltoffen_etl.disclosure.state import load_before, state_of
from weltoffen_etl.settings import Settings

ITEMS = ["MS01", "MS02", "MS03", "MS10"]
SAYS = [[1, 2, 3, 4], [*REASONS[:4]], [*REASONS[4:]], [4, "skipped", 1, "dont_know"]]


@pytest.fixture
def connection(settings: Settings) -> Iterator[Connection]:
    with connect(settings) as opened:
        define_macros(opened)
        yield opened


def _items(connection: Connection, items: list[str]) -> None:
    connection.execute("DROP TABLE IF EXISTS reference.item")
    connection.execute("DROP TABLE IF EXISTS core.item_bit")
    create(connection, table("reference.item"))
    rows = [(item, "MS", None, place, 1, "x") for place, item in enumerate(items)]
    insert(connection, "reference.item", rows)
    build(connection, "core.item_bit")


def test_the_statement_writes_every_answer(connection: Connection) -> None:
    _items(connection, ITEMS)
    for name in ("answer", "response", "field_choice"):
        create(connection, table(f"core.{name}"))
    for number, says in enumerate(SAYS):
        form = str(number)
        connection.execute(
            "INSERT INTO core.response BY NAME SELECT $form AS response_id, '1' AS ags, 't0' AS wave",
            {"form": form},
        )
        insert(
            connection,
            "core.answer",
            [
                (form, item, x, None) if isinstance(x, int) else (form, item, None, x)
                for item, x in zip(ITEMS, says, strict=True)
            ],
        )
    build(connection, "core.response_field")
    written = connection.execute(
        "SELECT n_items, n_answers, asked, code_1, code_2, code_4, code_8 "
        "FROM core.response_field ORDER BY response_id"
    ).fetchall()
    assert written == [
        (
            4,
            sum(isinstance(x, int) for x in says),
            *in_bits(dict(zip(ITEMS, says, strict=True)), ITEMS),
        )
        for says in SAYS
    ]
    # And back: what the bits say is what the answers say.
    (lost,) = connection.execute(
        "SELECT count(*) FROM (FROM core.answer EXCEPT SELECT response_id, item_code, "
        "answer_value(code), answer_reason(code) FROM (SELECT response_id, item_code, "
        "answer_code(bit, code_1, code_2, code_4, code_8) AS code "
        "FROM core.response_field JOIN core.item_bit USING (action_field)))"
    ).fetchone() or (None,)
    assert lost == 0
    (total,) = connection.execute(
        "SELECT sum(answers_total(answered_bits(code_4, code_8), code_1, code_2)) "
        "FROM core.response_field"
    ).fetchone() or (None,)
    assert total == sum(x for says in SAYS for x in says if isinstance(x, int))


def _kept_as_text(folder: Path) -> None:
    """The state of a release of 0.6: each answer in words."""
    with duckdb.connect() as old:
        old.execute(
            "CREATE TABLE field (response_id VARCHAR, ags VARCHAR, wave VARCHAR, "
            "action_field VARCHAR, is_chosen BOOLEAN, n_items BIGINT, n_answers BIGINT, answers VARCHAR)"
        )
        for number, says in enumerate(SAYS):
            text = " ".join(f"{item}={x}" for item, x in zip(ITEMS, says, strict=True))
            given = sum(isinstance(x, int) for x in says)
            insert(old, "field", [(str(number), "1", "t0", "MS", True, 4, given, text)])
        keep_table(old, "field", folder, "response_field")


def test_answers_kept_as_text_become_bits(settings: Settings, connection: Connection) -> None:
    folder = state_of(settings, "20260101T000000Z")
    folder.mkdir(parents=True)
    _kept_as_text(folder)
    _items(connection, ITEMS)
    load_before(connection, settings)
    bits = "SELECT asked, code_1, code_2, code_4, code_8 FROM before_response_field ORDER BY response_id"
    assert connection.execute(bits).fetchall() == [
        in_bits(dict(zip(ITEMS, says, strict=True)), ITEMS) for says in SAYS
    ]


def test_bits_follow_their_items_into_a_changed_questionnaire(
    settings: Settings, connection: Connection
) -> None:
    folder = state_of(settings, "20260101T000000Z")
    folder.mkdir(parents=True)
    _kept_as_text(folder)
    _items(connection, ITEMS)
    load_before(connection, settings)
    keep_table(connection, "before_response_field", folder, "response_field")
    keep_table(connection, "core.item_bit", folder, "item_bit")
    # One item is new and comes first of all, one is gone: its answers still tell forms apart.
    changed = ["MS00", "MS01", "MS03", "MS10"]
    _items(connection, changed)
    load_before(connection, settings)
    found = connection.execute(
        "SELECT asked, code_1, code_2, code_4, code_8 FROM before_response_field ORDER BY response_id"
    ).fetchall()
    assert found == [
        in_bits(dict(zip(ITEMS, says, strict=True)), [*changed, "MS02"]) for says in SAYS
    ]
    # With the same questionnaire they are taken as they stand.
    keep_table(connection, "before_response_field", folder, "response_field")
    keep_table(connection, "core.item_bit", folder, "item_bit")
    load_before(connection, settings)
    again = "SELECT asked, code_1, code_2, code_4, code_8 FROM before_response_field ORDER BY response_id"
    assert connection.execute(again).fetchall() == found
