"""Checking new files by day: early."""

from __future__ import annotations

import sys
from gettext import gettext as _
from pathlib import Path

import click

from weltoffen_etl.commands.options import data_dir_option, settings_of


@click.command()
@data_dir_option
@click.option(
    "--dry-run", is_flag=True, help="Nur prüfen: nichts schreiben, merken oder versenden."
)
def early(data_dir: Path | None, *, dry_run: bool) -> None:
    """Neue Dateien im Eingang jetzt prüfen und Absender vorab benachrichtigen.

    Übernommen und veröffentlicht wird nichts; das tut der nächtliche Lauf. Zu jedem Inhalt
    gibt es eine einzige Nachricht, und die Nacht meldet dieselben Befunde nicht noch einmal.
    WELTOFFEN_EARLY_CHECKS=false schaltet diese Prüfung ab. Rückgabewert 75, wenn gerade ein
    Lauf oder eine andere solche Prüfung im Gang ist.
    """
    from weltoffen_etl.early.rounds import check_inbox
    from weltoffen_etl.journal import EXIT_LOCKED
    from weltoffen_etl.reports.terminal import status_words

    done = check_inbox(settings_of(data_dir), dry_run=dry_run)
    if done.state == "off":
        click.echo(_("Die Prüfung am Tag ist abgeschaltet (WELTOFFEN_EARLY_CHECKS)."))
        return
    if done.state == "busy":
        click.echo(
            _("Ein Lauf oder eine andere Prüfung ist im Gang.")
            + " "
            + _("Bitte später noch einmal versuchen."),
            err=True,
        )
        sys.exit(EXIT_LOCKED)
    for line in done.files:
        findings = _("{n} Befunde").format(n=line.findings)
        click.echo(f"{line.name}: {status_words(line.verdict)}, {findings}")
    if not done.files:
        click.echo(_("Nichts Neues im Eingang."))
    elif not dry_run:
        click.echo(
            _("{written} geschrieben, {sent} gesendet.").format(
                written=done.written, sent=done.sent
            )
        )
    if done.left:
        click.echo(_("Der Nacht überlassen: {n} Dateien.").format(n=done.left))
    for problem in done.problems:
        click.echo(problem, err=True)
