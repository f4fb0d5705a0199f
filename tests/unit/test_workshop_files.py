"""Workshop files of every kind: the template as people edit it, and boards with a legend."""

import zipfile
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as settings_of_hypothesis
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from tests import workshop_files as files
from weltoffen_etl.exports.files import tabular
from weltoffen_etl.exports.grid import Tables, UnreadableFileError
from weltoffen_etl.exports.recognition import BOARD_TOOLS, VOTING_TOOLS, read_export
from weltoffen_etl.exports.workshops import mentimeter, mural, padlet, polis
from weltoffen_etl.exports.workshops.board import text_of
from weltoffen_etl.exports.workshops.export import WorkshopExport
from weltoffen_etl.exports.workshops.legend import Legend, LegendError, Legends
from weltoffen_etl.exports.workshops.template import load_template
from weltoffen_etl.interpret.keys import read_count, read_date
from weltoffen_etl.reports.workshop_template import write_template
from weltoffen_etl.settings import Settings

REFERENCE = Settings().reference_dir
TEMPLATE = load_template(REFERENCE)
ID = "0" * 64


def _tables(path: Path) -> Tables:
    scratch = path.with_name(f"{path.name}.grids")
    scratch.mkdir()
    return tabular.read(path, scratch)


def _read(path: Path, legend: Legend | None = None) -> WorkshopExport:
    export = read_export(_tables(path), [], TEMPLATE, legend or _legend(path.parent), ID)
    assert isinstance(export, WorkshopExport)
    return export


def _legend(folder: Path, entry: str = "{}") -> Legend:
    return _legends(folder, f"workshops: {{'03241005/2025-05-14': {entry}}}").of(
        "03241005", date(2025, 5, 14)
    )


def _legends(folder: Path, content: str) -> Legends:
    """The reference folder's lists with another legend file."""
    reference = folder / "reference"
    reference.mkdir(exist_ok=True)
    for name in ("guiding_questions", "action_fields", "actor_groups", "aliases"):
        (reference / f"{name}.csv").write_bytes((REFERENCE / f"{name}.csv").read_bytes())
    (reference / "workshop_boards.yml").write_text(content, encoding="utf-8")
    return Legends(reference, TEMPLATE.total_words)


def _rules(export: WorkshopExport) -> list[str]:
    return sorted(finding.rule for finding in export.findings)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("IIII", 4),
        ("IIII II", 6),
        ("|||", 3),
        ("3x", 3),
        ("x3", 3),
        ("3 ×", 3),
        ("●●●", 3),
        ("● ●", 2),
        ("***", 3),
        ("5 Punkte", 5),
        ("1 Punkt", 1),
        ("12 Personen", 12),
    ],
)
def test_marks_are_counted_with_a_note(text: str, number: int) -> None:
    read, note = read_count(text)
    assert read == number
    assert note is not None
    assert str(number) in note


@pytest.mark.parametrize(
    "text", ["", "ca. 5", "5-6", "3,5", "drei", "viele", "IV", "●3", "x", "5 Euro", "3x4", "٣"]
)
def test_estimates_and_riddles_are_no_count(text: str) -> None:
    assert read_count(text) == (None, None)


def test_strokes_that_may_hide_a_fifth_say_so() -> None:
    assert "Vierergruppe" in (read_count("IIII II")[1] or "")
    assert "Vierergruppe" not in (read_count("II")[1] or "")


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("14. Mai 2025", date(2025, 5, 14)),
        ("14.5.25", date(2025, 5, 14)),
        ("Mittwoch, 14. Mai 2025", date(2025, 5, 14)),
        ("Mi, 14.05.2025", date(2025, 5, 14)),
        ("1. März 2026", date(2026, 3, 1)),
        ("1. Ma\u0308rz 2026", date(2026, 3, 1)),
        ("24. Dez. 2025", date(2025, 12, 24)),
        ("2025-05-14 00:00:00", date(2025, 5, 14)),
        ("31. Februar 2025", None),
        ("5/14/2025", None),
        ("05/06/2025", None),
        ("Mai 2025", None),
        ("Ende 2025", None),
        ("45791", None),
    ],
)
def test_days_as_people_write_them(text: str, day: date | None) -> None:
    assert read_date(text) == day


