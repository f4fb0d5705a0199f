"""Ties headings to survey columns: by code, text, code and text, or provable order."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from weltoffen_etl.exports.surveys.export import ResolvedColumn
from weltoffen_etl.instrument.model import text_key

_CUT = re.compile(r"^(?P<stem>.*?)\.\. ?$", re.DOTALL)
_PARTS = re.compile(r"^(?P<text>.*?)\s*(?:\[(?P<sub>.*)\])?\s*$", re.DOTALL)
_TIMING = re.compile(
    r"^(groupTime\d+|\w+Time)(\. .*)?$|"
    r"^(Gesamtzeit|Gruppenzeit|Fragenzeit|Total time|Group time|Question time)(: .*)?$",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """One thing a column can be.

    Attributes:
        source_code: the tool's code.
        role: role in the instrument.
        texts: pairs of question and sub-question text, one per language or spelling.
        field_name: name in the tool's own database, empty where it has none.
    """

    source_code: str
    role: str
    texts: tuple[tuple[str, str], ...]
    field_name: str = ""


def resolve(
    headings: Sequence[str], candidates: Sequence[Candidate], texts: Sequence[str] = ()
) -> tuple[ResolvedColumn, ...]:
    """Ties each heading to a candidate.

    A heading that fits several candidates is decided by order, if the order proves it:
    the columns of an export stand in the survey's order, so the leftmost and the
    rightmost way to place all headings in that order must agree.

    Args:
        headings: headings of the file in order, any style.
        candidates: all columns the tool can export, in the tool's order.
        texts: question text beside each heading, tried where the heading itself fits
            nothing; empty when the file has none.

    Returns:
        One resolved column per heading; ``resolved_by`` is ``none`` for an unknown and
        ``ambiguous`` for an undecidable heading.
    """
    return _resolved(tuple(headings), tuple(candidates), tuple(texts))


@lru_cache(maxsize=32)
def _resolved(
    headings: tuple[str, ...], candidates: tuple[Candidate, ...], texts: tuple[str, ...]
) -> tuple[ResolvedColumn, ...]:
    """Ties headings once for all files of the same layout."""
    index = _Index(candidates)
    options = [index.lookup(heading) for heading in headings]
    for position, text in enumerate(texts):
        if not options[position][0]:
            options[position] = index.lookup(text)
    decided = _by_order([places for places, _ in options])
    columns = []
    for position, (heading, (places, style)) in enumerate(zip(headings, options, strict=True)):
        place = decided[position]
        if not places:
            timing = _TIMING.match(heading.strip())
            columns.append(
                ResolvedColumn(position, heading, heading.strip(), "ignored", "metadata")
                if timing
                else ResolvedColumn(position, heading, None, "unknown", "none")
            )
        elif place is None:
            columns.append(ResolvedColumn(position, heading, None, "unknown", "ambiguous"))
        else:
            candidate = candidates[place]
            how = style if len(places) == 1 else "order"
            columns.append(
                ResolvedColumn(position, heading, candidate.source_code, candidate.role, how)
            )
    return tuple(columns)


class _Index:
    """Finds the candidates a heading can mean."""

    def __init__(self, candidates: Sequence[Candidate]) -> None:
        self._by_code: dict[str, int] = {}
        self._by_text: dict[str, set[int]] = {}
        self._texts: list[tuple[int, str, str]] = []
        for place, candidate in enumerate(candidates):
            self._by_code[candidate.source_code] = place
            self._by_code.setdefault(_underscored(candidate.source_code), place)
            if candidate.field_name:
                self._by_code.setdefault(candidate.field_name, place)
            for text, sub in candidate.texts:
                self._texts.append((place, text_key(text), text_key(sub)))
                self._by_text.setdefault(_joined(text, sub), set()).add(place)
        self._codes = sorted(self._by_code, key=len, reverse=True)

    def lookup(self, heading: str) -> tuple[list[int], str]:
        """Returns the places of all candidates that fit, and the style that fitted."""
        plain = heading.replace("\ufeff", "").strip()
        if not plain:
            return [], "none"
        if plain in self._by_code:
            return [self._by_code[plain]], "code"
        if places := self._by_text.get(text_key(plain)):
            return sorted(places), "text"
        if place := self._code_and_text(plain):
            return place, "code and text"
        return self._abbreviated(heading), "text"

    def _code_and_text(self, heading: str) -> list[int]:
        for code in self._codes:
            if heading.startswith(code) and not heading[len(code) : len(code) + 1].isalnum():
                rest = text_key(heading[len(code) :].lstrip(" .:;-–|/"))
                place = self._by_code[code]
                texts = [
                    text + (f"[{sub}]" if sub else "")
                    for at, text, sub in self._texts
                    if at == place
                ]
                if any(
                    rest == text or (rest and text.startswith(rest.split("..")[0]))
                    for text in texts
                ):
                    return [place]
        return []

    def _abbreviated(self, heading: str) -> list[int]:
        parts = _PARTS.match(heading)
        if parts is None or ".." not in heading:
            return []
        text, sub = parts["text"] or "", parts["sub"] or ""
        return sorted(
            {
                place
                for place, full_text, full_sub in self._texts
                if _fits(text, full_text) and _fits(sub, full_sub)
            }
        )


def _fits(shown: str, full_key: str) -> bool:
    """Whether a shown text is the full one, or its beginning where it was cut."""
    cut = _CUT.match(shown)
    if cut is None:
        return text_key(shown) == full_key
    return full_key.startswith(text_key(cut["stem"]))


def _joined(text: str, sub: str) -> str:
    return text_key(f"{text} [{sub}]" if sub else text)


def _underscored(code: str) -> str:
    """Expression-manager form of a code: ``MS[SQ001]`` becomes ``MS_SQ001``."""
    return re.sub(r"\[([^\]]*)\]", r"_\1", code)


def _by_order(options: list[list[int]]) -> list[int | None]:
    """Decides every heading whose place all order-keeping assignments agree on."""
    decided: list[int | None] = [places[0] if len(places) == 1 else None for places in options]
    certain = [place for place in decided if place is not None]
    if certain != sorted(certain):
        return decided
    leftmost = _greedy(options)
    mirrored = _greedy([[-place for place in reversed(places)] for places in reversed(options)])
    if leftmost is None or mirrored is None:
        return decided
    rightmost = [None if place is None else -place for place in reversed(mirrored)]
    return [
        left if left == right else alone
        for left, right, alone in zip(leftmost, rightmost, decided, strict=True)
    ]


def _greedy(options: list[list[int]]) -> list[int | None] | None:
    """Places each heading as far left as order allows; None if that is impossible."""
    last: int | None = None
    placed: list[int | None] = []
    for places in options:
        if not places:
            placed.append(None)
            continue
        fitting = next((place for place in places if last is None or place > last), None)
        if fitting is None:
            return None
        last = fitting
        placed.append(fitting)
    return placed
