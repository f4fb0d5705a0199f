"""How quality moves from release to release: figures and the points of small lines."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from weltoffen_etl.reports.pages import german

WIDTH, HEIGHT = 280, 96
_LEFT, _RIGHT, _TOP, _BOTTOM = 6, 70, 14, 14
_MOST = 24


@dataclass(frozen=True, slots=True)
class Line:
    """One small line.

    Attributes:
        label: what it shows.
        points: where the line runs, in the units of the drawing; a gap has no point.
        last: the last value as shown.
        description: the same in words.
    """

    label: str
    points: tuple[tuple[float, float], ...]
    last: str
    description: str


@dataclass(frozen=True, slots=True)
class Trend:
    """Figures of the last releases, oldest first, and their lines."""

    rows: tuple[tuple[str, ...], ...]
    lines: tuple[Line, ...]


def trend(earlier: Sequence[Mapping[str, Any]], now: Mapping[str, Any]) -> Trend | None:
    """Compares this release with those before.

    Args:
        earlier: manifests of earlier releases, oldest first.
        now: this release's manifest.

    Returns:
        The figures; None where no earlier release has them.
    """
    known = [manifest for manifest in earlier if "quality" in manifest][-_MOST + 1 :]
    if not known:
        return None
    manifests = [*known, now]
    columns = [
        (label, [pick(manifest["quality"]) for manifest in manifests], digits)
        for label, pick, digits in _FIGURES
    ]
    rows = tuple(
        (manifest["release"], *(german.decimal(values[i], digits) for _, values, digits in columns))
        for i, manifest in enumerate(manifests)
    )
    return Trend(rows, tuple(_line(*column) for column in columns))


_FIGURES: tuple[tuple[str, Callable[[Any], float | None], int], ...] = (
    ("Dringende Befunde", lambda x: x["findings"]["critical"], 0),
    ("Zu prüfende Befunde", lambda x: x["findings"]["warning"], 0),
    ("Hinweise", lambda x: x["findings"]["info"], 0),
    ("Gezählte Bögen", lambda x: x["n_responses"], 0),
    ("Mittel der Punkte", lambda x: x["mean_score"], 1),
)
HEADINGS = tuple(label for label, _, _ in _FIGURES)
"""Names of the figures, in the order of a row after the release's name."""


def _line(label: str, values: Sequence[float | None], digits: int) -> Line:
    known = [value for value in values if value is not None]
    highest = max([*known, 1])
    width = (WIDTH - _LEFT - _RIGHT) / (len(values) - 1)
    height = HEIGHT - _TOP - _BOTTOM
    points = tuple(
        (round(_LEFT + i * width, 1), round(HEIGHT - _BOTTOM - height * value / highest, 1))
        for i, value in enumerate(values)
        if value is not None
    )
    first, last = german.decimal(values[0], digits), german.decimal(values[-1], digits)
    return Line(label, points, last, f"{label}: von {first} auf {last}")
