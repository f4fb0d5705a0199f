"""What was noticed about a delivery: a rule, a place and a German sentence."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from weltoffen_etl.catalog import RuleText

READING_RULES = Path(__file__).with_name("reading_rules.yml")
MAX_SHOWN = 60
ADDRESS = r"[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}"
_OTHER_ADDRESS = (
    r"https?://\S+|\b\d{1,3}(?:\.\d{1,3}){3}\b|\b(?:[0-9A-Fa-f]{0,4}:){3,7}[0-9A-Fa-f]{0,4}\b"
)
# An address begins where no letter of one stands before it; without this, a long word is
# tried from each of its letters.
_WHOLE_ADDRESS = re.compile(rf"(?<![A-Za-z0-9._%+-]){ADDRESS}")
ADDRESS_REMOVED = "[E-Mail-Adresse entfernt]"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong or noteworthy in a file.

    Attributes:
        delivery_id: SHA-256 of the file.
        rule: id of the rule.
        severity: ``critical``, ``warning`` or ``info``.
        message: German sentence: what is wrong and what to do.
        sheet: sheet of a workbook.
        source_row: row in the file as a spreadsheet shows it, from 1.
        source_column: heading of the column in the file.
        value: the value in question, shortened, empty for personal data.
    """

    delivery_id: str
    rule: str
    severity: str
    message: str
    sheet: str | None = None
    source_row: int | None = None
    source_column: str | None = None
    value: str | None = None


@cache
def reading_rules() -> dict[str, RuleText]:
    """Returns the rules about files and their shape, by id."""
    content = yaml.safe_load(READING_RULES.read_text(encoding="utf-8"))
    return {rule_id: RuleText(id=rule_id, **entry) for rule_id, entry in content.items()}


def found(
    delivery_id: str,
    rule_id: str,
    *,
    sheet: str | None = None,
    source_row: int | None = None,
    source_column: str | None = None,
    value: str | None = None,
    **words: Any,
) -> Finding:
    """Makes a finding of a reading rule.

    Args:
        delivery_id: SHA-256 of the file.
        rule_id: id in ``reading_rules.yml``.
        sheet: sheet of a workbook.
        source_row: row in the file, from 1.
        source_column: heading in the file.
        value: the value in question.
        **words: further words of the sentence.

    Returns:
        The finding with its sentence filled in.
    """
    rule = reading_rules()[rule_id]
    return Finding(
        delivery_id=delivery_id,
        rule=rule.id,
        severity=rule.severity,
        message=sentence(
            rule, value=value, column=source_column, row=source_row, sheet=sheet, **words
        ),
        sheet=sheet,
        source_row=source_row,
        source_column=source_column,
        value=shown(value),
    )


def sentence(rule: RuleText, **words: Any) -> str:
    """Fills a rule's sentence; values are shortened, never interpreted as a template."""
    filled = {
        name: shown(word) if isinstance(word, str) else ("" if word is None else word)
        for name, word in words.items()
    }
    if words.get("value") is None:
        filled["value"] = "(leer)"
    return rule.says.format(**filled)


def without_addresses(text: str) -> str:
    """Takes e-mail addresses out of a text; they are never loaded."""
    return _WHOLE_ADDRESS.sub(ADDRESS_REMOVED, text)


def without_personal(text: str) -> str:
    """Takes e-mail, IP and web addresses out of a row that could not be split into cells."""
    return re.sub(_OTHER_ADDRESS, "[Adresse entfernt]", without_addresses(text))


def shown(value: str | None) -> str | None:
    """Shortens a value for display, takes addresses out and makes control characters visible as blanks."""
    if value is None:
        return None
    text = without_addresses(value)
    clean = "".join(letter if letter.isprintable() else " " for letter in text)
    return clean if len(clean) <= MAX_SHOWN else clean[: MAX_SHOWN - 1] + "…"
