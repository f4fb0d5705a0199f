"""Makes a synthetic survey of a municipality's own: other codes, scale the other way round.

It asks the canonical items, each action field in one array, and carries what such
surveys carry: timings, access codes, IP addresses, an e-mail question, "&" in its title
and a no-break space in a label. The truth is known because it is made here.
"""

import csv
import random
import shutil
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import openpyxl

from weltoffen_etl.settings import Settings

SURVEY_ID = "471101"
AGS = "01003000"
WAVE = "t0"
TITLE = "Vielfalt & Teilhabe – eigener Selbstcheck der Stadt"
QUESTION = "Wie sehr stimmt das bei uns?"
ARRAYS = {
    "MS": "VERW",
    "IA": "OEFF",
    "FZ": "TEILH",
    "AW": "ARB",
    "EB": "BETEIL",
    "ZB": "ZUS",
    "KK": "KOMM",
}
LABELS = {
    "AO01": "trifft zu",
    "AO02": "trifft eher zu",
    "AO03": "trifft eher nicht zu",
    "AO04": "trifft nicht zu",
    "AO05": "k.\u00a0A.",
}
MEANS: dict[str, tuple[int | None, str | None]] = {
    "AO01": (4, None),
    "AO02": (3, None),
    "AO03": (2, None),
    "AO04": (1, None),
    "AO05": (None, "dont_know"),
}
FUNCTIONS = {"F1": ("Bürgermeister*in", "head"), "F2": ("Sachgebiet", "case_worker")}
SELECTION_PAGE = 2
FIRST_ARRAY_PAGE = 3
LAST_PAGE = 10
OWN = {
    "id": "Antwort ID",
    "submitdate": "Datum Abgeschickt",
    "lastpage": "Letzte Seite",
    "startlanguage": "Start-Sprache",
    "seed": "Zufallsstartwert",
    "token": "Zugangsschlüssel",
    "startdate": "Datum gestartet",
    "datestamp": "Datum letzte Aktivität",
    "ipaddr": "IP-Adresse",
    "refurl": "Weiterleitungs-URL",
}


@dataclass
class OwnSurvey:
    """The survey: questions in order and what was entered."""

    items: dict[str, tuple[str, str]]
    fields: dict[str, str]
    responses: list[dict[str, Any]] = field(default_factory=list)

    @property
    def headings(self) -> dict[str, str]:
        """Full heading by code of every question column, in the survey's order."""
        asked = {
            "RUNDE": "Runde der Befragung",
            "GKZ": "Gemeindekennziffer",
            "FUNKTION": "Ihre Funktion",
        }
        asked |= {
            f"THEMEN[T{number}]": f"Welche Themen? [{label}]"
            for number, label in enumerate(self.fields.values(), start=1)
        }
        asked |= {code: f"{QUESTION} [{text}]" for code, (_, text) in self.items.items()}
        return asked | {"BEM": "Was möchten Sie ergänzen?", "MAIL": "Ihre E-Mail-Adresse"}

    @property
    def personal(self) -> list[str]:
        """Every value that must never arrive in any table."""
        names = ("token", "ipaddr", "refurl", "MAIL")
        return [response[name] for response in self.responses for name in names]

    def truth(self) -> dict[tuple[str, str], tuple[int | None, str | None]]:
        """Value and missing reason by response id and canonical item."""
        return {
            (str(response["id"]), item): self._true(response, code)
            for response in self.responses
            for code, (item, _) in self.items.items()
        }

    def _true(self, response: dict[str, Any], code: str) -> tuple[int | None, str | None]:
        if code in response["answers"]:
            return MEANS[response["answers"][code]]
        action_field = next(f for f, array in ARRAYS.items() if code.startswith(f"{array}["))
        if response["lastpage"] < SELECTION_PAGE:
            return None, "not_reached"
        if action_field not in response["chosen"]:
            return None, "not_chosen"
        page = FIRST_ARRAY_PAGE + list(ARRAYS).index(action_field)
        return None, "not_reached" if page > response["lastpage"] else "skipped"


