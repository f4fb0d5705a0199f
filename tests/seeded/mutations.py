"""Random defects in real exports: how many of them the rules stop or report.

``uv run python -m tests.seeded.mutations --seed 1 --number 100``
"""

from __future__ import annotations

import argparse
import hashlib
import random
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.rules.fired import REFERENCE, Delivered, Fired, judge_all
from tests.seeded.defects import IN_PLACE, OPERATORS, Mutant, mutant, sound_files
from weltoffen_etl.database import connect
from weltoffen_etl.deliveries.places import place_of
from weltoffen_etl.exports.isolation import IsolatedReader
from weltoffen_etl.quality.judgement import JUDGED
from weltoffen_etl.reading import DeliveryReader
from weltoffen_etl.settings import Settings

DEFAULT_SEED = 20261123
_SPARE = 1.5
# What says where an answer stood or which of several marks told whose it is, and no answer.
_NO_ANSWER = frozenset(
    {
        "delivery_id",
        "source_row",
        "sheet",
        "language",
        "municipality_ags",
        "last_action_at",
        "last_page",
    }
)
Content = Counter[tuple[object, ...]]


@dataclass(frozen=True, slots=True)
class Tried:
    """A defect and what came of it.

    Attributes:
        mutant: the spoilt file.
        number: its place in the order of drawing.
        new: rules that fired more often than in the sound file.
        lost: loaded rows of the sound file that are not loaded from this one.
        added: the other way round.
    """

    mutant: Mutant
    number: int
    new: tuple[str, ...]
    lost: Content
    added: Content

    @property
    def is_equivalent(self) -> bool:
        """Whether the file says the same as the sound one: nothing is wrong with it."""
        return not self.lost and not self.added

    @property
    def reason(self) -> str:
        """Why nobody could see the defect from this file alone."""
        tables = {row[0] for row in (self.lost + self.added).elements()}
        if not self.added:
            return "whole forms or entries are missing, and nothing tells that they were there"
        if tables <= {"raw.comment", "raw.contribution", "raw.measure"}:
            return "a text became another text"
        if "raw.response" in tables:
            return "a number, time or role became another that could be right"
        if "skipped" in {cell for row in self.added for cell in row}:
            return "an answer was emptied or moved, as if its question had been skipped"
        return "a valid answer became another valid answer"


def try_defects(folder: Path, seed: int, number: int) -> tuple[list[Tried], list[Tried]]:
    """Draws defects and judges them all in one go.

    Args:
        folder: an empty folder.
        seed: says which.
        number: how many real defects are wanted.

    Returns:
        The defects, and the drawn files that are none since they say the same as the
        sound file.

    Raises:
        ValueError: too many of the drawn files were none.
    """
    draw = random.Random(seed)  # noqa: S311  (defects that are the same in every run)
    sounds = sound_files()
    drawn = [mutant(draw, sounds) for _ in range(round(number * _SPARE) + 5)]
    files = [Delivered(f"{x.place}/x.{x.kind}", x.content) for x in sounds]
    files += [Delivered(f"{x.place}/x.{x.sound.kind}", x.content) for x in drawn]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "judged").mkdir()
    told = [[x.fired for x in entries] for entries in judge_all(folder / "judged", files)]
    loaded = _loaded(folder / "loaded", files)
    defects: list[Tried] = []
    equivalent: list[Tried] = []
    for place, spoilt in enumerate(drawn):
        at, base = len(sounds) + place, sounds.index(spoilt.sound)
        tried = Tried(
            spoilt,
            place,
            _new(told[at], told[base], moves=spoilt.operator not in IN_PLACE),
            loaded[base] - loaded[at],
            loaded[at] - loaded[base],
        )
        (equivalent if tried.is_equivalent else defects).append(tried)
        if len(defects) == number:
            return defects, equivalent
    raise ValueError(f"only {len(defects)} of {len(drawn)} drawn files are defects")


def _new(spoilt: Sequence[Fired], sound: Sequence[Fired], *, moves: bool) -> tuple[str, ...]:
    """Rules of the findings that the sound file does not have, at this place where places hold."""
    if moves:
        rules = Counter(x.rule for x in spoilt) - Counter(x.rule for x in sound)
        return tuple(sorted(rules))
    return tuple(sorted({x.rule for x in Counter(spoilt) - Counter(sound)}))


def _loaded(folder: Path, files: Sequence[Delivered]) -> list[Content]:
    """What each file brings into the tables, whatever the order of its rows."""
    folder.mkdir()
    settings = Settings(data_dir=folder / "data", reference_dir=REFERENCE, settle_seconds=0.0)
    ids = []
    with connect(settings) as connection, IsolatedReader(settings) as isolated:
        reader = DeliveryReader.open(connection, settings)
        for number, delivered in enumerate(files):
            file = folder / f"delivered{number}"
            file.write_bytes(delivered.content)
            ids.append(hashlib.sha256(f"{number} ".encode() + delivered.content).hexdigest())
            reader.read(isolated, ids[-1], file, place_of(delivered.path, reader.registry))
        reader.judge()
        numbers = {
            (delivery, row): response
            for delivery, row, response in connection.execute(
                "SELECT delivery_id, source_row, source_response_id FROM raw.response"
            ).fetchall()
        }
        contents: dict[str, Content] = {delivery: Counter() for delivery in ids}
        for table in JUDGED:
            names = {row[0] for row in connection.execute(f"DESCRIBE {table}").fetchall()}
            left_out = ", ".join(sorted(_NO_ANSWER & names))
            rows = connection.execute(
                f"SELECT delivery_id, source_row, * EXCLUDE ({left_out}) FROM {table}"
            ).fetchall()
            for delivery, row, *cells in rows:
                kept = (table, numbers.get((delivery, row)), *map(str, cells))
                contents[delivery][kept] += 1
    return [contents[delivery] for delivery in ids]


def report(defects: Sequence[Tried], equivalent: Sequence[Tried]) -> str:
    """Says what was found, and lists each miss with its reason."""
    missed = [x for x in defects if not x.new]
    used = {x.mutant.operator for x in defects}
    caught = len(defects) - len(missed)
    lines = [
        f"{len(defects)} defects by {len(used)} of {len(OPERATORS)} operators",
        f"{caught} stopped or reported, {len(missed)} missed",
        f"{len(equivalent)} further files said the same as the sound one and are no defects",
    ]
    lines += [
        f"missed  #{x.number} {x.mutant.operator} ({x.mutant.sound.kind}, {x.mutant.sound.name}): "
        f"{x.reason}"
        for x in missed
    ]
    return "\n".join(lines)


def main() -> None:
    """Tries defects and prints the result."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=DEFAULT_SEED)
    parser.add_argument("--number", type=int, default=100)
    parser.add_argument("--details", action="store_true", help="what changed in each miss")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        defects, equivalent = try_defects(Path(folder), options.seed, options.number)
    print(report(defects, equivalent))
    if options.details:
        for x in defects:
            if not x.new:
                print(x.number, x.mutant.operator)
                print("  -", list(x.lost.elements())[:3])
                print("  +", list(x.added.elements())[:3])


if __name__ == "__main__":
    main()
