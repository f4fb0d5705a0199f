"""The tree of commands: its groups by user, and its help in the language of the terminal."""

from __future__ import annotations

import gc
import inspect
import os
import sys
from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from gettext import gettext as _
from gettext import translation
from typing import Any

import click

from weltoffen_etl.language import DOMAIN, LOCALE, speaking, spoken
from weltoffen_etl.warehouse_key import WarehouseKeyError

_WHOLE = 1000
"""More characters than any first sentence has: it is wrapped and never cut."""


class CommandGroup(click.Group):
    """A group whose overview is told in sections and never cuts a sentence.

    Attributes:
        end_at_once: names of commands that leave nothing to be put away: their process ends
            without taking down, object by object, what the kernel frees at once.
    """

    def __init__(self, *args: Any, end_at_once: Collection[str] = (), **more: Any) -> None:
        """Takes what `click.Group` takes."""
        super().__init__(*args, **more)
        self.end_at_once = end_at_once
        self._sections: list[tuple[str, list[str]]] = []

    def add_section(self, title: str, commands: Sequence[click.Command]) -> None:
        """Adds commands that one kind of user needs.

        Args:
            title: German heading of the section, marked for the catalogue by `noted`.
            commands: the commands in the order in which they are shown.
        """
        for command in commands:
            self.add_command(command)
        self._sections.append((title, [str(command.name) for command in commands]))

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Writes each section; commands without one stand under click's own heading."""
        placed = {name for _title, names in self._sections for name in names}
        rest = [name for name in self.list_commands(ctx) if name not in placed]
        longest = max(map(len, self.commands), default=0)
        for title, names in [
            *((_(title), names) for title, names in self._sections),
            (_("Commands"), rest),
        ]:
            shown = [(name, self.commands[name]) for name in names]
            rows = [
                (name.ljust(longest), x.get_short_help_str(_WHOLE))
                for name, x in shown
                if not x.hidden
            ]
            if rows:
                with formatter.section(title):
                    formatter.write_dl(rows)

    def main(self, *args: Any, **more: Any) -> Any:
        """Runs the command line in the language of the environment."""
        try:
            with speaking(), _translated(self):
                return super().main(*args, **more)
        except SystemExit as end:
            # DuckDB's binding lists, in sixty lines, whatever an error still holds when Python ends.
            if end.code:
                gc.collect()
            elif not args and not more and {*sys.argv[1:2]} & {*self.end_at_once}:
                _end_at_once()
            raise

    def invoke(self, ctx: click.Context) -> Any:
        """Runs a command; that the warehouse does not open is told in its words, whoever needs it."""
        try:
            return super().invoke(ctx)
        except WarehouseKeyError as error:
            raise click.ClickException(str(error)) from error


def _end_at_once() -> None:
    """Ends the process as it stands; returns where its last words cannot be said."""
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:
        return
    os._exit(0)


def walk(command: click.Command) -> Iterator[click.Command]:
    """Yields a command and all below it."""
    yield command
    if isinstance(command, click.Group):
        for child in command.commands.values():
            yield from walk(child)


def texts(command: click.Command) -> Iterator[tuple[Any, str, str]]:
    """Yields every text of a command's help.

    Yields:
        The object, its attribute and the text as the catalogue has it, without indentation.
    """
    holders: list[tuple[Any, tuple[str, ...]]] = [
        (command, ("help", "short_help", "epilog", "options_metavar", "subcommand_metavar"))
    ]
    for parameter in command.params:
        holders.append((parameter, ("help", "metavar")))
        if isinstance(parameter.type, click.Path):
            # click names the kind of path in its messages, and does so on import.
            holders.append((parameter.type, ("name",)))
    for holder, names in holders:
        for name in names:
            text = getattr(holder, name, None)
            if text:
                yield holder, name, inspect.cleandoc(text)


@contextmanager
def _translated(root: click.Command) -> Iterator[None]:
    """Translates the help of all commands meanwhile, also of those that are plain click."""
    # Opened once: `gettext.gettext` looks for the file again for each text.
    catalogue = translation(DOMAIN, LOCALE, [spoken()], fallback=True)
    with ExitStack() as stack:
        for command in walk(root):
            for holder, name, text in texts(command):
                stack.callback(setattr, holder, name, getattr(holder, name))
                setattr(holder, name, catalogue.gettext(text))
        yield
