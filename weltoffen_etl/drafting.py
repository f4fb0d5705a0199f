"""From a survey file or structure to a first draft of its mapping in the reference folder."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path

from weltoffen_etl.exports.grid import UnreadableFileError
from weltoffen_etl.exports.isolation import IsolatedReader
from weltoffen_etl.exports.recognition import survey_table
from weltoffen_etl.exports.surveys import limesurvey
from weltoffen_etl.exports.surveys.observed import is_personal, structure_of
from weltoffen_etl.findings import general_rules, sentence
from weltoffen_etl.instrument.catalogue import Catalogue, load_catalogue
from weltoffen_etl.instrument.draft import ColumnDraft, Draft, outcomes_by_label, propose
from weltoffen_etl.instrument.draft_file import draft_target, write_draft
from weltoffen_etl.instrument.limesurvey_structure import read_structure
from weltoffen_etl.instrument.model import ColumnMapping, Instrument, InstrumentError, Structure
from weltoffen_etl.instrument.store import (
    MAPPING,
    instrument_folders,
    load_instrument,
    read_version,
    versions,
    write_structure,
)
from weltoffen_etl.settings import Settings
from weltoffen_etl.versions import file_hash

_STRUCTURE_MARK = b"<LimeSurveyDocType>"
_HEAD = 4096
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")


@dataclass(frozen=True, slots=True)
class Drafted:
    """What was written.

    Attributes:
        instrument_id: name of the instrument's folder.
        mapping: the file to complete by hand.
        version: folder of the structure.
        draft: the proposal.
        unfinished: instruments that cannot be loaded and were not compared with.
    """

    instrument_id: str
    mapping: Path
    version: Path
    draft: Draft
    unfinished: tuple[str, ...]


def draft_instrument(
    settings: Settings,
    file: Path,
    instrument_id: str | None = None,
    like: str | None = None,
    *,
    synthetic: bool = False,
) -> Drafted:
    """Reads a survey and writes structure and draft mapping of its instrument.

    Args:
        settings: reference folder and limits of the reader.
        file: responses as a survey tool exports them, or a LimeSurvey structure.
        instrument_id: name of the new folder; otherwise the survey's number, or the
            name of the file.
        like: id of a known instrument that it is a variant of.
        synthetic: whether texts and answers are invented.

    Returns:
        The proposal and where it was written. A ``mapping.yml`` is never overwritten.

    Raises:
        InstrumentError: the file cannot be read as a survey, or an id is not valid.
    """
    catalogue = load_catalogue(settings.reference_dir)
    instruments, unfinished = _loadable(settings.reference_dir, catalogue)
    model = _named(like, instruments) if like else None
    with file.open("rb") as start:
        is_structure = _STRUCTURE_MARK in start.read(_HEAD)
    if is_structure:
        tool, structure = limesurvey.TOOL, read_structure(file)
    else:
        labels = frozenset(outcomes_by_label(catalogue, instruments))
        tool, structure = _observed(settings, file, instrument_id, labels)
    name = instrument_id or structure.survey_id
    if _ID.fullmatch(name) is None:
        raise InstrumentError(
            f"„{name}“ taugt nicht als Kennung. Bitte mit --id Buchstaben, Ziffern, - und _ angeben."
        )
    if not structure.columns:
        raise InstrumentError(f"{file.name} enthält keine Spalten mit Fragen.")
    others = [x for x in instruments if x.instrument_id != name]
    draft = _personal_aside(propose(structure, catalogue, others, model))
    folder = settings.reference_dir / "instruments" / name
    target = draft_target(folder)
    version = _known_version(folder, structure) if not is_structure else None
    version = version or write_structure(structure, folder)
    write_draft(draft, target, tool, synthetic=synthetic)
    return Drafted(name, target, version, draft, tuple(sorted(unfinished - {name})))


def _loadable(reference_dir: Path, catalogue: Catalogue) -> tuple[list[Instrument], frozenset[str]]:
    """Known instruments; one that is still a draft must not keep the next from being drafted."""
    instruments: list[Instrument] = []
    unfinished: set[str] = set()
    for folder in instrument_folders(reference_dir):
        try:
            if (folder / MAPPING).is_file():
                instruments += load_instrument(folder, catalogue)
        except InstrumentError:
            unfinished.add(folder.name)
    return instruments, frozenset(unfinished)


def _named(like: str, instruments: list[Instrument]) -> Instrument:
    found = [x for x in instruments if x.instrument_id == like]
    if not found:
        known = ", ".join(sorted({x.instrument_id for x in instruments}))
        raise InstrumentError(f"Den Fragebogen „{like}“ gibt es nicht. Bekannt sind: {known}.")
    return found[-1]


def _observed(
    settings: Settings, file: Path, instrument_id: str | None, labels: frozenset[str]
) -> tuple[str, Structure]:
    try:
        with IsolatedReader(settings) as reader:
            tables = reader.read(file)
            table = survey_table(tables)
            if table is None:
                raise UnreadableFileError("file_not_recognised", tables.container)
            sha256 = file_hash(file)
            name = instrument_id or re.sub(r"[^a-z0-9]+", "-", file.stem.lower()).strip("-")
            return table.tool, structure_of(table, name, sha256, labels)
    except UnreadableFileError as error:
        said = sentence(general_rules()[error.rule], value=error.value, row=error.row)
        raise InstrumentError(f"{file.name}: {said}") from error


def _known_version(folder: Path, structure: Structure) -> Path | None:
    """The newest version, if it has every column of a file of responses already."""
    known = versions(folder)
    if not known:
        return None
    codes = {column.source_code for column in read_version(folder, known[-1]).columns}
    same = {column.source_code for column in structure.columns} <= codes
    return folder / known[-1] if same else None


def _personal_aside(draft: Draft) -> Draft:
    """Proposes to never load what asks for a person and was not placed otherwise."""
    return replace(draft, columns=tuple(_aside(entry) for entry in draft.columns))


def _aside(entry: ColumnDraft) -> ColumnDraft:
    texts = (entry.column.source_code, *entry.column.text.values(), *entry.column.sub_text.values())
    if entry.mapping is not None or not any(is_personal(text) for text in texts):
        return entry
    mapping = ColumnMapping("never_loaded", reason="vermutlich personenbezogen")
    return replace(entry, mapping=mapping, score=0.0, note="an der Überschrift erkannt")
