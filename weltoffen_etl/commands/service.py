"""The permanent service of an installation: service."""

from __future__ import annotations

import sys
from gettext import gettext as _
from pathlib import Path

import click

from weltoffen_etl.commands.options import data_dir_option, settings_of


@click.command()
@data_dir_option
@click.option(
    "--port",
    metavar="NUMMER",
    type=click.IntRange(1, 65_535),
    default=3070,
    show_default=True,
    help="Port der Weboberfläche auf diesem Rechner.",
)
@click.option(
    "--allow-changes",
    is_flag=True,
    help="In der Weboberfläche dürfen Läufe gestartet und beendet werden.",
)
def service(data_dir: Path | None, *, port: int, allow_changes: bool) -> None:
    """Hält den nächtlichen Lauf in Gang: Zeitplaner und Weboberfläche, bis er beendet wird.

    Die Weboberfläche kennt keine Anmeldung und ist nur von diesem Rechner aus zu erreichen.
    Rückgabewerte: 0 beendet wie verlangt, 1 ein Teil ist ausgefallen, 75 läuft schon.
    """
    from pipelines.home import HomeError
    from pipelines.service import AlreadyRunningError, ServiceError, serve
    from weltoffen_etl.journal import EXIT_LOCKED

    def say(text: str) -> None:
        click.echo(text, err=True)

    try:
        serve(settings_of(data_dir), port=port, allow_changes=allow_changes, say=say)
    except AlreadyRunningError as error:
        say(f"{error} " + _("Bitte den anderen zuerst beenden."))
        sys.exit(EXIT_LOCKED)
    except (HomeError, ServiceError) as error:
        say(str(error))
        sys.exit(1)
