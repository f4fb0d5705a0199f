"""Comparing all forms with those of the release before: exact, and within little memory."""

from pathlib import Path

from tests.sql.database import ask
from weltoffen_etl.catalog import table
from weltoffen_etl.database import Connection, build, connect, create, prepare
from weltoffen_etl.settings import Settings

BLOCKS, FORMS, FIELDS = 400, 250, 7
"""Municipalities, forms in each and action fields in a form: lists of them take a gigabyte."""

LATE, REWRITTEN, GONE, SWAPPED, NEW = range(5)
"""Numbers of the municipalities in which something has happened."""


def _fill(connection: Connection) -> None:
    """Forms as they are now and as they were, told apart by the number of the municipality."""
    for name in ("core.response", "core.respondent_department", "core.response_field"):
        create(connection, table(name), commented=False)
    connection.execute(
        "CREATE TEMP TABLE state AS "
        "SELECT is_now, place, form, lpad(place::VARCHAR, 8, '0') AS ags, "
        "sha256(place || '-' || form) AS response_id, "
        # In one place two forms have changed their answers with each other: nothing has changed.
        "CASE WHEN is_now AND place = $swapped AND form IN (7, 8) THEN 15 - form ELSE form END AS says, "
        "CASE WHEN is_now AND place = $rewritten AND form < 3 THEN 1 ELSE 0 END AS more "
        f"FROM range({BLOCKS}) AS places (place), range({FORMS}) AS forms (form), "
        "(VALUES (true), (false)) AS sides (is_now) "
        "WHERE NOT (NOT is_now AND place = $late AND form >= 240) "
        "AND NOT (is_now AND place = $gone AND form >= 246) "
        "AND NOT (NOT is_now AND place = $new)",
        {"swapped": SWAPPED, "rewritten": REWRITTEN, "late": LATE, "gone": GONE, "new": NEW},
    )
    connection.execute(
        "INSERT INTO core.response BY NAME "
        "SELECT response_id, ags, 't0' AS wave, 'staff' AS respondent_role FROM state WHERE is_now"
    )
    connection.execute(
        "INSERT INTO core.respondent_department BY NAME "
        "SELECT response_id, 'school' AS department_group FROM state WHERE is_now"
    )
    connection.execute(
        "CREATE TEMP TABLE before_response AS SELECT response_id, ags, 't0' AS wave, "
        "'staff' AS respondent_role, 'school' AS department_group FROM state WHERE NOT is_now"
    )
    fields = (
        "SELECT response_id, ags, 't0' AS wave, 'F' || field AS action_field, true AS is_chosen, "
        "15 AS n_items, 15 AS n_answers, 32767 AS asked, says * 7 + field AS code_1, "
        "says + more AS code_2, field AS code_4, 32767 AS code_8 "
        f"FROM state, range({FIELDS}) AS fields (field)"
    )
    connection.execute(f"INSERT INTO core.response_field BY NAME {fields} WHERE is_now")
    connection.execute(f"CREATE TEMP TABLE before_response_field AS {fields} WHERE NOT is_now")


def test_blocks_of_many_forms_are_compared_in_little_memory(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, duckdb_memory="160MB", duckdb_threads=2)
    settings.warehouse.mkdir()
    with connect(settings, settings.warehouse / "build.duckdb") as connection:
        prepare(connection, settings)
        _fill(connection)
        build(connection, "shown.block")
        rows = ask(connection, "FROM shown.block ORDER BY ags")
    found = {int(x["ags"]): (x["n_now"], x["n_before"], x["n_changed"], x["is_kept"]) for x in rows}
    assert found == {
        **dict.fromkeys(range(BLOCKS), (FORMS, FORMS, 0, False)),
        LATE: (250, 240, 10, False),
        REWRITTEN: (250, 250, 3, True),
        GONE: (246, 250, 4, True),
        NEW: (250, 0, 250, False),
    }
