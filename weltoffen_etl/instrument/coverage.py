"""Which canonical items each instrument asks, and what keeps it from being loaded."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from weltoffen_etl.instrument.catalogue import Catalogue, load_catalogue
from weltoffen_etl.instrument.model import Instrument, InstrumentError
from weltoffen_etl.instrument.store import (
    MAPPING,
    instrument_folders,
    load_instrument,
    versions,
)


@dataclass(frozen=True, slots=True)
class Coverage:
    """State of one version of an instrument, or of a whole one that cannot be loaded.

    Attributes:
        instrument_id: name of its folder.
        version: version, empty when it cannot be loaded.
        title: title of the survey.
        covered: canonical items it asks.
        missing: canonical items it does not ask.
        problem: German sentence why it cannot be loaded, empty when it can.
    """

    instrument_id: str
    version: str
    title: str
    covered: tuple[str, ...]
    missing: tuple[str, ...]
    problem: str = ""


def check_instruments(reference_dir: Path) -> list[Coverage]:
    """Loads every instrument on its own, so that one mistake does not hide another.

    Returns:
        One entry per version, or one per instrument that cannot be loaded.
    """
    catalogue = load_catalogue(reference_dir)
    return [
        entry for folder in instrument_folders(reference_dir) for entry in _check(folder, catalogue)
    ]


def _check(folder: Path, catalogue: Catalogue) -> list[Coverage]:
    every = tuple(catalogue.items)
    if not (folder / MAPPING).is_file():
        problem = f"Es fehlt {MAPPING}: was jede Spalte bedeutet."
        return [Coverage(folder.name, "", "", (), every, problem)]
    if not versions(folder):
        problem = "Es fehlt die Struktur; bitte mit „weltoffen instrument import“ einlesen."
        return [Coverage(folder.name, "", "", (), every, problem)]
    try:
        instruments = load_instrument(folder, catalogue)
    except InstrumentError as error:
        return [Coverage(folder.name, "", "", (), every, str(error))]
    return [_of(instrument, every) for instrument in instruments]


def _of(instrument: Instrument, every: tuple[str, ...]) -> Coverage:
    asked = {mapping.item for _, mapping in instrument.columns_with("item")}
    return Coverage(
        instrument.instrument_id,
        instrument.version,
        instrument.title,
        tuple(item for item in every if item in asked),
        tuple(item for item in every if item not in asked),
    )
