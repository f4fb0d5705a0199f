"""Asking the published release: query, compare, describe, export, open."""

from __future__ import annotations

import json
from gettext import gettext as _
from pathlib import Path

import click

from weltoffen_etl.commands import suggest
from weltoffen_etl.commands.options import data_dir_option, release_option, settings_of, told

_PEER_KINDS = ("all", "size_class", "type", "cohort", "macro_region", "chosen")
_FORMATS = ("csv", "excel-csv", "xlsx", "parquet", "json")
_PLACES = {
    "site": "site/index.html",
    "workbook": "weltoffen.xlsx",
    "dictionary": "dictionary.html",
    "quality": "quality.html",
    "ask": "site/fragen.html",
    "folder": ".",
}

_csv_option = click.option("--csv", "form", flag_value="csv", help="Ausgabe als CSV.")
_json_option = click.option("--json", "form", flag_value="json", help="Ausgabe als JSON.")


@click.command()
@click.argument("sql", metavar="SQL")
@_csv_option
@_json_option
@release_option
@data_dir_option
def query(sql: str, form: str | None, release: str | None, data_dir: Path | None) -> None:
    """Fragt einen veröffentlichten Stand mit SQL ab, nur lesend.

    \b
    weltoffen query 'from meta."table"'
    weltoffen query "from comparison.action_field_score" --csv > kennzahlen.csv

    Am Bildschirm stehen Zahlen mit Komma; was nicht in die Breite passt, steht untereinander.
    CSV und JSON geben die Werte unverändert. Welche Tabellen es gibt, sagt „weltoffen describe“.
    Wie lange eine Abfrage dauern und wie viel Speicher sie brauchen darf, sagen
    WELTOFFEN_QUERY_SECONDS und WELTOFFEN_QUERY_MEMORY.

    Rückgabewerte: 0 beantwortet, 1 Fehler im SQL oder noch kein Stand, 2 falscher Aufruf.
    """
    from weltoffen_etl.asking.limits import process_limits
    from weltoffen_etl.asking.query import ask
    from weltoffen_etl.reports.result import show_rows

    settings = settings_of(data_dir)
    with told(), process_limits(settings):
        names, rows = ask(settings, sql, release)
    show_rows(names, rows, form)


@click.command()
@click.argument("municipality", metavar="KOMMUNE", shell_complete=suggest.municipalities)
@click.option(
    "--field",
    metavar="CODE",
    shell_complete=suggest.fields,
    help="Nur dieses Handlungsfeld, zum Beispiel EB.",
)
@click.option(
    "--wave",
    metavar="WELLE",
    shell_complete=suggest.waves,
    help="Welle, zum Beispiel t1; sonst die letzte gelieferte.",
)
@click.option(
    "--peers",
    type=click.Choice(_PEER_KINDS),
    default=_PEER_KINDS[0],
    show_default=True,
    help="Gruppe: alle, Größenklasse, Gebietskörperschaft, Aufnahmerunde, Großregion oder alle, "
    "die das Handlungsfeld gewählt haben.",
)
@_csv_option
@_json_option
@release_option
@data_dir_option
def compare(
    municipality: str,
    field: str | None,
    wave: str | None,
    peers: str,
    form: str | None,
    release: str | None,
    data_dir: Path | None,
) -> None:
    """Stellt eine Kommune neben ihre Vergleichsgruppe.

    KOMMUNE ist der Gemeindeschlüssel oder der Name, auch sein Anfang.

    \b
    weltoffen compare Garbsen
    weltoffen compare 03241005 --field EB --peers size_class
    weltoffen compare Garbsen --wave t0 --csv > garbsen.csv

    Neben jedem Mittel stehen Basis, Streuung und der Anteil der Antworten; was zurückgehalten
    ist, steht in Worten da. Es gibt keine Rangfolge.

    Rückgabewerte: 0 gezeigt, 1 noch kein Stand, 2 Kommune, Welle oder Feld unbekannt.
    """
    from weltoffen_etl.asking.peer_comparison import compare as read
    from weltoffen_etl.asking.query import chosen_release, opened
    from weltoffen_etl.reports.cells import console
    from weltoffen_etl.reports.peer_table import show_comparison
    from weltoffen_etl.reports.result import show_rows

    settings = settings_of(data_dir)
    with told():
        chosen = chosen_release(settings, release)
        with opened(settings, chosen) as connection:
            found = read(
                connection, chosen, municipality, action_field=field, wave=wave, peer_kind=peers
            )
    if form is None:
        show_comparison(found, console(), one_field=field is not None)
    else:
        show_rows(found.names, found.rows, form)


@click.command()
@click.argument("table", metavar="[TABELLE]", required=False, shell_complete=suggest.tables)
@click.option("--json", "as_json", is_flag=True, help="Ausgabe als JSON.")
@release_option
@data_dir_option
def describe(
    table: str | None, release: str | None, data_dir: Path | None, *, as_json: bool
) -> None:
    """Erklärt die Tabellen eines Stands und ihre Spalten.

    Ohne TABELLE werden alle genannt; das Schema darf fehlen, wo der Name eindeutig ist.

    \b
    weltoffen describe
    weltoffen describe comparison.benchmark
    """
    from weltoffen_etl.asking import dictionary
    from weltoffen_etl.asking.query import chosen_release, opened
    from weltoffen_etl.reports.cells import console
    from weltoffen_etl.reports.dictionary_tables import show_table, show_tables

    settings = settings_of(data_dir)
    with told(), opened(settings, chosen_release(settings, release)) as connection:
        if table is None:
            tables = dictionary.counted_tables(connection)
            if not as_json:
                show_tables(tables, console())
                return
            content: object = [
                dictionary.as_json(entry, rows, columns=False) for entry, rows in tables
            ]
        else:
            described, number = dictionary.counted_table(connection, table)
            if not as_json:
                show_table(described, number, console())
                return
            content = dictionary.as_json(described, number, columns=True)
    click.echo(json.dumps(content, ensure_ascii=False, indent=2))


