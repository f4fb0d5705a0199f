"""The nightly run and what came of it: demo, run, status, notify."""

from __future__ import annotations

import json
import sys
from gettext import gettext as _
from pathlib import Path
from typing import TYPE_CHECKING

import click

from weltoffen_etl.commands.options import data_dir_option, settings_of

if TYPE_CHECKING:
    from weltoffen_etl.journal import RunRecord
    from weltoffen_etl.settings import Settings


@click.command()
@click.option(
    "--into",
    metavar="ORDNER",
    type=click.Path(file_okay=False, path_type=Path),
    help="Ordner für die Demonstration; sonst ein neuer Ordner für Zwischendaten.",
)
def demo(into: Path | None) -> None:
    """Führt den nächtlichen Lauf mit synthetischen Beispieldaten vor."""
    from weltoffen_etl.demo import mute, prepare
    from weltoffen_etl.journal import EXIT_QUARANTINED

    mute()
    folder = prepare(into)
    settings = settings_of(folder, settle_seconds=0.0)
    click.echo(
        _("Synthetische Lieferungen liegen in {folder}.").format(folder=settings.inbox) + "\n",
        err=True,
    )
    record = _run(settings)
    _report(settings, record)
    if record.release is not None:
        click.echo(_next_commands(folder))
    sys.exit(0 if record.exit_code == EXIT_QUARANTINED else record.exit_code)


@click.command()
@click.option(
    "--clock-is-right",
    is_flag=True,
    help="Auch dann veröffentlichen, wenn der aktuelle Stand in der Zukunft liegt.",
)
@data_dir_option
def run(data_dir: Path | None, *, clock_is_right: bool) -> None:
    """Führt den nächtlichen Lauf jetzt aus: einlesen, prüfen, veröffentlichen."""
    given = {"clock_is_right": True} if clock_is_right else {}
    settings = settings_of(data_dir, **given)
    record = _run(settings)
    if settings.log_format == "text":
        _report(settings, record)
    sys.exit(record.exit_code)


@click.command()
@data_dir_option
def notify(data_dir: Path | None) -> None:
    """Sendet, was im Ausgang wartet; schreibt Nachrichten, die noch fehlen.

    Mailserver über WELTOFFEN_SMTP__HOST, __PORT, __SECURITY (starttls, tls, none), __USER,
    __PASSWORD oder __PASSWORD_FILE, __SENDER; Kontakte über WELTOFFEN_CONTACTS_FILE.
    Rückgabewert 1, wenn etwas nicht gelesen, geschrieben oder gesendet werden konnte.
    """
    from weltoffen_etl.journal import EXIT_LOCKED
    from weltoffen_etl.lock import LockHeldError, run_lock
    from weltoffen_etl.notices.notify import notify as tell
    from weltoffen_etl.permissions import private_files

    settings = settings_of(data_dir)
    try:
        with run_lock(settings), private_files():
            done = tell(settings)
    except LockHeldError as error:
        click.echo(f"{error} " + _("Bitte später noch einmal versuchen."), err=True)
        sys.exit(EXIT_LOCKED)
    click.echo(
        _("{written} geschrieben, {sent} gesendet, {waiting} warten.").format(
            written=done.written, sent=done.sent, waiting=done.waiting
        )
    )
    if done.without_contact:
        click.echo(_("Ohne Kontakt: {senders}").format(senders=", ".join(done.without_contact)))
    for problem in done.problems:
        click.echo(problem, err=True)
    sys.exit(1 if done.problems else 0)


@click.command()
@data_dir_option
def status(data_dir: Path | None) -> None:
    """Zeigt den aktuellen Stand und die letzten Läufe."""
    from weltoffen_etl.journal import last_runs
    from weltoffen_etl.reports.terminal import show_runs
    from weltoffen_etl.warehouse.current import current_release

    settings = settings_of(data_dir)
    release = current_release(settings)
    if release is None:
        click.echo(_("Noch nichts veröffentlicht in {folder}.").format(folder=settings.releases))
    else:
        click.echo(_("Aktueller Stand: {name}").format(name=release.name) + f"\n{release.folder}")
    show_runs(last_runs(settings))


def _run(settings: Settings) -> RunRecord:
    """Runs the night; the graph is imported only where something is to be done."""
    from weltoffen_etl.journal import EXIT_LOCKED
    from weltoffen_etl.lock import LockHeldError, StorageError
    from weltoffen_etl.quiet_night import quiet_night
    from weltoffen_etl.watching.logs import say, take_over

    take_over(settings)
    try:
        if (record := quiet_night(settings)) is not None:
            return record
        from weltoffen_etl.quality import gate_process

        gate_process.start()
        from pipelines.run import run_nightly

        return run_nightly(settings)
    except LockHeldError as error:
        message = f"{error} " + _("Bitte später noch einmal versuchen.")
        say(settings, "locked", message, "error", exit_code=EXIT_LOCKED)
        sys.exit(EXIT_LOCKED)
    except StorageError as error:
        if settings.log_format == "json":
            say(settings, "storage_error", str(error), "error", exit_code=1)
            sys.exit(1)
        raise click.ClickException(str(error)) from error


def _report(settings: Settings, record: RunRecord) -> None:
    from weltoffen_etl.reports.terminal import show_outcome
    from weltoffen_etl.warehouse.current import current_release

    show_outcome(record, current_release(settings))


def _next_commands(folder: Path) -> str:
    at = f"--data-dir {folder}"
    question = json.dumps(
        "select ags, action_field, n_respondents, round(mean, 2) as mean "
        "from comparison.action_field_score where wave = 't0' and mean is not null order by all",
    )
    return "\n".join(
        [
            "",
            _("Als Nächstes zum Beispiel:"),
            f"  uv run weltoffen status {at}",
            f"  uv run weltoffen report 03241005 {at}",
            f"  uv run weltoffen query {question} {at}",
            f'  uv run weltoffen query "select * from meta.\\"table\\"" {at}',
        ]
    )
