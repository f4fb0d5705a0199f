"""A questionnaire's structure as far as a file of responses shows it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

import duckdb

from weltoffen_etl.exports.surveys.headings import Candidate, resolve
from weltoffen_etl.exports.surveys.table import SurveyTable
from weltoffen_etl.instrument.model import (
    AnswerOption,
    InstrumentError,
    SourceColumn,
    Structure,
    text_key,
)

_MOST_VALUES: Final = 15
_LONGEST_VALUE: Final = 60
_SEEN_OFTEN: Final = 3
_CODE = re.compile(r"[A-Za-z]{1,3}\d{1,3}|\d|10|[YNUMFIDS]|-oth-")
_PERSONAL_VALUE = re.compile(r"@|://|\d{1,3}(\.\d{1,3}){3}|(\d[\s/-]?){6,}")
_PERSONAL_HEADING = re.compile(
    r"(?<!keine )\b(e-?mail\w*|mail\w*|\w*name[n]?|telefon\w*|phone|anschrift|adresse|address|"
    r"ip|ipaddr|token|geburt\w*|alter|age)\b",
    re.IGNORECASE,
)
_CODE_AND_TEXT = re.compile(r"^(?P<code>[A-Za-z][\w\[\]]*)\. (?P<text>.+)$", re.DOTALL)
_TEXT_AND_SUB = re.compile(r"^(?P<text>.+?)\s*\[(?P<sub>.+)\]$", re.DOTALL)
_ARRAY_CODE = re.compile(r"^(?P<question>[A-Za-z]\w*)\[")
_LANGUAGE: Final = "de"


def is_personal(text: str) -> bool:
    """Tells whether a heading or question asks for something that names a person."""
    return _PERSONAL_HEADING.search(text) is not None


def structure_of(
    table: SurveyTable, survey_id: str, source_sha256: str, labels: frozenset[str]
) -> Structure:
    """Returns what a file of responses tells about its questionnaire.

    Columns of the tool itself and timings are left out. Answers are the distinct values
    of closed questions only: few and short values that are codes, known labels, or stand
    in several forms each. Values of free texts and of personal columns never enter.

    Args:
        table: responses and their headings.
        survey_id: how to call the questionnaire.
        source_sha256: SHA-256 of the file.
        labels: known answer labels, as `text_key`.

    Returns:
        The structure, in one language; pages are 0, for not known.

    Raises:
        InstrumentError: two columns have the same heading.
    """
    own = [
        Candidate(column.code, column.role, tuple((text, "") for text in column.headings))
        for column in table.own_columns
    ]
    asked = [
        (position, column)
        for position, (heading, column) in enumerate(
            zip(table.headings, resolve(table.headings, own), strict=True)
        )
        if heading.strip() and column.resolved_by == "none"
    ]
    columns = tuple(
        _column(number, table.headings[position], table.texts[position] if table.texts else "")
        for number, (position, _) in enumerate(asked, start=1)
    )
    codes = [column.source_code for column in columns]
    if repeated := sorted({code for code in codes if codes.count(code) > 1}):
        raise InstrumentError(
            f"Diese Überschriften kommen mehrmals vor: {', '.join(repeated)}. Bitte mit "
            "Fragecodes als Überschrift exportieren."
        )
    return Structure(
        survey_id=survey_id,
        title=survey_id,
        languages=(_LANGUAGE,),
        source_sha256=source_sha256,
        columns=columns,
        answers=tuple(_answers(table, [position for position, _ in asked], columns, labels)),
    )


def _column(number: int, heading: str, text: str) -> SourceColumn:
    code, words = heading.strip(), text.strip()
    if not words and (both := _CODE_AND_TEXT.match(code)):
        code, words = both["code"], both["text"]
    array = _ARRAY_CODE.match(code)
    parts = _TEXT_AND_SUB.match(words or code) if not array or words else None
    question = parts["text"] if parts else words or code
    return SourceColumn(
        position=number,
        source_code=code,
        question_code=array["question"] if array else (question if not words else code),
        page=0,
        relevance="",
        kind="",
        text={_LANGUAGE: question},
        sub_text={_LANGUAGE: parts["sub"].strip()} if parts else {},
    )


def _answers(
    table: SurveyTable,
    positions: Sequence[int],
    columns: Sequence[SourceColumn],
    labels: frozenset[str],
) -> Iterator[AnswerOption]:
    seen: dict[str, set[str]] = {}
    with duckdb.connect() as connection:
        connection.execute("SET threads = 1")
        for position, column in zip(positions, columns, strict=True):
            texts = (column.source_code, *column.text.values(), *column.sub_text.values())
            if any(is_personal(text) for text in texts):
                continue
            counts = dict(
                connection.execute(
                    f"SELECT trim(c{position}), count(*) FROM read_parquet($path) "
                    f"WHERE source_row > $row AND trim(c{position}) NOT IN ('', 'N/A') "
                    f"GROUP BY 1 LIMIT {_MOST_VALUES + 1}",
                    {"path": str(table.grid.table), "row": table.heading_row},
                ).fetchall()
            )
            if _is_closed(counts, labels):
                seen.setdefault(column.question_code, set()).update(counts)
    for question, values in seen.items():
        for number, value in enumerate(sorted(values), start=1):
            yield AnswerOption(question, value, number, {_LANGUAGE: value})


def _is_closed(counts: dict[str, int], labels: frozenset[str]) -> bool:
    """Whether all values of a column are answers to choose from; in doubt they are not."""
    return 0 < len(counts) <= _MOST_VALUES and all(
        len(value) <= _LONGEST_VALUE
        and not _PERSONAL_VALUE.search(value)
        and (
            _CODE.fullmatch(value) is not None
            or text_key(value) in labels
            or (count >= _SEEN_OFTEN and not value.isdigit())
        )
        for value, count in counts.items()
    )
