"""Each file format gives the cells that were written into it, and says what it lost."""

import json
import re
import zipfile
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyreadstat
import pytest

from weltoffen_etl.exports.files import json_table, tabular
from weltoffen_etl.exports.grid import Grid, Tables, UnreadableFileError

STRUCTURE = Path(__file__).parents[1] / "fixtures" / "limesurvey_survey_352021.lss"


def _read(tmp_path: Path, content: bytes) -> Tables:
    file = tmp_path / "file"
    file.write_bytes(content)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    return tabular.read(file, scratch)


def _rows(grid: Grid) -> list[tuple[Any, ...]]:
    return duckdb.sql(f"FROM '{grid.table}' ORDER BY source_row").fetchall()


def _refused(tmp_path: Path, content: bytes) -> tuple[str, str | None]:
    with pytest.raises(UnreadableFileError) as caught:
        _read(tmp_path, content)
    return caught.value.rule, caught.value.value


@pytest.mark.parametrize(
    "wrap",
    ['{"responses": [%s, %s]}', "[%s,%s]", '{"responses":[{"1":%s},{"2":%s}]}\n', "\ufeff[%s, %s]"],
)
def test_json_values_are_text(tmp_path: Path, wrap: str) -> None:
    first = '{"id": 2, "AGS": 3241005.0, "x": "", "jahre": 1.50}'
    second = '{"id": "4", "x": null, "ja": true, "liste": ["a", {"b": 1}]}'
    tables = _read(tmp_path, (wrap % (first, second)).encode())
    (grid,) = tables.grids
    assert tables.container == "json"
    assert grid.head[0] == (1, ("id", "AGS", "x", "jahre", "ja", "liste"))
    assert _rows(grid)[1:] == [
        (2, "2", "3241005", "", "1.50", None, None),
        (3, "4", None, None, None, "1", '["a", {"b": "1"}]'),
    ]


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        ('[{"a": 1, "a": 2}]', "json_key_repeated"),
        ('{"responses": [{"a": 1}, {"a": "x', "file_truncated"),
        ('{"responses": [{"a": 1}, {"a": 1', "file_truncated"),
        ('{"responses": [{"a": 1},', "file_truncated"),
        ('{"responses": [{"a": 1}', "file_truncated"),
        ('{"responses": [{"a": 1}]', "file_truncated"),
        ('[{"a": 1} {"a": 2}]', "file_unreadable"),
        ('[{"a": 1,, "b": 2}]', "file_unreadable"),
        ('[{"a": NaN}]', "file_unreadable"),
        ('[{"a": -Infinity}]', "file_unreadable"),
        ('[{"a": ' + "[" * 200_000 + "]" * 200_000 + "}]", "file_unreadable"),
        ('{"status": "No Data"}', "file_format_unknown"),
        ("[]", "file_without_rows"),
    ],
)
def test_json_that_is_damaged_or_loses_answers_is_refused(
    tmp_path: Path, content: str, rule: str
) -> None:
    assert _refused(tmp_path, content.encode())[0] == rule


def test_json_cut_anywhere_is_never_taken_for_whole(tmp_path: Path) -> None:
    whole = json.dumps({"responses": [{"id": 1, "a": "ä]}"}, {"id": 2, "a": 'x"y'}]}).encode()
    for end in range(20, len(whole)):
        file = tmp_path / "file"
        file.write_bytes(whole[:end])
        with pytest.raises(UnreadableFileError):
            json_table.read(file, tmp_path)


def test_spss_values_are_codes_as_text(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "id": [1.0, 2.0, 3.0],
            "AGS": [3241005.0, None, 12054000.0],
            "jahre": [1.5, -99.0, 12.0],
            "wann": pd.to_datetime(["2025-03-06 14:42:03", None, "2025-03-07 00:00:00"]),
            "ort": ["Łódź", "", " x"],
        }
    )
    file = tmp_path / "x.sav"
    pyreadstat.write_sav(
        frame,
        str(file),
        column_labels={"jahre": "Seit wie vielen Jahren?"},
        variable_value_labels={"id": {1.0: "eins"}},
        missing_ranges={"jahre": [-99]},
    )
    tables = _read(tmp_path, file.read_bytes())
    (grid,) = tables.grids
    assert tables.container == "sav"
    assert grid.head[0] == (1, ("id", "AGS", "jahre", "wann", "ort"))
    assert grid.labels[2] == "Seit wie vielen Jahren?"
    assert _rows(grid)[1:] == [
        (2, "1", "3241005", "1.5", "2025-03-06 14:42:03", "Łódź"),
        (3, "2", None, "-99", None, ""),
        (4, "3", "12054000", "12", "2025-03-07 00:00:00", " x"),
    ]


