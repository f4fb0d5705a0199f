"""The cells of survey exports of one layout, named by what they are: single keys wide, the rest long."""

from __future__ import annotations

from collections.abc import Iterable

from weltoffen_etl.database import Connection, literal, statement
from weltoffen_etl.exports.surveys import limesurvey
from weltoffen_etl.exports.surveys.export import SurveyExport
from weltoffen_etl.interpret.choice_list import derived_codes
from weltoffen_etl.interpret.questionnaire import CODED, items, positions

_SINGLE = {
    "response_id": "response_id_text",
    "submitted_at": "submitted_text",
    "started_at": "started_text",
    "last_action_at": "last_action_text",
    "last_page": "last_page_text",
    "language": "language_text",
    "wave": "wave_text",
    "ags": "ags_text",
    "municipality": "municipality_text",
    "respondent_role": "respondent_role_text",
    "years_in_role": "years_text",
    "filled_on": "filled_on_text",
    "overall": "overall_text",
    "test_marker": "test_text",
    "finished": "finished_text",
}
_EMPTY_WORDS = "('', 'N/A')"
_YES_WORDS = "('y', 'ja', 'yes', '1')"


def define_cells(connection: Connection, export: SurveyExport) -> None:
    """Shows the cells of each kind of question long, empty ones of coded questions included."""
    places = positions(export)
    listed = [(x.code, x.position) for x in derived_codes(export)]
    for role in (*CODED, "comment"):
        asked = [
            (column.source_code, places.get(column.source_code))
            for column, _ in export.instrument.columns_with(role)
        ]
        wanted = [*asked, *(listed if role == "field_choice" else [])]
        if role == "comment":
            # Only what was written.
            wanted = [entry for entry in wanted if entry[1] is not None]
        cells = ", ".join(
            f"{_value(place, is_coded=role != 'comment')} AS {_quoted(code)}"
            for code, place in wanted
        )
        names = ", ".join(_quoted(code) for code, _ in wanted)
        connection.execute(
            f"CREATE OR REPLACE TEMP VIEW {role}_cell AS FROM "
            + (
                f"(SELECT form_id, {cells} FROM grid) UNPIVOT (source_value FOR source_code IN ({names}))"
                if wanted
                else "(SELECT 0::BIGINT AS form_id, '' AS source_code, '' AS source_value) WHERE false"
            )
        )


def load_key_texts(connection: Connection, export: SurveyExport) -> None:
    """Names the grid's columns with single keys by what they are."""
    by_role = {column.role: f"c{column.position}" for column in export.columns}
    texts = {
        name: f"nullif(trim({by_role[role]}), '')" if role in by_role else "NULL::VARCHAR"
        for role, name in _SINGLE.items()
    }
    if export.tool == limesurvey.TOOL:
        # A spreadsheet may write 12,0; any other text is no number, and nobody finds the form
        # in the survey tool again.
        number = texts["response_id_text"]
        texts["response_id_text"] = rf"nullif(regexp_extract({number}, '^(\d+)([.,]0+)?$', 1), '')"
    if export.is_counted_by_row:
        texts["response_id_text"] = "source_row::VARCHAR"
    fields = ", ".join(f"{text} AS {name}" for name, text in texts.items())
    answered, more = _signs_of_life(export)
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE key_text AS SELECT form_id, delivery, source_row, {fields}, "
        f"{_any(answered)} AS has_answered, {_any(more)} AS has_said_more FROM grid"
    )


def _signs_of_life(export: SurveyExport) -> tuple[list[str], list[str]]:
    """Tests of a row: whether it answers a question or chooses a field, whether it says more."""
    places = positions(export)

    def cells(role: str) -> list[str]:
        codes = (column.source_code for column, _ in export.instrument.columns_with(role))
        return [f"c{places[code]}" for code in codes if code in places]

    answered = [f"trim({cell}) NOT IN {_EMPTY_WORDS}" for cell in cells("item")]
    answered += [f"lower(trim({cell})) IN {_YES_WORDS}" for cell in cells("field_choice")]
    answered += [
        f"c{x.position} IN (SELECT source_value FROM choice_piece "
        f"WHERE derived_code = {literal(x.code)})"
        for x in derived_codes(export)
        if x.position is not None
    ]
    more = [
        f"trim({cell}) NOT IN {_EMPTY_WORDS}"
        for role in ("field_choice", "priority", "comment")
        for cell in cells(role)
    ]
    return answered, more


def _any(tests: Iterable[str]) -> str:
    return " OR ".join(f"coalesce({test}, false)" for test in tests) or "false"


def load_answer_keys(connection: Connection, export: SurveyExport) -> None:
    """Makes of each cell of an item one number, which says all that its answer follows from.

    That is the question, the text of the cell and the state of the form's page. The forms stay in
    order, and so do their answers.
    """
    codes, places = items(export), positions(export)
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE block AS SELECT page, action_field, "
        "row_number() OVER (ORDER BY page, action_field) - 1 AS block "
        "FROM (SELECT DISTINCT page, action_field FROM source_column WHERE role = 'item')"
    )
    blocks = dict(
        connection.execute(
            "SELECT source_code, block FROM source_column JOIN block "
            "ON block.page = source_column.page "
            "AND block.action_field IS NOT DISTINCT FROM source_column.action_field "
            "WHERE role = 'item'"
        ).fetchall()
    )
    connection.execute("DROP TYPE IF EXISTS cell_text")
    connection.execute(
        "CREATE TEMP TYPE cell_text AS ENUM (SELECT DISTINCT source_value FROM spelling "
        "JOIN source_column USING (source_code) WHERE role = 'item' ORDER BY ALL)"
    )
    connection.execute(
        "CREATE OR REPLACE TEMP MACRO answer_key(number, source_value, state) AS "
        "((number * len(enum_range(NULL::cell_text)) + enum_code(source_value::cell_text)::BIGINT) "
        "* 8 + state)::UBIGINT"
    )
    states = ", ".join(
        f"max(state) FILTER (block = {block}) AS state{block}"
        for block in sorted(set(blocks.values()))
    )
    keys = ", ".join(
        f"answer_key({number}, {_value(places.get(code), is_coded=True)}, state{blocks[code]})"
        for number, code in enumerate(codes)
    )
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE form_answers AS "
        f"SELECT form.delivery, form.source_row, [{keys}]::UBIGINT[] AS answer_keys "
        "FROM grid JOIN form USING (form_id) "
        f"JOIN (SELECT form_id{', ' if states else ''}{states} "
        f"FROM ({statement('stage', 'empty_state')}) GROUP BY form_id) AS page USING (form_id) "
        "ORDER BY form.form_id"
    )
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE answer_meaning AS SELECT 0::UBIGINT AS answer_key, "
        "* EXCLUDE (delivery_id, source_row) FROM raw.answer LIMIT 0"
    )
    connection.execute(f"INSERT INTO answer_meaning BY NAME {statement('stage', 'answer_meaning')}")


def _value(position: int | None, *, is_coded: bool) -> str:
    """A cell as an expression; an empty cell of a coded question is an empty text."""
    if position is None:
        return "''"
    return f"coalesce(c{position}, '')" if is_coded else f"c{position}"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
