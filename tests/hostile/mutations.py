"""Seeded damage to real exports: bytes of text files, members and XML of workbooks."""

import io
import random
import re
import zipfile
from collections.abc import Callable

from tests.hostile.material import SHEET, package

Mutation = Callable[[random.Random, bytes], bytes]
_PARTS = (SHEET, "xl/workbook.xml", "xl/sharedStrings.xml", "xl/_rels/workbook.xml.rels")
_LOCAL_HEAD = 30


def _place(draw: random.Random, content: bytes) -> int:
    return draw.randrange(max(len(content), 1))


def _flip(draw: random.Random, content: bytes) -> bytes:
    at = _place(draw, content)
    return content[:at] + bytes([content[at] ^ (1 << draw.randrange(8))]) + content[at + 1 :]


def _delete(draw: random.Random, content: bytes) -> bytes:
    at = _place(draw, content)
    return content[:at] + content[at + draw.choice((1, 1, 2, 40, 2_000)) :]


def _insert(draw: random.Random, content: bytes) -> bytes:
    at = _place(draw, content)
    pieces = (b"x", b" ", b"\0", b"\xff", b"\xc3", b"\xe4", b"\x1b", b"0" * 50, draw.randbytes(8))
    return content[:at] + draw.choice(pieces) + content[at:]


def _truncate(draw: random.Random, content: bytes) -> bytes:
    return content[: _place(draw, content)]


def _repeat(draw: random.Random, content: bytes) -> bytes:
    first = _place(draw, content)
    piece = content[first : first + draw.randrange(1, 3_000)]
    return content[: first + len(piece)] + piece + content[first + len(piece) :]


def _quote(draw: random.Random, content: bytes) -> bytes:
    at = _place(draw, content)
    return content[:at] + draw.choice((b'"', b'""', b"'")) + content[at:]


def _separator(draw: random.Random, content: bytes) -> bytes:
    at = _place(draw, content)
    return content[:at] + draw.choice((b";", b",", b"\t", b'";"')) + content[at:]


def _line_end(draw: random.Random, content: bytes) -> bytes:
    ends = (b"\r\n", b"\n", b"\r", b"\n\n")
    places = [match.span() for match in re.finditer(rb"\r\n|\n", content)]
    if not places:
        return content
    first, last = draw.choice(places)
    return content[:first] + draw.choice((*ends, b"")) + content[last:]


def _cell_text(draw: random.Random, content: bytes) -> bytes:
    places = [match.span(1) for match in re.finditer(rb'"([^";,\t\r\n]*)"', content)]
    if not places:
        return content
    first, last = draw.choice(places)
    texts = (
        "",
        " ",
        "=1+1",
        "1e400",
        "NaN",
        "\ufeff",
        "ä\u2028",
        "a" * 5_000,
        '""',
        "{value}",
        "null",
    )
    return content[:first] + draw.choice(texts).encode() + content[last:]


CSV_MUTATIONS: dict[str, Mutation] = {
    "flip": _flip,
    "delete": _delete,
    "insert": _insert,
    "truncate": _truncate,
    "repeat": _repeat,
    "quote": _quote,
    "separator": _separator,
    "line_end": _line_end,
    "cell_text": _cell_text,
}


def _members(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as source:
        return {name: source.read(name) for name in source.namelist()}


def _inside(change: Mutation) -> Mutation:
    """Applies a change to the XML of one part and packs again."""

    def mutate(draw: random.Random, content: bytes) -> bytes:
        members = _members(content)
        name = draw.choice([part for part in (SHEET, SHEET, SHEET, *_PARTS) if part in members])
        members[name] = change(draw, members[name])
        return package(members.items())

    return mutate


def _xml_text(draw: random.Random, xml: bytes) -> bytes:
    places = [match.span(1) for match in re.finditer(rb"<(?:v|t)[^>]*>([^<]*)</", xml)]
    if not places:
        return xml
    first, last = draw.choice(places)
    texts = ("", "0", "-1", "99999", "1e999", "NaN", "abc", "&amp;", "&#x1F600;", "8335043", " x ")
    return xml[:first] + draw.choice(texts).encode() + xml[last:]


def _reference(draw: random.Random, xml: bytes) -> bytes:
    places = [match.span(1) for match in re.finditer(rb' r="([A-Z]*\d+)"', xml)]
    if not places:
        return xml
    first, last = draw.choice(places)
    others = (b"A1", b"XFD1048576", b"ZZZZ9", b"A0", b"1", b"B20000", b"", b"EU3", b"-1")
    return xml[:first] + draw.choice(others) + xml[last:]


def _tag(draw: random.Random, xml: bytes) -> bytes:
    places = [match.span() for match in re.finditer(rb"<[^>]+>", xml)]
    if not places:
        return xml
    first, last = draw.choice(places)
    return xml[:first] + draw.choice((b"", xml[first:last] * 2)) + xml[last:]


def _kind(draw: random.Random, xml: bytes) -> bytes:
    places = [match.span(1) for match in re.finditer(rb' t="(\w+)"', xml)]
    if not places:
        return xml
    first, last = draw.choice(places)
    return xml[:first] + draw.choice((b"s", b"n", b"b", b"e", b"d", b"str", b"odd")) + xml[last:]


def _without_member(draw: random.Random, content: bytes) -> bytes:
    members = _members(content)
    members.pop(draw.choice(list(members)))
    return package(members.items())


def _packed_byte(draw: random.Random, content: bytes) -> bytes:
    """One byte of packed content changed, so that its checksum is wrong."""
    with zipfile.ZipFile(io.BytesIO(content)) as source:
        member = draw.choice([x for x in source.infolist() if x.compress_size > 20])
    start = member.header_offset + _LOCAL_HEAD + len(member.filename)
    at = start + draw.randrange(10, member.compress_size)
    return content[:at] + bytes([content[at] ^ 0x5A]) + content[at + 1 :]


XLSX_MUTATIONS: dict[str, Mutation] = {
    "flip": _flip,
    "delete": _delete,
    "insert": _insert,
    "truncate": _truncate,
    "repeat": _repeat,
    "packed_byte": _packed_byte,
    "without_member": _without_member,
    "xml_flip": _inside(_flip),
    "xml_delete": _inside(_delete),
    "xml_truncate": _inside(_truncate),
    "xml_text": _inside(_xml_text),
    "xml_reference": _inside(_reference),
    "xml_tag": _inside(_tag),
    "xml_kind": _inside(_kind),
}


def mutated(
    draw: random.Random, content: bytes, mutations: dict[str, Mutation]
) -> tuple[str, bytes]:
    """Applies one to three mutations of a text, one of a package; returns their names too."""
    number = draw.choice((1, 1, 2, 3)) if mutations is CSV_MUTATIONS else 1
    names = [draw.choice(list(mutations)) for _ in range(number)]
    for name in names:
        if content:
            content = mutations[name](draw, content)
    return "+".join(names), content
