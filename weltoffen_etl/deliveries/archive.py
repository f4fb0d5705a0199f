"""The archive: delivered bytes under their hash, and the ledger of what arrived when."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from weltoffen_etl.deliveries.inbox import open_file
from weltoffen_etl.durable import append_lines, fsync, whole_lines
from weltoffen_etl.versions import file_hash

_CHUNK = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Arrival:
    """One line of the ledger: these bytes were seen under this path.

    Attributes:
        sequence: order of arrival over all files, from 1.
        sha256: hash of the bytes; the delivery's id.
        path: path below the inbox, with forward slashes; a name, never opened again.
        size_bytes: size.
        modified_ns: modification time of the file as delivered, in nanoseconds.
        first_seen_at: UTC time of the run that first saw it.
    """

    sequence: int
    sha256: str
    path: str
    size_bytes: int
    modified_ns: int
    first_seen_at: str


class Archive:
    """Keeps delivered bytes under their hash and the ledger of arrivals."""

    def __init__(self, folder: Path) -> None:
        """Opens the archive in ``folder``; nothing is written before the first arrival."""
        self.folder = folder
        self.ledger = folder / "ledger.jsonl"
        self.damage = folder / "damaged.json"

    def object_path(self, sha256: str) -> Path:
        """Returns where the bytes of a delivery are kept."""
        return self.folder / "objects" / sha256[:2] / sha256

    def size(self, sha256: str) -> int | None:
        """Returns the size of what is kept of a delivery in bytes, None if nothing is."""
        try:
            return self.object_path(sha256).stat().st_size
        except FileNotFoundError:
            return None

    def is_whole(self, sha256: str) -> bool:
        """Tells whether the kept bytes of a delivery are those that arrived."""
        path = self.object_path(sha256)
        try:
            return path.is_file() and file_hash(path) == sha256
        except OSError:
            return False  # a disk that cannot read it keeps it no more

    def put_back(self, sha256: str, inbox: Path, paths: Iterable[str]) -> bool:
        """Restores a damaged or missing delivery from a copy that still lies in the inbox.

        Args:
            sha256: the delivery.
            inbox: the inbox.
            paths: paths below it under which the bytes arrived.

        Returns:
            Whether the archive holds the bytes again.
        """
        for path in paths:
            copy = inbox / path
            with suppress(OSError):
                if not copy.is_symlink() and copy.is_file() and file_hash(copy) == sha256:
                    self.keep_file(copy, copy.lstat())
                    return self.is_whole(sha256)
        return False

    def damaged(self) -> set[str]:
        """Returns the deliveries that the last check found damaged or missing."""
        return set(json.loads(self.damage.read_text("utf-8"))) if self.damage.is_file() else set()

    def sweep(self) -> None:
        """Removes what a broken-off copy left."""
        for leftover in (self.folder / "incoming").glob("*.part"):
            leftover.unlink()

    def arrivals(self) -> list[Arrival]:
        """Returns the ledger in order of arrival; a torn last line is not counted."""
        return [Arrival(**json.loads(line)) for line in whole_lines(self.ledger)]

    def keep_file(self, path: Path, state: os.stat_result) -> str | None:
        """Opens a file without following links or waiting for pipes, and copies it.

        Args:
            path: the file.
            state: what it looked like before.

        Returns:
            SHA-256 of the bytes, or None when it changed, vanished or cannot be read.
        """
        source = open_file(path)
        if source is None:
            return None
        try:
            return self._keep(source, state)
        finally:
            os.close(source)

    def record(self, arrivals: list[Arrival]) -> None:
        """Appends arrivals to the ledger, durably."""
        append_lines(self.ledger, (json.dumps(asdict(x), ensure_ascii=False) for x in arrivals))

    def _keep(self, source: int, expected: os.stat_result) -> str | None:
        """Copies an open file under its hash, unless it changes meanwhile."""
        incoming = self.folder / "incoming"
        incoming.mkdir(parents=True, exist_ok=True)
        scratch = incoming / f"{os.getpid()}.part"
        digest = hashlib.sha256()
        with scratch.open("wb") as target:
            while chunk := _read(source):
                digest.update(chunk)
                target.write(chunk)
            target.flush()
            os.fsync(target.fileno())
        now = os.fstat(source)
        if chunk is None or (now.st_size, now.st_mtime_ns) != (
            expected.st_size,
            expected.st_mtime_ns,
        ):
            scratch.unlink()
            return None
        sha256 = digest.hexdigest()
        final = self.object_path(sha256)
        if self.is_whole(sha256):
            scratch.unlink()
            return sha256
        final.parent.mkdir(parents=True, exist_ok=True)
        scratch.chmod(0o440)
        scratch.replace(final)
        fsync(final.parent)
        return sha256


def _read(source: int) -> bytes | None:
    """Reads on in a sender's file; None where its disk fails, which must not cost the others."""
    try:
        return os.read(source, _CHUNK)
    except OSError:
        return None
