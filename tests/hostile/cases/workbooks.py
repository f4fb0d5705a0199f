"""Hostile workbooks and packages: bombs, far cells, damaged and foreign parts."""

import io
import re
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from msoffcrypto.format.ooxml import OOXMLFile

from tests.hostile.material import (
    SHEET,
    Case,
    as_workbook,
    noted,
    package,
    refused,
    repacked,
    spoilt,
    survey,
    unpacked,
    with_cells,
    with_sheet,
)

_NAMESPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_REFUSED = ("file_unreadable", "file_format_unknown", "limit_exceeded", "package_suspicious")
_MIME = b"application/vnd.oasis.opendocument.spreadsheet"
_MANIFEST = "META-INF/manifest.xml"


def _book(name: str) -> bytes:
    return as_workbook(survey(name))


def _with_rows(xml: Callable[[], Iterator[bytes]], mark: str) -> Callable[[Path], bytes]:
    """A workbook whose only sheet holds the given XML of rows."""
    start = f'<worksheet xmlns="{_NAMESPACE}"><sheetData>'.encode()

    def build(_: Path) -> bytes:
        def sheet() -> Iterator[bytes]:
            yield start
            yield from xml()
            yield b"</sheetData></worksheet>"

        members: dict[str, Any] = dict(unpacked(_book(mark)))
        members[SHEET] = sheet()
        return package(members.items())

    return build


def _bombs() -> Iterator[Case]:
    row = b'<row><c t="inlineStr"><is><t>' + b"x" * 60 + b"</t></is></c></row>"
    yield refused(
        "bomb_3_million_rows",
        _with_rows(lambda: (row * 10_000 for _ in range(300)), "bomb"),
        *_REFUSED,
    )
    yield refused("bomb_200_mb_shared_text", _shared_text, *_REFUSED)
    yield refused(
        "far_cell",
        _with_rows(
            lambda: iter(
                [
                    b'<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
                ]
            ),
            "far",
        ),
        *_REFUSED,
    )
    yield refused(
        "sparse_16384_by_20000",
        _with_rows(
            lambda: iter(
                [
                    b'<row r="1"><c r="A1"><v>1</v></c></row><row r="20000"><c r="XFD20000"><v>1</v></c></row>'
                ]
            ),
            "sparse",
        ),
        *_REFUSED,
    )
    yield Case(
        "formatted_to_the_last_row",
        _formatted(1_048_576),
        frozenset(_REFUSED),
        kept_back=1,
        may_pass=True,
    )
    yield noted("formatted_20000_rows", _formatted(20_000), file_name="formatted.xlsx")
    nested = b"<!DOCTYPE w [<!ENTITY a0 'lol'>" + b"".join(
        f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>".encode() for n in range(1, 10)
    )
    yield refused("billion_laughs", _dtd(nested + b"]>", b"&a9;"), *_REFUSED)
    yield refused(
        "quadratic_entity",
        _dtd(b"<!DOCTYPE w [<!ENTITY a '" + b"x" * 50_000 + b"'>]>", b"&a;" * 5_000),
        *_REFUSED,
    )
    yield refused(
        "outside_entity",
        _dtd(b'<!DOCTYPE w [<!ENTITY a SYSTEM "file:///etc/passwd">]>', b"&a;"),
        *_REFUSED,
    )
    yield refused("dtd_without_use", _dtd(b"<!DOCTYPE w []>", b"x"), *_REFUSED)
    yield refused(
        "zip_in_zip",
        package([("a.zip", package([("b", b"0" * 10_000_000)]))]),
        "file_format_unknown",
    )


def _shared_text(_: Path) -> bytes:
    members: dict[str, Any] = dict(unpacked(_book("huge")))
    start = f'<sst xmlns="{_NAMESPACE}"><si><t>'.encode()
    pieces = [start, *[b"x" * 1_000_000] * 200, b"</t></si></sst>"]
    members["xl/sharedStrings.xml"] = iter(pieces)
    return package(members.items())


def _formatted(last: int) -> Callable[[Path], bytes]:
    def build(_: Path) -> bytes:
        blank = b"".join(
            b'<row r="%d"><c r="A%d" s="0"/><c r="B%d" s="0"/></row>' % (n, n, n)
            for n in range(15, last + 1)
        )
        return with_sheet(
            survey(f"formatted {last}"),
            lambda x: x.replace(b"</sheetData>", blank + b"</sheetData>"),
        )

    return build


def _dtd(declaration: bytes, use: bytes) -> bytes:
    def change(sheet: bytes) -> bytes:
        sheet = sheet.replace(b"<worksheet", declaration + b"<worksheet", 1)
        return sheet.replace(
            b"<sheetData>",
            b'<sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>' + use + b"</t></is></c></row>",
            1,
        )

    return with_sheet(survey(f"dtd {len(use)}"), change)