def make(responses: int = 12) -> OwnSurvey:
    """Makes the survey with its responses, the same every time."""
    reference = Settings.model_fields["reference_dir"].default
    items, counters = {}, dict.fromkeys(ARRAYS, 0)
    for row in _csv(reference / "items.csv"):
        counters[row["action_field"]] += 1
        code = f"{ARRAYS[row['action_field']]}[S{counters[row['action_field']]:02d}]"
        items[code] = (row["item_code"], row["text_de"])
    fields = {row["action_field"]: row["label_de"] for row in _csv(reference / "action_fields.csv")}
    survey = OwnSurvey(items, fields)
    chance = random.Random(7)  # noqa: S311 - answers, not secrets
    for number in range(1, responses + 1):
        page = {3: 1, 5: 5}.get(number, LAST_PAGE)
        chosen = set(chance.sample(list(ARRAYS), 5)) if page >= SELECTION_PAGE else set()
        answers = {}
        for code in items:
            action_field = next(f for f, array in ARRAYS.items() if code.startswith(f"{array}["))
            reached = FIRST_ARRAY_PAGE + list(ARRAYS).index(action_field) <= page
            if action_field in chosen and reached and chance.random() > 0.05:
                answers[code] = chance.choice(list(LABELS))
        survey.responses.append(
            {
                "id": number,
                "submitdate": "2025-04-01 10:00:00" if page == LAST_PAGE else "",
                "lastpage": page,
                "startlanguage": "de",
                "seed": str(1000 + number),
                "token": f"zugang{number:03d}geheim",
                "startdate": "2025-04-01 09:30:00",
                "datestamp": "2025-04-01 10:00:00",
                "ipaddr": f"203.0.113.{100 + number}",
                "refurl": f"https://intern{number}.example/rathaus",
                "RUNDE": WAVE,
                # A key nobody knows: the response is kept back, its personal values too.
                "GKZ": "99999999" if number == 7 else AGS,
                "FUNKTION": "F1" if number % 2 else "F2",
                "chosen": chosen,
                "answers": answers,
                "BEM": "Wir sind dran." if number == 2 else "",
                "MAIL": f"person{number}@rathaus.example",
            }
        )
    return survey


def write_csv(survey: OwnSurvey, target: Path, *, long: bool) -> Path:
    """Writes the export as the web form does: all quoted, timings that are NULL not."""
    text = StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(_heading_row(survey, long=long))
    for row in _rows(survey, long=long):
        line = StringIO()
        csv.writer(line, quoting=csv.QUOTE_ALL, lineterminator="").writerow(
            ["\0" if cell is None else cell for cell in row]
        )
        text.write(line.getvalue().replace('"\0"', "") + "\r\n")
    target.write_bytes(b"\xef\xbb\xbf" + text.getvalue().encode())
    return target


