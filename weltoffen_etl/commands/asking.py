"""Asking the release in the browser and with ready questions: serve, browser-engine, questions."""

from __future__ import annotations

import signal
import threading
from gettext import gettext as _
from pathlib import Path

import click

from weltoffen_etl.commands.options import data_dir_option, release_option, settings_of

_PORT = 8077


@click.command()
@click.option(
    "--port",
    metavar="NUMMER",
    type=click.IntRange(0, 65_535),
    default=_PORT,
    show_default=True,
    help="Anschluss auf diesem Rechner, 0 für einen freien.",
)
@click.option("--open", "opens", is_flag=True, help="Die Seiten gleich im Browser öffnen.")
@release_option
@data_dir_option
def serve(port: int, release: str | None, data_dir: Path | None, *, opens: bool) -> None:
    """Zeigt die Seiten des Datenstands im Browser, nur auf diesem Rechner.

    \b
    weltoffen serve --open
    weltoffen serve --release 20261123T214952Z

    Es wird nur gelesen. Eine Seite bleibt bei ihrem Stand, auch wenn inzwischen ein neuer
    veröffentlicht wird; die Startseite führt immer zum aktuellen. Beenden mit Strg+C.
    """
    from weltoffen_etl.serving.browser_engine import installed_engine
    from weltoffen_etl.serving.server import ServerError, open_server, running

    settings = settings_of(data_dir)
    try:
        server = open_server(settings, port, release)
    except ServerError as error:
        raise click.ClickException(str(error)) from error
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    with running(server):
        click.echo(
            _("Die Seiten stehen unter {address} (beenden mit Strg+C).").format(
                address=server.address
            )
        )
        if installed_engine(settings) is None:
            click.echo(
                _("Für „Daten befragen“ bitte einmal `weltoffen browser-engine` ausführen."),
                err=True,
            )
        if opens:
            import webbrowser

            webbrowser.open(server.address)
        ended.wait()


@click.command("browser-engine")
@data_dir_option
def browser_engine(data_dir: Path | None) -> None:
    """Richtet das Abfragewerkzeug der Seite „Daten befragen“ ein, einmal je Rechner.

    Holt DuckDB für den Browser in fester Fassung, prüft jede Datei und legt alles in den
    Datenordner. Danach braucht die Seite kein Netz mehr. Nötig ist npm, das mit
    `uv sync --extra browser` kommt.
    """
    from weltoffen_etl.reports.pages.german import size
    from weltoffen_etl.serving.browser_engine import EngineError, install_engine

    try:
        engine = install_engine(settings_of(data_dir))
    except EngineError as error:
        raise click.ClickException(str(error)) from error
    click.echo(_("Eingerichtet: {folder}").format(folder=engine.folder))
    sizes = engine.sizes
    for name, number in sizes.items():
        packed = sizes.get(f"{name}.gz")
        if packed is not None:
            click.echo(
                "  "
                + _("{name}: {size}, übertragen {packed}").format(
                    name=name, size=size(number), packed=size(packed)
                )
            )


@click.command()
@click.argument("number", metavar="[NUMMER]", type=int, required=False)
@click.option(
    "--municipality", metavar="NAME", default="Garbsen", help="Name der Kommune, um die es geht."
)
@data_dir_option
def questions(number: int | None, municipality: str, data_dir: Path | None) -> None:
    """Nennt zehn häufige Fragen; mit NUMMER auch Antwort, SQL und Seite.

    \b
    weltoffen questions
    weltoffen questions 3 --municipality Konstanz
    """
    from weltoffen_etl.asking.errors import QueryError
    from weltoffen_etl.asking.query import ask
    from weltoffen_etl.reports.ask.questions import QuestionError, ready_question, ready_questions
    from weltoffen_etl.reports.result import show_rows

    if number is None:
        for entry in ready_questions():
            click.echo(f"{entry.number:>2}  {entry.question}")
        click.echo("\n" + _("Antwort, SQL und Seite: weltoffen questions NUMMER"))
        return
    try:
        entry = ready_question(number)
    except QuestionError as error:
        raise click.UsageError(str(error)) from error
    sql = entry.sql_for(municipality)
    try:
        names, rows = ask(settings_of(data_dir), sql)
    except QueryError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{entry.number}. {entry.question}\n")
    click.echo(f"{entry.answers}\n")
    show_rows(names, rows, None)
    click.echo("\n" + _("Vorsicht: {text}").format(text=entry.caution))
    click.echo(_("Im Browser: {place}").format(place=f"{entry.place} (site/{entry.page})"))
    click.echo(_("Befehl: {command}").format(command=entry.command) + f"\n\n{sql}")
