"""What was noticed about a delivery: a rule, a place and a German sentence."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from weltoffen_etl.catalog import RuleText
from weltoffen_etl.text_yaml import load_values

GENERAL_RULES = Path(__file__).with_name("rules.yml")
MAX_SHOWN = 60
ADDRESS = r"[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}"
_OTHER_ADDRESS = (
    r"https?://\S+|\b\d{1,3}(?:\.\d{1,3}){3}\b|\b(?:[0-9A-Fa-f]{0,4}:){3,7}[0-9A-Fa-f]{0,4}\b"
)
# An address begins where no letter of one stands before it; without this, a long word is
# tried from each of its letters.
_WHOLE_ADDRESS = re.compile(rf"(?<![A-Za-z0-9._%+-]){ADDRESS}")
ADDRESS_REMOVED = "[E-Mail-Adresse entfernt]"
HIDDEN = "…"
"""Stands for a value that is not shown."""


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
        words: further words of the sentence, by their name in it.
        position: column of the file from 0, where it is known.
    """

    delivery_id: str
    rule: str
    severity: str
    message: str
    sheet: str | None = None
    source_row: int | None = None
    source_column: str | None = None
    value: str | None = None
    words: Mapping[str, Any] = field(default_factory=dict)
    position: int | None = None


@cache
def general_rules() -> dict[str, RuleText]:
    """Returns the rules that no single column has: files, deliveries, corrections, by id."""
    content = load_values(GENERAL_RULES.read_text(encoding="utf-8"))
    return {rule_id: RuleText(id=rule_id, **entry) for rule_id, entry in content.items()}


def found(
    delivery_id: str,
    rule_id: str,
    *,
    sheet: str | None = None,
    source_row: int | None = None,
    source_column: str | None = None,
    value: str | None = None,
    position: int | None = None,
    **words: Any,
) -> Finding:
    """Makes a finding of a general rule.

    Args:
        delivery_id: SHA-256 of the file.
        rule_id: id in ``rules.yml``.
        sheet: sheet of a workbook.
        source_row: row in the file, from 1.
        source_column: heading in the file.
        value: the value in question.
        position: column of the file, from 0.
        **words: further words of the sentence.

    Returns:
        The finding with its sentence filled in.
    """
    rule = general_rules()[rule_id]
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
        words=words,
        position=position,
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


def public_value(rule: RuleText, value: str | None) -> str | None:
    """Returns a value if its form shows that it is no name, address or text, else None."""
    text = shown(value)
    if text is None or rule.open is None or re.fullmatch(rule.open, text) is None:
        return None
    return text


def public_sentence(rule: RuleText, finding: Finding, column: str, sheet: str) -> str:
    """Words a finding for outside the internal warehouse.

    Args:
        rule: the rule.
        finding: what was found.
        column: name of the column in our terms, never the file's own heading.
        sheet: name of the sheet in our terms.

    Returns:
        The sentence; whatever may hold a person's words stands as ``…``.
    """
    words = finding.words
    if rule.own_words is not True:
        own = rule.own_words or ()
        words = {
            name: word if name in own else public_value(rule, str(word)) or HIDDEN
            for name, word in words.items()
        }
    hidden = HIDDEN if finding.value is not None else None
    return sentence(
        rule,
        value=public_value(rule, finding.value) or hidden,
        column=column,
        row=finding.source_row,
        sheet=sheet,
        **words,
    )


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
