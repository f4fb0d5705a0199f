"""The result of a query: a table at the terminal, or CSV or JSON for machines."""

from __future__ import annotations

import csv
import json
import math
import sys
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from gettext import gettext as _
from gettext import ngettext
from typing import Any

from rich.console import Console
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from weltoffen_etl.language import spoken
from weltoffen_etl.reports.cells import Number, console, harmless, number
from weltoffen_etl.reports.pages.german import NOTHING

_DIGITS = 3
_UNBOUNDED = 100_000
_LONGEST_NUMBER = 1e15


def show_rows(names: Sequence[str], rows: Sequence[Sequence[Any]], form: str | None) -> None:
    """Prints the result of a query as a table, CSV or JSON."""
    if form == "csv":
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(names)
        writer.writerows(rows)
    elif form == "json":
        content = [dict(zip(names, row, strict=True)) for row in rows]
        sys.stdout.write(json.dumps(content, ensure_ascii=False, default=str, indent=2) + "\n")
    else:
        screen = console()
        for part in _fitted(names, rows, screen):
            screen.print(part)
        screen.print(
            ngettext("1 Zeile", "{n} Zeilen", len(rows)).format(n=number(len(rows), 0)), style="dim"
        )


def _fitted(
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
    for name, column in zip(names, columns, strict=True):
        numeric = _is_numeric(column)
        table.add_column(
            Text(harmless(name)),
            justify="right" if numeric else "left",
            no_wrap=numeric,
            overflow="fold",
        )
    for row in zip(*shown, strict=True):
        table.add_row(*map(Text, row))
    # What a console measures it cuts to its own width; the widest words need what they need.
    unbounded = screen.options.update(max_width=_UNBOUNDED)
    if Measurement.get(screen, unbounded, table).minimum <= screen.width:
        yield table
        return
    if not rows:
        yield Text(harmless(", ".join(names)))
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
    broken = [x for x in values if isinstance(x, float | Decimal) and _is_short(x)]
    digits = max((_places(x) for x in broken), default=0)
    return [_cell(value, digits if isinstance(value, float | Decimal) else 0) for value in values]


def _is_short(value: Number) -> bool:
    return math.isfinite(value) and abs(float(value)) < _LONGEST_NUMBER


def _places(value: Number) -> int:
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
