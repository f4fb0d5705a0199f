"""The command ``weltoffen``. Thin: parses, calls the library, prints."""

from __future__ import annotations

import json
import sys
from datetime import datetime
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
    weltoffen check DATEI           eine Datei vor dem Senden prüfen
    weltoffen quarantine            was zurückgestellt ist und warum
    weltoffen rules                 alle Regeln der Prüfung nachlesen
    weltoffen query "select …"      den veröffentlichten Stand abfragen
    weltoffen report AGS            den Bericht einer Kommune zeigen

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
    from weltoffen_etl.demo import mute, prepare
    from weltoffen_etl.journal import EXIT_QUARANTINED

    mute()
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
def notify(data_dir: Path | None) -> None:
    """Sendet, was im Ausgang wartet; schreibt Nachrichten, die noch fehlen.

    Mailserver über WELTOFFEN_SMTP__HOST, __PORT, __SECURITY (starttls, tls, none), __USER,
    __PASSWORD oder __PASSWORD_FILE, __SENDER; Kontakte über WELTOFFEN_CONTACTS_FILE.
    Rückgabewert 1, wenn etwas nicht gelesen, geschrieben oder gesendet werden konnte.
    """
    from weltoffen_etl.journal import EXIT_LOCKED
    from weltoffen_etl.lock import LockHeldError, run_lock
    from weltoffen_etl.notices.notify import notify as tell

    settings = _settings(data_dir)
    try:
        with run_lock(settings):
            done = tell(settings)
    except LockHeldError as error:
        click.echo(f"{error} Bitte später noch einmal versuchen.", err=True)
        sys.exit(EXIT_LOCKED)
    click.echo(f"{done.written} geschrieben, {done.sent} gesendet, {done.waiting} warten.")
    if done.without_contact:
        click.echo(f"Ohne Kontakt: {', '.join(done.without_contact)}")
    for problem in done.problems:
        click.echo(problem, err=True)
    sys.exit(1 if done.problems else 0)


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
@click.option("--ags", help="Nur diese Kommune: achtstelliger Gemeindeschlüssel.")
@click.option("--all", "everything", is_flag=True, help="Auch, was inzwischen freigegeben ist.")
@click.option(
    "--export",
    "target",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Die ganzen Zeilen in eine Datei schreiben (.xlsx oder .csv); intern.",
)
@click.option(
    "--history", "as_history", is_flag=True, help="Was wann zurückgestellt und frei wurde."
)
@_data_dir_option
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
    from weltoffen_etl.deliveries import Registry
    from weltoffen_etl.quarantine import history, last_events
    from weltoffen_etl.reports import quarantine_file, quarantine_list
    from weltoffen_etl.warehouse.kept_back import read_kept

    settings = _settings(data_dir)
    if ags is not None and ags not in Registry(settings.reference_dir).municipalities:
        raise click.UsageError(f"Die Kommune „{ags}“ steht nicht im Teilnehmerverzeichnis.")
    if as_history and (target is not None or everything):
        raise click.UsageError("--history steht allein oder mit --ags.")
    if target is not None and target.suffix.lower() not in (".xlsx", ".csv"):
        raise click.UsageError("--export schreibt .xlsx oder .csv.")
    kept, events = read_kept(settings), history(settings)
    if as_history:
        events = [event for event in events if ags in (None, event.sender, event.ags)]
        quarantine_list.show_history(events, kept)
        return
    if kept is None:
        raise click.ClickException(f"Noch nichts veröffentlicht in {settings.releases}.")
    rows = quarantine_list.listed(kept, last_events(events).values(), ags, everything=everything)
    quarantine_list.show_listed(rows)
    if target is not None:
        as_csv = target.suffix.lower() == ".csv"
        write = quarantine_file.write_csv if as_csv else quarantine_file.write_workbook
        write(rows, target)
        click.echo(f"Geschrieben: {target}. {quarantine_file.INTERNAL}")


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


@main.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--ags", help="Gemeindeschlüssel, wenn er nicht in der Datei steht.")
@click.option("--wave", help="Welle, zum Beispiel t0, wenn sie nicht in der Datei steht.")
@click.option("--date", "day", type=click.DateTime(["%Y-%m-%d"]), help="Datum des Workshops.")
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

    result = check_file(file, _settings(), ags=ags, wave=wave, day=day.date() if day else None)
    if as_json:
        click.echo(json.dumps(result.as_json(), ensure_ascii=False, indent=2, default=str))
    else:
        show_check(result)
    sys.exit(0 if result.verdict == "accepted" else EXIT_QUARANTINED)


