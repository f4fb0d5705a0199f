"""Findings grouped by what to do: each rule's sentence once, then where."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from string import Formatter

from weltoffen_etl.exports.grid import column_letters
from weltoffen_etl.findings import HIDDEN
from weltoffen_etl.reports.pages import german
from weltoffen_etl.reports.partner.facts import Delivery, Noticed

TO_DO = ("move", "export", "edit", "ask", "look")
"""Actions about files that have arrived, most pressing first."""
_LABELS = {"critical": "dringend", "warning": "bitte prüfen", "info": "Hinweis"}
# What these say can point at a form, or tell how many forms there are.
_TELLING = frozenset({"response", "answer", "text", "delivery"})
_LOCATING = frozenset({"row", "column", "sheet"})
_SHOWN_PLACES = 6
_SHOWN_ROWS = 12
_HIDDEN_WORD = re.compile(r"\{[^{}]*\}")


@dataclass(frozen=True, slots=True)
class Notice:
    """What one rule has to say.

    Attributes:
        severity: ``critical``, ``warning`` or ``info``.
        label: the same in German.
        sentence: the public sentence, once.
        count: how often it was found; 1 where the number is withheld.
        remark: why no places are named, if they are not.
        places: where, the first of them, each as one line.
        all_places: the complete list, empty where ``places`` is complete.
        more: how many findings ``places`` leaves out.
    """

    severity: str
    label: str
    sentence: str
    count: int
    remark: str | None
    places: tuple[str, ...]
    all_places: tuple[str, ...]
    more: int


@dataclass(frozen=True, slots=True)
class Group:
    """Everything about which the same is to be done."""

    action: str
    heading: str
    notices: tuple[Notice, ...]

    @property
    def count(self) -> int:
        """Number of places."""
        return sum(notice.count for notice in self.notices)


def grouped(
    noticed: Iterable[Noticed],
    deliveries: Mapping[str, Delivery],
    few: Callable[[Delivery], bool],
    hide: Callable[[str], str],
) -> list[Group]:
    """Groups findings by action and rule.

    Args:
        noticed: findings about deliveries in force, ordered by action and rule.
        deliveries: the municipality's deliveries by checksum.
        few: whether too few people stand behind a delivery to locate what they wrote.
        hide: takes other municipalities out of a text.

    Returns:
        Groups in the order of their urgency.
    """
    groups = []
    for (action, heading), of_action in groupby(noticed, lambda x: (x.action, x.action_de)):
        notices = []
        for _, of_rule in groupby(of_action, lambda x: x.rule):
            notices += _notices(list(of_rule), deliveries, few, hide)
        groups.append(Group(action, heading, tuple(notices)))
    return groups


def general_sentence(says: str) -> str:
    """Returns a rule's sentence with ``…`` for each word of a single case."""
    return _tidy(_HIDDEN_WORD.sub(HIDDEN, says))


def _tidy(sentence: str) -> str:
    """Takes out brackets with nothing to tell, and the full stop after an ellipsis."""
    return sentence.replace(f" ({HIDDEN})", "").replace(f"{HIDDEN}.", HIDDEN)


def _notices(
    findings: Sequence[Noticed],
    deliveries: Mapping[str, Delivery],
    few: Callable[[Delivery], bool],
    hide: Callable[[str], str],
) -> list[Notice]:
    """One notice of a rule; two where some of its findings may not be located."""
    rule = findings[0]
    sentence = general_sentence(rule.says)
    label = _LABELS[rule.severity]
    if rule.about_person:
        count = sum(not _in_few(x, deliveries, few) for x in findings)
        remark = (
            "Gezählt, aber nicht verortet: Es geht darum, wie einzelne Personen ausgefüllt haben."
        )
        if count < len(findings):
            remark += " Bögen aus Wellen mit zu wenigen Bögen sind nicht mitgezählt."
        return [Notice(rule.severity, label, sentence, max(count, 1), remark, (), (), 0)]
    open_ones = [x for x in findings if not (x.topic in _TELLING and _in_few(x, deliveries, few))]
    notices = []
    if open_ones:
        notices.append(_located(open_ones, deliveries, hide))
    if len(open_ones) < len(findings):
        remark = "Zahl und Stellen nennen wir hier nicht, weil zu wenige Bögen vorliegen."
        notices.append(Notice(rule.severity, label, sentence, 1, remark, (), (), 0))
    return notices


def _in_few(
    finding: Noticed, deliveries: Mapping[str, Delivery], few: Callable[[Delivery], bool]
) -> bool:
    delivery = deliveries.get(finding.delivery_id or "")
    return delivery is not None and few(delivery)


