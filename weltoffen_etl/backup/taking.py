"""Takes one backup: what is new is copied, everything it names is read back, then it is named."""

from __future__ import annotations

import hashlib
import tempfile
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from weltoffen_etl import __version__
from weltoffen_etl.backup.contents import Piece, pieces
from weltoffen_etl.backup.vault import BackupError, DamagedError, Entry, Manifest, Vault
from weltoffen_etl.settings import Settings
from weltoffen_etl.versions import file_hash, reference_version
from weltoffen_etl.warehouse.current import current_release, list_releases

_SPARE = 16 * 1024**2
"""Bytes that must stay free beside what is copied: for manifest and folders."""


class NothingToKeepError(BackupError):
    """The call cannot be meant: there is no installation, or the target lies inside it."""


@dataclass(slots=True)
class Taken:
    """Outcome of one backup.

    Attributes:
        name: the backup.
        files: number of files it names.
        bytes: their size together.
        copied: number of files that the target did not hold yet.
        copied_bytes: their size together.
        removed: names of older backups that were removed.
        problems: German sentences on what is damaged or missing; empty where all is well.
    """

    name: str = ""
    files: int = 0
    bytes: int = 0
    copied: int = 0
    copied_bytes: int = 0
    removed: tuple[str, ...] = ()
    problems: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A piece with its hash and what to do about it."""

    piece: Piece
    sha256: str
    size: int
    is_there: bool


def take(
    settings: Settings, folder: Path, *, keep: int | None = None, quick: bool = False
) -> Taken:
    """Takes a backup; may run while a night does.

    Args:
        settings: the installation.
        folder: where the backups are; made if need be.
        keep: number of backups to keep; older ones are removed, None keeps all. Nothing is
            removed while something is damaged: an older backup may hold the last good copy.
        quick: whether only what is copied now is read back; all the backup names otherwise,
            in the target and in the archive.

    Returns:
        What was done and what is damaged.

    Raises:
        NothingToKeepError: there is no archive, or the target lies in the data folder.
        BackupError: another backup is under way, or there is not enough space.
    """
    if not settings.archive.is_dir():
        raise NothingToKeepError(f"In {settings.data_dir} gibt es noch kein Archiv zu sichern.")
    inside, outside = settings.data_dir.resolve(), folder.resolve()
    if outside.is_relative_to(inside) or inside.is_relative_to(outside):
        raise NothingToKeepError(
            f"{folder} und der Datenordner {settings.data_dir} liegen ineinander; eine Sicherung "
            "gehört auf eine andere Platte."
        )
    vault = Vault(folder)
    with vault.opened(), tempfile.TemporaryDirectory(prefix="weltoffen-backup-") as scratch:
        taken = Taken()
        release = current_release(settings)
        releases = tuple(x.name for x in list_releases(settings))
        reference = (
            reference_version(settings.reference_dir) if settings.reference_dir.is_dir() else None
        )
        wanted, missing = _examined(vault, pieces(settings, Path(scratch)), taken, quick=quick)
        _check_space(vault, wanted)
        files = {}
        for entry in wanted:
            if not entry.is_there and not _copied(vault, entry, taken):
                missing.append(entry.piece.path)
                continue
            files[entry.piece.path] = Entry(entry.size, entry.sha256)
        taken.name = _fresh_name(vault)
        taken.files = len(files)
        taken.bytes = sum(entry.bytes for entry in files.values())
        vault.write(
            Manifest(
                name=taken.name,
                software=__version__,
                current=None if release is None else release.name,
                releases=releases,
                reference=reference,
                files=dict(sorted(files.items())),
                missing=tuple(sorted(missing)),
            )
        )
        if keep is not None and not taken.problems:
            _remove_old(vault, keep, taken)
        return taken


def _examined(
    vault: Vault, found: list[Piece], taken: Taken, *, quick: bool
) -> tuple[list[_Wanted], list[str]]:
    """Decides for each piece whether it is to be copied; says what is damaged."""
    wanted = []
    missing = []
    known: dict[str, bool] = {}
    for piece in found:
        if piece.sha256 is not None:
            entry = _delivery(vault, piece, taken, quick=quick)
        else:
            entry = _other(vault, piece, taken, known, quick=quick)
        if entry is None:
            missing.append(piece.path)
        else:
            wanted.append(entry)
            known[entry.sha256] = True
    return wanted, missing


def _delivery(vault: Vault, piece: Piece, taken: Taken, *, quick: bool) -> _Wanted | None:
    """An archived delivery, whose name says what its bytes must be."""
    assert isinstance(piece.content, Path)  # noqa: S101  (objects are files)
    assert piece.sha256 is not None  # noqa: S101  (and named by their hash)
    source, sha256 = piece.content, piece.sha256
    there = vault.has(sha256, piece.size_bytes) if quick else vault.is_sound(sha256)
    broken_copy = not there and vault.place(sha256).is_file()
    size = source.stat().st_size if source.is_file() else None
    if quick and there:
        is_good = size == piece.size_bytes
    else:
        is_good = size is not None and file_hash(source) == sha256
    name = sha256[:12]
    if is_good:
        if broken_copy:
            taken.problems.append(
                f"In {vault.folder} war die Kopie von {name} beschädigt; sie wird ersetzt. Bitte "
                "die Platte der Sicherung prüfen."
            )
        return _Wanted(piece, sha256, size or 0, is_there=there)
    what = "fehlt" if size is None else "ist beschädigt"
    if there:
        taken.problems.append(
            f"Die archivierte Lieferung {name} {what}. In {vault.folder} liegt eine gute Kopie, sie "
            f"bleibt; zurückholen mit: weltoffen restore --from {vault.folder} --repair"
        )
        return _Wanted(piece, sha256, vault.place(sha256).stat().st_size, is_there=True)
    taken.problems.append(
        f"Die archivierte Lieferung {name} {what}, und auch in {vault.folder} gibt es keine gute "
        "Kopie. Bitte eine andere Sicherung suchen oder den Absender um die Datei bitten."
    )
    return None


def _other(
    vault: Vault, piece: Piece, taken: Taken, known: dict[str, bool], *, quick: bool
) -> _Wanted | None:
    """A file whose hash follows from what it holds now."""
    try:
        if isinstance(piece.content, bytes):
            sha256, size = hashlib.sha256(piece.content).hexdigest(), len(piece.content)
        else:
            sha256, size = file_hash(piece.content), piece.content.stat().st_size
    except OSError:
        taken.problems.append(f"{piece.path} lässt sich nicht lesen.")
        return None
    there = known.get(sha256) or (vault.has(sha256, size) if quick else vault.is_sound(sha256))
    if not there and vault.place(sha256).is_file():
        taken.problems.append(
            f"In {vault.folder} war die Kopie von {piece.path} beschädigt; sie wird ersetzt. Bitte "
            "die Platte der Sicherung prüfen."
        )
    return _Wanted(piece, sha256, size, is_there=there)


def _check_space(vault: Vault, wanted: list[_Wanted]) -> None:
    needed = sum(entry.size for entry in wanted if not entry.is_there) + _SPARE
    free = vault.free_bytes()
    if needed > free:
        raise BackupError(
            f"In {vault.folder} ist zu wenig Platz: nötig sind {_megabytes(needed)} MB, frei sind "
            f"{_megabytes(free)} MB. Nichts wurde gesichert."
        )


def _megabytes(number: int) -> str:
    return f"{number / 1024**2:,.0f}".replace(",", ".")


def _copied(vault: Vault, entry: _Wanted, taken: Taken) -> bool:
    if vault.has(entry.sha256, entry.size) and entry.piece.sha256 is None:
        return True  # two files of the same content, and the first was copied just now
    try:
        size = vault.put(entry.piece.content, entry.sha256)
    except (DamagedError, FileNotFoundError):
        taken.problems.append(
            f"{entry.piece.path} hat sich während der Sicherung geändert oder ist fort."
        )
        return False
    taken.copied += 1
    taken.copied_bytes += size
    return True


def _remove_old(vault: Vault, keep: int, taken: Taken) -> None:
    try:
        taken.removed = vault.remove_old(keep)
    except DamagedError as error:
        taken.problems.append(f"{error} Darum wurde keine ältere Sicherung entfernt.")


def _fresh_name(vault: Vault) -> str:
    stamp = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    taken = set(vault.names())
    number = 1
    name = stamp
    while name in taken:
        number += 1
        name = f"{stamp}-{number}"
    return name
