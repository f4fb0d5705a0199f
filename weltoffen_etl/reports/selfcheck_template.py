"""Writes the workbook into which forms on paper are typed, from a questionnaire."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from weltoffen_etl.exports.surveys.selfcheck_template import OWN_COLUMNS
from weltoffen_etl.instrument.model import ColumnMapping, Instrument, SourceColumn
from weltoffen_etl.reports import input_workbook as form

_ROLES: Final = frozenset(
    {
        "wave",
        "ags",
        "filled_on",
        "respondent_role",
        "years_in_role",
        "field_choice",
        "item",
        "overall",
        "priority",
        "comment",
    }
)
"""Roles of the columns that are typed; the key stands for the municipality."""

_YES_NO: Final = '"Ja,Nein"'
_OTHER: Final = "-oth-"
_FIRST_ROW: Final = 3
_HELP: Final = {
    "wave": "Erhebungswelle aus der Liste.",
    "ags": "Amtlicher Gemeindeschlüssel aus der Liste.",
    "filled_on": "Tag, an dem der Bogen ausgefüllt wurde, als TT.MM.JJJJ.",
    "respondent_role": "Angekreuzte Rolle aus der Liste.",
    "years_in_role": "Zahl der Jahre, nur die Zahl.",
    "field_choice": "Ja, wenn das Handlungsfeld auf dem Bogen gewählt ist, sonst Nein.",
    "item": "Angekreuzte Antwort aus der Liste. Leer lassen, wenn nichts angekreuzt ist.",
    "overall": "Angekreuzte Antwort aus der Liste.",
    "priority": "Handlungsfeld auf diesem Rang; leer lassen, wenn der Rang nicht vergeben ist.",
    "comment": "Wortlaut vom Bogen, ohne Namen von Personen.",
}
_INTRO: Final = (
    "Selbstcheck-Bögen abtippen: so wird die Vorlage ausgefüllt",
    (
        "Für Kommunen, die den Selbstcheck auf Papier ausfüllen. Eine Zeile im Blatt „Selbstcheck“ ist "
        "ein Bogen. Zeile 1 enthält die Kennungen der Fragen, Zeile 2 die Fragen; beide sind geschützt "
        "(ohne Kennwort) und müssen so bleiben."
    ),
    (
        "Formular-Nr.: Bitte jeden Bogen nummerieren, zum Beispiel P1, P2, P3, und die Nummer auch auf "
        "das Papier schreiben."
    ),
    (
        "Vollständig abgetippt am: erst eintragen, wenn der Bogen ganz abgetippt ist. Leere Zellen gelten "
        "dann als übersprungene Fragen, sonst als noch offen."
    ),
    (
        "Ablegen unter <AGS>/<Welle>/selfcheck/. Eine neue Fassung ersetzt die alte; bitte immer alle "
        "Bögen in einer Datei senden."
    ),
    "Bitte keine Namen, E-Mail-Adressen oder Telefonnummern von Personen abtippen.",
)
_Typed = tuple[SourceColumn, ColumnMapping]


def write_selfcheck_template(reference_dir: Path, instrument: Instrument, target: Path) -> None:
    """Writes an empty workbook for typed forms.

    Row 1 holds the codes of the questionnaire and row 2 the questions, so that it is
    read back like any other export of the same questionnaire.

    Args:
        reference_dir: registry and waves.
        instrument: the questionnaire.
        target: ``.xlsx`` file to write.
    """
    typed = [
        (column, instrument.mappings[column.source_code])
        for column in instrument.structure.columns
        if instrument.mappings[column.source_code].role in _ROLES
    ]
    lists = {
        "wave": _column(reference_dir / "waves.csv", "wave"),
        "ags": _column(reference_dir / "municipalities.csv", "ags"),
        **_answers(instrument, typed),
    }
    workbook = form.new_workbook()
    places = form.write_lists(workbook, lists)
    page = workbook.create_sheet("Selbstcheck", 0)
    _write_own(page)
    language = instrument.structure.languages[0]
    targets: dict[tuple[str, str], list[str]] = {}
    for number, (column, mapping) in enumerate(typed, start=len(OWN_COLUMNS) + 1):
        _write_heads(page, number, column.source_code, _question(column, mapping, language))
        form.open_column(page, number, _width(mapping.role), _format(mapping.role))
        targets.setdefault((mapping.role, column.question_code), []).append(_range(number))
    for (role, question), ranges in targets.items():
        _check(page, role, ranges, places.get(question) or places.get(role))
    page.row_dimensions[2].height = 150
    page.freeze_panes = page.cell(_FIRST_ROW, len(OWN_COLUMNS) + 1)
    form.lock(page)
    form.write_help(
        workbook,
        _INTRO,
        ("Kennung", "Eintrag", "Frage", "Antworten"),
        [
            (
                column.source_code,
                "Pflicht" if mapping.role in ("wave", "ags", "field_choice") else "",
                _question(column, mapping, language),
                _possible(mapping.role, lists.get(column.question_code, ())),
            )
            for column, mapping in typed
        ],
    )
    workbook.save(target)


def _write_own(page: Worksheet) -> None:
    for number, own in enumerate(OWN_COLUMNS, start=1):
        _write_heads(page, number, own.code, own.headings[0])
    form.open_column(page, 1, 12, form.TEXT_FORMAT)
    form.explain(
        page, [_range(1)], "Formular-Nr.", "Nummer, die auch auf dem Papierbogen steht, z. B. P1."
    )
    form.open_column(page, 2, 14, form.DATE_FORMAT)
    form.day(
        page, [_range(2)], "Vollständig abgetippt am", "Erst eintragen, wenn der Bogen fertig ist."
    )


def _write_heads(page: Worksheet, column: int, code: str, text: str) -> None:
    head = page.cell(1, column, code)
    head.font = Font(size=8, color="808080")
    head.alignment = Alignment(vertical="top")
    form.heading(page, 2, column, text)


def _question(column: SourceColumn, mapping: ColumnMapping, language: str) -> str:
    """The question as short as it stays clear: statements stand without their introduction."""
    text, sub = column.text[language], column.sub_text.get(language, "")
    match mapping.role:
        case "item":
            return sub or text
        case "field_choice":
            return f"Handlungsfeld gewählt: {sub}"
        case "priority":
            return f"Größter Handlungsbedarf, {sub}"
        case _:
            return f"{text} – {sub}" if sub else text


def _check(page: Worksheet, role: str, ranges: list[str], entries: str | None) -> None:
    prompt = _HELP[role]
    title = "Eintrag"
    if role == "field_choice":
        form.choice(page, ranges, _YES_NO, title, prompt)
    elif entries is not None and role != "comment":
        form.choice(page, ranges, entries, title, prompt)
    elif role == "filled_on":
        form.day(page, ranges, title, prompt)
    elif role == "years_in_role":
        form.whole_number(page, ranges, 80, title, prompt)
    else:
        form.explain(page, ranges, title, prompt)


def _answers(instrument: Instrument, typed: list[_Typed]) -> dict[str, list[str]]:
    """Answer texts by question, in the questionnaire's order; *other* where it exists."""
    language = instrument.structure.languages[0]
    asked = {
        column.question_code
        for column, mapping in typed
        if mapping.role not in ("field_choice", "comment")
    }
    found: dict[str, list[str]] = {}
    for answer in sorted(instrument.structure.answers, key=lambda x: x.position):
        if answer.question_code in asked and answer.text.get(language):
            found.setdefault(answer.question_code, []).append(answer.text[language])
    for question, values in instrument.values.items():
        if _OTHER in values and question in found:
            found[question].append("Sonstiges")
    return found


def _possible(role: str, answers: list[str] | tuple[str, ...]) -> str:
    if role == "field_choice":
        return "Ja / Nein"
    return " / ".join(answers) if answers and role != "comment" else _HELP[role]


def _column(file: Path, name: str) -> list[str]:
    with file.open(encoding="utf-8", newline="") as rows:
        return [row[name] for row in csv.DictReader(rows)]


def _range(column: int) -> str:
    letter = get_column_letter(column)
    return f"{letter}{_FIRST_ROW}:{letter}{form.ROWS}"


def _width(role: str) -> float:
    widths: Mapping[str, float] = {"comment": 36, "item": 24, "respondent_role": 28}
    return widths.get(role, 16)


def _format(role: str) -> str:
    if role == "filled_on":
        return form.DATE_FORMAT
    return "General" if role == "years_in_role" else form.TEXT_FORMAT
