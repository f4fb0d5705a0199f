"""Keeps other municipalities out of a report: their names and keys become neutral words."""

from __future__ import annotations

import re
from collections.abc import Iterable

from weltoffen_etl.reports.partner.facts import Municipality

SOMEONE_ELSE = "(andere Kommune)"
_DIGITS = re.compile(r"\d+")
_SHORT = 5
_AGS = 8
_REGIONAL = 12


class Neighbours:
    """All municipalities but one, as they can turn up in a sentence."""

    def __init__(self, own: Municipality, everyone: Iterable[Municipality]) -> None:
        self._own = own
        everyone = list(everyone)
        self._keys = {other.ags for other in everyone if other.ags != own.ags}
        # Longest first: the name of a district can hold that of its town.
        names = sorted({other.name for other in everyone}, key=lambda name: (-len(name), name))
        self._names = re.compile("|".join(rf"(?<!\w){re.escape(name)}(?!\w)" for name in names))

    def hide(self, text: str) -> str:
        """Returns a text without the others' names and keys, however the key is written."""
        text = self._names.sub(
            lambda found: found[0] if found[0] == self._own.name else SOMEONE_ELSE, text
        )
        return _DIGITS.sub(lambda found: SOMEONE_ELSE if self._is_key(found[0]) else found[0], text)

    def _is_key(self, digits: str) -> bool:
        forms = {digits}
        if len(digits) == _AGS - 1:
            forms.add("0" + digits)
        if len(digits) in (_REGIONAL - 1, _REGIONAL):
            regional = digits.zfill(_REGIONAL)
            forms |= {regional[:_SHORT] + regional[-3:], regional[:_SHORT]}
        return not self._keys.isdisjoint(forms)