@main.command()
@click.argument("ags")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Schreibt eine Kopie des Berichts in diese Datei.",
)
@_data_dir_option
def report(ags: str, out: Path | None, data_dir: Path | None) -> None:
    """Nennt den Bericht einer Kommune zum aktuellen Stand, AGS ist ihr Gemeindeschlüssel.

    \b
    weltoffen report 03241005
    weltoffen report 03241005 --out bericht.html
    """
    from weltoffen_etl.reports.release_pages import ReportError, current_report

    try:
        file = current_report(_settings(data_dir), ags)
    except ReportError as error:
        raise click.ClickException(str(error)) from error
    if out is not None:
        out.write_bytes(file.read_bytes())
    click.echo(out or file)


@main.command()
@click.option("--all", "everything", is_flag=True, help="Auch die Regeln der eigenen Tabellen.")
@click.option("--topic", help="Nur ein Thema, zum Beispiel key oder „Kommune und Welle“.")
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


@main.command()
@click.option(
    "--out",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Neuer oder leerer Ordner für die Seiten.",
)
@_data_dir_option
def datadocs(out: Path, data_dir: Path | None) -> None:
    """Schreibt die Data Docs von Great Expectations, nur für den internen Gebrauch."""
    from weltoffen_etl.quality.data_docs import DataDocsError, build_data_docs

    try:
        results = build_data_docs(_settings(data_dir), out)
    except DataDocsError as error:
        raise click.ClickException(str(error)) from error
    broken = sum(result.failed for result in results)
    click.echo(f"{len(results)} Tabellen geprüft, {broken} Erwartungen nicht erfüllt.")
    click.echo(f"{out / 'index.html'}")


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


@instrument.command("map")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--id", "instrument_id", help="Kennung des Fragebogens; sonst die Umfragenummer.")
@click.option("--like", help="Kennung eines bekannten Fragebogens, von dem er eine Variante ist.")
@click.option("--synthetic", is_flag=True, help="Texte und Antworten sind erfunden.")
def map_instrument(
    file: Path, instrument_id: str | None, like: str | None, *, synthetic: bool
) -> None:
    """Entwirft die Zuordnung einer fremden Umfrage (Export oder .lss) zu den Fragen des Katalogs."""
    from weltoffen_etl.drafting import draft_instrument
    from weltoffen_etl.instrument.model import InstrumentError
    from weltoffen_etl.reports.instruments import draft_lines

    try:
        drafted = draft_instrument(_settings(), file, instrument_id, like, synthetic=synthetic)
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

    settings = _settings()
    entries = check_instruments(settings.reference_dir)
    for line in coverage_lines(entries, load_catalogue(settings.reference_dir).item_fields):
        click.echo(line)
    if any(entry.problem for entry in entries):
        sys.exit(1)


@main.command()
@click.option("--survey", type=click.IntRange(min=1), help="Nummer der Umfrage; sonst pulls.yml.")
@click.option("--wave", help="Welle, zum Beispiel t0; zusammen mit --survey.")
@click.option("--ags", help="Gemeindeschlüssel; ohne ihn gilt die Umfrage mehreren Kommunen.")
@_data_dir_option
def pull(survey: int | None, wave: str | None, ags: str | None, data_dir: Path | None) -> None:
    """Holt Antworten von einem LimeSurvey-Server in den Eingang.

    Zugang über WELTOFFEN_LIMESURVEY_URL, WELTOFFEN_LIMESURVEY_USER und
    WELTOFFEN_LIMESURVEY_PASSWORD; welche Umfragen, steht in data/reference/pulls.yml.
    """
    from pydantic import ValidationError

    from weltoffen_etl.pull import Pull, PullError, PullSettings, configured_pulls, fetch

    if (survey is None) != (wave is None) or (ags is not None and survey is None):
        raise click.UsageError("--survey und --wave gehören zusammen; --ags kommt dazu.")
    settings = _settings(data_dir)
    try:
        pulls = (
            configured_pulls(settings.reference_dir)
            if survey is None or wave is None
            else [Pull(survey=survey, wave=wave, ags=ags)]
        )
        if not pulls:
            raise click.UsageError("Keine Umfrage angegeben: pulls.yml ist leer, --survey fehlt.")
        results = fetch(settings, PullSettings(), pulls)
    except ValidationError as error:
        names = ", ".join(f"WELTOFFEN_LIMESURVEY_{x['loc'][0]}".upper() for x in error.errors())
        raise click.UsageError(f"Nicht gültig: {names}.") from None
    except PullError as error:
        raise click.ClickException(str(error)) from error
    for result in results:
        click.echo(f"Geholt: {result.file}" if result.file else result.remark)
    if any(result.failed for result in results):
        sys.exit(1)


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
