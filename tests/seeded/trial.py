"""Judges the spoilt exports beside the sound ones and compares the findings one by one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path

from tests.rules.fired import Delivered, Fired, judge_all
from tests.seeded.cells import CELL_ERRORS
from tests.seeded.exports import PLACES, as_csv, column, rows_of, sound_rows
from tests.seeded.files import file_errors


@dataclass(frozen=True, slots=True)
class Trial:
    """One error and what was found of it.

    Attributes:
        name: what was done to which file.
        expected: findings that had to appear.
        missed: those of them that did not.
        surplus: findings that nobody can explain.
        lost: findings of the sound file that are gone.
    """

    name: str
    expected: tuple[Fired, ...]
    missed: tuple[Fired, ...] = ()
    surplus: tuple[Fired, ...] = ()
    lost: tuple[Fired, ...] = ()

    @property
    def is_right(self) -> bool:
        """Whether exactly the error was found, where it is."""
        return not (self.missed or self.surplus or self.lost)


@dataclass(slots=True)
class _Planted:
    """An export with errors in several forms."""

    name: str
    rows: list[list[str]]
    free: Iterable[int]
    errors: list[tuple[str, Fired]] = field(default_factory=list)


def planted_exports() -> list[_Planted]:
    """Puts the errors of single forms into the six exports, each into a form of its own."""
    exports = [_Planted(name, rows_of(name), iter(sound_rows(name))) for name in PLACES]
    codes = exports[0].rows[0]
    turn = cycle(exports)
    for error in CELL_ERRORS:
        for export in (next(turn) for _ in exports):
            row = next(iter(export.free), None)
            if row is not None:
                break
        else:
            raise ValueError("there are more errors than sound forms")
        form = dict(zip(codes, export.rows[row - 1], strict=True))
        error.spoil(form)
        export.rows[row - 1] = list(form.values())
        place = None if error.code is None else column(error.code) + 1
        export.errors.append((error.name, Fired(error.rule, None, row, place)))
    return exports


def try_errors(folder: Path) -> list[Trial]:
    """Judges everything in one go; one trial for each error."""
    planted, whole = planted_exports(), file_errors()
    files = [Delivered(f"{PLACES[x.name]}/{x.name}.csv", as_csv(rows_of(x.name))) for x in planted]
    files += [Delivered(f"{PLACES[x.name]}/{x.name}.csv", as_csv(x.rows)) for x in planted]
    for error in whole:
        files += [
            Delivered(f"{error.place}/sound", error.sound),
            Delivered(f"{error.place}/spoilt", error.spoilt),
        ]
    told = [Counter(entry.fired for entry in entries) for entries in judge_all(folder, files)]
    trials = []
    for number, export in enumerate(planted):
        sound, spoilt = told[number], told[number + len(planted)]
        expected = Counter(fired for _, fired in export.errors)
        trials.extend(
            Trial(
                f"{name} ({export.name}, row {fired.row})",
                (fired,),
                _some(Counter([fired]) - spoilt),
            )
            for name, fired in export.errors
        )
        trials.append(
            Trial(
                f"nothing else in {export.name}",
                (),
                surplus=_some(spoilt - sound - expected),
                lost=_some(sound - spoilt),
            )
        )
    for number, error in enumerate(whole):
        sound, spoilt = told[2 * (len(planted) + number) :][:2]
        expected = Counter(error.expected)
        if error.moves:
            sound, spoilt, expected = (_rules(x) for x in (sound, spoilt, expected))
        trials.append(
            Trial(
                error.name,
                error.expected,
                _some(expected - spoilt),
                _some(spoilt - expected - (Counter() if error.stops else sound)),
                () if error.stops else _some(sound - spoilt),
            )
        )
    return trials


def _some(findings: Counter[Fired]) -> tuple[Fired, ...]:
    return tuple(findings.elements())


def _rules(findings: Counter[Fired]) -> Counter[Fired]:
    return Counter(Fired(fired.rule) for fired in findings.elements())