def _filled(path: Path) -> Path:
    write_template(
        REFERENCE,
        path,
        {
            "workshop": [["Garbsen", "03241005", "14.05.2025", "1", "Präsenz", "Büro", ""]],
            "participation": [["Verwaltung", "IIII II"], ["Politik", 3]],
            "contribution": [
                [1, "Was läuft gut?", "Engagement und Beteiligung", "", "Runder Tisch", "●●●"],
                [2, "Zusammenarbeit", "Zusammenhalt und Begegnung", "Politik", "Gesamt gut", 4],
            ],
            "measure": [[1, "Management und Steuerung", "Plan", "Amt", "31.12.2025", "geplant"]],
        },
    )
    return path


def test_filled_template_is_read_whole(tmp_path: Path) -> None:
    export = _read(_filled(tmp_path / "w.xlsx"))
    assert export.keys is not None
    assert export.keys.cells["ags"] == "03241005"
    assert {name: len(rows) for name, rows in export.rows.items()} == {
        "participation": 2,
        "contribution": 2,
        "measure": 1,
    }
    assert export.findings == ()
    assert export.data_rows == 6


def test_template_edited_by_hand(tmp_path: Path) -> None:
    """Note rows, a merged head, another order, example, prompt, total and empty rows."""
    path = _filled(tmp_path / "w.xlsx")
    workbook = load_workbook(path)
    del workbook["Beiträge"]
    page = workbook.create_sheet("Ergebnisse Gruppe 1")
    page.append(["Ergebnisse der Gruppenarbeit"])
    page.merge_cells("A1:F1")
    page.append([])
    page.append(["Stimmen", "Beitrag", "HF", "Leitfrage", "lfd. Nummer", "Bemerkung"])
    page.append(["3x", "Beispiel", "EB", "Was läuft gut?", None])
    page.append([None, "Bitte hier eintragen", None, None, None])
    page.append(["3x", "Runder Tisch", "EB", "Stärken", 1, "mündlich"])
    page.append([])
    page.append([None, None, None, None, None, "Quelle: Flipchart"])
    page.append(["5 Punkte", "Insgesamt mehr Orte", "ZB", "Handlungsbedarf", 2])
    page.append(["Summe", None, None, None, None])
    sheet = workbook["Workshop"]
    sheet.append(["Ort", "Rathaus"])
    workbook.save(path)
    export = _read(path)
    assert [
        (row.source_row, row.cells["number"], row.cells["text"], row.cells["points"])
        for row in export.rows["contribution"]
    ] == [(6, "1", "Runder Tisch", "3x"), (9, "2", "Insgesamt mehr Orte", "5 Punkte")]
    assert _rules(export) == [
        "example_row",
        "example_row",
        "row_beside_table",
        "template_key_unknown",
        "total_row",
        "workshop_column_unknown",
    ]
    assert export.ignored_rows == 4


def test_macro_workbook_is_read_like_any_other(tmp_path: Path) -> None:
    source = _filled(tmp_path / "w.xlsx")
    target = tmp_path / "w.xlsm"
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            content = old.read(name).replace(
                b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
                b"application/vnd.ms-excel.sheet.macroEnabled.main+xml",
            )
            new.writestr(name, content)
        new.writestr("xl/vbaProject.bin", b"\xd0\xcf\x11\xe0 never run")
    assert _read(target).rows == _read(source).rows


