"""The ten questions that evaluators have most often, with the SQL that answers them.

Written once in ``questions.yml``: the command, the page „Daten befragen“ and the tests read them
from here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from weltoffen_etl.database import literal
from weltoffen_etl.reports.comparison import words as site_words
from weltoffen_etl.text_yaml import load_values

_FILE = Path(__file__).with_name("questions.yml")
_WORDS = re.compile(r"words\((\w+), ([\w.]+)\)")
_SITE_WORDS = {
    "withheld": site_words.WITHHELD,
    "band": site_words.BANDS,
    "profile": site_words.PROFILES,
    "reading": site_words.READINGS,
    "shown": site_words.CAN_SHOW,
}
"""German words for codes, by the kind that ``questions.yml`` names."""


EXAMPLE, EXAMPLE_KEY = "Garbsen", "03241005"
"""The municipality that questions about a single one take; any other can stand in its place."""


class QuestionError(LookupError):
    """There is no such question."""


class Question(BaseModel):
    """One ready question.

    Attributes:
        number: 1 to 10.
        question: the question, in German.
        answers: what one row of the answer is, and how to read it.
        caution: what the answer does not say.
        command: what to type for it.
        page: page of the site that shows the same, as seen from the site's folder.
        place: that page, and where on it, in words.
        chart: columns of a chart: label, value and, where there is one, both ends of its
            interval; none where a table says it better.
        sql: the statement, on the tables of a release.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    number: int
    question: str
    answers: str
    caution: str
    command: str
    page: str
    place: str
    chart: tuple[str, str] | tuple[str, str, str, str] | None = None
    sql: str

    @property
    def has_place(self) -> bool:
        """Whether the question is about a single municipality."""
        return literal(EXAMPLE) in self.sql

    def sql_for(self, municipality: str) -> str:
        """Returns the statement for another municipality, by its name."""
        return self.sql.replace(literal(EXAMPLE), literal(municipality))


@cache
def ready_questions() -> tuple[Question, ...]:
    """Returns the questions in order."""
    content = load_values(_FILE.read_text(encoding="utf-8"))
    words = _SITE_WORDS | content["words"]
    return tuple(
        Question(number=number, **{**entry, "sql": _in_words(entry["sql"].strip(), words)})
        for number, entry in enumerate(content["questions"], start=1)
    )


def ready_question(number: int) -> Question:
    """Returns one question.

    Raises:
        QuestionError: no question has this number.
    """
    found = [entry for entry in ready_questions() if entry.number == number]
    if not found:
        raise QuestionError(f"Es gibt die Fragen 1 bis {len(ready_questions())}.")
    return found[0]


def _in_words(sql: str, words: Mapping[str, Mapping[str, str]]) -> str:
    """Writes ``words(kind, column)`` as an SQL map from codes to German words."""

    def translated(match: re.Match[str]) -> str:
        kind, column = match.groups()
        pairs = ", ".join(f"{literal(x)}: {literal(y)}" for x, y in words[kind].items())
        return f"MAP {{{pairs}}}[{column}]"

    return _WORDS.sub(translated, sql)
