"""The data dictionary of a release, for a person at a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from gettext import gettext as _
from gettext import ngettext
from itertools import groupby

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from weltoffen_etl.dictionary import DescribedColumn, DescribedTable
from weltoffen_etl.reports.cells import harmless, number
from weltoffen_etl.reports.pages.german import NOTHING


def show_tables(tables: Iterable[DescribedTable], screen: Console) -> None:
    """Prints all tables by schema: title, what one row is, number of rows."""
    for schema, group in groupby(tables, key=lambda x: x.table.partition(".")[0]):
        table = Table(title=schema, title_justify="left", title_style="bold", show_lines=True)
        table.add_column(_("Tabelle"), overflow="fold", ratio=2)
        table.add_column(_("Was eine Zeile ist"), overflow="fold", ratio=4)
        table.add_column(_("Zeilen"), justify="right", no_wrap=True)
        for entry in group:
            name = Text(entry.table.partition(".")[2]) + Text(
                f"\n{harmless(entry.label_de)}", style="dim"
            )
            table.add_row(name, harmless(_first_sentence(entry.description)), number(entry.rows, 0))
        screen.print(table)
        screen.print()
    screen.print(_("Mehr über eine Tabelle: „weltoffen describe TABELLE“."))


def show_table(table: DescribedTable, columns: Sequence[DescribedColumn], screen: Console) -> None:
    """Prints one table with all of its columns."""
    screen.print(Text(table.table, style="bold") + Text(f" · {harmless(table.label_de)}"))
    screen.print(Padding(harmless(table.description), (0, 0, 1, 0)))
    screen.print(_("Schlüssel: {columns}").format(columns=table.key or NOTHING))
    count = ngettext("1 Zeile", "{n} Zeilen", table.rows).format(n=number(table.rows, 0))
    screen.print(
        count + ", " + ngettext("1 Spalte", "{n} Spalten", len(columns)).format(n=len(columns))
    )
    grid = Table(show_lines=True)
    grid.add_column(_("Spalte"), overflow="fold", ratio=3)
    grid.add_column(_("Typ"), overflow="fold")
    grid.add_column(_("Bedeutung"), overflow="fold", ratio=5)
    for column in columns:
        may_be_empty = "" if not column.nullable else "\n" + _("darf leer sein")
        unit = "" if column.unit is None else "\n" + _("Einheit: {unit}").format(unit=column.unit)
        grid.add_row(
            Text(column.column),
            Text(column.type) + Text(may_be_empty, style="dim"),
            Text(harmless(column.description)) + Text(harmless(unit), style="dim"),
        )
    screen.print(grid)


def _first_sentence(text: str) -> str:
    first, stop, _rest = text.partition(". ")
    return first + stop.rstrip()
