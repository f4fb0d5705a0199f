"""Keeps the tabs inside cells of OpenDocument sheets, which the workbook parser drops."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from typing import Final

_CONTENT: Final = "content.xml"
_TAB: Final = re.compile(rb"<text:tab(\s[^<>]*)?/>")
_CHUNK: Final = 1024 * 1024
_LONGEST: Final = 256


def with_tabs(path: Path, scratch: Path) -> Path:
    """Returns a workbook in which tabs inside cells are plain characters.

    Args:
        path: OpenDocument file whose package has been checked.
        scratch: folder for a changed copy.

    Returns:
        The path itself, unless there are tabs in cells.
    """
    target = scratch / "tabs.ods"
    with zipfile.ZipFile(path) as package:
        changed = _rewrite(package, target)
    return target if changed else path


def _rewrite(package: zipfile.ZipFile, target: Path) -> int:
    """Copies what the parser looks at, tabs replaced; returns their number."""
    changed = 0
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as copy:
        for name in ("mimetype", "META-INF/manifest.xml"):
            if name in package.NameToInfo:
                with package.open(name) as small:
                    copy.writestr(name, small.read(_CHUNK))
        with package.open(_CONTENT) as source, copy.open(_CONTENT, "w") as output:
            pending = b""
            while chunk := source.read(_CHUNK):
                pending, number = _TAB.subn(b"\t", pending + chunk)
                changed += number
                # A tag may be cut in two by the end of the piece.
                cut = pending.rfind(b"<", max(0, len(pending) - _LONGEST))
                cut = len(pending) if cut < 0 else cut
                output.write(pending[:cut])
                pending = pending[cut:]
            output.write(pending)
    return changed
