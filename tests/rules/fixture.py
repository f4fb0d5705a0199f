"""What a broken file of a rule consists of: a sound file, the defect, and where it is found."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.rules.fired import Fired, judge
from tests.rules.reference import reference_of

Judge = Callable[[Path, "File"], list[Fired]]


@dataclass(frozen=True, slots=True, eq=False)
class File:
    """A file in the inbox.

    Attributes:
        place: folders below the inbox.
        name: file name.
        make: gives the bytes.
        settings: settings of the reading process that differ from the usual ones.
    """

    place: str
    name: str
    make: Callable[[], bytes]
    settings: Mapping[str, Any] = field(default_factory=dict)

    def but(self, make: Callable[[], bytes], place: str | None = None) -> File:
        """The file with other bytes, at the same place unless another is given."""
        return File(place or self.place, self.name, make, self.settings)

    def at(self, place: str) -> File:
        """The same bytes in another folder."""
        return self.but(self.make, place)


@dataclass(frozen=True, slots=True, eq=False)
class Fixture:
    """The broken file of one rule.

    Attributes:
        sound: the file without the defect; the rule does not fire on it.
        broken: the same file with one defect.
        at: places at which the rule must fire, as (sheet, row, column).
        follows: further rules that the same defect cannot but break.
        alone: judges the broken file where reading it is not enough.
    """

    sound: File
    broken: File
    at: tuple[tuple[str | None, int | None, int | None], ...] = ((None, None, None),)
    follows: frozenset[str] = frozenset()
    alone: Judge | None = None

    def __call__(self, folder: Path) -> list[Fired]:
        """Returns what fires on the broken file.

        Args:
            folder: an empty folder.
        """
        if self.alone is not None:
            return self.alone(folder, self.broken)
        file = self.broken
        reference = reference_of(folder / "reference")
        return judge(folder, file.place, file.name, file.make(), reference, **file.settings)


def place(
    sheet: str | None = None, row: int | None = None, column: int | None = None
) -> tuple[tuple[str | None, int | None, int | None]]:
    """The one place at which a rule must fire."""
    return ((sheet, row, column),)


def written(write: Callable[[Path], Any]) -> bytes:
    """The bytes of a file that a function writes."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file"
        write(path)
        return path.read_bytes()
