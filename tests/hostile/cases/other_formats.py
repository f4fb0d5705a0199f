"""Hostile files of survey tools: archives, SPSS, Stata, questionnaires and lists of people."""

import re
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pandas as pd
import pyreadstat

from tests.hostile.material import FORMS, Case, Rows, noted, package, refused, survey
from weltoffen_etl.settings import PROJECT_ROOT

_QUESTIONNAIRE = PROJECT_ROOT / "tests" / "fixtures" / "limesurvey_survey_352021.lss"
_STRUCTURE = "survey_352021.lss"
_RESPONSES = "survey_352021_responses.lsr"
_HEAD = b'<?xml version="1.0" encoding="UTF-8"?>\n'
_OWN = ("id", "submitdate", "lastpage", "startlanguage", "seed", "startdate", "datestamp", "refurl")


@cache
def questionnaire() -> bytes:
    """The questionnaire of the sound survey file as LimeSurvey exports it."""
    return _QUESTIONNAIRE.read_bytes()


def responses(mark: str, start: bytes = _HEAD) -> bytes:
    """The first columns of the sound survey as the response member of an archive."""
    _, *rows = survey(mark)
    fields = "".join(f"<fieldname>{name}</fieldname>" for name in _OWN)
    body = "".join(
        "<row>"
        + "".join(
            f"<{name}><![CDATA[{text}]]></{name}>" for name, text in zip(_OWN, row, strict=False)
        )
        + "</row>"
        for row in rows
    )
    text = (
        "<document><LimeSurveyDocType>Responses</LimeSurveyDocType><responses>"
        f"<fields>{fields}</fields><rows>{body}</rows></responses></document>"
    )
    return start + text.encode() + f"<!-- {mark} -->".encode()


def archive(responses: bytes, *more: tuple[str, bytes]) -> bytes:
    """A survey archive: questionnaire, response member and whatever else."""
    return package([(_STRUCTURE, questionnaire()), (_RESPONSES, responses), *more])


def _archives() -> Iterator[Case]:
    yield refused(
        "lsa_without_responses",
        package([(_STRUCTURE, questionnaire())]),
        "archive_without_responses",
    )
    yield refused(
        "lsa_with_parent_folder",
        package([("../" + _STRUCTURE, questionnaire()), ("../" + _RESPONSES, responses("up"))]),
        "package_suspicious",
    )
    bomb = b"<!DOCTYPE d [<!ENTITY a 'lol'><!ENTITY b '&a;&a;&a;&a;'>]>"
    yield refused("lsa_with_dtd", archive(responses("dtd", _HEAD + bomb)), "file_format_unknown")
    yield refused(
        "lsa_questionnaire_with_dtd",
        package(
            [
                (_STRUCTURE, questionnaire().replace(b"<document>", bomb + b"<document>", 1)),
                (_RESPONSES, responses("dtd 2")),
            ]
        ),
        "file_format_unknown",
        "file_unreadable",
    )
    yield refused("lsa_cut_inside", archive(responses("cut")[:-900]), "file_truncated")
    yield refused(
        "lsa_not_well_formed",
        archive(responses("bad").replace(b"</row>", b"</rwo>", 1)),
        "file_unreadable",
    )
    yield refused(
        "lsa_two_surveys",
        archive(responses("two"), ("survey_1.lss", b"<document/>")),
        "file_format_unknown",
    )
    yield refused(
        "lsa_bomb",
        lambda _: archive(responses("bomb").replace(b"</rows>", b" " * 200_000_000 + b"</rows>")),
        "file_format_unknown",
        "limit_exceeded",
    )
    yield refused(
        "lsa_response_column_unknown",
        archive(responses("column").replace(b"seed><", b"sead><")),
        "file_unreadable",
    )
    yield refused("lsa_half", archive(responses("half"))[:5_000], "file_unreadable")
    yield refused("lsa_without_questions", archive(responses("bare")), "instrument_unknown")


def _documents() -> Iterator[Case]:
    plain = questionnaire()
    yield refused("questionnaire_lss", plain, "file_is_questionnaire")
    for kind, rule in (
        ("Question", "file_is_questionnaire"),
        ("Group", "file_is_questionnaire"),
        ("Tokens", "file_is_personal"),
        ("Responses", "file_is_personal"),
        ("Erfunden", "file_is_personal"),
    ):
        yield refused(
            f"document_{kind.lower()}", plain.replace(b">Survey<", f">{kind}<".encode(), 1), rule
        )
    text = b"id\trelated_id\tclass\ttype/scale\tname\trelevance\ttext\thelp\tlanguage\n\t\tS\t\tsid\t\t352021\t\t\n"
    yield refused("questionnaire_txt", text, "file_is_questionnaire")


def _spss() -> Iterator[Case]:
    whole = _sav()
    yield noted("spss_sound", whole)
    yield refused("spss_cut", whole[: len(whole) * 2 // 3], "file_truncated", "file_unreadable")
    yield refused("spss_only_a_head", whole[:176], "file_unreadable")
    yield refused("spss_garbage", b"$FL2" + b"\xff" * 5_000, "file_unreadable")
    changed = bytearray(whole)
    changed[180:700] = b"\x7f" * 520
    yield refused(
        "spss_broken_dictionary", bytes(changed), "file_unreadable", "file_reader_stopped"
    )
    cases = bytearray(whole)
    cases[80:84] = (99).to_bytes(4, "little")
    yield refused("spss_fewer_cases_than_said", bytes(cases), "file_truncated", "file_unreadable")


@cache
def _sav() -> bytes:
    codes, *rows = survey("spss")
    names = [re.sub(r"\[(\w+)\]", r"_\1", code) for code in codes]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file.sav"
        pyreadstat.write_sav(pd.DataFrame(rows, columns=names), str(path), column_labels=codes)
        return path.read_bytes()


def stata_document(survey_rows: Rows) -> bytes:
    """Rows of a survey as Stata's XML form of a data set."""
    codes, *rows = survey_rows
    names = [re.sub(r"\[(\w+)\]", r"_\1", code) for code in codes]
    head = "".join(f'<variable varname="{name}"/>' for name in names)
    body = "".join(
        f'<o num="{number}">'
        + "".join(
            f'<v varname="{name}"><![CDATA[{text}]]></v>'
            for name, text in zip(names, row, strict=True)
        )
        + "</o>"
        for number, row in enumerate(rows)
    )
    return f"<dta><header><nobs>{FORMS}</nobs></header><descriptors><typelist/>{head}</descriptors><data>{body}</data></dta>".encode()


def _stata() -> Iterator[Case]:
    xml = stata_document(survey("stata"))
    yield refused(
        "stata_with_dtd", b"<!DOCTYPE dta [<!ENTITY a 'b'>]>" + xml, "file_format_unknown"
    )
    yield refused("stata_cut", xml[:-200], "file_truncated", "file_unreadable")
    yield refused("stata_fewer_cases", xml.replace(b"<nobs>13", b"<nobs>14"), "file_truncated")
    yield refused(
        "stata_variable_unknown",
        xml.replace(b'<v varname="welle"', b'<v varname="wolle"', 1),
        "file_unreadable",
    )
    yield refused("stata_without_variables", b"<dta><data></data></dta>", "file_format_unknown")
    yield refused(
        "stata_latin1",
        b'<?xml version="1.0" encoding="ISO-8859-1"?>' + xml.replace(b"Satz", b"S\xe4tz"),
        "file_unreadable",
    )


def cases() -> Iterator[Case]:
    """All hostile files of the other formats."""
    yield from _archives()
    yield from _documents()
    yield from _spss()
    yield from _stata()