def _packages() -> Iterator[Case]:
    whole = _book("half")
    yield refused("half_of_a_workbook", whole[: len(whole) // 2], "file_unreadable")
    yield refused("workbook_with_tail_cut", whole[:-10], "file_unreadable")
    yield refused("only_a_zip_signature", b"PK\x03\x04" + b"\0" * 200, "file_unreadable")
    yield refused("empty_zip", package([]), "file_unreadable", "file_format_unknown")
    yield refused("damaged_member", _damaged(_book("crc")), "file_unreadable")
    yield refused("sheet_missing", repacked(_book("no sheet"), {SHEET: None}), "file_unreadable")
    yield refused(
        "no_sheets",
        repacked(
            _book("none"),
            {"xl/workbook.xml": lambda x: re.sub(rb"<sheets>.*</sheets>", b"<sheets/>", x)},
        ),
        "file_unreadable",
        "file_not_recognised",
        "file_without_rows",
        "file_empty",
    )
    yield refused(
        "chart_sheet_only", _chart_only(), "file_not_recognised", "file_without_rows", "file_empty"
    )
    for name, member in (
        ("parent_folder", "../evil"),
        ("absolute", "/var/evil"),
        ("backslash", "xl\\..\\..\\evil"),
        ("drive", "C:\\evil"),
    ):
        extra = package([*unpacked(_book(name)).items(), (member, b"evil")])
        yield refused(f"member_{name}", extra, *_REFUSED)
    members = unpacked(_book("twice"))
    with_twin = package(
        [*members.items(), (SHEET, members[SHEET].replace(b"08335043", b"03241005"))]
    )
    yield refused("member_twice", with_twin, *_REFUSED)
    many = package([*members.items(), *((f"x/{n}", b"") for n in range(20_000))])
    yield refused("20000_members", many, *_REFUSED)
    macros = package(
        [*unpacked(_book("macros")).items(), ("xl/vbaProject.bin", b"\xd0\xcf\x11\xe0macro")]
    )
    yield noted(
        "macros",
        macros,
        "workbook_macros",
        file_name="m.xlsm",
    )
    links = package(
        [
            *unpacked(_book("links")).items(),
            ("xl/externalLinks/externalLink1.xml", b"<externalLink/>"),
        ]
    )
    yield noted("outside_links", links, "workbook_links", "external_links", "file_links")
    yield refused(
        "word_document",
        package([("[Content_Types].xml", b"<Types/>"), ("word/document.xml", b"<document/>")]),
        "file_format_unknown",
    )
    yield refused(
        "presentation",
        package(
            [("[Content_Types].xml", b"<Types/>"), ("ppt/presentation.xml", b"<presentation/>")]
        ),
        "file_format_unknown",
    )
    yield refused("encrypted_workbook", lambda _: encrypted(_book("secret")), "file_encrypted")
    yield refused(
        "encrypted_ods",
        _ods(
            b"<x/>",
            manifest=b'<manifest:manifest xmlns:manifest="m"><manifest:file-entry manifest:full-path="content.xml"><manifest:encryption-data/></manifest:file-entry></manifest:manifest>',
        ),
        "file_encrypted",
    )
    yield refused("encrypted_member", _flagged(_book("flag")), "file_encrypted", "file_unreadable")
    yield refused(
        "broken_xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 2_000, "file_unreadable"
    )
    yield refused("zip_behind_pdf", b"%PDF-1.7\n" + _book("pdf"), "file_format_unknown")
    repeated = b'<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet><table:table table:name="T"><table:table-row table:number-rows-repeated="1000000"><table:table-cell office:value-type="string" table:number-columns-repeated="16000"><text:p>x</text:p></table:table-cell></table:table-row></table:table></office:spreadsheet></office:body></office:document-content>'
    yield refused("ods_repeated_16_billion_cells", _ods(repeated), *_REFUSED)
    yield refused(
        "ods_with_dtd",
        _ods(
            b'<!DOCTYPE x [<!ENTITY a "b">]>'
            + repeated.replace(b"1000000", b"1").replace(b"16000", b"1").replace(b">x<", b">&a;<")
        ),
        *_REFUSED,
        "file_not_recognised",
    )


def _damaged(content: bytes) -> bytes:
    """One byte of the packed sheet flipped, so that its checksum is wrong."""
    with zipfile.ZipFile(io.BytesIO(content)) as source:
        place = source.getinfo(SHEET).header_offset + 30 + len(SHEET) + 600
    return content[:place] + bytes([content[place] ^ 0x55]) + content[place + 1 :]


def _flagged(content: bytes) -> bytes:
    """All members marked as encrypted."""
    changed = bytearray(content)
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        for match in re.finditer(re.escape(signature), content):
            changed[match.start() + offset] |= 1
    return bytes(changed)


def encrypted(content: bytes) -> bytes:
    """A workbook behind a password."""
    output = io.BytesIO()
    OOXMLFile(io.BytesIO(content)).encrypt("geheim", output)
    return output.getvalue()


def _ods(content: bytes, manifest: bytes = b"<manifest/>") -> bytes:
    return package([("mimetype", _MIME), (_MANIFEST, manifest), ("content.xml", content)])


def _chart_only() -> bytes:
    def change(book: Any) -> None:
        book.create_chartsheet("Diagramm")
        book.remove(book.worksheets[0])

    return as_workbook(survey("chart"), change)


def _cell(mark: str, old: bytes, new: bytes) -> bytes:
    """The survey with the XML of the first form's cell of free text replaced."""

    def change(sheet: bytes) -> bytes:
        found = re.search(rb'<c r="AM2"[^>]*?(/>|>.*?</c>)', sheet, re.DOTALL)
        place = found[0] if found else b""
        if not place:
            return sheet.replace(b'<c r="AN2"', new + b'<c r="AN2"', 1)
        return sheet.replace(place, new, 1)

    rows = with_cells(mark, {"MSKOM": old.decode()})
    return with_sheet(rows, change)


def _contents() -> Iterator[Case]:
    yield noted("sound_workbook", _book("sound workbook"))
    yield Case(
        "formula_without_value",
        lambda _: _cell("formula", b"x", b'<c r="AM2"><f>SUM(A1:A2)</f></c>'),
        frozenset({"formula_without_value"}),
        loaded=13,
    )
    yield Case(
        "error_cell",
        lambda _: _cell("error", b"x", b'<c r="AM2" t="e"><v>#REF!</v></c>'),
        frozenset({"cell_error"}),
        loaded=13,
    )
    yield noted(
        "number_not_a_number",
        _cell("nan", b"x", b'<c r="AM2"><v>NaN</v></c>'),
        "comment_maybe_converted",
        *_REFUSED,
    )
    yield noted(
        "number_infinite",
        _cell("inf", b"x", b'<c r="AM2"><v>1e999</v></c>'),
        "comment_maybe_converted",
        *_REFUSED,
    )
    yield noted(
        "date_out_of_range",
        _cell("date", b"x", b'<c r="AM2" t="d"><v>99999-99-99T00:00:00</v></c>'),
    )
    yield refused(
        "text_number_out_of_range",
        _cell("shared", b"x", b'<c r="AM2" t="s"><v>999999</v></c>'),
        *_REFUSED,
    )
    yield refused(
        "cell_reference_broken",
        _cell("reference", b"x", b'<c r="AAAAAAAA2"><v>1</v></c>'),
        *_REFUSED,
    )
    yield refused(
        "sheet_not_well_formed",
        with_sheet(survey("xml"), lambda x: x.replace(b"</row>", b"</rwo>", 1)),
        *_REFUSED,
    )
    yield refused(
        "sheet_cut",
        with_sheet(survey("xml cut"), lambda x: x[: len(x) // 2]),
        *_REFUSED,
        "file_truncated",
    )
    yield noted(
        "hidden_sheet_with_data", as_workbook(survey("hidden"), _hide("hidden")), "sheet_hidden"
    )
    yield noted(
        "very_hidden_sheet", as_workbook(survey("very"), _hide("veryHidden")), "sheet_hidden"
    )
    yield Case(
        "merged_cells",
        lambda _: as_workbook(survey("merged"), _merge),
        frozenset({"cells_merged"}),
        loaded=11,
        kept_back=2,
    )
    numbers: list[list[Any]] = [list(row) for row in survey("numbers")]
    numbers[1][9] = 8335043
    yield noted("key_as_number", as_workbook(numbers), "ags_repaired")
    yield spoilt(
        "forms_in_second_sheet", as_workbook(survey("second"), _second), "sheet_not_used", rows=0
    )


def _hide(state: str) -> Callable[[Any], None]:
    def change(book: Any) -> None:
        sheet = book.create_sheet("Rohdaten")
        for row in survey("secret"):
            sheet.append(row)
        sheet.sheet_state = state

    return change


def _second(book: Any) -> None:
    sheet = book.create_sheet("Noch mehr")
    for row in survey("second sheet"):
        sheet.append(row)


def _merge(book: Any) -> None:
    book.worksheets[0].merge_cells("A3:A5")


def cases() -> Iterator[Case]:
    """All hostile workbooks."""
    yield from _bombs()
    yield from _packages()
    yield from _contents()
