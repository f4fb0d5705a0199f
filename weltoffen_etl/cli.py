"""The command ``weltoffen``. Thin: parses, calls the library, prints."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from weltoffen_etl.journal import RunRecord
    from weltoffen_etl.settings import Settings

# Everything else is imported where it is used: `--help` must not wait for a database.


def _settings(data_dir: Path | None = None, **more: Any) -> Settings:
    from pydantic import ValidationError

    from weltoffen_etl.settings import Settings

    given: dict[str, Any] = {} if data_dir is None else {"data_dir": data_dir.resolve()}
    try:
        return Settings(**given, **more)
    except ValidationError as error:
        lines = [f"WELTOFFEN_{str(x['loc'][0]).upper()}: {x['msg']}" for x in error.errors()]
        raise click.UsageError("Einstellungen sind nicht gültig.\n" + "\n".join(lines)) from error


_data_dir_option = click.option(
    "--data-dir",
    type=click.Path(file_okay=False, path_type=Path),
    help="Ordner mit inbox/ archive/ stage/ warehouse/ releases/ (sonst WELTOFFEN_DATA_DIR).",
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="weltoffen-etl", prog_name="weltoffen")
def main() -> None:
    """Weltoffene Kommune: aus Umfrage- und Workshop-Exporten wird ein geprüfter Datenstand.

    \b
    weltoffen demo                  alles einmal mit Beispieldaten
    weltoffen run                   den nächtlichen Lauf jetzt ausführen
    weltoffen query "select …"      den veröffentlichten Stand abfragen

    Rückgabewerte: 0 veröffentlicht oder nichts zu tun, 1 Fehler der Software,
    2 falscher Aufruf, 3 veröffentlicht, aber Lieferungen in Quarantäne,
    4 Prüfung nicht bestanden, nichts veröffentlicht, 75 ein anderer Lauf ist im Gang.
    """


@main.command()
@click.option(
    "--into",
    type=click.Path(file_okay=False, path_type=Path),
    help="Ordner für die Demonstration; sonst ein neuer Ordner für Zwischendaten.",
)
def demo(into: Path | None) -> None:
    """Führt den nächtlichen Lauf mit synthetischen Beispieldaten vor."""
    from weltoffen_etl.demo import prepare
    from weltoffen_etl.journal import EXIT_QUARANTINED

    folder = prepare(into)
    settings = _settings(folder, settle_seconds=0.0)
    click.echo(f"Synthetische Lieferungen liegen in {settings.inbox}.\n", err=True)
    record = _run(settings)
    _report(settings, record)
    if record.release is not None:
        click.echo(_next_commands(folder))
    sys.exit(0 if record.exit_code == EXIT_QUARANTINED else record.exit_code)


@main.command()
@_data_dir_option
def run(data_dir: Path | None) -> None:
    """Führt den nächtlichen Lauf jetzt aus: einlesen, prüfen, veröffentlichen."""
    settings = _settings(data_dir)
    record = _run(settings)
    _report(settings, record)
    sys.exit(record.exit_code)


@main.command()
@_data_dir_option
def status(data_dir: Path | None) -> None:
    """Zeigt den aktuellen Stand und die letzten Läufe."""
    from weltoffen_etl.journal import last_runs
    from weltoffen_etl.reports.terminal import show_runs
    from weltoffen_etl.warehouse.current import current_release

    settings = _settings(data_dir)
    release = current_release(settings)
    if release is None:
        click.echo(f"Noch nichts veröffentlicht in {settings.releases}.")
    else:
        click.echo(f"Aktueller Stand: {release.name}\n{release.folder}")
    show_runs(last_runs(settings))


@main.command()
@_data_dir_option
def releases(data_dir: Path | None) -> None:
    """Listet alle veröffentlichten Stände auf, den neuesten zuletzt."""
    from weltoffen_etl.warehouse.current import current_release, list_releases

    settings = _settings(data_dir)
    current = current_release(settings)
    for release in list_releases(settings):
        mark = "  ← aktuell" if current is not None and release.name == current.name else ""
        click.echo(f"{release.name}{mark}")


@main.command()
@click.argument("sql")
@click.option("--csv", "form", flag_value="csv", help="Ausgabe als CSV.")
@click.option("--json", "form", flag_value="json", help="Ausgabe als JSON.")
@_data_dir_option
def query(sql: str, form: str | None, data_dir: Path | None) -> None:
    """Fragt den veröffentlichten Stand mit SQL ab, nur lesend.

    \b
    weltoffen query "select * from meta.table"
    weltoffen query "from comparison.action_field_score" --csv > kennzahlen.csv
    """
    from weltoffen_etl.query import QueryError, ask
    from weltoffen_etl.reports.terminal import show_rows

    try:
        names, rows = ask(_settings(data_dir), sql)
    except QueryError as error:
        raise click.ClickException(str(error)) from error
    show_rows(names, rows, form)


@main.group()
def instrument() -> None:
    """Verwaltet die Fragebögen des Verzeichnisses."""


@instrument.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--id", "instrument_id", help="Kennung des Fragebogens; sonst die Umfragenummer.")
def import_instrument(file: Path, instrument_id: str | None) -> None:
    """Liest eine LimeSurvey-Struktur (.lss) als neue Version eines Fragebogens ein."""
    from weltoffen_etl.instrument.limesurvey_structure import read_structure
    from weltoffen_etl.instrument.model import InstrumentError
    from weltoffen_etl.instrument.store import write_structure

    settings = _settings()
    try:
        structure = read_structure(file)
    except InstrumentError as error:
        raise click.ClickException(str(error)) from error
    folder = settings.reference_dir / "instruments" / (instrument_id or structure.survey_id)
    target = write_structure(structure, folder)
    click.echo(f"{structure.title}: {len(structure.columns)} Spalten in {target}")
    if not (folder / "mapping.yml").is_file():
        click.echo(f"Jetzt von Hand ergänzen: {folder / 'mapping.yml'} (Rolle jeder Spalte).")


@main.group()
def template() -> None:
    """Schreibt leere Vorlagen für die Kommunen."""


@template.command("workshop")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), default="workshop.xlsx")
def workshop_template(file: Path) -> None:
    """Schreibt die leere Workshop-Vorlage mit Auswahllisten."""
    from weltoffen_etl.reports.workshop_template import write_template

    write_template(_settings().reference_dir, file)
    click.echo(f"Vorlage geschrieben: {file}")


@template.command("selfcheck")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), default="selbstcheck.xlsx")
@click.option("--instrument", "instrument_id", required=True, help="Kennung des Fragebogens.")
def selfcheck_template(file: Path, instrument_id: str) -> None:
    """Schreibt die leere Vorlage zum Abtippen von Selbstcheck-Bögen auf Papier."""
    from weltoffen_etl.instrument.store import load_instruments
    from weltoffen_etl.reports.selfcheck_template import write_selfcheck_template

    settings = _settings()
    known = load_instruments(settings.reference_dir)
    versions = [x for x in known if x.instrument_id == instrument_id]
    if not versions:
        names = ", ".join(sorted({x.instrument_id for x in known})) or "keiner"
        raise click.UsageError(f"Den Fragebogen „{instrument_id}“ gibt es nicht. Bekannt: {names}.")
    newest = max(versions, key=lambda x: int(x.version))
    write_selfcheck_template(settings.reference_dir, newest, file)
    click.echo(f"Vorlage geschrieben: {file} ({newest.title}, Version {newest.version})")


def _run(settings: Settings) -> RunRecord:
    """Starts the job of the graph; the graph is imported only now."""
    from pipelines.run import run_nightly
    from weltoffen_etl.journal import EXIT_LOCKED
    from weltoffen_etl.lock import LockHeldError

    try:
        return run_nightly(settings)
    except LockHeldError as error:
        click.echo(f"{error} Bitte später noch einmal versuchen.", err=True)
        sys.exit(EXIT_LOCKED)


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
            "Als Nächstes zum Beispiel:",
            f"  uv run weltoffen status {at}",
            f"  uv run weltoffen query {question} {at}",
            f'  uv run weltoffen query "select * from meta.\\"table\\"" {at}',
        ]
    )