def write_xlsx(survey: OwnSurvey, target: Path) -> Path:
    """Writes the export as a workbook that guesses types cell by cell."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = TITLE[:31]
    headings = _heading_row(survey, long=False)
    sheet.append(headings)
    for number, row in enumerate(_rows(survey, long=False)):
        cells = list(row)
        if number % 2:
            cells[headings.index("GKZ")] = int(cells[headings.index("GKZ")])
        sheet.append(cells)
    book.save(target)
    return target


def write_lss(survey: OwnSurvey, target: Path) -> Path:
    """Writes the structure as LimeSurvey 6 does."""
    target.write_text(_structure(survey), encoding="utf-8")
    return target


def write_mapping(survey: OwnSurvey, target: Path) -> Path:
    """Writes the hand-kept mapping, in the words a person would use."""
    lines = ["tool: limesurvey", "synthetic: true", "scales:", "  zustimmung:"]
    lines += [
        f'    {code}: {{value: {MEANS[code][0] or MEANS[code][1]}, expect: "{label}"}}'.replace(
            "\u00a0", " "
        )
        for code, label in LABELS.items()
    ]
    lines += ["values:", "  FUNKTION:"]
    lines += [f"    {code}: {role}" for code, (_, role) in FUNCTIONS.items()]
    lines += [
        "columns:",
        "  RUNDE: {role: wave}",
        "  Gemeindekennziffer: {role: ags}",
        "  FUNKTION: {role: respondent_role}",
        "  BEM: {role: comment, topic: general}",
        "  MAIL: {role: never_loaded, reason: E-Mail-Adresse}",
    ]
    for number, action_field in enumerate(survey.fields, start=1):
        lines.append(f'  "THEMEN[T{number}]": {{role: field_choice, action_field: {action_field}}}')
    for code, (item, text) in survey.items.items():
        quoted = text.replace('"', '\\"')
        lines.append(
            f'  "{code}": {{role: item, item: {item}, scale: zustimmung, expect: "{quoted}"}}'
        )
    target.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return target


def reference_with_own_survey(survey: OwnSurvey, folder: Path) -> Path:
    """Copies the reference folder and puts the survey beside the known instrument."""
    from weltoffen_etl.instrument.limesurvey_structure import read_structure
    from weltoffen_etl.instrument.store import write_structure

    shutil.copytree(Settings.model_fields["reference_dir"].default, folder)
    instrument = folder / "instruments" / SURVEY_ID
    write_structure(read_structure(write_lss(survey, folder.parent / "own.lss")), instrument)
    write_mapping(survey, instrument / "mapping.yml")
    return folder


def _csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _heading_row(survey: OwnSurvey, *, long: bool) -> list[str]:
    timings = {"interviewtime": "Gesamtzeit"}
    timings |= {f"groupTime{page}": f"Gruppenzeit: Seite {page} &amp; mehr" for page in range(1, 4)}
    timings |= {f"{array}Time": f"Fragenzeit: {array}" for array in ARRAYS.values()}
    headings = OWN | survey.headings | timings
    return list(headings.values() if long else headings)


def _rows(survey: OwnSurvey, *, long: bool) -> list[list[Any]]:
    rows = []
    for response in survey.responses:
        cells: list[Any] = [response[name] for name in OWN]
        function = response["FUNKTION"]
        cells += [response["RUNDE"], response["GKZ"]]
        cells.append(FUNCTIONS[function][0] if long else function)
        ticks = ("Ja", "Nein") if long else ("Y", "")
        cells += [ticks[0] if name in response["chosen"] else ticks[1] for name in survey.fields]
        for code in survey.items:
            answer = response["answers"].get(code, "")
            cells.append(LABELS.get(answer, "") if long else answer)
        cells += [response["BEM"], response["MAIL"]]
        cells += ["61.5", "12.25", None, None, *(None for _ in ARRAYS)]
        rows.append(cells)
    return rows


def _structure(survey: OwnSurvey) -> str:
    questions: list[dict[str, Any]] = []
    subs: list[dict[str, Any]] = []
    texts: list[dict[str, Any]] = []
    answers: list[dict[str, Any]] = []
    answer_texts: list[dict[str, Any]] = []

    def ask(code: str, page: int, kind: str, text: str, parent: int = 0) -> int:
        qid = len(texts) + 1
        row = {"qid": qid, "parent_qid": parent, "sid": SURVEY_ID, "gid": page, "type": kind}
        row |= {"title": code, "question_order": qid, "scale_id": 0, "other": "N"}
        (subs if parent else questions).append(row)
        texts.append({"id": qid, "qid": qid, "question": f"<p>{escape(text)}</p>"})
        return qid

    def offer(qid: int, labels: dict[str, str]) -> None:
        for order, (code, label) in enumerate(labels.items(), start=1):
            aid = len(answers) + 1
            answers.append(
                {"aid": aid, "qid": qid, "code": code, "sortorder": order, "scale_id": 0}
            )
            answer_texts.append({"id": aid, "aid": aid, "answer": escape(label)})

    ask("RUNDE", 1, "S", "Runde der Befragung")
    ask("GKZ", 1, "S", "Gemeindekennziffer")
    offer(ask("FUNKTION", 1, "L", "Ihre Funktion"), {c: x for c, (x, _) in FUNCTIONS.items()})
    topics = ask("THEMEN", 2, "M", "Welche Themen?")
    for number, label in enumerate(survey.fields.values(), start=1):
        ask(f"T{number}", 2, "T", label, topics)
    for page, array in enumerate(ARRAYS.values(), start=FIRST_ARRAY_PAGE):
        parent = ask(array, page, "F", QUESTION)
        offer(parent, LABELS)
        for code, (_, text) in survey.items.items():
            if code.startswith(f"{array}["):
                ask(code.removeprefix(f"{array}[").removesuffix("]"), page, "T", text, parent)
    ask("BEM", LAST_PAGE, "T", "Was möchten Sie ergänzen?")
    ask("MAIL", LAST_PAGE, "S", "Ihre E-Mail-Adresse")
    tables: dict[str, list[dict[str, Any]]] = {
        "answers": answers,
        "answer_l10ns": [row | {"language": "de"} for row in answer_texts],
        "groups": [
            {"gid": page, "sid": SURVEY_ID, "group_order": page, "grelevance": "1"}
            for page in range(1, LAST_PAGE + 1)
        ],
        "questions": questions,
        "subquestions": subs,
        "question_l10ns": [row | {"language": "de"} for row in texts],
        "surveys": [{"sid": SURVEY_ID, "language": "de", "additional_languages": ""}],
        "surveys_languagesettings": [
            {
                "surveyls_survey_id": SURVEY_ID,
                "surveyls_language": "de",
                "surveyls_title": escape(TITLE),
            }
        ],
    }
    body = "".join(
        f"<{name}><rows>{''.join(_row(row) for row in rows)}</rows></{name}>\n"
        for name, rows in tables.items()
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<document>\n'
        "<LimeSurveyDocType>Survey</LimeSurveyDocType>\n<DBVersion>628</DBVersion>\n"
        f"<languages><language>de</language></languages>\n{body}</document>\n"
    )


def _row(row: dict[str, Any]) -> str:
    cells = (f"<{name}><![CDATA[{value}]]></{name}>" for name, value in row.items())
    return f"<row>{''.join(cells)}</row>"
