"""LimeSurvey's forms of export are known by their content and give the same responses."""

from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from weltoffen_etl.exports.files import tabular
from weltoffen_etl.exports.recognition import survey_table
from weltoffen_etl.exports.surveys.binding import bind
from weltoffen_etl.exports.surveys.export import SurveyExport
from weltoffen_etl.instrument.store import load_instruments
from weltoffen_etl.settings import Settings

WORDS = "Antwort ID\ttoken\tDatum Abgeschickt\tLetzte Seite\tStart-Sprache\tAussage\tKommentar"
CODES = "id\ttoken\tsubmitdate\tlastpage\tstartlanguage\tMS_SQ001\tMSKOM"
NAMES = "id\ttoken\tsubmitdate\tlastpage\tstartlanguage\t352021X83X1363SQ001\t352021X83X1364"
ROWS = (
    '2\tgeheim\t"2025-03-06 14:42:03"\t10\tde\tA3\t"a{newline}b{cr}{tab}{quote}c{quote} {lbrace}tab}"\n'
    "4\tgeheim\t{question_not_shown}\t2\tde\t{question_not_shown}\t\n"
)


def _export(tmp_path: Path, content: str) -> SurveyExport:
    file = tmp_path / "file"
    file.write_text(content, encoding="utf-8", newline="")
    tables = tabular.read(file, tmp_path)
    table = survey_table(tables)
    assert table is not None
    return bind(table, tables, load_instruments(Settings().reference_dir), "0" * 64)


@pytest.mark.parametrize("heading", [CODES, NAMES], ids=["version 2", "version 1"])
def test_vv_undoes_its_marks_and_leaves_access_codes_out(tmp_path: Path, heading: str) -> None:
    export = _export(tmp_path, f"{WORDS}\n{heading}\n{ROWS}")
    assert (export.tool, export.heading_row, export.rows) == ("limesurvey", 2, 2)
    codes = [column.source_code for column in export.columns]
    assert codes == ["id", "token", "submitdate", "lastpage", "startlanguage", "MS[SQ001]", "MSKOM"]
    assert export.findings == ()
    rows = duckdb.sql(f"FROM '{export.table}' ORDER BY source_row").fetchall()
    assert rows == [
        (3, "2", None, "2025-03-06 14:42:03", "10", "de", "A3", 'a\nb\r\t"c" {tab}'),
        (4, "4", None, None, "2", "de", None, ""),
    ]
    assert b"geheim" not in export.table.read_bytes()


def test_code_headings_below_a_note_are_no_vv_export(tmp_path: Path) -> None:
    note = "Bitte vertraulich behandeln;;;;\n"
    export = _export(
        tmp_path,
        note + "id;submitdate;lastpage;startlanguage;MS[SQ001]\n2;2025-03-06 14:42:03;10;de;A3\n",
    )
    assert (export.heading_row, export.rows) == (2, 1)
    rows = duckdb.sql(f"SELECT c1 FROM '{export.table}' WHERE source_row = 3").fetchall()
    assert rows == [("2025-03-06 14:42:03",)]


def test_own_columns_of_a_plain_export_do_not_look_like_vv(tmp_path: Path) -> None:
    export = _export(
        tmp_path, "id;submitdate;lastpage;startlanguage;MS[SQ001];MSKOM\n2;2025-03-06;10;de;A3;id\n"
    )
    assert export.heading_row == 1


@pytest.mark.parametrize(
    ("sub", "rules"),
    [
        ("Es gibt ein..", ["json_heading_collapsed"]),
        ("Es gibt ein vom Rat/Kreistag beschlossenes Integrations- oder Vielfaltskonzept.", []),
    ],
)
def test_json_with_a_heading_of_several_questions_is_refused(
    tmp_path: Path, sub: str, rules: list[str]
) -> None:
    question = (
        "Inwieweit treffen die folgenden Aussagen auf Ihre Kommune zu?"
        "Bitte bewerten Sie den Stand der Umsetzung."
    )
    export = _export(
        tmp_path,
        '[{"id": 2, "submitdate": "", "lastpage": 10, "startlanguage": "de", '
        f'"{question} [{sub}]": "A3", "HF[MS]": "Y"}}]',
    )
    found = [x.rule for x in export.findings if x.severity == "critical"]
    assert found == rules


def test_spss_file_of_another_tool_is_tied_by_its_labels(tmp_path: Path) -> None:
    import pandas as pd
    import pyreadstat

    file = tmp_path / "x.sav"
    label = (
        "Inwieweit treffen die folgenden Aussagen auf Ihre Kommune zu?Bitte bewerten Sie den Stand"
        " der Umsetzung. [Die Verwaltungsspitze bekennt sich öffentlich zu Weltoffenheit und Vielfalt.]"
    )
    pyreadstat.write_sav(pd.DataFrame({"V1": ["A1"]}), str(file), column_labels=[label])
    tables = tabular.read(file, tmp_path)
    table = survey_table(tables)
    assert table is not None
    assert table.tool == "spss"
    export = bind(table, tables, load_instruments(Settings().reference_dir), "0" * 64)
    assert [x.source_code for x in export.columns] == ["MS[SQ002]"]
    assert survey_table(replace(tables, container="csv")) is None