def test_open_document_is_read(tmp_path: Path) -> None:
    rows = [["Gruppe", "Anzahl"], ["Verwaltung", "12"], ["Gesamt", "12"]]
    cells = "".join(
        "<table:table-row>"
        + "".join(
            f'<table:table-cell office:value-type="string"><text:p>{cell}</text:p></table:table-cell>'
            for cell in row
        )
        + "</table:table-row>"
        for row in rows
    )
    content = (
        '<?xml version="1.0" encoding="UTF-8"?><office:document-content '
        'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
        'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
        'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"><office:body>'
        f'<office:spreadsheet><table:table table:name="Teilnehmer">{cells}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    path = tmp_path / "w.ods"
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        package.writestr("content.xml", content)
        package.writestr(
            "META-INF/manifest.xml",
            '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>',
        )
    export = _read(path)
    assert export.container == "ods"
    assert [row.cells["persons"] for row in export.rows["participation"]] == ["12"]
    assert "total_row" in _rules(export)


def test_one_text_file_per_sheet(tmp_path: Path) -> None:
    contributions = files.write_csv(
        tmp_path / "b.csv",
        [
            ["Nr.", "Frage", "Feld", "Aussage", "Klebepunkte"],
            [1, "Stärken", "EB", "Runder Tisch", "IIII"],
        ],
        ";",
    )
    keys = files.write_csv(tmp_path / "w.csv", [["AGS", "03241005"], ["Datum:", "14. Mai 2025"]])
    assert _read(contributions).part == "contribution"
    export = _read(keys)
    assert (export.part, export.data_rows) == ("workshop", 1)
    assert export.keys is not None
    assert export.keys.cells == {"ags": "03241005", "held_on": "14. Mai 2025"}


def test_key_beside_an_empty_key_is_no_value(tmp_path: Path) -> None:
    path = tmp_path / "w.xlsx"
    workbook = Workbook()
    page = workbook.active
    assert page is not None
    page.append(["AGS", None, "Datum: 14.05.2025"])
    workbook.save(path)
    with pytest.raises(UnreadableFileError) as caught:
        _read(path)
    assert (caught.value.rule, caught.value.value) == ("template_key_missing", "AGS")


MURAL_LEGEND = """{
  colours: {"#FFF9B1": {guiding_question: strength}, "#ff9d48": {guiding_question: need}},
  areas: {Gruppe 1: {action_field: MS, actor_group: administration}},
  positions: [{x: [1000, 2000], y: [0, 500], action_field: EB}],
  ignored: {colours: ["#FFFFFF"], texts: [Legende]}}"""


def test_mural_by_colour_area_and_position(tmp_path: Path) -> None:
    path = files.mural(
        tmp_path / "mural.csv",
        [
            ("Vereine &amp; Ämter reden &#39;miteinander&#39;", "#fff9b1", "Gruppe 1", 10, 10),
            ("Zuständigkeiten unklar", "#FF9D48", "", 1500, 100),
            ("Titel des Boards", "#FFFFFF", "", 0, 0),
            ("Legende", "#FFF9B1", "Gruppe 1", 0, 0),
            ("", "#FFF9B1", "Gruppe 1", 0, 0),
            ("Wohin gehört das?", "#B6D7A8", "Gruppe 1", 0, 0),
            ("Zweimal", "#FFF9B1", "Gruppe 1", 1500, 100),
        ],
    )
    tables = _tables(path)
    assert [tool.recognise(tables) for tool in (*BOARD_TOOLS, *VOTING_TOOLS)] == [
        True,
        False,
        False,
        False,
    ]
    export = mural.read(tables, _legend(tmp_path, MURAL_LEGEND), ID)
    rows = {row.source_row: row.cells for row in export.rows["contribution"]}
    assert rows[2] == {
        "number": "1",
        "text": "Vereine & Ämter reden 'miteinander'",
        "points": "",
        "guiding_question": "strength",
        "action_field": "MS",
        "actor_group": "administration",
    }
    assert (rows[3]["guiding_question"], rows[3]["action_field"]) == ("need", "EB")
    assert _rules(export) == [
        "board_entry_without_meaning",
        "board_marks_conflict",
        "board_row_empty",
        "board_row_ignored",
    ]
    kept_back = {x.rule: x for x in export.findings if x.severity == "critical"}
    assert kept_back["board_entry_without_meaning"].source_row == 7
    assert "Leitfrage" in kept_back["board_entry_without_meaning"].message
    assert kept_back["board_marks_conflict"].source_row == 8
    assert (export.data_rows, export.ignored_rows) == (4, 3)
    assert files.EDITOR not in repr(export)


def test_column_added_to_a_board_is_named_with_its_place(tmp_path: Path) -> None:
    rows = [[*files.MURAL_HEADINGS, "Notiz"], ["1", "a", "#FFF9B1", *[""] * 12, "b"]]
    export = _read(files.write_csv(tmp_path / "mural.csv", rows))
    (unknown,) = (x for x in export.findings if x.rule == "workshop_column_unknown")
    assert (unknown.source_row, unknown.position) == (1, len(files.MURAL_HEADINGS))


def test_board_without_legend_names_what_is_needed(tmp_path: Path) -> None:
    path = files.mural(
        tmp_path / "mural.csv", [("a", "#FFF9B1", "Feld", 0, 0), ("b", "#FFF9B1", "Rand", 0, 0)]
    )
    export = _read(path)
    assert (export.tool, export.data_rows) == ("mural", 2)
    (refusal,) = (x for x in export.findings if x.severity == "critical")
    assert (refusal.rule, refusal.source_row) == ("legend_missing", None)
    assert "2 Einträge" in refusal.message
    needed = {x.source_column: x.message for x in export.findings if x.rule == "legend_mark"}
    assert needed.keys() == {"Farbe #FFF9B1", "Bereich Feld", "Bereich Rand"}
    assert "(2 Einträge)" in needed["Farbe #FFF9B1"]


def test_padlet_posts_become_text_with_reactions(tmp_path: Path) -> None:
    path = files.padlet(
        tmp_path / "padlet.csv",
        [
            ("Runder Tisch", "<p>l&auml;uft&nbsp;gut<br>seit 2020</p><script>x()</script>", "A", 4),
            ("", "<div>Mehr Orte</div>", "Was läuft gut?", ""),
            ("Ohne Feld", "", "B", 1),
        ],
    )
    legend = _legend(
        tmp_path,
        "{sections: {A: {guiding_question: need}}, whole_board: {action_field: KK}}",
    )
    export = padlet.read(_tables(path), legend, ID)
    rows = export.rows["contribution"]
    assert [row.cells["text"] for row in rows] == [
        "Runder Tisch: läuft gut\nseit 2020",
        "Mehr Orte",
        "Ohne Feld",
    ]
    assert [row.cells["points"] for row in rows] == ["4", "", "1"]
    # A section named like a guiding question speaks for itself.
    assert [row.cells.get("guiding_question") for row in rows] == ["need", "strength", None]
    assert _rules(export) == ["board_entry_without_meaning"]
    assert files.EDITOR not in repr(export)


def test_polis_counts_what_moderation_took_out(tmp_path: Path) -> None:
    path = files.polis(
        tmp_path / "comments.csv",
        [(1, 59, -1, "raus"), (2, 17, 1, "drin"), (3, 2, 0, "auch"), (4, 1, 7, "?")],
    )
    legend = _legend(tmp_path, "{whole_board: {guiding_question: need, action_field: EB}}")
    export = polis.read(_tables(path), legend, ID)
    rows = export.rows["contribution"]
    assert [(row.cells["number"], row.cells["points"]) for row in rows] == [
        ("2", "17"),
        ("3", "2"),
        ("4", "1"),
    ]
    assert export.ignored_rows == 1
    assert _rules(export) == ["polis_moderated_out", "polis_moderation_unknown"]


def test_real_polis_file(shared_exports: Path, tmp_path: Path) -> None:
    folder = shared_exports.parent / "other_tools" / "polis"
    legend = _legend(tmp_path, "{whole_board: {guiding_question: need, action_field: EB}}")
    source = tmp_path / "comments.csv"
    source.write_bytes((folder / "polis_de_klimarat_comments.csv").read_bytes())
    export = polis.read(_tables(source), legend, ID)
    # Counted in the file without this project's code.
    assert (len(export.rows["contribution"]), export.ignored_rows) == (277, 245)
    assert _rules(export) == ["polis_moderated_out"]
    summary = tmp_path / "summary.csv"
    summary.write_bytes((folder / "polis_de_klimarat_summary_keyvalue.csv").read_bytes())
    with pytest.raises(UnreadableFileError) as caught:
        _read(summary)
    assert (caught.value.rule, caught.value.value) == ("polis_other_file", "summary.csv")


@pytest.mark.parametrize(
    ("name", "head"),
    [
        ("votes.csv", "timestamp,datetime,comment-id,voter-id,vote"),
        ("participants-votes.csv", "participant,group-id,n-comments,n-votes,n-agree,n-disagree"),
    ],
)
def test_other_polis_files_are_named(tmp_path: Path, name: str, head: str) -> None:
    columns = head.split(",")
    path = files.write_csv(tmp_path / "x.csv", [columns, ["1"] * len(columns)])
    with pytest.raises(UnreadableFileError) as caught:
        _read(path)
    assert (caught.value.rule, caught.value.value) == ("polis_other_file", name)


def test_mentimeter_by_question(tmp_path: Path) -> None:
    path = files.mentimeter(
        tmp_path / "menti.xlsx",
        [
            (
                "Was läuft gut?",
                [["Responses", "Votes", "Voter"], ["Vereine", 5, "v1"], ["Total", 5, ""]],
            ),
            ("Wo drückt der Schuh?", [["Responses"], ["Formulare"], ["Formulare"]]),
        ],
    )
    tables = _tables(path)
    assert mentimeter.recognise(tables)
    legend = _legend(
        tmp_path,
        "{questions: {'Wo drückt der Schuh?': {guiding_question: need}}, "
        "whole_board: {action_field: KK}}",
    )
    export = mentimeter.read(tables, legend, ID)
    assert [
        (row.sheet, row.cells["guiding_question"], row.cells["text"], row.cells["points"])
        for row in export.rows["contribution"]
    ] == [
        ("Slide 1", "strength", "Vereine", "5"),
        ("Slide 2", "need", "Formulare", ""),
        ("Slide 2", "need", "Formulare", ""),
    ]
    assert _rules(export) == ["sheet_not_used", "total_row"]


def test_hidden_sheet_of_a_board_is_reported(tmp_path: Path) -> None:
    path = files.mentimeter(
        tmp_path / "m.xlsx", [("Was läuft gut?", [["Responses"], ["Vereine"]])] * 2
    )
    workbook = load_workbook(path)
    workbook["Slide 2"].sheet_state = "hidden"
    workbook.save(path)
    legend = _legend(tmp_path, "{whole_board: {action_field: KK}}")
    export = mentimeter.read(_tables(path), legend, ID)
    assert export.data_rows == 1
    assert _rules(export) == ["sheet_hidden", "sheet_not_used"]


def test_question_alone_needs_the_tool_named(tmp_path: Path) -> None:
    workbook = Workbook()
    page = workbook.active
    assert page is not None
    page.append(["Was läuft gut?"])
    page.append(["Antworten", "Stimmen"])
    page.append(["Vereine", 2])
    workbook.save(tmp_path / "list.xlsx")
    assert not mentimeter.recognise(_tables(tmp_path / "list.xlsx"))
    workbook.create_sheet("Info").append(["Export from Mentimeter"])
    workbook.save(tmp_path / "menti.xlsx")
    assert mentimeter.recognise(_tables(tmp_path / "menti.xlsx"))


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("default: {farben: {}}", "farben"),
        ("default: {colours: {'#FFF': {guiding_question: idea}}}", "idea"),
        ("default: {sections: {A: {field: MS}}}", "field"),
        ("default: {positions: [{x: [0, 1], action_field: MS}]}", "positions"),
        ("default: {ignored: {authors: [x]}}", "authors"),
    ],
)
def test_legend_with_a_mistake_is_refused(tmp_path: Path, content: str, says: str) -> None:
    with pytest.raises(LegendError, match=says):
        _legends(tmp_path, content)


