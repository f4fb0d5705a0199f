"""An installation on a machine of its own: install-service."""

from __future__ import annotations

from gettext import gettext as _
from pathlib import Path

import click


@click.command("install-service")
@click.option("--dry-run", is_flag=True, help="Nur zeigen, was geschrieben würde.")
@click.option(
    "--user", metavar="NAME", default="weltoffen", show_default=True, help="Konto des Dienstes."
)
@click.option(
    "--data-dir",
    metavar="ORDNER",
    type=click.Path(file_okay=False, path_type=Path),
    default="/var/lib/weltoffen",
    show_default=True,
    help="Ordner der Daten.",
)
@click.option(
    "--backup-to",
    metavar="ORDNER",
    type=click.Path(file_okay=False, path_type=Path),
    help="Ordner für die tägliche Sicherung, am besten auf einer anderen Platte; sonst keine.",
)
@click.option(
    "--memory", metavar="MENGE", default="10G", show_default=True, help="Grenze für den Speicher."
)
@click.option(
    "--into",
    metavar="ORDNER",
    type=click.Path(file_okay=False, path_type=Path),
    default="/",
    help="Ordner, der für / steht, z. B. um ein Paket zu bauen.",
)
def install_service(
    *, dry_run: bool, user: str, data_dir: Path, backup_to: Path | None, memory: str, into: Path
) -> None:
    """Schreibt die Dateien, mit denen systemd den Dienst betreibt, überwacht und sichert.

    Geschrieben wird nur, was noch fehlt; nichts wird gestartet. Die Befehle dafür werden genannt.
    """
    from weltoffen_etl.installation.files import (
        InstallationError,
        Plan,
        files,
        next_commands,
        write,
    )

    try:
        plan = Plan(user, data_dir, backup_to, memory)
        if dry_run:
            for file in files(plan):
                click.echo(f"==> {file.path} ({file.mode:04o})\n{file.text}")
        else:
            written, left = write(plan, into)
            for path in written:
                click.echo(_("geschrieben: {path}").format(path=path))
            for path in left:
                click.echo(_("bleibt, wie es ist: {path}").format(path=path))
    except InstallationError as error:
        raise click.ClickException(str(error)) from error
    click.echo("\n" + _("Als Nächstes, als root:"))
    for command in next_commands(plan):
        click.echo(f"  {command}")
