"""Values of a release as a person at a terminal reads them: numbers, dates, harmless text."""

from __future__ import annotations

import math
import os
import sys
from decimal import Decimal

from rich.console import Console

from weltoffen_etl.language import spoken
from weltoffen_etl.reports.pages.german import NOTHING

UNWATCHED_WIDTH = 160
Number = int | float | Decimal
_LEAST = 0.0005
_GROUPED_FROM = 10_000
_CONTROL_PICTURES = 0x2400


def console() -> Console:
    """A console; where nobody watches, wide enough not to cut columns."""
    watched = sys.stdout.isatty() or os.environ.get("COLUMNS", "").isdigit()
    return Console(highlight=False, markup=False, width=None if watched else UNWATCHED_WIDTH)


def harmless(text: str) -> str:
    """Makes characters visible that a terminal would obey; line breaks and tabs stay."""
    return "".join(
        x
        if x.isprintable() or x in "\n\t\u00a0"
        else chr(_CONTROL_PICTURES + ord(x))
        if ord(x) < ord(" ")
        else "�"
        for x in text
    )


def number(value: Number, digits: int) -> str:
    """Returns a number with a decimal comma, in English with a decimal point.

    Args:
        value: any number.
        digits: decimal places; a number that is too small for them keeps three of its own.

    Returns:
        For example ``2,67``, ``61.032`` or ``2025``; dots only from five digits on.
    """
    if not math.isfinite(value):
        return str(value)
    form = "," if abs(float(value)) >= _GROUPED_FROM else ""
    if isinstance(value, int):
        text = f"{value:{form}d}"
    elif digits and value and abs(float(value)) < _LEAST:
        text = f"{value:.3g}"
    else:
        # z: what rounds to nought has no sign.
        text = f"{value:z{form}.{digits}f}"
    text = text.replace("-", "−") if "e" not in text else text
    return text if spoken() == "en" else text.translate(str.maketrans(",.", ".,"))


def signed(value: float | None, digits: int = 2) -> str:
    """Returns a difference with its sign: ``+0,20``; a dash where there is none."""
    if value is None:
        return NOTHING
    return ("+" if round(value, digits) > 0 else "") + number(value, digits)


def share(value: float | None) -> str:
    """Returns a share of 1 in percent: ``77 %``; a dash where there is none."""
    return NOTHING if value is None else f"{number(100 * value, 0)}\u00a0%"