def test_legend_of_the_workshop_goes_before_the_default(tmp_path: Path) -> None:
    legends = _legends(
        tmp_path,
        "default: {whole_board: {action_field: MS}}\n"
        "workshops: {03241005/2025-05-14: {whole_board: {action_field: KK}}}",
    )
    assert legends.of("03241005", date(2025, 5, 14)).whole_board == {"action_field": "KK"}
    assert legends.of("03241005", date(2025, 5, 15)).whole_board == {"action_field": "MS"}


def test_html_becomes_plain_text() -> None:
    assert text_of("<b>3 &lt; 4</b> &amp; <i>mehr</i><br/><br/> Ende ") == "3 < 4 & mehr\nEnde"


@settings_of_hypothesis(max_examples=200, deadline=None)
@given(
    st.lists(
        st.sampled_from(["<", "<!", "<![", "]]>", "<?", "&#", "<!--", "<script", "<p>", "a", ">"]),
        max_size=12,
    )
)
def test_broken_html_is_never_an_error(pieces: list[str]) -> None:
    assert isinstance(text_of("".join(pieces)), str)


def test_html_the_parser_refuses_stays() -> None:
    assert text_of("<![< &amp; Ende") == "<![< & Ende"


def test_file_far_too_long_for_a_workshop_is_refused(tmp_path: Path) -> None:
    path = files.polis(tmp_path / "long.csv", [(x, 1, 1, "x") for x in range(20_001)])
    with pytest.raises(UnreadableFileError) as caught:
        _read(path)
    assert (caught.value.rule, caught.value.value) == ("workshop_too_long", "20002")


def test_template_is_locked_except_for_input(tmp_path: Path) -> None:
    write_template(REFERENCE, tmp_path / "w.xlsx")
    workbook = load_workbook(tmp_path / "w.xlsx")
    assert workbook.sheetnames == [
        "Hinweise",
        "Workshop",
        "Teilnehmende",
        "Beiträge",
        "Maßnahmen",
        "Listen",
    ]
    for page in workbook:
        assert page.protection.sheet
    page = workbook["Beiträge"]
    assert page["E1"].protection.locked
    assert not page.column_dimensions["E"].protection.locked
    assert not workbook["Workshop"]["B2"].protection.locked
    kinds = {x.type for x in page.data_validations.dataValidation}
    assert kinds == {"list", "whole", None}
    prompts = [x.prompt for x in page.data_validations.dataValidation]
    assert len(prompts) == 6
    assert all(prompts)
