"""What the folders of the inbox say: sender, wave, workshop; and who may be named at all."""

from __future__ import annotations

import csv
import hashlib
import re
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Literal

# An earlier day is no workshop; it can be somebody's date of birth.
_DAY = r"2\d{3}-\d\d-\d\d"
_SUFFIX = re.compile(
    r"\.(csv|json|lsa|lss|ods|part|pdf|sav|tmp|tsv|txt|xls|xlsb|xlsm|xlsx|xml|zip)$", re.IGNORECASE
)

MULTI = "_multi"
"""Folder for files that cover several municipalities."""

Kind = Literal["selfcheck", "workshop"]


@dataclass(frozen=True, slots=True)
class Place:
    """What the folder of a file says about it.

    Attributes:
        kind: ``selfcheck`` or ``workshop``, empty when the folder is not known.
        ags: sender's key, empty for files that cover several municipalities.
        wave: wave, for self-checks; None where the folder names none or several.
        waves: all waves that the folders allow, empty where they allow every wave.
        workshop_date: date of the workshop.
        problem: id of the reading rule that the place breaks, if any.
        problem_value: the part of the path in question.
    """

    kind: Kind | None
    ags: str | None = None
    wave: str | None = None
    waves: tuple[str, ...] = ()
    workshop_date: date | None = None
    problem: str | None = None
    problem_value: str | None = None


class Registry:
    """The municipalities and waves that deliveries may name."""

    def __init__(self, reference_dir: Path) -> None:
        """Reads ``municipalities.csv`` and ``waves.csv`` of the reference folder."""
        self._dir = reference_dir

    @cached_property
    def municipalities(self) -> dict[str, str]:
        """Name by AGS."""
        return {row["ags"]: row["label_de"] for row in self._rows("municipalities.csv")}

    @cached_property
    def waves(self) -> list[str]:
        """Wave codes in order."""
        return [row["wave"] for row in self._rows("waves.csv")]

    def _rows(self, name: str) -> list[dict[str, str]]:
        with (self._dir / name).open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))


def place_of(path: str, registry: Registry) -> Place:
    """Reads sender, wave and kind from a path below the inbox.

    Args:
        path: for example ``03241005/t0/selfcheck/results.csv``.
        registry: known municipalities and waves.

    Returns:
        The place; ``problem`` is set where the folders follow no convention.
    """
    match path.split("/"):
        case [folder, _] if folder == MULTI:
            return Place("selfcheck")
        case [folder, wave, _] if folder == MULTI:
            if wave not in registry.waves:
                return Place("selfcheck", problem="place_wave_unknown", problem_value=wave)
            return Place("selfcheck", wave=wave, waves=(wave,))
        case [ags, _, _, _] if ags not in registry.municipalities:
            return Place(None, problem="place_unregistered", problem_value=ags)
        case [ags, "workshops", day, _]:
            try:
                held_on = date.fromisoformat(day) if re.match(_DAY, day, re.ASCII) else None
            except ValueError:
                held_on = None
            if held_on is None:
                return Place("workshop", ags=ags, problem="place_date_unknown", problem_value=day)
            return Place("workshop", ags=ags, workshop_date=held_on)
        case [ags, wave, "selfcheck", _]:
            if wave not in registry.waves:
                return Place("selfcheck", ags=ags, problem="place_wave_unknown", problem_value=wave)
            return Place("selfcheck", ags=ags, wave=wave, waves=(wave,))
        case _:
            return Place(None, problem="place_unknown", problem_value=path)


def common_place(paths: list[str], registry: Registry) -> tuple[Place, list[str]]:
    """Reads the place of bytes that lie under several paths.

    A file with several municipalities may lie in the folder of each of its waves; it then
    belongs to all of them, and its rows say which. Otherwise the first path counts.

    Args:
        paths: paths below the inbox, in order of arrival.
        registry: known municipalities and waves.

    Returns:
        The place, and the paths that do not count.
    """
    first = place_of(paths[0], registry)
    several = [path for path in paths if path.split("/")[0] == MULTI]
    if first.problem is not None or paths[0] not in several:
        return first, paths[1:]
    places = {path: place_of(path, registry) for path in several}
    sound = {path: place for path, place in places.items() if place.problem is None}
    waves: dict[str, str] = {}
    for path, place in sound.items():
        waves.setdefault(place.wave or "", path)
    others = [path for path in paths if path not in waves.values()]
    if "" in waves:
        return Place("selfcheck"), others
    if len(waves) == 1:
        return first, others
    return Place("selfcheck", waves=tuple(sorted(waves))), others


def folders_of(place: Place, kind: Kind) -> frozenset[str]:
    """Returns the folders below the inbox that a place stands for.

    Args:
        place: what `common_place` returned, or what a person said about one file.
        kind: what the file turned out to be.
    """
    if kind == "workshop":
        return frozenset({f"{place.ags}/workshops/{place.workshop_date}"})
    if place.ags is None and place.kind is None:
        return frozenset()
    if place.ags is not None:
        return frozenset({f"{place.ags}/{place.wave}/selfcheck"})
    return frozenset(f"{MULTI}/{wave}" for wave in place.waves) or frozenset({MULTI})


def masked(path: str, registry: Registry, sha256: str | None = None) -> str:
    """Returns a path below the inbox in a form for logs: names of files can name persons.

    Args:
        path: for example ``03241005/t0/selfcheck/results Erika Mustermann.csv``.
        registry: known municipalities and waves.
        sha256: hash of the bytes; without it, the name is hashed.

    Returns:
        For example ``03241005/t0/selfcheck/5f2c09ab.csv``, with ``…`` for unknown folders.
    """
    *folders, name = path.split("/")
    known = {MULTI, "selfcheck", "workshops", *registry.municipalities, *registry.waves}
    shown = [x if x in known or re.fullmatch(_DAY, x, re.ASCII) else "…" for x in folders]
    digest = sha256 or hashlib.sha256(name.encode()).hexdigest()
    suffix = _SUFFIX.search(name)
    return "/".join([*shown, digest[:8] + (suffix[0].lower() if suffix else "")])
