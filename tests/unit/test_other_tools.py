"""Exports of other survey tools: known by content, rows and columns counted twice."""

import csv
import io
from pathlib import Path

import openpyxl
import pytest

from tests.conftest import SHARED
from weltoffen_etl.exports.files import tabular
from weltoffen_etl.exports.grid import Tables, UnreadableFileError
from weltoffen_etl.exports.recognition import read_export, survey_table
from weltoffen_etl.exports.surveys.binding import bind
from weltoffen_etl.exports.surveys.export import SurveyExport
from weltoffen_etl.exports.surveys.headings import Candidate, resolve
from weltoffen_etl.exports.surveys.table import SurveyTable
from weltoffen_etl.exports.surveys.times import month_first
from weltoffen_etl.exports.workshops.export import WorkshopExport
from weltoffen_etl.exports.workshops.legend import Legends
from weltoffen_etl.exports.workshops.template import load_template
from weltoffen_etl.instrument.model import (
    ColumnMapping,
    Instrument,
    SourceColumn,
    Structure,
    text_key,
)
from weltoffen_etl.instrument.store import load_instruments
from weltoffen_etl.settings import Settings

OTHER_TOOLS = SHARED / "exports" / "other_tools"

KNOWN = {
    "qualtrics/qualtrics_real_204cols_3_headers.csv": ("qualtrics", 3),
    "qualtrics/qualtrics_sample_3_headers.csv": ("qualtrics", 3),
    "qualtrics/qualtrics_sample_legacy_2_headers.csv": ("qualtrics", 2),
    "kobo/kobo_likert_group_headers.xlsx": ("kobo", 1),
    "kobo/kobo_repeat_group_2_sheets.xlsx": ("kobo", 1),
    "limesurvey/ls_code_headers_array.csv": ("generic", 1),
    "limesurvey/ls_de_fulltext_semicolon_resaved.csv": ("limesurvey", 1),
    "limesurvey/ls_en_fulltext_semicolon_resaved.csv": ("limesurvey", 1),
    "limesurvey/ls_en_pandas_resaved_dup_suffix.csv": ("limesurvey", 1),
    "limesurvey/ls_de_hand_edited_two_header_rows.csv": ("generic", 2),
    "limesurvey/ls_de_hand_edited_merged_headers.xlsx": ("generic", 2),
}
UNKNOWN = {
    "encoding/municipal_votes_bw_cp1252.csv": ("file_not_recognised", "AGS"),
    "polis/polis_de_klimarat_summary_keyvalue.csv": ("polis_other_file", "summary.csv"),
}
ELSEWHERE = {"polis/polis_de_klimarat_comments.csv"}


@pytest.fixture(scope="session")
def other_tools() -> Path:
    if not OTHER_TOOLS.is_dir():
        pytest.skip(f"the real exports of other tools are absent: {OTHER_TOOLS} does not exist")
    return OTHER_TOOLS


def _export(tables: Tables, instruments: list[Instrument]) -> SurveyExport | WorkshopExport:
    reference = Settings().reference_dir
    template = load_template(reference)
    legend = Legends(reference, template.total_words).of(None, None)
    return read_export(tables, instruments, template, legend, "x")


def _tables(path: Path, tmp_path: Path) -> tabular.Tables:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    return tabular.read(path, scratch)


def _survey(path: Path, tmp_path: Path) -> SurveyTable:
    table = survey_table(_tables(path, tmp_path))
    assert table is not None
    return table


def _text(tmp_path: Path, text: str, encoding: str = "utf-8") -> Path:
    path = tmp_path / "file"
    path.write_bytes(text.encode(encoding))
    return path