def test_cut_spss_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "x.sav"
    pyreadstat.write_sav(pd.DataFrame({"a": [f"{x:0200}" for x in range(50)]}), str(file))
    content = file.read_bytes()
    assert _refused(tmp_path, content[: len(content) // 2])[0] in (
        "file_unreadable",
        "file_truncated",
    )


STATA = """<?xml version="1.0" encoding="UTF-8"?>
<dta><header><nvar>4</nvar><nobs>2</nobs></header>
<descriptors><typelist><type varname="id">byte</type></typelist>
<varlist><variable varname="id"/><variable varname="submitdate"/><variable varname="HF_MS"/>
<variable varname="MSKOM"/></varlist>
<fmtlist><fmt varname="submitdate">%%tc</fmt><fmt varname="id">%%10.0g</fmt></fmtlist></descriptors>
<variable_labels><vlabel varname="HF_MS">[Management] Welche Felder?</vlabel></variable_labels>
<data><o num="0"><v varname="id">2</v><v varname="submitdate">2056891323000</v>
<v varname="HF_MS">1</v><v varname="MSKOM">weicher%sUmbruch &amp; mehr</v></o>
<o num="1"><v varname="id">4</v><v varname="submitdate"/><v varname="HF_MS"></v></o></data>
<value_labels/></dta>
"""


@pytest.mark.parametrize(("mark", "removed"), [("\x0b", "1"), ("&#11;", "1"), ("&#xB;", "1")])
def test_stata_xml_with_control_characters_is_read(tmp_path: Path, mark: str, removed: str) -> None:
    tables = _read(tmp_path, (STATA % mark).encode())
    (grid,) = tables.grids
    assert tables.container == "dta.xml"
    assert _rows(grid) == [
        (1, "id", "submitdate", "HF_MS", "MSKOM"),
        (2, "2", "2025-03-06 14:42:03", "1", "weicher\nUmbruch & mehr"),
        (3, "4", "", "", None),
    ]
    assert grid.labels == ("", "", "[Management] Welche Felder?", "")
    assert [(x.rule, x.value) for x in tables.notes] == [("control_characters_removed", removed)]


def test_clean_stata_xml_has_no_note(tmp_path: Path) -> None:
    assert _read(tmp_path, (STATA % " ").encode()).notes == ()


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (STATA.replace("<dta>", '<!DOCTYPE dta [<!ENTITY a "b">]><dta>') % "&a;", "file_format_unknown"),
        ((STATA % "")[:-60], "file_truncated"),
        (STATA.replace("<nobs>2", "<nobs>3") % "", "file_truncated"),
        (STATA.replace("</o></data>", "</data>") % "", "file_unreadable"),
        (STATA.replace('varname="id">4', 'varname="nie">4') % "", "file_unreadable"),
        ("<?xml version='1.0'?><rss/>", "file_format_unknown"),
    ],
)  # fmt: skip
def test_stata_xml_that_is_damaged_is_refused(tmp_path: Path, content: str, rule: str) -> None:
    assert _refused(tmp_path, content.encode())[0] == rule


LSR = """<?xml version="1.0" encoding="UTF-8"?>
<document><LimeSurveyDocType>Responses</LimeSurveyDocType><responses><fields>
<fieldname>id</fieldname><fieldname>token</fieldname><fieldname>submitdate</fieldname>
<fieldname>lastpage</fieldname><fieldname>ipaddr</fieldname>
<fieldname>352021X81X1357other</fieldname><fieldname>352021X83X1363SQ001</fieldname>
</fields><rows>
<row><id><![CDATA[2]]></id><token><![CDATA[geheim]]></token><submitdate/><lastpage/>
<ipaddr><![CDATA[10.0.0.1]]></ipaddr><_352021X83X1363SQ001><![CDATA[A3]]></_352021X83X1363SQ001></row>
<row><id><![CDATA[4]]></id><_352021X81X1357other/></row>
</rows></responses></document>"""


def _archive(folder: Path, members: dict[str, bytes]) -> bytes:
    file = folder / "archive.lsa"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in members.items():
            package.writestr(name, content)
    return file.read_bytes()


