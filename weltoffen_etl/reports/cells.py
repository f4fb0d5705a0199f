"""Values of a release as a person at a terminal reads them: numbers, dates, harmless text."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from gettext import gettext as _
from typing import Any

from rich.console import Console
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from weltoffen_etl.language import spoken
from weltoffen_etl.reports.pages.german import NOTHING

UNWATCHED_WIDTH = 160
_DIGITS = 3
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


def number(value: float | Decimal, digits: int) -> str:
    """Returns a number with a decimal comma, in English with a decimal point.

    Args:
        value: any number.
        digits: decimal places; a number that is too small for them keeps three of its own.

    Returns:
        For example ``2,67``, ``61.032`` or ``2025``; dots only from five digits on.
    """
    if value != value or value in (float("inf"), float("-inf")):  # noqa: PLR0124 (NaN)
        return str(value)
    if digits and value and abs(value) < _LEAST:
        text = f"{value:.3g}"
    else:
        text = f"{value:,.{digits}f}" if abs(value) >= _GROUPED_FROM else f"{value:.{digits}f}"
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


def grid(
    names: Sequence[str], rows: Sequence[Sequence[Any]], screen: Console
) -> Iterable[Table | Text]:
    """Yields a result for a terminal: a table, or records where it does not fit in its width.

    Args:
        names: column names.
        rows: values as DuckDB gives them.
        screen: the console that prints it.

    Yields:
        One table, or for each row its heading and a table of names and values.
    """
    columns = list(zip(*rows, strict=True)) or [()] * len(names)
    shown = [_column(values) for values in columns]
    table = Table()
    for name, values in zip(names, columns, strict=True):
        numeric = _is_numeric(values)
        table.add_column(
            Text(harmless(name)),
            justify="right" if numeric else "left",
            no_wrap=numeric,
            overflow="fold",
        )
    for cells in zip(*shown, strict=True):
        table.add_row(*map(Text, cells))
    if Measurement.get(screen, screen.options, table).minimum <= screen.width:
        yield table
        return
    for position in range(len(rows)):
        yield Text(_("Zeile {number}").format(number=number(position + 1, 0)), style="bold")
        record = Table(box=None, show_header=False, padding=(0, 1))
        record.add_column(style="dim", overflow="fold")
        record.add_column(overflow="fold")
        for name, cells in zip(names, shown, strict=True):
            record.add_row(Text(harmless(name)), Text(cells[position]))
        yield record


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def _is_numeric(values: Sequence[Any]) -> bool:
    present = [value for value in values if value is not None]
    return bool(present) and all(map(_is_number, present))


def _column(values: Sequence[Any]) -> list[str]:
    """Shows the values of a column, its numbers with the same number of decimal places."""
    broken = [x for x in values if isinstance(x, float | Decimal) and x == x and abs(x) < 1e15]  # noqa: PLR0124 (NaN)
    digits = max((_places(x) for x in broken), default=0)
    return [_cell(value, digits if isinstance(value, float | Decimal) else 0) for value in values]


def _places(value: float | Decimal) -> int:
    text = f"{value:.{_DIGITS}f}".rstrip("0")
    return len(text.partition(".")[2])


def _cell(value: Any, digits: int) -> str:
    if value is None:
        return NOTHING
    if isinstance(value, bool):
        return _("ja") if value else _("nein")
    if _is_number(value):
        return number(value, digits)
    if spoken() == "de" and isinstance(value, datetime):
        return f"{value:%d.%m.%Y %H:%M:%S}"
    if spoken() == "de" and isinstance(value, date):
        return f"{value:%d.%m.%Y}"
    return harmless(str(value))
