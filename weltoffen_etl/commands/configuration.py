"""The settings of an installation as an operator sees them: config."""

from __future__ import annotations

import sys
from gettext import gettext as _

import click


@click.command()
@click.option("--check", is_flag=True, help="Nur prüfen: Rückgabewert 2, wenn etwas nicht stimmt.")
@click.option("--example", is_flag=True, help="Eine Datei mit allen Einstellungen ausgeben.")
def config(*, check: bool, example: bool) -> None:
    """Zeigt jede Einstellung, ihren Wert und woher er kommt.

    Einstellungen stehen in der Umgebung (WELTOFFEN_…) oder in einer Datei: weltoffen.toml, oder
    die Datei, die WELTOFFEN_CONFIG nennt. Die Umgebung gilt vor der Datei. Geheimes wird nie
    gezeigt und steht nie in der Datei.
    """
    from weltoffen_etl import configuration
    from weltoffen_etl.settings import PROJECT_ROOT
    from weltoffen_etl.settings_file import settings_file

    if example:
        click.echo(configuration.example(), nl=False)
        return
    if found := configuration.problems():
        for problem in found:
            click.echo(str(problem), err=True)
        if check or any(x.name not in configuration.unknown_names() for x in found):
            sys.exit(2)
    file = settings_file(PROJECT_ROOT)
    told = _("Datei: {file}").format(file=file) if file else _("Keine Datei mit Einstellungen.")
    click.echo(told)
    if check:
        click.echo(_("Alle Einstellungen sind gültig."))
        return
    sources = {"default": _("Vorgabe"), "file": _("Datei"), "environment": _("Umgebung")}
    for entry in configuration.settings():
        value = "–" if entry.value is None else entry.value
        click.echo(f"\n{entry.key} = {value}  [{sources[entry.source]}]")
        click.echo(click.wrap_text(entry.description, 96, "    ", "    "))
