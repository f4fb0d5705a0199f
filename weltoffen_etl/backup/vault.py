"""The folder that backups are kept in: bytes named by their hash, manifests that name them."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO

from filelock import FileLock, Timeout

from weltoffen_etl.durable import fsync
from weltoffen_etl.permissions import CLOSED
from weltoffen_etl.warehouse.current import in_order

_CHUNK = 1024 * 1024
_NAME = re.compile(r"\d{8}T\d{6}Z(-\d+)?")
_OWN = 0o600


class BackupError(RuntimeError):
    """A backup cannot be written or read at all; says why in German."""


class DamagedError(BackupError):
    """Bytes are not what their name or manifest says."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of a backup: its size and the hash of its bytes."""

    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What one backup holds.

    Attributes:
        name: UTC time of the backup.
        software: version that wrote it.
        current: release that was current, None before the first.
        releases: releases that were there, oldest first.
        reference: fingerprint of the reference folder as it was.
        files: every file by its path below the data folder.
        missing: paths of archived deliveries of which no good copy was to be had.
    """

    name: str
    software: str
    current: str | None
    releases: tuple[str, ...]
    reference: str | None
    files: dict[str, Entry]
    missing: tuple[str, ...]


class Vault:
    """A folder with backups."""

    def __init__(self, folder: Path) -> None:
        """Takes the folder; nothing is written before `opened`."""
        self.folder = folder
        self.objects = folder / "objects"
        self.backups = folder / "backups"

    @contextmanager
    def opened(self) -> Iterator[None]:
        """Holds the folder for one backup and removes what a broken-off one left half-written.

        Raises:
            BackupError: another backup is under way.
        """
        for folder in (self.folder, self.objects, self.backups):
            if not folder.is_dir():
                folder.mkdir(parents=True)
                _restrict(folder, CLOSED)
        lock = FileLock(self.folder / ".lock", timeout=0, mode=_OWN)
        try:
            lock.acquire()
        except Timeout as error:
            raise BackupError(f"In {self.folder} wird gerade gesichert.") from error
        try:
            for leftover in self.folder.rglob(".*.part"):
                leftover.unlink()
            yield
        finally:
            lock.release()

    def place(self, sha256: str) -> Path:
        """Returns where bytes are kept."""
        return self.objects / sha256[:2] / sha256

    def has(self, sha256: str, size: int | None) -> bool:
        """Tells whether bytes are there, judged by their name and size alone."""
        file = self.place(sha256)
        return file.is_file() and (size is None or file.stat().st_size == size)

    def is_sound(self, sha256: str) -> bool:
        """Tells whether bytes are there and are what their name says; reads them all."""
        file = self.place(sha256)
        return file.is_file() and hash_from_disk(file) == sha256

    def put(self, content: bytes | Path, sha256: str) -> int:
        """Copies bytes into the folder, replacing what is damaged, and reads them back.

        Args:
            content: the bytes, or the file that holds them.
            sha256: their hash.

        Returns:
            Number of bytes.

        Raises:
            DamagedError: the bytes are not those of the hash; nothing is replaced.
        """
        target = self.place(sha256)
        if not target.parent.is_dir():
            target.parent.mkdir()
            _restrict(target.parent, CLOSED)
        scratch = target.with_name(f".{sha256}.part")
        try:
            size = _copy(content, scratch, sha256)
            if hash_from_disk(scratch) != sha256:
                raise DamagedError(f"In {self.folder} kommt anderes an, als geschrieben wird.")
            scratch.replace(target)
        finally:
            scratch.unlink(missing_ok=True)
        fsync(target.parent)
        return size

    def fetch(self, sha256: str, target: Path) -> None:
        """Copies bytes out of the folder, completely or not at all.

        Args:
            sha256: hash of the bytes.
            target: the file; its folder is made if need be, a file there is replaced.

        Raises:
            DamagedError: they are missing or damaged; the target stays as it is.
        """
        target.parent.mkdir(parents=True, exist_ok=True)
        scratch = target.with_name(f".{target.name}.part")
        try:
            _copy(self.place(sha256), scratch, sha256)
            scratch.replace(target)
        except FileNotFoundError as error:
            raise DamagedError(f"In der Sicherung fehlt {sha256[:12]}.") from error
        finally:
            scratch.unlink(missing_ok=True)
        fsync(target.parent)

    def names(self) -> list[str]:
        """Returns the backups, oldest first."""
        found = (file.stem for file in self.backups.glob("*.json"))
        return sorted((name for name in found if _NAME.fullmatch(name)), key=in_order)

    def read(self, name: str) -> Manifest:
        """Reads the manifest of a backup.

        Raises:
            DamagedError: it is not what was written.
        """
        file = self.backups / f"{name}.json"
        try:
            content = file.read_bytes()
            told = self._sidecar(name).read_text(encoding="ascii").split()[0]
            if hashlib.sha256(content).hexdigest() != told:
                raise ValueError
            fields = json.loads(content)
            fields["files"] = {path: Entry(**entry) for path, entry in fields["files"].items()}
            lists = {key: tuple(fields[key]) for key in ("releases", "missing")}
            return Manifest(**fields | lists)
        except (OSError, ValueError, IndexError, TypeError, KeyError) as error:
            raise DamagedError(f"Das Verzeichnis der Sicherung {name} ist beschädigt.") from error

    def write(self, manifest: Manifest) -> None:
        """Writes the manifest of a backup, last and at once: before, there is no such backup."""
        text = json.dumps(asdict(manifest), ensure_ascii=False, indent=1) + "\n"
        file = self.backups / f"{manifest.name}.json"
        digest = hashlib.sha256(text.encode()).hexdigest()
        for target, content in (
            (self._sidecar(manifest.name), f"{digest}  {file.name}\n"),
            (file, text),
        ):
            scratch = target.with_name(f".{target.name}.part")
            scratch.write_bytes(content.encode())
            _restrict(scratch, _OWN)
            fsync(scratch)
            scratch.replace(target)
        fsync(self.backups)

    def remove_old(self, keep: int) -> tuple[str, ...]:
        """Removes all but the newest backups, and the bytes that none of the others names.

        Args:
            keep: number of backups to keep, at least 1.

        Returns:
            Names of the removed backups.

        Raises:
            DamagedError: a backup that stays cannot be read; nothing is removed then.
        """
        names = self.names()
        old, stay = names[:-keep], names[-keep:]
        used = {entry.sha256 for name in stay for entry in self.read(name).files.values()}
        for name in old:
            # The manifest goes first: half a removal leaves no backup that lacks bytes.
            (self.backups / f"{name}.json").unlink()
            self._sidecar(name).unlink(missing_ok=True)
        fsync(self.backups)
        for file in self.objects.glob("??/*"):
            if file.name not in used:
                file.unlink()
        return tuple(old)

    def free_bytes(self) -> int:
        """Returns the free space for the account of the pipeline."""
        return shutil.disk_usage(self.folder).free

    def _sidecar(self, name: str) -> Path:
        return self.backups / f"{name}.json.sha256"


def hash_from_disk(file: Path) -> str:
    """Returns the SHA-256 of a file, from the disk rather than from memory where that is possible."""
    with file.open("rb") as content:
        if hasattr(os, "posix_fadvise"):
            # A copy just written would be compared with itself otherwise.
            os.posix_fadvise(content.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        return hashlib.file_digest(content, "sha256").hexdigest()


def _copy(content: bytes | Path, scratch: Path, sha256: str) -> int:
    digest = hashlib.sha256()
    size = 0
    descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _OWN)
    with os.fdopen(descriptor, "wb") as target:
        for chunk in _chunks(content):
            digest.update(chunk)
            size += target.write(chunk)
        target.flush()
        os.fsync(target.fileno())
    if digest.hexdigest() != sha256:
        raise DamagedError(f"{sha256[:12]} ist beschädigt: die Prüfsumme stimmt nicht.")
    return size


def _chunks(content: bytes | Path) -> Iterator[bytes]:
    if isinstance(content, bytes):
        yield content
        return
    source: BinaryIO
    with content.open("rb") as source:
        while chunk := source.read(_CHUNK):
            yield chunk


def _restrict(path: Path, mode: int) -> None:
    """Closes a folder or file to others, where the disk knows of rights at all."""
    with suppress(PermissionError):
        path.chmod(mode)