def _workbook(tmp_path: Path, **sheets: list[list[object]]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    path = tmp_path / "file"
    with path.open("wb") as file:
        book.save(file)
    return path


def _counted(path: Path, heading_rows: int) -> tuple[int, int]:
    """Rows and columns without the pipeline: csv module or openpyxl."""
    if path.suffix == ".xlsx":
        book = openpyxl.load_workbook(path)
        sheet = max(book, key=lambda x: x.max_column)
        rows = [row for row in sheet.iter_rows(values_only=True) if any(x is not None for x in row)]
        return len(rows) - heading_rows, sheet.max_column
    text = path.read_bytes().decode("utf-8-sig")
    head = text.split("\n", 1)[0]
    delimiter = ";" if head.count(";") > head.count(",") else ","
    records = [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if row]
    return len(records) - heading_rows, len(records[0])


def _roles(table: SurveyTable) -> dict[str, str]:
    """Role of each own column of the tool, by heading as it stood."""
    own = [
        Candidate(x.code, x.role, tuple((heading, "") for heading in x.headings))
        for x in table.own_columns
    ]
    return {x.heading: x.role for x in resolve(table.headings, own, table.texts)}


def test_every_real_file_is_spoken_for(other_tools: Path) -> None:
    files = {
        f"{path.parent.name}/{path.name}"
        for path in other_tools.rglob("*")
        if path.suffix in (".csv", ".xlsx")
    }
    assert files == KNOWN.keys() | UNKNOWN.keys() | ELSEWHERE


@pytest.mark.parametrize("name", sorted(KNOWN))
def test_real_file_is_recognised_whole(other_tools: Path, tmp_path: Path, name: str) -> None:
    tool, heading_rows = KNOWN[name]
    table = _survey(other_tools / name, tmp_path)
    assert table.tool == tool
    assert (table.rows, len(table.headings)) == _counted(other_tools / name, heading_rows)
    assert table.rows > 0
    assert table.grid.columns >= len(table.headings)


@pytest.mark.parametrize("name", sorted(UNKNOWN))
def test_other_tables_are_refused_with_a_reason(
    other_tools: Path, tmp_path: Path, name: str
) -> None:
    tables = _tables(other_tools / name, tmp_path)
    with pytest.raises(UnreadableFileError) as caught:
        _export(tables, load_instruments(Settings().reference_dir))
    rule, value = UNKNOWN[name]
    assert caught.value.rule == rule
    assert (caught.value.value or "").startswith(value)


def test_known_tool_without_instrument_says_so(other_tools: Path, tmp_path: Path) -> None:
    tables = _tables(other_tools / "qualtrics" / "qualtrics_sample_3_headers.csv", tmp_path)
    with pytest.raises(UnreadableFileError) as caught:
        _export(tables, load_instruments(Settings().reference_dir))
    assert (caught.value.rule, caught.value.value) == (
        "instrument_unknown",
        "qualtrics, 1 Antworten",
    )


@pytest.mark.parametrize("name", ["qualtrics_sample_3_headers", "qualtrics_real_204cols_3_headers"])
def test_qualtrics_keeps_persons_out(other_tools: Path, tmp_path: Path, name: str) -> None:
    table = _survey(other_tools / "qualtrics" / f"{name}.csv", tmp_path)
    roles = _roles(table)
    for heading in table.headings:
        if any(x in heading for x in ("Recipient", "IPAddress", "Location", "External")):
            assert roles[heading] == "never_loaded", heading
    assert (roles["ResponseId"], roles["Status"]) == ("response_id", "test_marker")
    zones = [note.value for note in table.notes if note.rule == "times_in_zone"]
    assert zones == (["America/Denver"] if "real" in name else [])
    if "real" in name:
        assert any("\n" in text for text in table.texts)
        assert roles["consent_t_First Click"] == "ignored"


def test_qualtrics_legacy_gives_own_columns_their_names(other_tools: Path, tmp_path: Path) -> None:
    path = other_tools / "qualtrics" / "qualtrics_sample_legacy_2_headers.csv"
    table = _survey(path, tmp_path)
    assert table.variant == "legacy"
    assert table.headings[:2] == ("ResponseID", "ResponseSet")
    assert table.headings[10:12] == ("Q1", "Q2")
    assert table.texts[10] == "This is a multiple choice question."
    roles = _roles(table)
    assert [roles[x] for x in ("Name", "EmailAddress", "IPAddress")] == ["never_loaded"] * 3


def test_qualtrics_german_texts_bind_when_codes_were_changed(tmp_path: Path) -> None:
    text = (
        "Anfang,Typ,Nummer,Q1\n"
        "Anfangsdatum,Antworttyp,Antwort-ID,Frage eins?\n"
        '"{""ImportId"":""startDate"",""timeZone"":""Europe/Berlin""}",'
        '"{""ImportId"":""status""}","{""ImportId"":""_recordId""}","{""ImportId"":""QID1""}"\n'
        "2025-03-01 10:00:00,0,R_1,2\n"
    )
    table = _survey(_text(tmp_path, text), tmp_path)
    roles = _roles(table)
    assert [roles[x] for x in ("Anfang", "Typ", "Nummer")] == [
        "started_at",
        "test_marker",
        "response_id",
    ]
    assert [note.value for note in table.notes] == ["Europe/Berlin"]


SOSCI = (
    "CASE\tSERIAL\tREF\tQUESTNNR\tMODE\tSTARTED\tHF01_01\tMS01\tTIME001\tTIME_SUM\tLASTDATA\t"
    "FINISHED\tQ_VIEWER\tLASTPAGE\tMAXPAGE\tMISSING\n"
    '12\t""\t""\tbase\tinterview\t2025-03-01 10:00:00\t2\t3\t4\t90\t2025-03-01 10:05:00\t'
    "1\t0\t7\t7\t0\n"
    '15\t""\t""\tbase\tpretest\t2025-03-01 11:00:00\t1\t-9\t4\t90\t2025-03-01 11:05:00\t'
    "0\t0\t3\t3\t40\n"
)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8"])
def test_sosci_data(tmp_path: Path, encoding: str) -> None:
    table = _survey(_text(tmp_path, SOSCI, encoding), tmp_path)
    assert (table.tool, table.rows, len(table.headings)) == ("sosci", 2, 16)
    assert table.encoding == ("utf-8" if encoding == "utf-8" else "utf-16-le")
    assert table.delimiter == "\t"
    assert table.real_cases == {"interview"}
    roles = _roles(table)
    assert (roles["CASE"], roles["MODE"], roles["FINISHED"]) == (
        "response_id",
        "test_marker",
        "finished",
    )
    assert (roles["TIME001"], roles["SERIAL"], roles["MS01"]) == (
        "ignored",
        "never_loaded",
        "unknown",
    )


def test_sosci_workbook_has_labels_in_its_second_row(tmp_path: Path) -> None:
    rows = [
        ["CASE", "QUESTNNR", "MODE", "MS01"],
        ["Interview-Nummer", "Fragebogen", "Interview-Modus", "Es gibt ein Leitbild."],
        [1, "base", "interview", 3],
        [2, "base", "interview", 4],
    ]
    table = _survey(_workbook(tmp_path, Daten=rows), tmp_path)
    assert (table.heading_row, table.rows) == (2, 2)
    assert table.texts[3] == "Es gibt ein Leitbild."


@pytest.mark.parametrize(
    "text",
    [
        "VAR\tRESPONSE\tMEANING\nMS01\t1\ttrifft zu\n",
        "VAR\tLABEL\tTYPE\tINPUT\nMS01\tx\tORDINAL\tSEL\n",
    ],
)
def test_sosci_codebook_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(UnreadableFileError) as caught:
        survey_table(_tables(_text(tmp_path, text, "utf-16"), tmp_path))
    assert caught.value.rule == "file_codebook"


@pytest.mark.parametrize(
    "headings",
    [
        ["ID", "Startzeit", "Fertigstellungszeit", "E-Mail", "Name"],
        ["Id", "Start time", "Completion time", "Email", "Name"],
    ],
)
def test_microsoft_forms_workbook_and_saved_csv(tmp_path: Path, headings: list[str]) -> None:
    rows: list[list[object]] = [
        [*headings, "Welche Felder?", "Es gibt ein Leitbild."],
        [1, "03.04.2025 10:00", "03.04.2025 10:09", "a@example.org", "A", "Arbeit;", "trifft zu"],
        [2, "03.04.2025 11:00", "03.04.2025 11:09", "b@example.org", "B", "", "trifft nicht zu"],
    ]
    table = _survey(_workbook(tmp_path, Sheet1=rows), tmp_path)
    text = "\n".join(";".join(f'"{cell}"' for cell in row) for row in rows) + "\n"
    (tmp_path / "saved").mkdir()
    saved = _survey(_text(tmp_path, text, "cp1252"), tmp_path / "saved")
    for found in (table, saved):
        assert (found.tool, found.rows, len(found.headings)) == ("microsoft_forms", 2, 7)
        assert list(_roles(found).values()) == [
            "response_id",
            "started_at",
            "submitted_at",
            "never_loaded",
            "never_loaded",
            "unknown",
            "unknown",
        ]


@pytest.mark.parametrize(
    ("stamp", "moment"),
    [("Zeitstempel", "06.09.2025 00:06:16"), ("Timestamp", "9/26/2025 0:06:16")],
)
def test_google_forms_gives_no_numbers(tmp_path: Path, stamp: str, moment: str) -> None:
    text = f'{stamp},Welche Felder?,Es gibt ein Leitbild. \n{moment},"Arbeit, Bildung",trifft zu\n'
    table = _survey(_text(tmp_path, text), tmp_path)
    assert (table.tool, table.rows, len(table.headings)) == ("google_forms", 1, 3)
    assert not table.numbers_responses


def test_log_with_a_time_stamp_is_no_form(tmp_path: Path) -> None:
    text = "timestamp,level,text\n1651071094558,a,b\n"
    assert survey_table(_tables(_text(tmp_path, text), tmp_path)) is None


@pytest.mark.parametrize(
    ("dates", "proven"),
    [
        (["9/6/2025 0:06:16", "9/26/2025 0:06:16"], True),
        (["9/6/2025 0:06:16", "9/7/2025 0:06:16"], False),
        (["9/6/2025 0:06:16", "26/9/2025 0:06:16"], False),
        (["13/6/2025 0:06", "9/26/2025 0:06"], False),
        (["06.09.2025 00:06:16"], False),
    ],
)
def test_month_stands_first_only_when_proven(
    tmp_path: Path, dates: list[str], proven: bool
) -> None:
    text = "Timestamp,a,b\n" + "".join(f"{date},1,2\n" for date in dates)
    table = _survey(_text(tmp_path, text), tmp_path)
    assert month_first(table.grid, table.heading_row, [0]) is proven


def test_surveymonkey_joins_two_rows(tmp_path: Path) -> None:
    text = (
        "Respondent ID,Collector ID,Start Date,IP Address,Welche Felder?,,Es gibt ein Leitbild.,"
        "Sonst noch etwas?\n"
        ",,,,Arbeit,Bildung,Response,Open-Ended Response\n"
        "10123456789,1,03/26/2025 09:41:23 AM,192.0.2.1,Arbeit,,trifft zu,nein\n"
    )
    table = _survey(_text(tmp_path, text), tmp_path)
    assert (table.tool, table.rows, table.heading_row) == ("surveymonkey", 1, 2)
    assert table.headings[4:] == (
        "Welche Felder? [Arbeit]",
        "Welche Felder? [Bildung]",
        "Es gibt ein Leitbild.",
        "Sonst noch etwas?",
    )
    assert _roles(table)["IP Address"] == "never_loaded"


def test_surveymonkey_condensed_has_one_row(tmp_path: Path) -> None:
    text = "Respondent ID,Collector ID,Es gibt ein Leitbild.\n10123456789,1,4\n10123456790,1,3\n"
    table = _survey(_text(tmp_path, text), tmp_path)
    assert (table.rows, table.heading_row, table.headings[2]) == (2, 1, "Es gibt ein Leitbild.")


@pytest.mark.parametrize(
    "headings",
    [
        "lage/felder;lage/felder/aw;lage/felder/fz;leitbild",
        "lage.felder;lage.felder.aw;lage.felder.fz;leitbild",
        "felder;felder/aw;felder/fz;leitbild",
    ],
)
def test_kobo_names_do_not_depend_on_groups(tmp_path: Path, headings: str) -> None:
    text = (
        f"{headings};_id;_uuid;_submission_time;_index\naw fz;1;1;3;77;u-1;2025-05-04T21:28:46;1\n"
    )
    table = _survey(_text(tmp_path, text), tmp_path)
    assert (table.tool, table.rows) == ("kobo", 1)
    assert table.headings[:4] == ("felder", "felder/aw", "felder/fz", "leitbild")
    assert _roles(table)["_id"] == "response_id"


def test_kobo_labels_lose_their_group_as_text(tmp_path: Path) -> None:
    text = (
        "Lage/Welche Felder?;Lage/Welche Felder?/Arbeit;Gibt es ein Leitbild?;"
        "_id;_uuid;_submission_time\nArbeit;1;ja;77;u-1;2025-05-04T21:28:46\n"
    )
    table = _survey(_text(tmp_path, text), tmp_path)
    assert table.texts[:3] == (
        "Welche Felder?",
        "Welche Felder? [Arbeit]",
        "Gibt es ein Leitbild?",
    )


def test_kobo_repeat_sheet_is_reported(other_tools: Path, tmp_path: Path) -> None:
    table = _survey(other_tools / "kobo" / "kobo_repeat_group_2_sheets.xlsx", tmp_path)
    assert [(x.rule, x.sheet) for x in table.notes] == [("sheet_repeat_group", "members")]
    assert table.headings[3:7] == ("country", "occupation", "reason", "reason/accomodation")


def _efs(tmp_path: Path, second: list[list[object]]) -> Path:
    first: list[list[object]] = [
        ["lfdn", "external_lfdn", "tester", "dispcode", "lastpage", "duration", "v_1"],
        [101, 0, 0, 31, 900, 300, 4],
        [102, 0, 1, 31, 900, 200, 3],
        [105, 0, 0, 22, 880, -1, 0],
    ]
    return _workbook(tmp_path, Daten1=first, Daten2=second)


def test_efs_sheets_are_joined_on_their_key(tmp_path: Path) -> None:
    path = _efs(tmp_path, [["lfdn", "v_2", "v_3"], [105, 1, 2], [101, 3, 4], [102, 5, 6]])
    table = _survey(path, tmp_path)
    assert (table.tool, table.rows, len(table.headings)) == ("efs", 3, 9)
    assert table.joined == ("Daten2",)
    rows = {cells[0]: cells[7:] for row, cells in table.grid.head if row > table.heading_row}
    assert rows == {"101": ("3", "4"), "102": ("5", "6"), "105": ("1", "2")}
    roles = _roles(table)
    assert (roles["tester"], roles["dispcode"]) == ("test_marker", "finished")


@pytest.mark.parametrize("keys", [[101, 102], [101, 102, 106], [101, 102, 102], [1, 2, 3, 4]])
def test_efs_sheets_of_other_responses_are_refused(tmp_path: Path, keys: list[int]) -> None:
    path = _efs(tmp_path, [["lfdn", "v_2"], *([key, 1] for key in keys)])
    with pytest.raises(UnreadableFileError) as caught:
        _survey(path, tmp_path)
    assert caught.value.rule == "sheets_not_joinable"


def test_hand_edited_headings_are_merged(other_tools: Path, tmp_path: Path) -> None:
    folder = other_tools / "limesurvey"
    table = _survey(folder / "ls_de_hand_edited_two_header_rows.csv", tmp_path)
    (tmp_path / "book").mkdir()
    book = _survey(folder / "ls_de_hand_edited_merged_headers.xlsx", tmp_path / "book")
    assert table.headings[1] == "Welchen fachlichen Hintergrund haben Sie? [Elektrotechnik]"
    assert table.headings[8].endswith("Zwecke genutzt? [Documentation]")
    assert book.headings == table.headings
    assert book.grid.sheet == "Data"


def test_pandas_suffixes_are_taken_off(other_tools: Path, tmp_path: Path) -> None:
    table = _survey(other_tools / "limesurvey" / "ls_en_pandas_resaved_dup_suffix.csv", tmp_path)
    questions = [text_key(heading) for heading in table.headings]
    asked = "characteristics)ofahigh-qualityunittest?[]"
    assert sum(question.endswith(asked) for question in questions) == 5
    assert table.headings[4] == "Seed"


def _plain(rows: list[str]) -> str:
    headings = "Nummer;Frage A;Frage B;Frage C;Frage D;Frage E"
    return "\n".join([headings, *rows]) + "\n"


ANSWERS = ["1;1;2;3;4;1", "2;2;2;3;4;2", "3;1;1;3;2;1", "4;4;2;1;4;3"]


def _instrument() -> Instrument:
    codes = [f"Frage {letter}" for letter in "ABCDE"]
    columns = tuple(
        SourceColumn(number, code, code, 1, "", "", {"de": code}, {})
        for number, code in enumerate(codes, start=1)
    )
    return Instrument(
        instrument_id="plain",
        version="1",
        title="",
        tool="generic",
        synthetic=True,
        structure=Structure("plain", "", ("de",), "", columns, ()),
        mappings={code: ColumnMapping("item", item=code, scale="s") for code in codes},
        scales={"s": {"1": "1"}},
    )


def test_plain_table_is_taken_only_with_a_questionnaire(tmp_path: Path) -> None:
    tables = _tables(_text(tmp_path, _plain(ANSWERS)), tmp_path)
    export = _export(tables, [_instrument()])
    assert (export.tool, export.rows, export.is_counted_by_row) == ("generic", 4, True)
    assert "responses_without_number" in {finding.rule for finding in export.findings}
    with pytest.raises(UnreadableFileError) as caught:
        _export(tables, [])
    assert caught.value.rule == "file_not_recognised"


def test_rows_added_by_hand_are_reported_and_not_counted(tmp_path: Path) -> None:
    rows = [
        "Hinweis;Skala 1-4;Skala 1-4;Skala 1-4;Skala 1-4;Skala 1-4",
        *ANSWERS,
        "Summe;8;7;10;14;7",
    ]
    tables = _tables(_text(tmp_path, _plain(rows)), tmp_path)
    table = survey_table(tables)
    assert table is not None
    assert [(note.rule, note.row) for note in table.notes] == [
        ("row_inserted", 2),
        ("total_row", 7),
    ]
    assert table.rows == 4
    export = bind(table, tables, [_instrument()], "x")
    assert {x.rule: x.source_row for x in export.findings if x.source_row} == {
        "row_inserted": 2,
        "total_row": 7,
    }
    import duckdb

    with duckdb.connect() as connection:
        kept = connection.execute(
            "SELECT source_row FROM read_parquet($path) WHERE source_row > $row ORDER BY 1",
            {"path": str(export.table), "row": export.heading_row},
        ).fetchall()
    assert kept == [(3,), (4,), (5,), (6,)]


def test_ordinary_rows_are_not_taken_for_added_ones(tmp_path: Path) -> None:
    table = _survey(_text(tmp_path, _plain(["1;;;;;x", *ANSWERS, "5;9;9;9;9;9"])), tmp_path)
    assert table.notes == ()
    assert table.rows == 6
