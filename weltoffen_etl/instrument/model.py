"""What a questionnaire is made of: source columns, answer options, mappings."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from functools import lru_cache
from html import unescape
from typing import Final, NamedTuple

ROLES: Final = frozenset(
    {
        "response_id",
        "submitted_at",
        "started_at",
        "last_action_at",
        "last_page",
        "language",
        "wave",
        "ags",
        "municipality",
        "respondent_role",
        "years_in_role",
        "filled_on",
        "overall",
        "field_choice",
        "field_choice_list",
        "item",
        "priority",
        "comment",
        "test_marker",
        "finished",
        "ignored",
        "never_loaded",
    }
)
"""What a column can be for. ``field_choice_list`` holds all chosen action fields in one
cell, ``test_marker`` tells test cases from real ones, ``finished`` forms sent off from others, ``ignored`` is read past, ``never_loaded`` holds personal data."""


IGNORED: Final = "ignored"
"""Target of an option that is no action field, such as „keines davon“."""


class InstrumentError(ValueError):
    """The reference data of an instrument contradict themselves."""


def text_key(text: str) -> str:
    """Returns the form in which headings and labels are compared.

    HTML entities are resolved, letters composed (NFC) and lower-cased, every kind of
    white space removed: exports lose or add blanks where tags stood.

    >>> text_key("Datum\\u00a0Abgeschickt ")
    'datumabgeschickt'
    """
    return _short_key(text) if len(text) <= _SHORT else _key(text)


def _key(text: str) -> str:
    composed = unicodedata.normalize("NFC", unescape(text)).replace("\ufeff", "")
    return "".join(composed.split()).casefold()


# The same headings and labels are compared for every file and every questionnaire.
_SHORT = 1_000
_short_key = lru_cache(maxsize=20_000)(_key)


@dataclass(frozen=True, slots=True)
class SourceColumn:
    """One column that the survey tool can export.

    Attributes:
        position: place in the tool's own column order, from 1.
        source_code: the tool's code, such as ``MS[SQ001]``.
        question_code: code of the question the column belongs to.
        page: number of the page (group) on which it is asked, from 1.
        relevance: the tool's condition for showing the page, empty for always.
        kind: the tool's question type.
        text: question text by language, without tags.
        sub_text: text of the sub-question by language, empty when there is none.
        field_name: name of the column in the tool's own database, such as
            ``352021X83X1363SQ001``; some exports write it instead of the code. Empty for
            tools without such names.
    """

    position: int
    source_code: str
    question_code: str
    page: int
    relevance: str
    kind: str
    text: dict[str, str]
    sub_text: dict[str, str]
    field_name: str = ""


@dataclass(frozen=True, slots=True)
class AnswerOption:
    """One answer code of a question with its label by language."""

    question_code: str
    code: str
    position: int
    text: dict[str, str]


@dataclass(frozen=True, slots=True)
class Structure:
    """A survey's structure as its tool exports it, in one version."""

    survey_id: str
    title: str
    languages: tuple[str, ...]
    source_sha256: str
    columns: tuple[SourceColumn, ...]
    answers: tuple[AnswerOption, ...]


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """What one source column means.

    Attributes:
        role: one of `ROLES`.
        item: canonical item code, for role ``item``.
        action_field: field code, for ``field_choice`` and ``comment``.
        scale: name of a scale of the instrument, for ``item`` and ``overall``.
        rank: place in the order of priorities, for ``priority``.
        topic: what a comment is about, for ``comment``.
        values: name of the list option → action field, for ``field_choice_list``; an
            option that is no action field leads to ``ignored``.
        reason: why the column is not loaded, for ``ignored`` and ``never_loaded``.
        expect: question text the column must carry, in the structure and in a file
            that shows texts beside its codes.
    """

    role: str
    item: str | None = None
    action_field: str | None = None
    scale: str | None = None
    rank: int | None = None
    topic: str | None = None
    values: str | None = None
    reason: str | None = None
    expect: str | None = None


class AnswerLabel(NamedTuple):
    """A text that can stand in a cell instead of an answer code."""

    question_code: str
    label: str
    code: str


@dataclass(frozen=True, slots=True)
class Instrument:
    """A questionnaire in one version: structure and hand-kept facts together.

    Attributes:
        instrument_id: name of the folder it is kept in.
        version: version of the structure.
        tool: survey tool, for example ``limesurvey``.
        synthetic: whether texts and answers are invented.
        mappings: meaning of each source column, by source code.
        scales: code → value (1–4 as text) or missing reason, by scale name.
        values: code → our code, by question code (municipality, role …).
        labels: texts that stand for answer codes, each once per question.
    """

    instrument_id: str
    version: str
    title: str
    tool: str
    synthetic: bool
    structure: Structure
    mappings: dict[str, ColumnMapping]
    scales: dict[str, dict[str, str]]
    values: dict[str, dict[str, str]] = field(default_factory=dict)
    labels: tuple[AnswerLabel, ...] = ()

    def columns_with(self, role: str) -> list[tuple[SourceColumn, ColumnMapping]]:
        """Returns the source columns of a role in the survey's order."""
        return [
            (column, self.mappings[column.source_code])
            for column in self.structure.columns
            if self.mappings[column.source_code].role == role
        ]

    def selection_page(self) -> int:
        """Returns the page on which action fields are chosen, 0 without such a page."""
        roles = ("field_choice", "field_choice_list")
        return min((x.page for role in roles for x, _ in self.columns_with(role)), default=0)
