"""Keeps other municipalities out of a report: their names and keys become neutral words."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable

from weltoffen_etl.reports.partner.facts import Municipality

SOMEONE_ELSE = "(andere Kommune)"
_DIGITS = re.compile(r"\d+")
_TOKEN = re.compile(r"\w+|[^\w\s]")
_SHORT = 5
_AGS = 8
_REGIONAL = 12


class Names:
    """The names and keys of all municipalities, read once for all reports."""

    def __init__(self, everyone: Iterable[Municipality]) -> None:
        everyone = list(everyone)
        self.keys = frozenset(one.ags for one in everyone)
        # By the first word, so that a text is held against the few names that can begin there.
        self._by_word: dict[str, list[str]] = defaultdict(list)
        # Longest first: the name of a district can hold that of its town.
        for name in sorted(
            {one.name.strip() for one in everyone}, key=lambda name: (-len(name), name)
        ):
            if first := _TOKEN.match(name):
                self._by_word[first[0]].append(name)

    def replaced(self, text: str, own: str) -> str:
        """Returns a text in which all names but one are neutral words."""
        parts: list[str] = []
        done = 0
        for token in _TOKEN.finditer(text):
            start = token.start()
            if start >= done and (name := self._name_at(text, start, token[0])):
                parts += [text[done:start], name if name == own.strip() else SOMEONE_ELSE]
                done = start + len(name)
        return "".join([*parts, text[done:]])

    def _name_at(self, text: str, start: int, word: str) -> str | None:
        for name in self._by_word.get(word, ()):
            end = start + len(name)
            whole = not (_is_word(text[start - 1 : start]) or _is_word(text[end : end + 1]))
            if whole and text.startswith(name, start):
                return name
        return None


class Neighbours:
    """All municipalities but one, as they can turn up in a sentence."""

    def __init__(self, own: Municipality, names: Names) -> None:
        self._own = own
        self._names = names

    def hide(self, text: str) -> str:
        """Returns a text without the others' names and keys, however the key is written."""
        text = self._names.replaced(text, self._own.name)
        return _DIGITS.sub(lambda found: SOMEONE_ELSE if self._is_key(found[0]) else found[0], text)

    def _is_key(self, digits: str) -> bool:
        forms = {digits}
        if len(digits) == _AGS - 1:
            forms.add("0" + digits)
        if len(digits) in (_REGIONAL - 1, _REGIONAL):
            regional = digits.zfill(_REGIONAL)
            forms |= {regional[:_SHORT] + regional[-3:], regional[:_SHORT]}
        return any(form in self._names.keys and form != self._own.ags for form in forms)


def _is_word(character: str) -> bool:
    return bool(re.match(r"\w", character))
