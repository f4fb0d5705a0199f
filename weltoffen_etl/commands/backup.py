"""A second copy and the way back: backup, restore."""

from __future__ import annotations

import sys
from gettext import gettext as _
from pathlib import Path

import click

from weltoffen_etl.commands.options import data_dir_option, settings_of

_INCOMPLETE = 1
"""Exit code where something is damaged or missing."""


@click.command()
@click.option(
    "--to",
    "folder",
    required=True,
    metavar="ORDNER",
    type=click.Path(file_okay=False, path_type=Path),
    help="Ordner der Sicherungen, am besten auf einer anderen Platte; entsteht, wenn er fehlt.",
)
@click.option(
    "--keep",
    metavar="ANZAHL",
    type=click.IntRange(min=1),
    help="So viele Sicherungen bleiben, ältere werden entfernt; sonst bleiben alle.",
)
@click.option(
    "--quick", is_flag=True, help="Nur prüfen, was jetzt kopiert wird, nicht die ganze Sicherung."
)
@data_dir_option
def backup(folder: Path, keep: int | None, data_dir: Path | None, *, quick: bool) -> None:
    """Sichert, was sich aus nichts anderem wiederherstellen lässt.

    Archiv, Verzeichnisse, Kontakte, was schon mitgeteilt ist, und die Liste der Stände. Kopiert
    wird nur Neues; danach wird jedes Byte der Sicherung gelesen und mit seiner Prüfsumme
    verglichen. Das geht auch, während ein Lauf im Gang ist.

    \b
    weltoffen backup --to /mnt/sicherung --keep 30

    Rückgabewerte: 0 gesichert, 1 etwas ist beschädigt, fehlt oder hat keinen Platz,
    2 falscher Aufruf.
    """
    from weltoffen_etl.backup.taking import NothingToKeepError, take
    from weltoffen_etl.backup.vault import BackupError

    try:
        taken = take(settings_of(data_dir), folder, keep=keep, quick=quick)
    except NothingToKeepError as error:
        raise click.UsageError(str(error)) from error
    except (BackupError, OSError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(
        _("Sicherung {name}: {files} Dateien, davon {copied} neu kopiert ({megabytes} MB).").format(
            name=taken.name,
            files=taken.files,
            copied=taken.copied,
            megabytes=f"{taken.copied_bytes / 1024**2:.1f}".replace(".", ","),
        )
    )
    if taken.removed:
        click.echo(_("Entfernt: {names}").format(names=", ".join(taken.removed)))
    _end(taken.problems)


@click.command()
@click.option(
    "--from",
    "folder",
    required=True,
    metavar="ORDNER",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Ordner der Sicherungen.",
)
@click.option(
    "--backup", "name", metavar="NAME", help="Eine bestimmte Sicherung; sonst die neueste."
)
@click.option(
    "--into",
    metavar="ORDNER",
    type=click.Path(file_okay=False, path_type=Path),
    help="Leerer Datenordner, der gefüllt wird.",
)
@click.option(
    "--repair",
    "only_repair",
    is_flag=True,
    help="Nur fehlende und beschädigte Lieferungen in das Archiv zurückholen.",
)
@data_dir_option
def restore(
    folder: Path, name: str | None, into: Path | None, data_dir: Path | None, *, only_repair: bool
) -> None:
    """Holt eine Sicherung zurück und prüft jede Datei.

    \b
    weltoffen restore --from /mnt/sicherung --into /srv/weltoffen/data
    weltoffen restore --from /mnt/sicherung --repair

    Warehouse und Stände gehören nicht zur Sicherung: der nächste Lauf baut sie neu.

    Rückgabewerte: 0 alles ist zurück, 1 etwas ist beschädigt oder fehlt, 2 falscher Aufruf.
    """
    from weltoffen_etl.backup.restoring import UnknownBackupError, repair
    from weltoffen_etl.backup.restoring import restore as bring_back
    from weltoffen_etl.backup.vault import BackupError

    if only_repair == (into is not None):
        raise click.UsageError(_("Bitte entweder --into ORDNER oder --repair angeben."))
    if into is not None and data_dir is not None:
        raise click.UsageError(
            _("--into nennt den Datenordner schon; --data-dir gehört zu --repair.")
        )
    settings = settings_of(into or data_dir)
    try:
        done = (repair if only_repair else bring_back)(settings, folder, name)
    except UnknownBackupError as error:
        raise click.UsageError(str(error)) from error
    except (BackupError, OSError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(
        _("{files} Dateien aus der Sicherung {name} zurückgeholt, jede geprüft.").format(
            files=done.files, name=done.backup
        )
    )
    for note in done.notes:
        click.echo(note)
    if not only_repair:
        click.echo(
            _("Als Nächstes: {command}").format(
                command=f"weltoffen run --data-dir {settings.data_dir}"
            )
        )
    _end(done.problems)


def _end(problems: list[str]) -> None:
    for problem in problems:
        click.echo(problem, err=True)
    sys.exit(_INCOMPLETE if problems else 0)
