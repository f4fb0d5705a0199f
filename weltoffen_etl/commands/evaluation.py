"""Asking the published release: query."""

from __future__ import annotations

from pathlib import Path

import click

from weltoffen_etl.commands.options import data_dir_option, settings_of


@click.command()
@click.argument("sql")
@click.option("--csv", "form", flag_value="csv", help="Ausgabe als CSV.")
@click.option("--json", "form", flag_value="json", help="Ausgabe als JSON.")
@data_dir_option
def query(sql: str, form: str | None, data_dir: Path | None) -> None:
    """Fragt den veröffentlichten Stand mit SQL ab, nur lesend.

    \b
    weltoffen query "select * from meta.table"
    weltoffen query "from comparison.action_field_score" --csv > kennzahlen.csv
    """
    from weltoffen_etl.query import QueryError, ask
    from weltoffen_etl.reports.terminal import show_rows

    try:
        names, rows = ask(settings_of(data_dir), sql)
    except QueryError as error:
        raise click.ClickException(str(error)) from error
    show_rows(names, rows, form)