def _located(
    findings: Sequence[Noticed], deliveries: Mapping[str, Delivery], hide: Callable[[str], str]
) -> Notice:
    first = findings[0]
    sentence, details = _wording(first.says, [x.message for x in findings])
    lines: dict[tuple[object, ...], list[int]] = {}
    for finding, detail in zip(findings, details, strict=True):
        place = (
            finding.delivery_id,
            finding.sheet_number,
            finding.column_number,
            finding.column,
            detail,
        )
        lines.setdefault(place, []).append(finding.source_row or 0)
    names = _names(deliveries)
    full = [hide(_line(names, place, rows, None)) for place, rows in lines.items()]
    full = [line for line in full if line]
    short = [hide(_line(names, place, rows, _SHOWN_ROWS)) for place, rows in lines.items()]
    short = [line for line in short if line][:_SHOWN_PLACES]
    shown_rows = [min(len(rows), _SHOWN_ROWS) for rows in lines.values()][:_SHOWN_PLACES]
    more = len(findings) - sum(shown_rows) if full else 0
    return Notice(
        first.severity,
        _LABELS[first.severity],
        hide(sentence),
        len(findings),
        None,
        tuple(short),
        tuple(full) if short != full else (),
        more,
    )


def _names(deliveries: Mapping[str, Delivery]) -> dict[str, str]:
    """Names of the deliveries; with the checksum's digits where two have the same name."""
    current = [x for x in deliveries.values() if x.in_force]
    twice = {x.what for x in current if sum(y.what == x.what for y in current) > 1}
    return {
        x.delivery_id: f"{x.what} (Kennung {x.mark})" if x.what in twice else x.what
        for x in deliveries.values()
    }


def _line(
    names: Mapping[str, str], place: tuple[object, ...], rows: Sequence[int], most: int | None
) -> str:
    delivery_id, sheet_number, column_number, column, detail = place
    parts = []
    if delivery_id is not None:
        parts.append(names.get(str(delivery_id), "Datei"))
    if sheet_number:
        parts.append(f"Blatt {sheet_number}")
    numbers = [row for row in rows if row]
    if numbers:
        shown = sorted(numbers)[:most]
        more = "" if len(shown) == len(numbers) else " …"
        word = "Zeile" if len(set(numbers)) == 1 else "Zeilen"
        parts.append(f"{word} {', '.join(german.ranges(shown))}{more}")
    if isinstance(column_number, int):
        letters = column_letters(column_number - 1)
        known = column not in (None, HIDDEN, letters)
        parts.append(f"Spalte {letters} „{column}“" if known else f"Spalte {letters}")
    elif column not in (None, HIDDEN):
        parts.append(f"Spalte „{column}“")
    where = " · ".join(parts)
    return f"{where}: {detail}" if detail and where else where


def _wording(says: str, messages: Sequence[str]) -> tuple[str, list[str]]:
    """Finds one sentence for all findings of a rule, and what is special to each.

    Args:
        says: the rule's sentence with its placeholders.
        messages: the filled sentences.

    Returns:
        The sentence, with ``…`` where the findings differ; for each finding its own words.
    """
    if len(set(messages)) == 1:
        return _tidy(messages[0]), [""] * len(messages)
    names, pattern = _pattern(says)
    found = [pattern.fullmatch(message) for message in messages]
    words = [x.groups() for x in found if x is not None]
    if len(words) < len(messages):
        return general_sentence(says), [""] * len(messages)
    differing = [len({row[i] for row in words}) > 1 for i in range(len(names))]
    fills = iter(HIDDEN if differing[i] else words[0][i] for i in range(len(names)))
    sentence = "".join(
        text + (next(fills) if name is not None else "")
        for text, name, _, _ in Formatter().parse(says)
    )
    own = [i for i, name in enumerate(names) if differing[i] and name not in _LOCATING]
    return _tidy(sentence), [_detail([(names[i], row[i]) for i in own]) for row in words]


def _detail(words: Sequence[tuple[str, str]]) -> str:
    told = [
        f"„{word}“" if name == "value" else word
        for name, word in dict(words).items()
        if word != HIDDEN
    ]
    return ", ".join(told)


@cache
def _pattern(says: str) -> tuple[tuple[str, ...], re.Pattern[str]]:
    names = []
    pattern = ""
    for text, name, _, _ in Formatter().parse(says):
        pattern += re.escape(text)
        if name is not None:
            names.append(name)
            pattern += "(.*?)"
    return tuple(names), re.compile(pattern, re.DOTALL)
