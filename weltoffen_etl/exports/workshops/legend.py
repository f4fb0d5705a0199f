"""Legends of boards: what colours, areas, sections and questions of a workshop's board mean."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

from weltoffen_etl.instrument.model import text_key
from weltoffen_etl.text_yaml import load_values

FILE: Final = "workshop_boards.yml"
LISTS: Final[Mapping[str, str]] = {
    "guiding_question": "guiding_questions.csv",
    "action_field": "action_fields.csv",
    "actor_group": "actor_groups.csv",
}
"""What a mark of a board can stand for, with the list of its codes."""

KINDS: Final[Mapping[str, str]] = {
    "colours": "Farbe",
    "areas": "Bereich",
    "tags": "Schlagwort",
    "sections": "Abschnitt",
    "questions": "Frage",
}
"""Kinds of marks as the legend file names them, with their German names."""

_Meaning = dict[str, str]


class LegendError(ValueError):
    """The legend file contradicts itself or names what does not exist."""


@dataclass(frozen=True, slots=True)
class Region:
    """A rectangle of a board; limits in the board's own units, both included."""

    x: tuple[float, float]
    y: tuple[float, float]
    meaning: _Meaning

    def holds(self, place: tuple[float, float]) -> bool:
        """Tells whether a point lies in the rectangle."""
        return self.x[0] <= place[0] <= self.x[1] and self.y[0] <= place[1] <= self.y[1]


@dataclass(frozen=True, slots=True)
class Legend:
    """What the marks on one workshop's board mean.

    Attributes:
        marks: meaning by mark, for each of `KINDS`; a meaning gives codes for some of
            ``guiding_question``, ``action_field``, ``actor_group``.
        regions: meaning by position.
        whole_board: what holds for every entry.
        ignored: marks whose entries are no contributions, for each of `KINDS`; ``texts``
            are entries with exactly this text, such as titles.
        words: meaning of the reference lists' own labels and aliases.
        total_words: words that begin a total row.
    """

    marks: Mapping[str, Mapping[str, _Meaning]]
    regions: tuple[Region, ...]
    whole_board: _Meaning
    ignored: Mapping[str, frozenset[str]]
    words: Mapping[str, _Meaning]
    total_words: tuple[str, ...]

    def is_ignored(self, kind: str, mark: str) -> bool:
        """Tells whether entries with this mark are no contributions."""
        return text_key(mark) in self.ignored.get(kind, frozenset())

    def meanings(
        self, marks: Iterable[tuple[str, str]], place: tuple[float, float] | None
    ) -> list[_Meaning]:
        """Returns everything the marks and the position of an entry stand for.

        A mark the legend does not name still speaks for itself where it is a label of the
        reference lists, such as a section named like a guiding question.

        Args:
            marks: pairs of kind and mark.
            place: position on the board, None where the tool has none.
        """
        found = [self.whole_board]
        for kind, mark in marks:
            key = text_key(mark)
            meaning = self.marks.get(kind, {}).get(key) or self.words.get(key)
            if meaning is not None:
                found.append(meaning)
        if place is not None:
            found.extend(region.meaning for region in self.regions if region.holds(place))
        return found


class Legends:
    """All legends of the reference folder."""

    def __init__(self, reference_dir: Path, total_words: tuple[str, ...]) -> None:
        """Reads ``workshop_boards.yml`` and the lists of codes beside it.

        Args:
            reference_dir: the reference folder.
            total_words: words that begin a total row.

        Raises:
            LegendError: an entry names a kind of mark or a code that does not exist.
        """
        self._codes, self._words = _lists(reference_dir)
        self._total_words = total_words
        file = reference_dir / FILE
        content = load_values(file.read_text(encoding="utf-8")) if file.is_file() else None
        content = content or {}
        self._default = self._read("default", content.get("default") or {})
        self._workshops = {
            str(workshop): self._read(str(workshop), entry or {})
            for workshop, entry in (content.get("workshops") or {}).items()
        }

    def of(self, ags: str | None, day: date | None) -> Legend:
        """Returns the legend of a workshop, else the default one."""
        return self._workshops.get(f"{ags}/{day}", self._default)

    def _read(self, name: str, entry: Mapping[str, Any]) -> Legend:
        known = {*KINDS, "positions", "whole_board", "ignored"}
        if unknown := sorted(entry.keys() - known):
            raise LegendError(f"{FILE}, {name}: unbekannte Angabe {', '.join(unknown)}.")
        ignored = entry.get("ignored") or {}
        if unknown := sorted(ignored.keys() - {*KINDS, "texts"}):
            raise LegendError(f"{FILE}, {name}, ignored: unbekannt {', '.join(unknown)}.")
        return Legend(
            marks={
                kind: {
                    text_key(str(mark)): self._meaning(name, meaning)
                    for mark, meaning in (entry.get(kind) or {}).items()
                }
                for kind in KINDS
            },
            regions=tuple(self._region(name, region) for region in entry.get("positions") or ()),
            whole_board=self._meaning(name, entry.get("whole_board") or {}),
            ignored={
                kind: frozenset(text_key(str(mark)) for mark in marks)
                for kind, marks in ignored.items()
            },
            words=self._words,
            total_words=self._total_words,
        )

    def _region(self, name: str, region: Mapping[str, Any]) -> Region:
        try:
            (left, right), (top, bottom) = region["x"], region["y"]
        except (KeyError, ValueError) as error:
            raise LegendError(
                f"{FILE}, {name}, positions: x und y brauchen je [von, bis]."
            ) from error
        rest = {key: value for key, value in region.items() if key not in ("x", "y")}
        return Region(
            (float(left), float(right)), (float(top), float(bottom)), self._meaning(name, rest)
        )

    def _meaning(self, name: str, meaning: Mapping[str, Any]) -> _Meaning:
        for target, code in meaning.items():
            if target not in LISTS:
                raise LegendError(f"{FILE}, {name}: „{target}“ gibt es nicht.")
            if code not in self._codes[target]:
                raise LegendError(f"{FILE}, {name}: {LISTS[target]} hat keinen Code „{code}“.")
        return {target: str(code) for target, code in meaning.items()}


def _lists(reference_dir: Path) -> tuple[dict[str, set[str]], dict[str, _Meaning]]:
    """Codes by list, and the meaning of every label and alias of the lists."""
    codes: dict[str, set[str]] = {}
    words: dict[str, _Meaning] = {}
    for target, file in LISTS.items():
        for row in _rows(reference_dir / file):
            codes.setdefault(target, set()).add(row[target])
            words[text_key(row["label_de"])] = {target: row[target]}
    for row in _rows(reference_dir / "aliases.csv"):
        if row["list"] in LISTS:
            words[text_key(row["alias"])] = {row["list"]: row["code"]}
    return codes, words


def _rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))
