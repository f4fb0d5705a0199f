"""Files of other tools with a questionnaire of their own, from the inbox to core."""

import csv
import dataclasses
import io
import re
import shutil
from itertools import cycle
from pathlib import Path

import duckdb
import pytest

from tests.conftest import SHARED
from tests.questionnaires import (
    AGREEMENT,
    COLUMNS,
    OPTIONS,
    QUESTIONS,
    SCALE,
    keep,
    questionnaire,
)
from weltoffen_etl.deliveries.intake import take_in
from weltoffen_etl.disclosure.build import build_schema
from weltoffen_etl.instrument.limesurvey_structure import read_structure
from weltoffen_etl.instrument.model import (
    AnswerOption,
    InstrumentError,
    SourceColumn,
    Structure,
    text_key,
)
from weltoffen_etl.reference import MOST_ITEMS
from weltoffen_etl.settings import Settings
from weltoffen_etl.staging import stage_deliveries
from weltoffen_etl.warehouse import build


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings with a copy of the reference data that holds no questionnaire."""
    reference = tmp_path / "reference"
    shutil.copytree(Settings().reference_dir, reference)
    shutil.rmtree(reference / "instruments")
    return Settings(data_dir=tmp_path / "data", reference_dir=reference, settle_seconds=0.0)


def _deliver(settings: Settings, place: str, text: str) -> None:
    target = settings.inbox / place / "selfcheck" / "file.csv"
    target.parent.mkdir(parents=True)
    target.write_text(text, encoding="utf-8")


def _build(settings: Settings) -> duckdb.DuckDBPyConnection:
    intake = take_in(settings)
    stage_deliveries(settings, intake.arrivals)
    build.start(settings)
    build.build_raw(settings, list(intake.arrivals))
    build_schema(settings, "core")
    return duckdb.connect(str(build.build_file(settings)), read_only=True)


def _answers(connection: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], object]:
    """Value, or else the reason why there is none, by response and item."""
    rows = connection.execute(
        "SELECT source_response_id, item_code, value, missing_reason "
        "FROM core.answer JOIN core.response USING (response_id)"
    ).fetchall()
    return {(response, item): reason or value for response, item, value, reason in rows}


def _choices(connection: duckdb.DuckDBPyConnection) -> dict[str, dict[str, bool | None]]:
    rows = connection.execute(
        "SELECT source_response_id, action_field, is_chosen "
        "FROM core.field_choice JOIN core.response USING (response_id)"
    ).fetchall()
    found: dict[str, dict[str, bool | None]] = {}
    for response, field, is_chosen in rows:
        found.setdefault(response, {})[field] = is_chosen
    return found


def _findings(connection: duckdb.DuckDBPyConnection, rule: str) -> list[tuple]:
    return connection.execute(
        "SELECT source_row, value FROM raw.finding WHERE rule = $rule ORDER BY 1", {"rule": rule}
    ).fetchall()


def test_microsoft_forms_gives_answers_and_choices(settings: Settings) -> None:
    facts = {
        "tool": "microsoft_forms",
        "scales": {"agreement": SCALE},
        "values": {"felder": OPTIONS},
        "columns": COLUMNS,
    }
    keep(settings.reference_dir, "forms", questionnaire("forms", QUESTIONS, AGREEMENT), facts)
    own = "Id;Startzeit;Fertigstellungszeit;E-Mail;Name"
    rows = [
        ["1", "Arbeit, wirtschaftliche Entwicklung;Bildung; Teilhabe;", "trifft zu", "weiß nicht"],
        ["2", "Management;", "", ""],
        ["3", "Bildung; Teilhabe;Tanzen;", "", "trifft eher nicht zu"],
        ["4", "keines davon;", "trifft nicht zu", ""],
    ]
    text = f"{own};" + ";".join(QUESTIONS.values()) + "\n"
    for number, *cells in rows:
        times = "03.04.2025 10:00;03.04.25 10:09"
        quoted = ";".join(f'"{cell}"' for cell in cells)
        text += f"{number};{times};a{number}@example.org;Person {number};{quoted}\n"
    _deliver(settings, "03241005/t0", text)
    with _build(settings) as connection:
        assert _answers(connection) == {
            ("1", "AW01"): 4,
            ("1", "FZ01"): "dont_know",
            ("2", "AW01"): "not_chosen",
            ("2", "FZ01"): "not_chosen",
            ("3", "AW01"): "not_chosen",
            ("3", "FZ01"): 2,
            ("4", "AW01"): 1,
            ("4", "FZ01"): "not_chosen",
        }
        assert _choices(connection) == {
            "1": {"AW": True, "FZ": True, "MS": False},
            "2": {"AW": False, "FZ": False, "MS": True},
            "3": {"AW": False, "FZ": True, "MS": False},
            "4": {"AW": False, "FZ": False, "MS": False},
        }
        assert _findings(connection, "choice_unknown") == [(4, "Tanzen")]
        assert _findings(connection, "time_unreadable") == []
        moments = connection.execute(
            "SELECT DISTINCT started_at::VARCHAR, submitted_at::VARCHAR, is_submitted "
            "FROM core.response"
        ).fetchall()
        # The questionnaire asks for neither key nor wave: the folder is where they belong.
        assert _findings(connection, "ags_repaired") == []
        assert _findings(connection, "wave_repaired") == []
        assert moments == [("2025-04-03 10:00:00", "2025-04-03 10:09:00", True)]
        everything = connection.execute("SELECT raw.response FROM raw.response").fetchall()
        assert "example.org" not in str(everything)


def test_qualtrics_codes_previews_and_unfinished_forms(settings: Settings) -> None:
    facts = {
        "tool": "qualtrics",
        "scales": {"agreement": SCALE},
        "values": {"felder": {"1": "AW", "2": "FZ", "12": "MS"}},
        "columns": COLUMNS,
    }
    keep(
        settings.reference_dir, "qualtrics", questionnaire("qualtrics", QUESTIONS, AGREEMENT), facts
    )
    heads = [
        "StartDate",
        "Status",
        "IPAddress",
        "Finished",
        "RecordedDate",
        "ResponseId",
        *QUESTIONS,
    ]
    output = io.StringIO()
    writer = csv.writer(output, lineterminator="\n")
    writer.writerow(heads)
    writer.writerow([*heads[:6], *(f"{text}\n(bitte\nwählen)" for text in QUESTIONS.values())])
    writer.writerow([f'{{"ImportId":"{x}","timeZone":"Europe/Berlin"}}' for x in heads])
    start, end = "2025-03-01 10:00:00", "2025-03-01 10:10:00"
    writer.writerow([start, "0", "192.0.2.1", "1", end, "R_1", "1,2", "4", "3"])
    writer.writerow([start, "IP Address", "192.0.2.1", "False", end, "R_2", "12", "", ""])
    writer.writerow([start, "1", "192.0.2.1", "1", end, "R_3", "1", "4", "4"])
    writer.writerow([start, "Survey Preview", "192.0.2.1", "True", end, "R_4", "1", "4", "4"])
    writer.writerow([start, "0", "192.0.2.1", "0", end, "R_5", "", "", ""])
    _deliver(settings, "03241005/t0", output.getvalue())
    with _build(settings) as connection:
        states = connection.execute(
            "SELECT source_response_id, is_submitted, excluded_because FROM core.response ORDER BY 1"
        ).fetchall()
        assert states == [
            ("R_1", True, None),
            ("R_2", False, None),
            ("R_3", True, "test_case"),
            ("R_4", True, "test_case"),
            ("R_5", False, "visit_only"),
        ]
        assert _findings(connection, "test_case") == [(6, "1"), (7, "Survey Preview")]
        assert _findings(connection, "times_in_zone") == [(None, "Europe/Berlin")]
        counted = connection.execute("SELECT sum(n) FROM core.answer_count").fetchone()
        assert counted == (4,)
        assert _choices(connection)["R_1"] == {"AW": True, "FZ": True, "MS": False}
        assert _choices(connection)["R_2"] == {"AW": False, "FZ": False, "MS": True}
        assert _choices(connection)["R_5"] == {"AW": None, "FZ": None, "MS": None}
        assert _answers(connection)["R_1", "AW01"] == 4


def test_google_forms_rows_are_counted_and_dates_proven(settings: Settings) -> None:
    facts = {
        "tool": "google_forms",
        "scales": {"agreement": SCALE},
        "values": {"felder": OPTIONS},
        "columns": COLUMNS,
    }
    keep(settings.reference_dir, "google", questionnaire("google", QUESTIONS, AGREEMENT), facts)
    head = "Timestamp," + ",".join(f'"{text} "' for text in QUESTIONS.values()) + "\n"
    chosen = '"Arbeit, wirtschaftliche Entwicklung, Management"'
    _deliver(
        settings,
        "03241005/t0",
        f"{head}9/6/2025 0:06:16,{chosen},trifft zu,\n9/26/2025 13:06:16,{chosen},trifft eher zu,\n",
    )
    _deliver(settings, "09762000/t0", f"{head}9/6/2025 0:06:16,{chosen},trifft zu,\n")
    with _build(settings) as connection:
        rows = connection.execute(
            "SELECT ags, source_response_id, submitted_at::VARCHAR FROM core.response ORDER BY ALL"
        ).fetchall()
        assert rows == [
            ("03241005", "2", "2025-09-06 00:06:16"),
            ("03241005", "3", "2025-09-26 13:06:16"),
            ("09762000", "2", None),
        ]
        assert _findings(connection, "time_unreadable") == [(2, "9/6/2025 0:06:16")]
        assert _choices(connection)["3"] == {"AW": True, "FZ": False, "MS": True}
        assert len(_findings(connection, "responses_without_number")) == 2


# Labels of the structure in the language of the twin file.
ENGLISH = {
    "Stimme vollständig zu": "Agree completely",
    "Stimme eher zu": "Rather agree",
    "Stimme eher nicht zu": "Rather disagree",
    "Stimme gar nicht zu": "Disagree completely",
    "Stimme garnicht zu": "Disagree completely",
    "Sehr wichtig": "Very important",
    "Eher wichtig": "Rather important",
    "Eher unwichtig": "Rather unimportant",
    "Nicht wichtig": "Not important",
    "sehr wichtig": "Very important",
    "eher wichtig": "Rather important",
    "eher unwichtig": "Rather unimportant",
    "garnicht wichtig": "Not important",
    "Ja": "Yes",
    "Nein": "No",
}
_CLOSED = ("F", "M")


def _records(path: Path) -> list[list[str]]:
    text = path.read_bytes().decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=";"))


def _parts(heading: str) -> tuple[str, str]:
    found = re.fullmatch(r"(.*?)\s*(?:\[(.*)\])?\s*", heading, re.DOTALL)
    assert found is not None
    return found[1], found[2] or ""


def _columns_of_file(structure: Structure, headings: list[str]) -> list[SourceColumn]:
    """The source column of each heading, by text and, where texts repeat, by order."""
    by_text: dict[str, list[SourceColumn]] = {}
    for column in structure.columns:
        sub = column.sub_text.get("de", "")
        key = text_key(f"{column.text['de']}[{sub}]" if sub else column.text["de"])
        by_text.setdefault(key, []).append(column)
    return [by_text[text_key(heading)].pop(0) for heading in headings]


def _bilingual(structure: Structure, german: list[str], english: list[str]) -> Structure:
    """Adds the English texts of the twin file, heading by heading."""
    texts = {
        column.source_code: _parts(heading)
        for column, heading in zip(_columns_of_file(structure, german), english, strict=True)
    }
    columns = []
    for column in structure.columns:
        text, sub = texts.get(column.source_code, ("", ""))
        sub_text = {**column.sub_text, **({"en": sub} if sub else {})}
        columns.append(
            dataclasses.replace(column, text={**column.text, "en": text}, sub_text=sub_text)
        )
    multiple = {column.question_code for column in structure.columns if column.kind == "M"}
    no = [AnswerOption(code, "N", 2, {"de": "Nein"}) for code in sorted(multiple)]
    answers = [
        dataclasses.replace(x, text={"de": x.text["de"], "en": ENGLISH.get(x.text["de"], "")})
        for x in (*structure.answers, *no)
    ]
    return dataclasses.replace(
        structure, languages=("de", "en"), columns=tuple(columns), answers=tuple(answers)
    )


def _is_item(column: SourceColumn) -> bool:
    return column.kind in _CLOSED and not column.source_code.endswith("[other]")


def _outcomes(structure: Structure) -> dict[str, dict[str, object]]:
    """A scale for each question: its codes in order, „Keine Angabe“ as no answer."""
    scales: dict[str, dict[str, object]] = {}
    for answer in structure.answers:
        position = min(answer.position, 4)
        outcome = "not_applicable" if answer.text["de"] == "Keine Angabe" else position
        scales.setdefault(answer.question_code, {})[answer.code] = outcome
    return scales


def test_german_and_english_twin_give_identical_answers(settings: Settings) -> None:
    folder = SHARED / "exports" / "other_tools" / "limesurvey"
    if not folder.is_dir():
        pytest.skip(f"the real exports of other tools are absent: {folder} does not exist")
    names = {x: folder / f"ls_{x}_fulltext_semicolon_resaved.csv" for x in ("de", "en")}
    records = {language: _records(path) for language, path in names.items()}
    german = read_structure(folder / "ls_de_structure_222232.lss")
    structure = _bilingual(german, records["de"][0][1:], records["en"][0][1:])
    items = {column.source_code: f"X{column.position:03}" for column in structure.columns}
    columns = {
        column.source_code: (
            {"role": "item", "item": items[column.source_code], "scale": column.question_code}
            if _is_item(column)
            else {"role": "ignored", "reason": "free text"}
        )
        for column in structure.columns
    }
    scales = _outcomes(structure)
    keep(
        settings.reference_dir,
        "twins",
        structure,
        {"tool": "limesurvey", "scales": scales, "columns": columns},
    )
    fields = cycle(("MS", "IA", "FZ", "AW", "EB", "ZB", "KK"))
    lines = [
        f"{code},{field},,{position},1,x"
        for position, (code, field) in enumerate(zip(items.values(), fields, strict=False), start=1)
    ]
    head = "item_code,action_field,sub_theme,position,polarity,text_de"
    (settings.reference_dir / "items.csv").write_text("\n".join([head, *lines]) + "\n")
    for ags, path in (("03241005", names["de"]), ("09762000", names["en"])):
        target = settings.inbox / ags / "t0" / "selfcheck" / path.name
        target.parent.mkdir(parents=True)
        shutil.copyfile(path, target)
    expected = _expected(structure, records["de"], items, scales)
    with _build(settings) as connection:
        rows = connection.execute(
            "SELECT ags, source_response_id, item_code, value, missing_reason "
            "FROM core.answer JOIN core.response USING (response_id)"
        ).fetchall()
        unknown = connection.execute(
            "SELECT count(*) FROM raw.file_column WHERE role = 'unknown'"
        ).fetchone()
        kept_back = connection.execute("SELECT count(*) FROM raw.quarantine").fetchone()
    assert (unknown, kept_back) == ((0,), (0,))
    answers: dict[str, dict[tuple[str, str], object]] = {}
    for ags, response, item, value, reason in rows:
        answers.setdefault(ags, {})[response, item] = (value, reason)
    assert len(answers["03241005"]) == 96 * sum(map(_is_item, structure.columns))
    assert answers["03241005"] == answers["09762000"]
    values = {place: value for place, (value, _) in answers["03241005"].items() if value}
    assert len(values) > 4000
    assert values == expected


def _expected(
    structure: Structure,
    records: list[list[str]],
    items: dict[str, str],
    scales: dict[str, dict[str, object]],
) -> dict[tuple[str, str], int]:
    """Values of the German file, read with the csv module and the labels alone."""
    codes = {
        (answer.question_code, text_key(answer.text["de"])): answer.code
        for answer in structure.answers
    }
    columns = _columns_of_file(structure, records[0][1:])
    found = {}
    for number, *cells in records[1:]:
        for column, cell in zip(columns, cells, strict=True):
            if not _is_item(column) or cell in ("", "N/A"):
                continue
            outcome = scales[column.question_code][codes[column.question_code, text_key(cell)]]
            if isinstance(outcome, int):
                found[number, items[column.source_code]] = outcome
    return found


def test_field_with_more_items_than_there_is_room_for_is_refused_in_words(
    settings: Settings,
) -> None:
    catalogue = settings.reference_dir / "items.csv"
    more = [f"MX{number:02},MS,,{number},1,x" for number in range(MOST_ITEMS)]
    catalogue.write_text(catalogue.read_text(encoding="utf-8") + "\n".join(more) + "\n")
    with pytest.raises(InstrumentError, match=r"mehr als 62 Fragen .* MS \(\d+\)\. Bitte"):
        build.start(settings)
