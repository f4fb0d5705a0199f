"""What several commands share: data folder and release, the settings, and errors of both."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from gettext import gettext as _
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from weltoffen_etl.asking.errors import (
    QueryError,
    UnknownNameError,
    UnknownReleaseError,
    UnknownTableError,
)
from weltoffen_etl.commands import suggest

if TYPE_CHECKING:
    from weltoffen_etl.settings import Settings


def settings_of(data_dir: Path | None = None, **more: Any) -> Settings:
    """Returns the settings of file and environment, with the data folder of the command line.

    Raises:
        click.UsageError: something is wrong with them; tells all of it.
    """
    from weltoffen_etl import configuration
    from weltoffen_etl.settings import Settings

    given: dict[str, Any] = {} if data_dir is None else {"data_dir": data_dir.resolve()}
    try:
        settings = Settings(**given, **more)
    except ValueError as error:
        lines = [str(problem) for problem in configuration.problems()]
        raise click.UsageError(
            _("Einstellungen sind nicht gültig.") + "\n" + "\n".join(lines or [str(error)])
        ) from error
    for name in configuration.unknown_names():
        # A slip of the pen must not be silent; it must not stop the night either.
        click.echo(
            _("{name} ist nicht bekannt und bleibt ohne Wirkung.").format(name=name), err=True
        )
    return settings


data_dir_option = click.option(
    "--data-dir",
    metavar="ORDNER",
    type=click.Path(file_okay=False, path_type=Path),
    help="Ordner mit inbox/ archive/ stage/ warehouse/ releases/ (sonst WELTOFFEN_DATA_DIR).",
)
release_option = click.option(
    "--release",
    metavar="STAND",
    shell_complete=suggest.releases,
    help="Ein früherer Stand; sonst der aktuelle.",
)


@contextmanager
def told() -> Iterator[None]:
    """Tells errors of asking a release: what is unknown is a wrong call, the rest is not."""
    try:
        yield
    except QueryError as error:
        raise click.ClickException(str(error)) from error
    except (UnknownReleaseError, UnknownTableError, UnknownNameError) as error:
        raise click.UsageError(str(error), click.get_current_context()) from error
