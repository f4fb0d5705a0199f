"""Texts in Markdown, as GitHub reads it."""

from __future__ import annotations

import re


def escaped(text: str) -> str:
    """Returns a text that is shown as it stands, on one line, also in the cell of a table."""
    marked = re.sub(r"([\\`*_\[\]|~#])", r"\\\1", text)
    return re.sub(r"\s+", " ", marked.replace("&", "&amp;").replace("<", "&lt;")).strip()
