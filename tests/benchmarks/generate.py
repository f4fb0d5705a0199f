"""Deliveries of any size: reference folder and LimeSurvey exports of invented municipalities.

    uv run python -m tests.benchmarks.generate --into FOLDER --municipalities 35 --responses 200

All answers follow a small model from a seed, are invented, and are marked as synthetic like those of
the demonstration. One municipality is in memory at a time.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Literal

import numpy as np

from tests.benchmarks.form_rows import WAVE, FormRows
from tests.benchmarks.instrument import Instrument
from tests.invented import Place, place_of, write_reference

Layout = Literal["single", "multi"]
LAYOUTS: tuple[Layout, ...] = ("single", "multi")
_PLACES_SEED = 1


@dataclass(frozen=True)
class Size:
    """How much is made.

    Attributes:
        municipalities: how many deliver.
        responses: forms of each.
        seed: same seed, same bytes.
        layout: a file for each municipality, or files that cover several.
        files: how many of the latter; our pipeline takes one, because a newer file of the same
            folder replaces an older one.
        late: how many further municipalities' files are written to ``late/``, not to the inbox.
    """

    municipalities: int = 35
    responses: int = 200
    seed: int = 1
    layout: Layout = "single"
    files: int = 1
    late: int = 0


def generate(into: Path, size: Size) -> list[Place]:
    """Writes ``reference/``, ``instrument/``, ``inbox/`` and ``late/``.

    Args:
        into: folder; must hold none of them.
        size: how much.

    Returns:
        The municipalities, late ones last.
    """
    rng = np.random.default_rng([size.seed, _PLACES_SEED])
    places = [place_of(rng, number) for number in range(size.municipalities + size.late)]
    write_reference(into / "reference", places, waves=(WAVE,))
    instrument = Instrument(into / "reference")
    instrument.write(into / "instrument")
    rows = FormRows(instrument, size.seed, size.responses)
    numbered = list(enumerate(places))
    inbox, late = numbered[: size.municipalities], numbered[size.municipalities :]
    if size.layout == "multi":
        _write_together(into / "inbox" / "_multi" / WAVE, rows, inbox, size.files)
    else:
        _write_each(into / "inbox", rows, inbox)
    _write_each(into / "late", rows, late)
    return places


def _write_each(folder: Path, rows: FormRows, places: list[tuple[int, Place]]) -> None:
    for number, place in places:
        target = folder / place.ags / WAVE / "selfcheck"
        target.mkdir(parents=True)
        (target / f"results-{WAVE}.csv").write_bytes(rows.heading + rows.of(place, number))


def _write_together(
    folder: Path, rows: FormRows, places: list[tuple[int, Place]], files: int
) -> None:
    folder.mkdir(parents=True)
    for name, part in _parts(places, files):
        with (folder / name).open("wb") as file:
            file.write(rows.heading)
            for number, place in part:
                file.write(rows.of(place, number))


def _parts(
    places: list[tuple[int, Place]], files: int
) -> Iterator[tuple[str, list[tuple[int, Place]]]]:
    bounds = np.linspace(0, len(places), min(files, len(places)) + 1).astype(int)
    for part, (first, last) in enumerate(pairwise(bounds), start=1):
        yield f"results-{WAVE}-{part:02d}.csv", places[first:last]


def main() -> None:
    """Writes deliveries into a folder and says how to run a night on them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--into", type=Path, required=True)
    parser.add_argument("--municipalities", type=int, default=Size.municipalities)
    parser.add_argument("--responses", type=int, default=Size.responses)
    parser.add_argument("--seed", type=int, default=Size.seed)
    parser.add_argument("--layout", choices=LAYOUTS, default=Size.layout)
    parser.add_argument("--files", type=int, default=Size.files)
    parser.add_argument("--late", type=int, default=Size.late)
    given = vars(parser.parse_args())
    folder = given.pop("into").resolve()
    generate(folder, Size(**given))
    print(f"WELTOFFEN_REFERENCE_DIR={folder / 'reference'} weltoffen run --data-dir {folder}")


if __name__ == "__main__":
    main()
