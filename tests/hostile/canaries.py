"""Marks that look like a person's data, each unlike any other, and a search for them in bytes."""

from __future__ import annotations

import base64
import quopri
import random
import re
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from email import message_from_bytes, policy
from html import unescape
from pathlib import Path
from urllib.parse import unquote

import duckdb

_LEAST_DIGITS = 8
_STEMS = (
    "Quitten", "Zwetsch", "Holunder", "Brombeer", "Schlehen", "Wacholder", "Mirabell", "Vogelbeer",
    "Sanddorn", "Preisel", "Moltebeer", "Weissdorn",
)  # fmt: skip
_ENDS = ("kamper", "hauser", "wieser", "bruecker", "moosner", "thaler")
_FORENAMES = ("Xaver", "Wiebke", "Ottilie", "Jorinde", "Korbinian", "Swantje")


@dataclass(frozen=True, slots=True)
class Canary:
    """One mark.

    Attributes:
        kind: what it looks like.
        text: as a person writes it.
        parts: shorter forms of it that nobody else writes, in small letters.
    """

    kind: str
    text: str
    parts: tuple[str, ...]


def canaries(seed: int = 7) -> list[Canary]:
    """Returns fifty marks: addresses, telephone and account numbers, names and so on."""
    draw = random.Random(seed)  # noqa: S311  (marks that are the same in every run)
    names = [f"{stem}{end}" for stem in _STEMS for end in _ENDS]
    draw.shuffle(names)
    surname = iter(names)
    made = [_mail(draw, next(surname)) for _ in range(8)]
    made += [_phone(draw, form) for form in _PHONES]
    made += [_account(draw, grouped=number % 2 == 0) for number in range(6)]
    made += [_name(draw, next(surname), number) for number in range(10)]
    made += [_street(draw, next(surname)) for _ in range(4)]
    made += [_host(draw) for _ in range(3)]
    made += [_birth(draw, form) for form in ("%d.%m.%Y", "%Y-%m-%d")]
    made += [_plate(draw) for _ in range(3)]
    return made


# 8 is a drawn digit, all else stands as it is.
_PHONES = (
    "0171 8888888", "+49 171 8888888", "0049 171 8888888", "(05131) 888888", "05131/888888",
    "05131 - 88 88 88", "0171-888-8888", "0171.888.8888", "1718888888", "491718888888",
    "05138888", "88888888", "0171/88/888888", "+49(0)30 88888888",
)  # fmt: skip


def _mail(draw: random.Random, name: str) -> Canary:
    local = f"{draw.choice(_FORENAMES)}.{name}".lower()
    return Canary("mail", f"{local}@post.example", (local, name.lower()))


def _phone(draw: random.Random, form: str) -> Canary:
    text = "".join(str(draw.randrange(10)) if letter == "8" else letter for letter in form)
    digits = re.sub(r"\D", "", text)
    parts = {digits, digits.lstrip("0"), re.sub(r"^(?:00)?490?", "", digits)}
    return Canary("phone", text, _long_enough(parts))


def _account(draw: random.Random, *, grouped: bool) -> Canary:
    digits = f"{draw.randrange(10, 99)}{draw.randrange(10**17, 10**18)}"
    compact = f"DE{digits}"
    text = " ".join(re.findall(".{1,4}", compact)) if grouped else compact
    return Canary("account", text, (compact.lower(), *_long_enough({digits, digits[2:]})))


def _name(draw: random.Random, name: str, number: int) -> Canary:
    forms = ("{first} {last}", "{last}, {first}", "Frau {last}", "{last}", "{first} {last} 44")
    text = forms[number % len(forms)].format(first=draw.choice(_FORENAMES), last=name)
    return Canary("name", text, (name.lower(),))


def _street(draw: random.Random, name: str) -> Canary:
    text = f"{name}weg {draw.randrange(10, 99)}, 30823 Garbsen"
    return Canary("street", text, (f"{name}weg".lower(),))


