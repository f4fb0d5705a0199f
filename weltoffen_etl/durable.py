"""Makes a file, a line or a rename survive a power cut."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path


def fsync(path: Path) -> None:
    """Writes a file's content, or a folder's entries, through to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write(path: Path, content: bytes, mode: int | None = None) -> None:
    """Writes a file completely or not at all; a file of that name is replaced.

    Args:
        path: the file; its folder is made if need be.
        content: all of its bytes.
        mode: its rights from the moment it is there; those of the umask where none are given.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_name(f".{path.name}.part")
    scratch.write_bytes(content)
    if mode is not None:
        scratch.chmod(mode)
    fsync(scratch)
    scratch.replace(path)
    fsync(path.parent)


def move(path: Path, folder: Path) -> Path:
    """Moves a file into another folder of the same disk and returns its new place."""
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / path.name
    path.replace(target)
    fsync(folder)
    fsync(path.parent)
    return target


def append_lines(path: Path, lines: Iterable[str]) -> None:
    """Appends lines to a file; a torn last line of an earlier crash is cut off first."""
    content = "".join(f"{line}\n" for line in lines).encode()
    if not content:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("r+b" if path.exists() else "w+b") as file:
        file.truncate(file.read().rfind(b"\n") + 1)
        file.seek(0, os.SEEK_END)
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fsync(path.parent)


def whole_lines(path: Path) -> list[bytes]:
    """Returns the lines of a file, none if it is missing; a torn last line is not counted."""
    if not path.is_file():
        return []
    content = path.read_bytes()
    return content[: content.rfind(b"\n") + 1].splitlines()