@click.command()
@click.argument("tables", metavar="TABELLE...", nargs=-1, shell_complete=suggest.tables)
@click.option(
    "--out",
    required=True,
    metavar="PFAD",
    type=click.Path(path_type=Path),
    help="Datei, oder Ordner für eine Datei je Tabelle.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(_FORMATS),
    help="Form der Dateien; sonst nach der Endung von PFAD. excel-csv ist CSV für ein deutsches "
    "Excel.",
)
@click.option("--force", is_flag=True, help="Vorhandene Dateien ersetzen.")
@release_option
@data_dir_option
def export(
    tables: tuple[str, ...],
    out: Path,
    form: str | None,
    release: str | None,
    data_dir: Path | None,
    *,
    force: bool,
) -> None:
    """Schreibt Tabellen eines Stands in Dateien.

    Eine Arbeitsmappe nimmt mehrere Tabellen auf; in anderen Formen wird es je Tabelle eine Datei
    in einem Ordner.

    \b
    weltoffen export comparison.coverage --out abdeckung.csv
    weltoffen export coverage benchmark --out vergleich.xlsx
    weltoffen export coverage benchmark --out ordner --format parquet

    Rückgabewerte: 0 geschrieben, 1 nicht geschrieben, 2 falscher Aufruf.
    """
    from weltoffen_etl.asking import dictionary
    from weltoffen_etl.asking.query import chosen_release, opened
    from weltoffen_etl.distribution.one_table import DistributionError, write_tables

    if not tables:
        raise click.UsageError(_("Welche Tabellen? Alle nennt „weltoffen describe“."))
    form = form or _format_of(out)
    settings = settings_of(data_dir)
    with told():
        chosen = chosen_release(settings, release)
        with opened(settings, chosen) as connection:
            names = dict.fromkeys(
                dictionary.counted_table(connection, name)[0].full_name for name in tables
            )
    targets = _targets(out, form, list(names))
    taken = [target for target in targets if target.exists()]
    if taken and not force:
        raise click.UsageError(
            _("{file} gibt es schon. Mit --force wird ersetzt.").format(file=taken[0])
        )
    for target, content in targets.items():
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            write_tables(chosen.database, content, target, form, settings)
        except (DistributionError, OSError) as error:
            raise click.ClickException(str(error)) from error
        click.echo(target)


def _format_of(out: Path) -> str:
    """Returns the form that a file's suffix stands for."""
    form = out.suffix.lower().removeprefix(".")
    if form not in _FORMATS:
        raise click.UsageError(
            _("Bitte --format angeben: {formats}.").format(formats=", ".join(_FORMATS))
        )
    return form


def _targets(out: Path, form: str, tables: list[str]) -> dict[Path, list[str]]:
    """Returns which tables go into which file: all into one where ``out`` is a workbook."""
    suffix = ".csv" if form == "excel-csv" else f".{form}"
    if not out.is_dir() and out.suffix.lower() == suffix:
        if len(tables) > 1 and form != "xlsx":
            raise click.UsageError(
                _("Eine Datei nimmt nur als xlsx mehrere Tabellen auf; sonst bitte einen Ordner.")
            )
        return {out: tables}
    return {out / f"{table}{suffix}": [table] for table in tables}


@click.command("open")
@click.argument("place", metavar="[WAS]", type=click.Choice(list(_PLACES)), default="site")
@click.option("--print", "only_print", is_flag=True, help="Nennt nur den Pfad.")
@release_option
@data_dir_option
def open_(place: str, release: str | None, data_dir: Path | None, *, only_print: bool) -> None:
    """Öffnet etwas aus dem Stand im Browser oder im Programm dafür.

    \b
    site         die Vergleichsseiten (ohne Angabe)
    workbook     die Arbeitsmappe mit allen Tabellen
    dictionary   die Erklärung aller Tabellen und Spalten
    quality      die Übersicht der Datenqualität
    ask          die Seite, auf der sich Fragen in SQL stellen lassen
    folder       den Ordner des Stands
    """
    from weltoffen_etl.asking.query import chosen_release

    with told():
        folder = chosen_release(settings_of(data_dir), release).folder
    target = (folder / _PLACES[place]).resolve()
    if not target.exists():
        raise click.ClickException(
            _("Im Stand {name} fehlt {file}.").format(name=folder.name, file=_PLACES[place])
        )
    if only_print:
        click.echo(target)
        return
    if place == "ask":
        click.echo(_("Diese Seite braucht einen Server auf diesem Rechner: „weltoffen serve“."))
        return
    click.echo(target)
    if click.launch(str(target)):
        raise click.ClickException(
            _("Es ließ sich kein Programm dafür starten. Bitte von Hand öffnen: {file}").format(
                file=target
            )
        )
