"""What belongs into a backup, read in an order that makes it consistent while a night runs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from weltoffen_etl.deliveries.archive import Archive
from weltoffen_etl.durable import whole_lines
from weltoffen_etl.reference_archive import keep_reference
from weltoffen_etl.settings import NoticeSettings, Settings

CONTACTS = "contacts.csv"


@dataclass(frozen=True, slots=True)
class Piece:
    """One file of a backup.

    Attributes:
        path: where it lies below the data folder, with forward slashes.
        content: its bytes as they were read, or the file, where it never changes again.
        sha256: hash that its name promises; None where the name promises none.
        size_bytes: size that the ledger names, of an archived delivery.
    """

    path: str
    content: bytes | Path
    sha256: str | None = None
    size_bytes: int | None = None


def pieces(settings: Settings, scratch: Path) -> list[Piece]:
    """Reads what a backup holds, while a night may be writing.

    A night writes a thing only after everything that it refers to: deliveries, the ledger that
    names them, reference data, manifest and state of a release, the release, the quarantine,
    messages. Read the other way round, whatever a backup holds finds all it refers to in the
    same backup. Ledgers only grow: their whole lines are a state they once had.

    Args:
        settings: folders.
        scratch: an empty folder for the reference data as they are now.
    """
    found = list(_messages(settings))
    found += _ledgers(settings, settings.data_dir)
    found += _ledgers(settings, settings.warehouse)
    found += _ledgers(settings, settings.archive)
    found += _whole(settings, settings.releases / "kept.txt")
    # A state whose release never became visible protects too much for one night;
    # a visible release without its state would be given away. So all states are taken.
    for name in ("disclosure", "releases", "reference"):
        found += _unchanging(settings, settings.archive / name)
    found += _reference_now(settings, scratch, {piece.path for piece in found})
    found += _deliveries(settings)
    contacts = _contacts_file(settings)
    if contacts.is_file():
        found.append(Piece(CONTACTS, contacts.read_bytes()))
    return found


def _messages(settings: Settings) -> Iterator[Piece]:
    """What has been told, and what waits to be: messages first, as a message is written first.

    So a message that is being written meanwhile may be told twice after all, but never not at all.
    """
    waiting = [_whole(settings, file) for file in sorted(settings.outbox.glob("*.eml"))]
    yield from _ledgers(settings, settings.outbox)
    for piece in waiting:
        yield from piece


def _ledgers(settings: Settings, folder: Path) -> list[Piece]:
    """Files of lines that are only ever appended to; that of the deliveries is read later."""
    found = []
    for file in sorted(folder.glob("*.jsonl")):
        if file == Archive(settings.archive).ledger or file.name.startswith("."):
            continue
        found.append(_lines(settings, file))
    return found


def _lines(settings: Settings, file: Path) -> Piece:
    return Piece(_place(settings, file), b"".join(line + b"\n" for line in whole_lines(file)))


def _whole(settings: Settings, file: Path) -> list[Piece]:
    """A small file that is replaced as a whole; gone meanwhile, it is no more to be kept."""
    try:
        return [Piece(_place(settings, file), file.read_bytes())]
    except FileNotFoundError:
        return []


def _unchanging(settings: Settings, folder: Path) -> list[Piece]:
    """Files that are complete once they have their name, and never change."""
    return [
        Piece(_place(settings, file), file)
        for file in sorted(folder.rglob("*"))
        if not any(part.startswith(".") for part in file.relative_to(folder).parts)
        and file.is_file()
    ]


def _reference_now(settings: Settings, scratch: Path, known: set[str]) -> list[Piece]:
    """The reference folder and official list as they are now, unless the archive has them."""
    if not settings.reference_dir.is_dir():
        return []
    aside = settings.model_copy(update={"data_dir": scratch})
    keep_reference(aside)
    return [
        piece
        for piece in _unchanging(aside, aside.archive / "reference")
        if piece.path not in known
    ]


def _deliveries(settings: Settings) -> list[Piece]:
    """The ledger, then what it names: a file not in the ledger yet still lies in the inbox."""
    archive = Archive(settings.archive)
    if not archive.ledger.is_file():
        return []
    ledger = _lines(settings, archive.ledger)
    assert isinstance(ledger.content, bytes)  # noqa: S101  (lines are read)
    sizes = {}
    for line in ledger.content.splitlines():
        entry = json.loads(line)
        sizes[str(entry["sha256"])] = int(entry["size_bytes"])
    return [
        ledger,
        *(
            Piece(_place(settings, file), file, sha256, size)
            for sha256, size in sizes.items()
            for file in [archive.object_path(sha256)]
        ),
    ]


def _contacts_file(settings: Settings) -> Path:
    try:
        chosen = NoticeSettings().contacts_file
    except ValueError:
        chosen = None  # said by the night; the addresses are kept all the same
    return chosen or settings.data_dir / CONTACTS


def _place(settings: Settings, file: Path) -> str:
    return file.relative_to(settings.data_dir).as_posix()
