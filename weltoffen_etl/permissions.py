"""Who on this machine may read what: closed folders for what is internal, readable releases."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from weltoffen_etl.settings import Settings

CLOSED = 0o700
"""A folder for the account of the pipeline alone."""
READABLE = 0o755
"""A folder that everybody on the machine may read."""
PARTNERS = "partners"
"""Folder of a release with what belongs to one municipality each: the operator hands it on."""

_OWN = 0o600
_OBJECT = 0o440
_PUBLISHED = 0o444


@dataclass(slots=True)
class Corrected:
    """What was too open, or too closed, and is put right.

    Attributes:
        changed: paths below the data folder that got other rights.
        refused: number of paths that belong to another account and stay as they are.
    """

    changed: list[str] = field(default_factory=list)
    refused: int = 0

    def __str__(self) -> str:
        """A German sentence for the log, empty where all was right; names no file."""
        said = []
        if self.changed:
            places = ", ".join(sorted({path.split("/")[0] for path in self.changed}))
            said.append(
                f"Rechte von {len(self.changed)} Dateien und Ordnern berichtigt ({places})."
            )
        if self.refused:
            said.append(
                f"Rechte von {self.refused} Dateien und Ordnern lassen sich nicht berichtigen: sie "
                "gehören einem anderen Konto."
            )
        return " ".join(said)


def closed_folders(settings: Settings) -> tuple[Path, ...]:
    """Returns the folders that hold single answers, names, messages or records of runs."""
    return (
        settings.archive,
        settings.stage,
        settings.warehouse,
        settings.outbox,
        settings.data_dir / "dagster",
    )


def make_folders(settings: Settings) -> None:
    """Makes the closed folders and that of the releases, with their rights whatever the umask."""
    for folder in (settings.data_dir, settings.releases):
        if not folder.is_dir():
            folder.mkdir(parents=True)
            folder.chmod(READABLE)
    for folder in closed_folders(settings):
        # Something else of that name is told where the folder is needed.
        if not folder.exists():
            folder.mkdir()
            folder.chmod(CLOSED)


@contextmanager
def private_files() -> Iterator[None]:
    """Lets everything that this process writes meanwhile belong to its account alone.

    The process has one umask, also for its threads; what others may read is opened on purpose.
    """
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)


def put_right(settings: Settings) -> Corrected:
    """Gives every folder and file of an installation the rights that a new one has.

    The inbox stays as it is: who may deliver, and by which group, the operator decides.

    Args:
        settings: folders; missing ones are made.

    Returns:
        What was not as it should be.
    """
    make_folders(settings)
    done = Corrected()
    for folder in closed_folders(settings):
        objects = settings.archive / "objects"
        for path, state in _entries(folder):
            if stat.S_ISDIR(state.st_mode):
                wanted = CLOSED
            elif objects in path.parents:
                wanted = _OBJECT
            else:
                wanted = state.st_mode & _OWN
            _give(settings, path, state, wanted, done)
    contacts = settings.data_dir / "contacts.csv"
    if contacts.is_file():
        _give(settings, contacts, contacts.stat(), contacts.stat().st_mode & _OWN, done)
    _open_releases(settings, done)
    return done


def open_folder(folder: Path) -> None:
    """Opens a folder of a release for reading, but for that of single municipalities."""
    folder.chmod(CLOSED if folder.name == PARTNERS else READABLE)


def _open_releases(settings: Settings, done: Corrected) -> None:
    for path, state in _entries(settings.releases):
        parts = path.relative_to(settings.releases).parts
        if parts and parts[0].startswith("."):
            continue  # an unfinished release is nobody's yet
        if stat.S_ISDIR(state.st_mode):
            wanted = CLOSED if PARTNERS in parts else READABLE
        elif len(parts) > 1:
            wanted = _PUBLISHED
        else:
            wanted = (state.st_mode & 0o755) | _PUBLISHED
        _give(settings, path, state, wanted, done)


def _entries(folder: Path) -> Iterator[tuple[Path, os.stat_result]]:
    """Yields a folder and all below it; links are neither followed nor named."""
    for here, folders, files in os.walk(folder):
        place = Path(here)
        yield place, place.lstat()
        for name in (*files, *(x for x in folders if (place / x).is_symlink())):
            try:
                state = (place / name).lstat()
            except FileNotFoundError:
                continue  # a message just sent, a scratch file just renamed
            if stat.S_ISREG(state.st_mode):
                yield place / name, state


def _give(
    settings: Settings, path: Path, state: os.stat_result, wanted: int, done: Corrected
) -> None:
    if stat.S_IMODE(state.st_mode) == wanted:
        return
    try:
        path.chmod(wanted)
    except FileNotFoundError:
        return
    except PermissionError:
        done.refused += 1
        return
    done.changed.append(path.relative_to(settings.data_dir).as_posix())
