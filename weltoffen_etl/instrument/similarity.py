"""Finds the question a text most probably is, and never across a negation."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from html import unescape
from typing import Final

from rapidfuzz import fuzz, process

SAME: Final = 92.0
"""From this score on (0 to 100) a text is taken for another wording of the same question."""
ALIKE: Final = 70.0
"""From this score on a text is worth showing to a person."""

_WORD = re.compile(r"\w+(?:[.,]\d+)?")
_NEGATION = re.compile(r"nicht|kein\w{0,2}|ohne|nie|niemals|weder|not?|never|without")


@dataclass(frozen=True, slots=True)
class Pair:
    """Two texts that resemble each other.

    Attributes:
        score: 0 to 100, 100 for the same words.
        left: place in the first list.
        right: place in the second list.
        says_otherwise: whether one of them negates, or names other numbers.
    """

    score: float
    left: int
    right: int
    says_otherwise: bool


def plain(text: str) -> str:
    """Returns the words of a text, composed, lower case, one blank apart."""
    composed = unicodedata.normalize("NFC", unescape(text)).casefold()
    return " ".join(_WORD.findall(composed))


def resembling(left: Sequence[str], right: Sequence[str]) -> list[Pair]:
    """Returns all pairs of texts that are at least `ALIKE`, best first.

    Args:
        left: texts of one side; an empty text resembles nothing.
        right: texts of the other side.

    Returns:
        Pairs by falling score, equal scores in the order of the lists.
    """
    ours, theirs = [plain(text) for text in left], [plain(text) for text in right]
    if not ours or not theirs:
        return []
    scores = process.cdist(ours, theirs, scorer=fuzz.ratio, score_cutoff=ALIKE)
    pairs = [
        Pair(float(scores[i, j]), int(i), int(j), _marks(ours[i]) != _marks(theirs[j]))
        for i, j in zip(*scores.nonzero(), strict=True)
        if ours[i] and theirs[j]
    ]
    return sorted(pairs, key=lambda pair: (-pair.score, pair.left, pair.right))


def _marks(text: str) -> tuple[str, ...]:
    """Negations and numbers: what turns a sentence round without changing many letters."""
    words = _WORD.findall(text)
    return tuple(
        sorted(
            "nicht" if _NEGATION.fullmatch(word) else word
            for word in words
            if word[0].isdigit() or _NEGATION.fullmatch(word)
        )
    )
