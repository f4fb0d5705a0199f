"""Makes a file, a rename or lines of a ledger survive a power cut."""

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


def whole_lines(path: Path) -> list[bytes]:
    """Returns the lines of a ledger; a torn last line is not counted."""
    if not path.is_file():
        return []
    content = path.read_bytes()
    return content[: content.rfind(b"\n") + 1].splitlines()


def append_lines(path: Path, lines: Iterable[bytes]) -> None:
    """Appends lines to a ledger durably; a torn last line gives way to them.

    Args:
        path: the ledger; its folder exists.
        lines: lines without their ends.
    """
    with path.open("r+b" if path.exists() else "w+b") as file:
        content = file.read()
        file.seek(content.rfind(b"\n") + 1)
        file.truncate()
        for line in lines:
            file.write(line + b"\n")
        file.flush()
        os.fsync(file.fileno())
    fsync(path.parent)
