"""Makes small questionnaires of other tools and keeps them in a reference folder."""

from pathlib import Path

import yaml

from weltoffen_etl.instrument.model import AnswerOption, SourceColumn, Structure
from weltoffen_etl.instrument.store import write_structure

AGREEMENT = {
    "trifft nicht zu": "1",
    "trifft eher nicht zu": "2",
    "trifft eher zu": "3",
    "trifft zu": "4",
    "weiß nicht": "9",
}
SCALE = {"1": 1, "2": 2, "3": 3, "4": 4, "9": "dont_know"}
OPTIONS = {
    "Arbeit, wirtschaftliche Entwicklung": "AW",
    "Bildung; Teilhabe": "FZ",
    "Management": "MS",
    "keines davon": "ignored",
}
QUESTIONS = {
    "Felder": "Welche Handlungsfelder haben Sie gewählt?",
    "Q_AW": "Es gibt Angebote für Betriebe.",
    "Q_FZ": "Es gibt Sprachkurse.",
}
COLUMNS = {
    "Felder": {"role": "field_choice_list", "values": "felder"},
    "Q_AW": {"role": "item", "item": "AW01", "scale": "agreement"},
    "Q_FZ": {"role": "item", "item": "FZ01", "scale": "agreement"},
}


def keep(reference: Path, name: str, structure: Structure, facts: dict) -> None:
    """Puts a questionnaire and its mapping into a reference folder."""
    folder = reference / "instruments" / name
    write_structure(structure, folder)
    text = yaml.safe_dump({"synthetic": True, "values": {}, **facts}, allow_unicode=True)
    (folder / "mapping.yml").write_text(text, encoding="utf-8")


def questionnaire(name: str, questions: dict[str, str], answers: dict[str, str]) -> Structure:
    """A questionnaire on one page; every question takes the same answers."""
    return Structure(
        survey_id=name,
        title=name,
        languages=("de",),
        source_sha256=name,
        columns=tuple(
            SourceColumn(number, code, code, 1, "", "", {"de": text}, {})
            for number, (code, text) in enumerate(questions.items(), start=1)
        ),
        answers=tuple(
            AnswerOption(code, value, number, {"de": label})
            for code in questions
            for number, (label, value) in enumerate(answers.items(), start=1)
        ),
    )
