"""Fills templates: everything is escaped, an unknown name is an error, styles come from one file."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from weltoffen_etl.reports.pages import german

_REPORTS = Path(__file__).parent.parent


def render(template: str, **content: Any) -> str:
    """Fills one template.

    Args:
        template: path below ``reports``, for example ``partner/report.html.j2``.
        **content: what the template names.

    Returns:
        The page.
    """
    return _environment().get_template(template).render(**content)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_REPORTS),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    for name in ("day", "short_day", "moment", "whole", "decimal", "percent", "size", "listed"):
        environment.filters[name] = getattr(german, name)
    environment.globals["counted"] = german.counted
    # Our own file, and a style sheet must not be escaped.
    styles = Path(__file__).with_name("page.css").read_text(encoding="utf-8")
    environment.globals["styles"] = Markup(styles)  # noqa: S704
    return environment
