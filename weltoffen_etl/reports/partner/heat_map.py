"""The heat map of missing answers: action fields by waves, withheld where too few answered."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from weltoffen_etl.reports.pages import german
from weltoffen_etl.reports.partner.facts import FieldAnswers, WaveFacts

STEPS = (0.05, 0.15, 0.30, 0.50)
"""Where the next darker colour begins; ``page.css`` has one class more than steps."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: its words, and the class of its colour."""

    text: str
    style: str


@dataclass(frozen=True, slots=True)
class HeatMap:
    """Waves as columns, action fields as rows."""

    waves: tuple[WaveFacts, ...]
    rows: tuple[tuple[str, tuple[Cell, ...]], ...]
    legend: tuple[Cell, ...]


def heat_map(
    fields: Sequence[FieldAnswers],
    waves: Sequence[WaveFacts],
    withheld: Collection[str],
    least: int,
) -> HeatMap | None:
    """Draws up the heat map.

    Args:
        fields: answers by action field and wave, in the order of the action fields.
        waves: all waves of the municipality.
        withheld: waves with too few forms.
        least: least number of respondents behind a cell.

    Returns:
        The map; None where no wave has enough counted forms.
    """
    shown = tuple(wave for wave in waves if wave.counted and wave.wave not in withheld)
    if not shown:
        return None
    known = {(entry.action_field, entry.wave): entry for entry in fields}
    labels = dict.fromkeys((entry.action_field, entry.label) for entry in fields)
    rows = tuple(
        (label, tuple(_cell(known.get((code, wave.wave)), least) for wave in shown))
        for code, label in labels
    )
    bounds = [0.0, *STEPS]
    legend = [
        Cell(f"{_bound(low)} bis unter {german.percent(high)}", f"heat-{number}")
        for number, (low, high) in enumerate(zip(bounds, STEPS, strict=False))
    ]
    legend.append(Cell(f"ab {german.percent(STEPS[-1])}", f"heat-{len(STEPS)}"))
    return HeatMap(shown, rows, tuple(legend))


def step(share: float) -> int:
    """Returns the number of a share's colour, 0 for the lightest."""
    return sum(share >= bound for bound in STEPS)


def _bound(share: float) -> str:
    return str(round(100 * share))


def _cell(entry: FieldAnswers | None, least: int) -> Cell:
    if entry is None or entry.asked == 0:
        return Cell("nicht gewählt", "heat-none")
    if entry.respondents < least:
        return Cell("zu wenige", "heat-none")
    share = entry.unanswered / entry.asked
    return Cell(german.percent(share), f"heat-{step(share)}")
