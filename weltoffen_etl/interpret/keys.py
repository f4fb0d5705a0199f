"""Reads keys that people type: municipality keys, waves, dates, counts."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime
from typing import Final

from weltoffen_etl.instrument.model import text_key

_DATE_FORMATS: Final = ("%Y-%m-%d", "%Y-%m-%d %H:%M:%S", "%d.%m.%Y", "%d.%m.%y")
_LANDS_WITH_ZERO: Final = frozenset("123456789")
_MONTHS: Final = (
    ("januar", "jänner", "jan"),
    ("februar", "feb"),
    ("märz", "maerz", "mär", "mrz"),
    ("april", "apr"),
    ("mai",),
    ("juni", "jun"),
    ("juli", "jul"),
    ("august", "aug"),
    ("september", "sept", "sep"),
    ("oktober", "okt"),
    ("november", "nov"),
    ("dezember", "dez"),
)
_WEEKDAY: Final = re.compile(
    r"^(?:(?:mon|diens|donners|frei|sams)tag|mittwoch|sonnabend|sonntag|(?:mo|di|mi|do|fr|sa|so)\.?)"
    r"(?:,\s*|\s+)(?:(?:den|dem)\s+)?",
    re.IGNORECASE,
)
_WORDED_DATE: Final = re.compile(r"([0-9]{1,2})\.\s*([^\W\d_]+)\.?\s+([0-9]{4})")
_NUMBER: Final = re.compile(r"-?[0-9]{1,9}([.,]0+)?")
_STROKES: Final = re.compile(r"[Il|/]+")
_DOTS: Final = frozenset("●•⬤◉*⚫🔴🟢🔵🟡★⭐✓✔")
_COUNTED: Final = re.compile(
    r"(?:([0-9]{1,4})\s*[x×]|[x×]\s*([0-9]{1,4})|([0-9]{1,4})\s+"
    r"(?:Punkte?|Pkt\.?|Klebepunkte?|Stimmen?|Personen|Person|Teilnehmende|TN|Pers\.?))",
    re.IGNORECASE,
)


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
    """Reads a day; None when it is none.

    Known are ``JJJJ-MM-TT`` (also what a date cell of a workbook gives), ``TT.MM.JJJJ``,
    ``TT.MM.JJ`` and ``14. Mai 2025``, each also behind a weekday. Slashes are not read:
    nobody can tell day and month apart.
    """
    plain = _WEEKDAY.sub("", text.strip())
    for form in _DATE_FORMATS:
        try:
            return datetime.strptime(plain, form).date()  # noqa: DTZ007  (a day only)
        except ValueError:
            continue
    worded = _WORDED_DATE.fullmatch(unicodedata.normalize("NFC", plain))
    if worded is None:
        return None
    day, name, year = worded.groups()
    month = next((n for n, names in enumerate(_MONTHS, 1) if name.casefold() in names), None)
    try:
        return date(int(year), month, int(day)) if month is not None else None
    except ValueError:
        return None


def read_count(text: str) -> tuple[int | None, str | None]:
    """Reads a whole number as moderators note it.

    Plain are ``3``, ``3.0`` and ``3,0``. Read from marks are strokes (``IIII II``), dots
    (``●●●``, ``***``), ``3x`` and ``5 Punkte``. An estimate such as ``ca. 5`` is no count.

    Args:
        text: the value as it stood.

    Returns:
        The number, or None if there is none; and a German phrase on how it was read,
        or None if it stood there plainly.
    """
    plain = text.strip()
    if _NUMBER.fullmatch(plain):
        return int(re.split(r"[.,]", plain)[0]), None
    marks = "".join(plain.replace("\ufe0f", "").split())
    if _STROKES.fullmatch(marks):
        return len(marks), _strokes_note(plain, len(marks))
    if marks and set(marks) <= _DOTS:
        return len(marks), f"{len(marks)} Punkte gezählt"
    counted = _COUNTED.fullmatch(plain)
    if counted is not None:
        number = int(next(group for group in counted.groups() if group))
        return number, f"als {number} gelesen"
    return None, None


def _strokes_note(text: str, number: int) -> str:
    """How strokes were counted; a fifth stroke across four cannot be typed."""
    note = f"{number} Striche gezählt"
    if any(len(group) == 4 for group in text.split()[:-1]):
        note += "; eine durchgestrichene Vierergruppe wäre nicht zu erkennen"
    return note
