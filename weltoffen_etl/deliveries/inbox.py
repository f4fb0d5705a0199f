"""The inbox as a folder: which of its entries are files, which still change, how one is opened."""

from __future__ import annotations

import os
import re
import stat
import time
from dataclasses import dataclass
from pathlib import Path

from weltoffen_etl.settings import Settings

YOUNG_SECONDS = 60.0
"""A file changed less than this long ago may still be growing."""
_NOT_DATA = re.compile(
    r"^(~\$.*|\..*|Thumbs\.db|desktop\.ini|.*\.(part|partial|crdownload|tmp|filepart))$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class LeftAlone:
    """A directory entry that was not read, and why."""

    path: str
    reason: str


def name_of(path: Path, inbox: Path) -> str:
    """The path below the inbox as text; bytes that are no UTF-8 are written escaped."""
    name = path.relative_to(inbox).as_posix()
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def regular_files(inbox: Path, left: list[LeftAlone]) -> list[tuple[Path, os.stat_result]]:
    """Finds what may be a delivery; whatever else lies in the inbox is added to ``left``."""
    found = []
    for folder, subfolders, files in os.walk(inbox):
        here = Path(folder)
        for name in sorted(subfolders):
            if (here / name).is_symlink():
                left.append(LeftAlone(name_of(here / name, inbox), "symbolischer Verweis"))
        subfolders[:] = sorted(name for name in subfolders if not name.startswith("."))
        for name in sorted(files):
            path = here / name
            try:
                state = path.lstat()
            except FileNotFoundError:
                continue
            except OSError:
                left.append(LeftAlone(name_of(path, inbox), "nicht lesbar"))
                continue
            if name == ".gitkeep":
                continue
            if stat.S_ISLNK(state.st_mode):
                left.append(LeftAlone(name_of(path, inbox), "symbolischer Verweis"))
            elif not stat.S_ISREG(state.st_mode):
                left.append(LeftAlone(name_of(path, inbox), "keine gewöhnliche Datei"))
            elif _NOT_DATA.match(name):
                left.append(LeftAlone(name_of(path, inbox), "versteckte oder vorläufige Datei"))
            else:
                found.append((path, state))
    return found


def settled(
    fresh: list[tuple[Path, os.stat_result]], settings: Settings, left: list[LeftAlone]
) -> list[tuple[Path, os.stat_result]]:
    """Drops files that change between two looks; waits only if one is young."""
    now = time.time()
    young = [path for path, state in fresh if now - state.st_mtime < YOUNG_SECONDS]
    if not young or settings.settle_seconds == 0:
        return fresh
    time.sleep(settings.settle_seconds)
    same = []
    for path, state in fresh:
        try:
            again = path.lstat()
        except FileNotFoundError:
            continue
        if (again.st_size, again.st_mtime_ns) == (state.st_size, state.st_mtime_ns):
            same.append((path, state))
        else:
            left.append(LeftAlone(name_of(path, settings.inbox), "wird noch geschrieben"))
    return same


def open_file(path: Path) -> int | None:
    """Opens a file without following links or waiting for pipes."""
    try:
        source = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return None
    if stat.S_ISREG(os.fstat(source).st_mode):
        return source
    os.close(source)
    return None