def test_survey_archive_gives_codes_and_leaves_private_columns_out(tmp_path: Path) -> None:
    content = _archive(
        tmp_path,
        {
            "survey_352021.lss": STRUCTURE.read_bytes(),
            "survey_352021_responses.lsr": LSR.encode(),
            "survey_352021_tokens.lst": b"never <unpacked",
        },
    )
    tables = _read(tmp_path, content)
    (grid,) = tables.grids
    assert tables.container == "lsa"
    assert _rows(grid) == [
        (1, "id", "submitdate", "lastpage", "rolle[other]", "MS[SQ001]"),
        (2, "2", "", "", None, "A3"),
        (3, "4", None, None, "", None),
    ]
    assert grid.labels[3].endswith("[Sonstiges]")
    written = b"".join(x.read_bytes() for x in (tmp_path / "scratch").iterdir())
    assert b"geheim" not in written
    assert b"10.0.0.1" not in written


@pytest.mark.parametrize(
    ("members", "rule"),
    [
        ({"survey_1.lss": b"<document/>"}, "archive_without_responses"),
        (
            {"survey_1.lss": b"<document/>", "../survey_1_responses.lsr": b"x"},
            "archive_without_responses",
        ),
        ({"survey_1.lss": b"<document/>", "survey_1_responses.lsr": b"x"}, "file_unreadable"),
        (
            {"survey_1.lss": STRUCTURE.read_bytes(), "survey_1_responses.lsr": b" " * 20_000_000},
            "limit_exceeded",
        ),
        (
            {"survey_1.lss": STRUCTURE.read_bytes(), "survey_1_responses.lsr": LSR[:600].encode()},
            "file_truncated",
        ),
        (
            {
                "survey_1.lss": STRUCTURE.read_bytes(),
                "survey_1_responses.lsr": LSR.replace("_352021X81X1357other/", "_9X9X9/").encode(),
            },
            "file_unreadable",
        ),
    ],
    ids=["no responses", "path", "no structure", "bomb", "cut", "unknown column"],
)
def test_survey_archive_that_is_damaged_is_refused(
    tmp_path: Path, members: dict[str, bytes], rule: str
) -> None:
    assert _refused(tmp_path, _archive(tmp_path, members))[0] == rule


@pytest.mark.parametrize(
    ("content", "rule", "word"),
    [
        (STRUCTURE.read_bytes(), "file_is_questionnaire", "LimeSurvey-Struktur"),
        (b"<?xml version='1.0'?>\n<document><LimeSurveyDocType>Group</LimeSurveyDocType>", "file_is_questionnaire", "Fragengruppe"),
        (b"<?xml version='1.0'?>\n<document><LimeSurveyDocType>Question</LimeSurveyDocType>", "file_is_questionnaire", "Frage"),
        (LSR.encode(), "file_is_personal", "Antworttabelle"),
        (b"<?xml version='1.0'?>\n<document><LimeSurveyDocType>Tokens</LimeSurveyDocType>", "file_is_personal", "Teilnehmerliste"),
        (b"id\trelated_id\tclass\ttype/scale\tname\trelevance\ttext\n1\t\tS\t\tsid\t1\t352021\n", "file_is_questionnaire", "Struktur"),
        (b"<style>td {}</style>\nAntwort ID\tDatum\n1\t2\n", "file_format_unknown", "HTML"),
        (b"\n<HTML><body>", "file_format_unknown", "HTML"),
    ],
)  # fmt: skip
def test_what_is_no_response_export_is_called_by_its_name(
    tmp_path: Path, content: bytes, rule: str, word: str
) -> None:
    found, value = _refused(tmp_path, content)
    assert found == rule
    assert word.lower() in (value or "").lower()


def test_tabs_in_an_open_document_cell_are_kept(tmp_path: Path) -> None:
    content = """<?xml version="1.0"?><office:document-content
        xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
        xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
        xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body>
        <office:spreadsheet><table:table table:name="T"><table:table-row>
        <table:table-cell office:value-type="string"><text:p>a<text:tab/>b</text:p></table:table-cell>
        </table:table-row></table:table></office:spreadsheet></office:body></office:document-content>"""
    members = {
        "mimetype": b"application/vnd.oasis.opendocument.spreadsheet",
        "META-INF/manifest.xml": b'<?xml version="1.0"?><manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>',
        # The parser wants no blanks between rows and cells.
        "content.xml": re.sub(r">\s+<", "><", content).encode(),
    }
    (grid,) = _read(tmp_path, _archive(tmp_path, members)).grids
    assert grid.head == ((1, ("a\tb",)),)
