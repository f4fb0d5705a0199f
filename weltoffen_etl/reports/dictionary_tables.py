"""The data dictionary of a release, for a person at a terminal."""

from __future__ import annotations

from collections.abc import Iterable
from gettext import gettext as _
from gettext import ngettext
from itertools import groupby

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from weltoffen_etl.catalog import Table as Described
from weltoffen_etl.reports.cells import harmless, number
from weltoffen_etl.warehouse.published import SECTIONS

_WIDEST = 120


def show_tables(tables: Iterable[tuple[Described, int]], screen: Console) -> None:
    """Prints all tables by section: title, what one row is, number of rows."""
    width = min(screen.width, _WIDEST)
    for schema, group in groupby(tables, key=lambda x: x[0].schema_name):
        table = Table(
            title=f"{schema} · {SECTIONS[schema]}",
            title_justify="left",
            title_style="bold",
            box=SIMPLE_HEAD,
            padding=(0, 1, 0, 0),
            pad_edge=False,
            width=width,
        )
        table.add_column(_("Tabelle"), overflow="fold", min_width=26)
        table.add_column(_("Was eine Zeile ist"), overflow="fold", ratio=1)
        table.add_column(_("Zeilen"), justify="right", no_wrap=True)
        for entry, rows in group:
            name = Text(entry.name, style="bold") + Text(f"\n{harmless(entry.label_de)}", "dim")
            table.add_row(name, harmless(_first_sentence(entry.description)), number(rows, 0))
        screen.print(table)
    screen.print(_("Mehr über eine Tabelle: „weltoffen describe TABELLE“."))


def show_table(table: Described, rows: int, screen: Console) -> None:
    """Prints one table with all of its columns."""
    screen.print(Text(table.full_name, style="bold") + Text(f" · {harmless(table.label_de)}"))
    screen.print(harmless(table.description))
    screen.print()
    screen.print(_("Schlüssel: {columns}").format(columns=", ".join(table.key)))
    count = ngettext("1 Zeile", "{n} Zeilen", rows).format(n=number(rows, 0))
    width = len(table.columns)
    screen.print(count + ", " + ngettext("1 Spalte", "{n} Spalten", width).format(n=width))
    grid = Table(
        box=SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, width=min(screen.width, _WIDEST)
    )
    grid.add_column(_("Spalte"), overflow="fold", min_width=20)
    grid.add_column(_("Typ"), overflow="fold", min_width=9)
    grid.add_column(_("Bedeutung"), overflow="fold", ratio=1)
    for column in table.columns:
        remarks = []
        if column.unit is not None:
            remarks.append(_("Einheit: {unit}").format(unit=column.unit))
        if column.nullable:
            remarks.append(_("darf leer sein"))
        meaning = Text(harmless(column.description))
        if remarks:
            meaning += Text(f"\n{harmless('; '.join(remarks))}", style="dim")
        grid.add_row(Text(column.name, style="bold"), Text(column.type), meaning)
    screen.print(grid)


def _first_sentence(text: str) -> str:
    first, stop, _rest = text.partition(". ")
    return first + stop.rstrip()
