"""Published releases over time: releases, diff, rebuild."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from gettext import gettext as _
from pathlib import Path
from typing import TYPE_CHECKING

import click

from weltoffen_etl.commands import suggest
from weltoffen_etl.commands.options import data_dir_option, settings_of, told

if TYPE_CHECKING:
    from weltoffen_etl.settings import Settings
    from weltoffen_etl.warehouse.current import Release

DIFFERENT = 1
"""Exit code of ``rebuild`` where the rebuilt tables are not those published."""


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Ausgabe als JSON.")
@data_dir_option
def releases(data_dir: Path | None, *, as_json: bool) -> None:
    """Listet alle veröffentlichten Stände auf, den neuesten zuletzt.

    Wie viele bleiben, sagt WELTOFFEN_KEEP_RELEASES; Stände, die in releases/kept.txt stehen,
    bleiben immer.
    """
    from weltoffen_etl.releases.listing import listed, show_releases

    entries = listed(settings_of(data_dir))
    if as_json:
        click.echo(json.dumps([asdict(x) for x in entries], ensure_ascii=False, indent=2))
    else:
        show_releases(entries)


@click.command()
@click.argument("earlier", metavar="FRÜHER", shell_complete=suggest.releases)
@click.argument("later", metavar="[SPÄTER]", required=False, shell_complete=suggest.releases)
@click.option(
    "--ags",
    metavar="AGS",
    shell_complete=suggest.municipality_keys,
    help="Nur diese Kommune, mit jedem geänderten Wert.",
)
@click.option(
    "--table",
    "table_name",
    metavar="TABELLE",
    shell_complete=suggest.tables,
    help="Nur diese Tabelle, mit jedem geänderten Wert.",
)
@click.option("--values", "each", is_flag=True, help="Jeden geänderten Wert nennen.")
@click.option("--json", "form", flag_value="json", help="Ausgabe als JSON.")
@click.option("--csv", "form", flag_value="csv", help="Ausgabe als CSV, jeder geänderte Wert.")
@data_dir_option
def diff(
    earlier: str,
    later: str | None,
    ags: str | None,
    table_name: str | None,
    form: str | None,
    data_dir: Path | None,
    *,
    each: bool,
) -> None:
    """Vergleicht zwei Stände: Tabellen, Zeilen und Werte je Kommune, mit den Gründen.

    \b
    weltoffen diff 20261101T001500Z                     mit dem aktuellen Stand
    weltoffen diff 20261101T001500Z 20261201T001500Z --ags 03241005
    weltoffen diff 20261101T001500Z --table comparison.coverage --csv > diff.csv

    Rückgabewerte: 0 verglichen, auch wenn sich etwas unterscheidet; 2 einen Stand gibt es nicht.
    """
    from weltoffen_etl.asking.query import chosen_release
    from weltoffen_etl.differences.between import compared, value_changes
    from weltoffen_etl.reports.changes.page import changes_text
    from weltoffen_etl.reports.result import show_rows

    settings = settings_of(data_dir)
    with told():
        before, after = chosen_release(settings, earlier), chosen_release(settings, later)
    if not (each or ags or table_name or form):
        click.echo(changes_text(settings, before, after.database, after.manifest()), nl=False)
        return
    with compared(settings, before.database, after.database) as connection:
        found = value_changes(connection, ags=ags, table=table_name)
    names = ["table", "ags", "row", "kind", "column", "before", "after"]
    show_rows(names, [[getattr(x, name) for name in names] for x in found], form)


@click.command()
@click.argument("release", metavar="STAND", shell_complete=suggest.releases)
@click.option(
    "--into",
    metavar="ORDNER",
    type=click.Path(file_okay=False, path_type=Path),
    help="Neuer Ordner, in dem der nachgebaute Stand bleibt; sonst wird er wieder entfernt.",
)
@data_dir_option
def rebuild(release: str, into: Path | None, data_dir: Path | None) -> None:
    """Baut einen veröffentlichten Stand aus Archiv, Verzeichnissen und Code nach und vergleicht.

    \b
    weltoffen rebuild 20261101T001500Z
    weltoffen rebuild 20261101T001500Z --into /tmp/nachgebaut

    Ist der Stand mit anderem Code entstanden, wird dessen Commit in einem eigenen Ordner
    ausgeführt (braucht git und uv). Rückgabewerte: 0 alle Daten sind gleich, 1 etwas weicht ab
    oder fehlt.
    """
    from weltoffen_etl.reference_archive import MissingReferenceError
    from weltoffen_etl.releases.earlier_code import EarlierCodeError, run_earlier
    from weltoffen_etl.releases.rebuilding import OtherCodeError, RebuildError, published_release

    settings = settings_of(data_dir)
    if into is not None and into.exists():
        raise click.UsageError(_("Den Ordner {folder} gibt es schon.").format(folder=into))
    with told():
        published = published_release(settings, release)
    try:
        sys.exit(_rebuild(settings, published, into))
    except OtherCodeError as error:
        if error.commit is None:
            raise click.ClickException(str(error)) from error
        click.echo(f"{error} " + _("Dieser Code wird jetzt ausgeführt."), err=True)
        arguments = ["rebuild", release, "--data-dir", str(settings.data_dir)]
        arguments += ["--into", str(into.resolve())] if into is not None else []
        try:
            sys.exit(run_earlier(error.commit, arguments))
        except EarlierCodeError as missing:
            raise click.ClickException(str(missing)) from missing
    except (RebuildError, MissingReferenceError) as error:
        raise click.ClickException(str(error)) from error


def _rebuild(settings: Settings, published: Release, into: Path | None) -> int:
    """Runs the job on what the release followed from; returns the exit code."""
    import shutil
    import tempfile

    from pipelines.run import run_nightly
    from weltoffen_etl.demo import mute
    from weltoffen_etl.releases.listing import show_comparison
    from weltoffen_etl.releases.rebuilding import compare, prepare
    from weltoffen_etl.warehouse.current import current_release

    mute()
    settings.warehouse.mkdir(parents=True, exist_ok=True)
    # Beside the warehouse: the rebuild holds the same single answers.
    scratch = Path(tempfile.mkdtemp(prefix="rebuild-", dir=settings.warehouse))
    folder = into.resolve() if into is not None else scratch / "data"
    try:
        rebuilt = prepare(settings, published, folder)
        record = run_nightly(rebuilt)
        release = current_release(rebuilt)
        if record.outcome != "published" or release is None:
            raise click.ClickException(
                "; ".join(record.failures) or _("Nichts wurde veröffentlicht.")
            )
        found = compare(settings, published, release)
        show_comparison(published, found)
        return 0 if found.is_same else DIFFERENT
    finally:
        shutil.rmtree(scratch)
