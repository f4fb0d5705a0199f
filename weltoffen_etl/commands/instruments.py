"""Questionnaires and the files they come with: instrument, pull, template."""

from __future__ import annotations

import sys
from gettext import gettext as _
from pathlib import Path

import click

from weltoffen_etl.commands.options import data_dir_option, settings_of
from weltoffen_etl.commands.tree import CommandGroup


@click.group(cls=CommandGroup)
def instrument() -> None:
    """Verwaltet die Fragebögen des Verzeichnisses."""


@instrument.command("import")
@click.argument(
    "file", metavar="DATEI", type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option(
    "--id",
    "instrument_id",
    metavar="KENNUNG",
    help="Kennung des Fragebogens; sonst die Umfragenummer.",
)
def import_instrument(file: Path, instrument_id: str | None) -> None:
    """Liest eine LimeSurvey-Struktur (.lss) als neue Version eines Fragebogens ein."""
    from weltoffen_etl.instrument.limesurvey_structure import read_structure
    from weltoffen_etl.instrument.model import InstrumentError
    from weltoffen_etl.instrument.store import write_structure

    settings = settings_of()
    try:
        structure = read_structure(file)
    except InstrumentError as error:
        raise click.ClickException(str(error)) from error
    folder = settings.reference_dir / "instruments" / (instrument_id or structure.survey_id)
    target = write_structure(structure, folder)
    click.echo(
        _("{title}: {n} Spalten in {file}").format(
            title=structure.title, n=len(structure.columns), file=target
        )
    )
    if not (folder / "mapping.yml").is_file():
        click.echo(
            _("Jetzt von Hand ergänzen: {file} (Rolle jeder Spalte).").format(
                file=folder / "mapping.yml"
            )
        )


@instrument.command("map")
@click.argument(
    "file", metavar="DATEI", type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option(
    "--id",
    "instrument_id",
    metavar="KENNUNG",
    help="Kennung des Fragebogens; sonst die Umfragenummer.",
)
@click.option(
    "--like",
    metavar="KENNUNG",
    help="Kennung eines bekannten Fragebogens, von dem er eine Variante ist.",
)
@click.option("--synthetic", is_flag=True, help="Texte und Antworten sind erfunden.")
def map_instrument(
    file: Path, instrument_id: str | None, like: str | None, *, synthetic: bool
) -> None:
    """Entwirft die Zuordnung einer fremden Umfrage (Export oder .lss) zu den Fragen des Katalogs."""
    from weltoffen_etl.drafting import draft_instrument
    from weltoffen_etl.instrument.model import InstrumentError
    from weltoffen_etl.reports.instruments import draft_lines

    try:
        drafted = draft_instrument(settings_of(), file, instrument_id, like, synthetic=synthetic)
    except InstrumentError as error:
        raise click.ClickException(str(error)) from error
    for line in draft_lines(drafted):
        click.echo(line)


@instrument.command("check")
def check_instrument() -> None:
    """Prüft alle Fragebögen: welche Fragen sie abdecken, welche fehlen, was falsch ist."""
    from weltoffen_etl.instrument.catalogue import load_catalogue
    from weltoffen_etl.instrument.coverage import check_instruments
    from weltoffen_etl.reports.instruments import coverage_lines

    settings = settings_of()
    entries = check_instruments(settings.reference_dir)
    for line in coverage_lines(entries, load_catalogue(settings.reference_dir).item_fields):
        click.echo(line)
    if any(entry.problem for entry in entries):
        sys.exit(1)


@click.command()
@click.option(
    "--survey",
    metavar="NUMMER",
    type=click.IntRange(min=1),
    help="Nummer der Umfrage; sonst pulls.yml.",
)
@click.option("--wave", metavar="WELLE", help="Welle, zum Beispiel t0; zusammen mit --survey.")
@click.option(
    "--ags", metavar="AGS", help="Gemeindeschlüssel; ohne ihn gilt die Umfrage mehreren Kommunen."
)
@data_dir_option
def pull(survey: int | None, wave: str | None, ags: str | None, data_dir: Path | None) -> None:
    """Holt Antworten von einem LimeSurvey-Server in den Eingang.

    Zugang über WELTOFFEN_LIMESURVEY_URL, WELTOFFEN_LIMESURVEY_USER und
    WELTOFFEN_LIMESURVEY_PASSWORD; welche Umfragen, steht in data/reference/pulls.yml.
    """
    from pydantic import ValidationError

    from weltoffen_etl.pull import Pull, PullError, PullSettings, configured_pulls, fetch

    if (survey is None) != (wave is None) or (ags is not None and survey is None):
        raise click.UsageError(_("--survey und --wave gehören zusammen; --ags kommt dazu."))
    settings = settings_of(data_dir)
    try:
        pulls = (
            configured_pulls(settings.reference_dir)
            if survey is None or wave is None
            else [Pull(survey=survey, wave=wave, ags=ags)]
        )
        if not pulls:
            raise click.UsageError(
                _("Keine Umfrage angegeben: pulls.yml ist leer, --survey fehlt.")
            )
        results = fetch(settings, PullSettings(), pulls)
    except ValidationError as error:
        names = ", ".join(f"WELTOFFEN_LIMESURVEY_{x['loc'][0]}".upper() for x in error.errors())
        raise click.UsageError(_("Nicht gültig: {names}.").format(names=names)) from None
    except PullError as error:
        raise click.ClickException(str(error)) from error
    for result in results:
        click.echo(_("Geholt: {file}").format(file=result.file) if result.file else result.remark)
    if any(result.failed for result in results):
        sys.exit(1)


@click.group(cls=CommandGroup)
def template() -> None:
    """Schreibt leere Vorlagen für die Kommunen."""


@template.command("workshop")
@click.argument(
    "file",
    metavar="DATEI",
    type=click.Path(dir_okay=False, path_type=Path),
    default="workshop.xlsx",
)
def workshop_template(file: Path) -> None:
    """Schreibt die leere Workshop-Vorlage mit Auswahllisten."""
    from weltoffen_etl.reports.workshop_template import write_template

    write_template(settings_of().reference_dir, file)
    click.echo(_("Vorlage geschrieben: {file}").format(file=file))


@template.command("selfcheck")
@click.argument(
    "file",
    metavar="DATEI",
    type=click.Path(dir_okay=False, path_type=Path),
    default="selbstcheck.xlsx",
)
@click.option(
    "--instrument",
    "instrument_id",
    metavar="KENNUNG",
    required=True,
    help="Kennung des Fragebogens.",
)
def selfcheck_template(file: Path, instrument_id: str) -> None:
    """Schreibt die leere Vorlage zum Abtippen von Selbstcheck-Bögen auf Papier."""
    from weltoffen_etl.instrument.store import load_instruments
    from weltoffen_etl.reports.selfcheck_template import write_selfcheck_template

    settings = settings_of()
    known = load_instruments(settings.reference_dir)
    versions = [x for x in known if x.instrument_id == instrument_id]
    if not versions:
        names = ", ".join(sorted({x.instrument_id for x in known})) or _("keiner")
        raise click.UsageError(
            _("Den Fragebogen „{name}“ gibt es nicht. Bekannt: {known}.").format(
                name=instrument_id, known=names
            )
        )
    newest = max(versions, key=lambda x: int(x.version))
    write_selfcheck_template(settings.reference_dir, newest, file)
    click.echo(
        _("Vorlage geschrieben: {file} ({title}, Version {version})").format(
            file=file, title=newest.title, version=newest.version
        )
    )
