"""What is right and wrong with deliveries: check, rules, quarantine, report, datadocs."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from gettext import gettext as _
from pathlib import Path

import click

from weltoffen_etl.commands import suggest
from weltoffen_etl.commands.options import data_dir_option, settings_of


@click.command()
@click.argument(
    "file", metavar="DATEI", type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("--ags", metavar="AGS", help="Gemeindeschlüssel, wenn er nicht in der Datei steht.")
@click.option(
    "--wave", metavar="WELLE", help="Welle, zum Beispiel t0, wenn sie nicht in der Datei steht."
)
@click.option(
    "--date",
    "day",
    metavar="JJJJ-MM-TT",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Datum des Workshops.",
)
@click.option("--json", "as_json", is_flag=True, help="Ausgabe als JSON.")
def check(
    file: Path, ags: str | None, wave: str | None, day: datetime | None, *, as_json: bool
) -> None:
    """Prüft eine Datei vor dem Senden: was erkannt wurde und was zu tun ist.

    \b
    weltoffen check results-survey352021.csv --ags 03241005 --wave t0
    weltoffen check workshop.xlsx

    Liest wie der nächtliche Lauf, schreibt aber nichts. Rückgabewerte: 0 die Datei würde
    vollständig übernommen, 3 etwas oder alles würde zurückgestellt.
    """
    from weltoffen_etl.check import check_file
    from weltoffen_etl.journal import EXIT_QUARANTINED
    from weltoffen_etl.reports.file_check import show_check

    result = check_file(file, settings_of(), ags=ags, wave=wave, day=day.date() if day else None)
    if as_json:
        click.echo(json.dumps(result.as_json(), ensure_ascii=False, indent=2, default=str))
    else:
        show_check(result)
    sys.exit(0 if result.verdict == "accepted" else EXIT_QUARANTINED)


@click.command()
@click.option("--all", "everything", is_flag=True, help="Auch die Regeln der eigenen Tabellen.")
@click.option(
    "--topic", metavar="THEMA", help="Nur ein Thema, zum Beispiel key oder „Kommune und Welle“."
)
@click.option("--json", "form", flag_value="json", help="Ausgabe als JSON.")
@click.option("--markdown", "form", flag_value="markdown", help="Ausgabe als Markdown-Seite.")
def rules(topic: str | None, form: str | None, *, everything: bool) -> None:
    """Zeigt alle Regeln, nach denen Lieferungen geprüft werden, und was zu tun ist."""
    from weltoffen_etl.reports.rules import as_json, as_markdown, select, show_rules

    try:
        entries = select(everything=everything, topic=topic)
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    if form == "json":
        click.echo(json.dumps(as_json(entries), ensure_ascii=False, indent=2))
    elif form == "markdown":
        click.echo(as_markdown(entries), nl=False)
    else:
        show_rules(entries)


@click.command()
@click.option("--ags", metavar="AGS", help="Nur diese Kommune: achtstelliger Gemeindeschlüssel.")
@click.option("--all", "everything", is_flag=True, help="Auch, was inzwischen freigegeben ist.")
@click.option(
    "--export",
    "target",
    metavar="DATEI",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Die ganzen Zeilen in eine Datei schreiben (.xlsx oder .csv); intern.",
)
@click.option(
    "--history", "as_history", is_flag=True, help="Was wann zurückgestellt und frei wurde."
)
@data_dir_option
def quarantine(
    ags: str | None,
    target: Path | None,
    data_dir: Path | None,
    *,
    everything: bool,
    as_history: bool,
) -> None:
    """Zeigt, was zurückgestellt ist und warum (intern, für das Projektteam).

    \b
    weltoffen quarantine --ags 03241005
    weltoffen quarantine --export klaerung.xlsx
    weltoffen quarantine --history
    """
    from weltoffen_etl.deliveries.places import Registry
    from weltoffen_etl.quarantine import history, last_events
    from weltoffen_etl.reports import quarantine_file, quarantine_list
    from weltoffen_etl.warehouse.kept_back import read_kept

    settings = settings_of(data_dir)
    if ags is not None and ags not in Registry(settings.reference_dir).municipalities:
        raise click.UsageError(
            _("Die Kommune „{ags}“ steht nicht im Teilnehmerverzeichnis.").format(ags=ags)
        )
    if as_history and (target is not None or everything):
        raise click.UsageError(_("--history steht allein oder mit --ags."))
    if target is not None and target.suffix.lower() not in (".xlsx", ".csv"):
        raise click.UsageError(_("--export schreibt .xlsx oder .csv."))
    kept, events = read_kept(settings), history(settings)
    if as_history:
        events = [event for event in events if ags in (None, event.sender, event.ags)]
        quarantine_list.show_history(events, kept)
        return
    if kept is None:
        raise click.ClickException(
            _("Noch nichts veröffentlicht in {folder}.").format(folder=settings.releases)
        )
    rows = quarantine_list.listed(kept, last_events(events).values(), ags, everything=everything)
    quarantine_list.show_listed(rows)
    if target is not None:
        as_csv = target.suffix.lower() == ".csv"
        write = quarantine_file.write_csv if as_csv else quarantine_file.write_workbook
        write(rows, target)
        click.echo(_("Geschrieben: {file}.").format(file=target) + f" {quarantine_file.INTERNAL}")


@click.command()
@click.argument("ags", metavar="AGS", shell_complete=suggest.municipality_keys)
@click.option(
    "--out",
    metavar="DATEI",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Schreibt eine Kopie des Berichts in diese Datei.",
)
@data_dir_option
def report(ags: str, out: Path | None, data_dir: Path | None) -> None:
    """Nennt den Bericht einer Kommune zum aktuellen Stand, AGS ist ihr Gemeindeschlüssel.

    \b
    weltoffen report 03241005
    weltoffen report 03241005 --out bericht.html
    """
    from weltoffen_etl.reports.release_pages import ReportError, current_report

    try:
        file = current_report(settings_of(data_dir), ags)
    except ReportError as error:
        raise click.ClickException(str(error)) from error
    if out is not None:
        out.write_bytes(file.read_bytes())
    click.echo(out or file)


@click.command()
@click.option(
    "--out",
    metavar="ORDNER",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Neuer oder leerer Ordner für die Seiten.",
)
@data_dir_option
def datadocs(out: Path, data_dir: Path | None) -> None:
    """Schreibt die Data Docs von Great Expectations, nur für den internen Gebrauch."""
    from weltoffen_etl.quality.data_docs import DataDocsError, build_data_docs

    try:
        results = build_data_docs(settings_of(data_dir), out)
    except DataDocsError as error:
        raise click.ClickException(str(error)) from error
    broken = sum(result.failed for result in results)
    click.echo(
        _("{tables} Tabellen geprüft, {broken} Erwartungen nicht erfüllt.").format(
            tables=len(results), broken=broken
        )
    )
    click.echo(f"{out / 'index.html'}")
