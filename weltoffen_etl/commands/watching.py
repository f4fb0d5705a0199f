"""Watching an installation: health."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from gettext import gettext as _
from pathlib import Path
from typing import TYPE_CHECKING

import click

from weltoffen_etl.commands.options import data_dir_option, settings_of
from weltoffen_etl.language import noted

if TYPE_CHECKING:
    from weltoffen_etl.settings import Settings
    from weltoffen_etl.watching.look import Look

_STATUS = {"ok": noted("gut"), "warning": noted("Warnung"), "alarm": noted("Störung")}


@click.command()
@data_dir_option
@click.option("--json", "as_json", is_flag=True, help="Für Maschinen: ein JSON-Objekt.")
@click.option(
    "--alert",
    is_flag=True,
    help="Meldet Störungen und ihr Ende einmal per E-Mail und Webhook; für eine Zeitschaltuhr.",
)
@click.option(
    "--deep", is_flag=True, help="Vergleicht auch die Prüfsummen aller Dateien des Stands."
)
def health(data_dir: Path | None, *, as_json: bool, alert: bool, deep: bool) -> None:
    """Prüft, ob die Nächte laufen und der Stand unversehrt ist.

    Rückgabewert 0: alles gut oder nur Warnungen; 1: eine Störung.
    """
    from weltoffen_etl.watching.logs import say, take_over
    from weltoffen_etl.watching.look import look

    settings = settings_of(data_dir)
    take_over(settings)
    found = look(settings, alert=alert, deep=deep)
    if as_json:
        click.echo(_as_json(found))
    elif settings.log_format == "text" or not alert:
        _show(found)
    if alert:
        _log(settings, found)
    for problem in found.problems:
        say(settings, "alerting_problem", problem, "warning")
    sys.exit(1 if found.status == "alarm" else 0)


def _as_json(found: Look) -> str:
    return json.dumps(
        {
            "status": found.status,
            "at": found.at.isoformat(timespec="seconds"),
            "checks": [asdict(check) for check in found.checks],
            "incidents": [
                {"check": x.check, "since": x.since, "text": x.text} for x in found.incidents
            ],
            "sent": found.sent,
            "problems": found.problems,
        },
        ensure_ascii=False,
        indent=2,
    )


def _show(found: Look) -> None:
    for check in found.checks:
        click.echo(f"{_(_STATUS[check.status]):<8} {check.text}")
        if check.status == "ok":
            continue
        for line in (*check.details, check.action):
            click.echo(f"{'':<8} {line}")


def _log(settings: Settings, found: Look) -> None:
    from weltoffen_etl.watching.logs import Level, note

    for check in found.checks:
        if check.status != "ok":
            grave: Level = "error" if check.status == "alarm" else "warning"
            note(settings, "check", check.text, grave, check=check.id, status=check.status)
    message = f"Gesamtergebnis der Prüfungen: {found.status}."
    note(settings, "health", message, status=found.status, sent=found.sent)
