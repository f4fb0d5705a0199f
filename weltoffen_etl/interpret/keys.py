"""Reads keys that people type: municipality keys, waves, dates, counts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Final

from weltoffen_etl.instrument.model import text_key

_DATE_FORMATS: Final = ("%Y-%m-%d", "%Y-%m-%d %H:%M:%S", "%d.%m.%Y", "%d.%m.%y")
_LANDS_WITH_ZERO: Final = frozenset("123456789")


def read_ags(text: str, known: Mapping[str, str]) -> tuple[str | None, str | None]:
    """Reads an Amtlicher Gemeindeschlüssel as people and programs write it.

    Eight digits (five for a Kreis) stand as they are. Seven digits gain the lost zero
    only if the completed key is known and its Land is 01 to 09; twelve digits are a
    Regionalschlüssel, whose places 1–5 and 10–12 are the key (Destatis, GV-ISys).
    Blanks between digits and a trailing ``.0`` are marks of spreadsheets.

    Args:
        text: the value as it stood.
        known: known municipalities by key.

    Returns:
        The key, or None if it cannot be read; and a German phrase on what was repaired,
        or None if nothing was.
    """
    notes = []
    digits = text.strip()
    if re.fullmatch(r"\d+[.,]0+", digits):
        digits = re.split(r"[.,]", digits)[0]
        notes.append("Nachkommastelle entfernt")
    if re.search(r"\s", digits):
        digits = re.sub(r"\s+", "", digits)
        notes.append("Leerzeichen entfernt")
    if not digits.isascii() or not digits.isdigit():
        return None, None
    if len(digits) == 12:
        digits = digits[:5] + digits[9:]
        notes.append("aus dem zwölfstelligen Regionalschlüssel")
    elif len(digits) in (4, 7) and digits[0] in _LANDS_WITH_ZERO and f"0{digits}" in known:
        digits = f"0{digits}"
        notes.append("führende Null ergänzt")
    if digits not in known:
        return None, None
    return digits, ", ".join(notes) or None


def read_code(text: str, codes: Mapping[str, str]) -> str | None:
    """Returns the code whose label or alias a text is, None when there is none.

    Args:
        text: the value as it stood.
        codes: code by `text_key` of every spelling.
    """
    return codes.get(text_key(text))


def read_date(text: str) -> date | None:
    """Reads a day as ``JJJJ-MM-TT`` or ``TT.MM.JJJJ``; None when it is neither."""
    for form in _DATE_FORMATS:
        try:
            return datetime.strptime(text.strip(), form).date()  # noqa: DTZ007  (a day only)
        except ValueError:
            continue
    return None


def read_count(text: str) -> int | None:
    """Reads a whole number, also written ``3.0`` or ``3,0``; None when it is none."""
    plain = text.strip()
    if re.fullmatch(r"-?\d{1,9}([.,]0+)?", plain):
        return int(re.split(r"[.,]", plain)[0])
    return None
