"""Reads a LimeSurvey structure file (.lss) of any version since 3."""

from __future__ import annotations

import hashlib
import re
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from weltoffen_etl.instrument.model import (
    AnswerOption,
    InstrumentError,
    SourceColumn,
    Structure,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from xml.etree.ElementTree import Element

_PLAIN = frozenset("STUNDY*5GI|Q!LOMPFABCEHKR1;:X")
_TEXT_DISPLAY = "X"
_ARRAYS = frozenset("FABCEHKQ")
_BUILT_IN: dict[str, tuple[tuple[str, str], ...]] = {
    "Y": (("Y", "Ja"), ("N", "Nein")),
    "C": (("Y", "Ja"), ("U", "Unsicher"), ("N", "Nein")),
    "E": (("I", "Zunahme"), ("S", "Gleich"), ("D", "Abnahme")),
    "G": (("F", "Weiblich"), ("M", "Männlich")),
    "M": (("Y", "Ja"),),
    "P": (("Y", "Ja"),),
}
_Row = dict[str, str]


def read_structure(path: Path) -> Structure:
    """Reads a ``.lss`` file.

    Args:
        path: structure file of LimeSurvey 3 to 6.

    Returns:
        All columns an export of this survey can have, in the tool's order, and all
        answer options.

    Raises:
        InstrumentError: the file is no LimeSurvey structure or a question type is unknown.
    """
    return parse_structure(path.read_bytes(), path.name)


def parse_structure(raw: bytes, name: str) -> Structure:
    """Reads the content of a ``.lss`` file.

    Args:
        raw: its bytes.
        name: what to call it in an error.

    Returns:
        The structure, as `read_structure` gives it.

    Raises:
        InstrumentError: the bytes are no LimeSurvey structure or a question type is unknown.
    """
    try:
        document = fromstring(raw)
    except (ParseError, DefusedXmlException) as error:
        raise InstrumentError(f"{name} ist keine lesbare XML-Datei: {error}") from error
    if document.findtext("LimeSurveyDocType") != "Survey":
        raise InstrumentError(f"{name} ist keine LimeSurvey-Struktur (.lss).")
    tables = {table.tag: list(_rows(table)) for table in document}
    survey = tables["surveys"][0]
    languages = (survey["language"], *survey.get("additional_languages", "").split())
    return Structure(
        survey_id=survey["sid"],
        title=_title(tables, languages[0]),
        languages=languages,
        source_sha256=hashlib.sha256(raw).hexdigest(),
        columns=tuple(_columns(tables, languages)),
        answers=tuple(_answers(tables, languages)),
    )


def plain_text(html: str) -> str:
    """Strips tags the way LimeSurvey does for its headings: without leaving a blank.

    Style sheets inside a question text are no text; LimeSurvey leaves them out too.
    """
    shown = re.sub(r"(?is)<(style|script)\b.*?</\1\s*>", "", html)
    return unescape(re.sub(r"<[^>]*>", "", shown)).strip()


def _rows(table: Element) -> Iterator[_Row]:
    rows = table.find("rows")
    if rows is not None:
        for row in rows:
            yield {cell.tag: cell.text or "" for cell in row}


def _title(tables: dict[str, list[_Row]], language: str) -> str:
    titles = {
        row["surveyls_language"]: row["surveyls_title"]
        for row in tables["surveys_languagesettings"]
    }
    return plain_text(titles[language])


def _texts(
    tables: dict[str, list[_Row]], table: str, key: str, column: str
) -> dict[str, dict[str, str]]:
    """Texts by id and language: newer files keep them apart, older ones in the row."""
    localised = tables.get(f"{table.removesuffix('s')}_l10ns")
    found: dict[str, dict[str, str]] = {}
    source = localised or tables.get(table, [])
    if table == "questions" and not localised:
        source = [*source, *tables.get("subquestions", [])]
    for row in source:
        found.setdefault(row[key], {})[row["language"]] = plain_text(row[column])
    return found


def _columns(tables: dict[str, list[_Row]], languages: tuple[str, ...]) -> Iterator[SourceColumn]:
    texts = _texts(tables, "questions", "qid", "question")
    main = languages[0]
    groups = {
        row["gid"]: row for row in tables["groups"] if row.get("language", main) in ("", main)
    }
    ordered = sorted(groups.values(), key=lambda row: int(row["group_order"]))
    pages = {row["gid"]: number for number, row in enumerate(ordered, start=1)}
    children: dict[str, list[_Row]] = {}
    for row in tables.get("subquestions", []):
        if row.get("language", main) in ("", main):
            children.setdefault(row["parent_qid"], []).append(row)
    questions = [row for row in tables["questions"] if row.get("language", main) in ("", main)]
    questions.sort(key=lambda row: (pages[row["gid"]], int(row["question_order"])))
    options = _option_counts(tables)
    position = 0
    for question in questions:
        subs = sorted(children.get(question["qid"], []), key=lambda row: int(row["question_order"]))
        for suffix, sub_text in _suffixes(question, subs, texts, options):
            position += 1
            yield SourceColumn(
                position=position,
                source_code=question["title"] + suffix,
                question_code=question["title"],
                page=pages[question["gid"]],
                relevance=groups[question["gid"]].get("grelevance", ""),
                kind=question["type"],
                text=texts[question["qid"]],
                sub_text=sub_text,
                field_name=_field_name(question, suffix),
            )


def _field_name(question: _Row, suffix: str) -> str:
    """Name of the column in LimeSurvey's table of responses: survey X group X question + rest."""
    tail = suffix.replace("[", "").replace("]", "")
    if question["type"] == "1":
        # The scales of a dual-scale array count from 1 in headings and from 0 in the table.
        tail = f"{tail[:-1]}#{int(tail[-1]) - 1}"
    if suffix == "[filecount]":
        tail = "_filecount"
    return f"{question['sid']}X{question['gid']}X{question['qid']}{tail}"


def _suffixes(
    question: _Row,
    subs: list[_Row],
    texts: dict[str, dict[str, str]],
    options: dict[str, int],
) -> Iterator[tuple[str, dict[str, str]]]:
    """Yields what is appended to the question code, column by column."""
    kind = question["type"]
    if kind not in _PLAIN:
        raise InstrumentError(
            f"Frage {question['title']} hat den unbekannten LimeSurvey-Typ „{kind}“."
        )
    other = {"de": "Sonstiges", "en": "Other"}
    if kind == _TEXT_DISPLAY:
        return
    if kind in ";:":
        rows = [sub for sub in subs if sub.get("scale_id", "0") == "0"]
        across = [sub for sub in subs if sub.get("scale_id", "0") == "1"]
        for row in rows:
            for column in across:
                yield f"[{row['title']}_{column['title']}]", texts[row["qid"]]
    elif kind == "1":
        for sub in subs:
            yield f"[{sub['title']}][1]", texts[sub["qid"]]
            yield f"[{sub['title']}][2]", texts[sub["qid"]]
    elif kind in _ARRAYS or kind in "MP":
        for sub in subs:
            yield f"[{sub['title']}]", texts[sub["qid"]]
            if kind == "P":
                yield f"[{sub['title']}comment]", texts[sub["qid"]]
        if question.get("other") == "Y":
            yield "[other]", other
    elif kind == "R":
        for rank in range(1, options.get(question["qid"], 0) + 1):
            yield f"[{rank}]", {"de": f"Rang {rank}", "en": f"Rank {rank}"}
    else:
        yield "", {}
        if kind in "!L" and question.get("other") == "Y":
            yield "[other]", other
        if kind == "O":
            yield "[comment]", {"de": "Kommentar", "en": "Comment"}
        if kind == "|":
            yield "[filecount]", {}


def _option_counts(tables: dict[str, list[_Row]]) -> dict[str, int]:
    codes: dict[str, set[str]] = {}
    for row in tables.get("answers", []):
        codes.setdefault(row["qid"], set()).add(row["code"])
    return {qid: len(found) for qid, found in codes.items()}


def _answers(tables: dict[str, list[_Row]], languages: tuple[str, ...]) -> Iterator[AnswerOption]:
    texts = _texts(tables, "answers", "aid", "answer") if "answer_l10ns" in tables else {}
    questions = {row["qid"]: row for row in tables["questions"]}
    seen: dict[tuple[str, str], dict[str, str]] = {}
    order: dict[tuple[str, str], int] = {}
    for row in tables.get("answers", []):
        key = (questions[row["qid"]]["title"], row["code"])
        label = texts.get(row.get("aid", ""), {row.get("language", languages[0]): ""})
        if "answer" in row:
            label = {row.get("language", languages[0]): plain_text(row["answer"])}
        seen.setdefault(key, {}).update(label)
        order[key] = int(row["sortorder"])
    for question in questions.values():
        for position, (code, label_de) in enumerate(_BUILT_IN.get(question["type"], ()), start=1):
            key = (question["title"], code)
            seen[key] = {"de": label_de}
            order[key] = position
    for question_code, code in sorted(seen, key=lambda key: (key[0], order[key])):
        key = (question_code, code)
        yield AnswerOption(question_code, code, order[key], seen[key])