def _host(draw: random.Random) -> Canary:
    return Canary("host", f"10.{'.'.join(str(draw.randrange(100, 255)) for _ in range(3))}", ())


def _birth(draw: random.Random, form: str) -> Canary:
    day = date(1950, 1, 1) + timedelta(days=draw.randrange(15_000))
    forms = {f"{day:%d.%m.%Y}", f"{day:%Y-%m-%d}"}
    return Canary("birth", day.strftime(form), tuple(sorted(forms)))


def _plate(draw: random.Random) -> Canary:
    letters = "".join(draw.choice("JQXYZ") for _ in range(2))
    return Canary("plate", f"H{letters}{draw.randrange(100, 999)}", ())


def _long_enough(digits: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(x for x in digits if len(x) >= _LEAST_DIGITS))


def unlike_each_other(marks: Sequence[Canary]) -> bool:
    """Tells whether no part of a mark stands in another, so that each leak has one name."""
    return not any(
        part in other.text.lower() or any(part in x for x in other.parts)
        for mark in marks
        for other in marks
        if other is not mark
        for part in (mark.text.lower(), *mark.parts)
    )


class Search:
    """Looks for all marks at once, in many spellings."""

    def __init__(self, marks: Sequence[Canary]) -> None:
        """Takes the marks."""
        self._owner = {part: mark for mark in marks for part in (mark.text.lower(), *mark.parts)}
        parts = sorted(self._owner, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, parts)))

    def in_text(self, text: str) -> set[Canary]:
        """Marks in a text, whatever its capitals."""
        return {self._owner[found] for found in self._pattern.findall(text.lower())}

    def in_bytes(self, content: bytes) -> set[Canary]:
        """Marks in bytes: UTF-8, both halves of UTF-16, percent signs and entities read."""
        found: set[Canary] = set()
        plain = content.decode("utf-8", "replace")
        for text in (
            plain,
            content.decode("utf-16-le", "replace"),
            content[1:].decode("utf-16-le", "replace"),
        ):
            found |= self.in_text(text)
        if "%" in plain:
            found |= self.in_text(unquote(plain))
        if "&" in plain:
            found |= self.in_text(unescape(plain))
        return found

    def in_file(self, file: Path) -> set[Canary]:
        """Marks in a file: its name, its bytes, and what a reader of its kind unpacks."""
        content = file.read_bytes()
        found = self.in_text(str(file)) | self.in_bytes(content)
        for piece in _unpacked(file, content):
            found |= self.in_bytes(piece)
        return found


def _unpacked(file: Path, content: bytes) -> Iterator[bytes]:
    if file.suffix == ".eml":
        message = message_from_bytes(content, policy=policy.default)
        for part in message.walk():
            yield "\n".join(f"{name}: {text}" for name, text in part.items()).encode()
            if not part.is_multipart():
                payload = part.get_payload(decode=True)
                yield payload if isinstance(payload, bytes) else b""
        yield quopri.decodestring(content)
        for block in re.findall(rb"(?:^[A-Za-z0-9+/=]{4,}\r?\n)+", content, re.MULTILINE):
            squeezed = b"".join(block.split())
            yield base64.b64decode(squeezed[: len(squeezed) // 4 * 4])
    elif content.startswith(b"SQLite format 3"):
        with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as connection:
            yield "\n".join(connection.iterdump()).encode()
    elif content[8:12] == b"DUCK":
        yield table_text(file)


def table_text(file: Path) -> bytes:
    """Everything in a DuckDB database as text: its pages hold strings packed."""
    lines = []
    with duckdb.connect(str(file), read_only=True) as connection:
        tables = connection.execute(
            "SELECT schema_name, table_name, sql FROM duckdb_tables() WHERE NOT internal"
        ).fetchall()
        for schema, table, sql in tables:
            lines.append(sql)
            lines += [
                str(row)
                for row in connection.execute(f'SELECT * FROM {schema}."{table}"').fetchall()
            ]
    return "\n".join(lines).encode()
