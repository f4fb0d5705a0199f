"""What several commands share: data folder and release, and the settings with their errors."""

from __future__ import annotations

from gettext import gettext as _
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from weltoffen_etl.commands import suggest

if TYPE_CHECKING:
    from weltoffen_etl.settings import Settings


def settings_of(data_dir: Path | None = None, **more: Any) -> Settings:
    """Returns the settings of the environment, with the data folder of the command line."""
    from pydantic import ValidationError

    from weltoffen_etl.settings import Settings

    given: dict[str, Any] = {} if data_dir is None else {"data_dir": data_dir.resolve()}
    try:
        return Settings(**given, **more)
    except ValidationError as error:
        lines = [f"WELTOFFEN_{str(x['loc'][0]).upper()}: {x['msg']}" for x in error.errors()]
        raise click.UsageError(
            _("Einstellungen sind nicht gültig.") + "\n" + "\n".join(lines)
        ) from error


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
