"""The command ``weltoffen``."""

from __future__ import annotations

import click

from weltoffen_etl.commands import (
    asking,
    backup,
    completion,
    configuration,
    early,
    evaluation,
    installation,
    instruments,
    night,
    quality,
    releases,
    service,
    watching,
)
from weltoffen_etl.commands.tree import CommandGroup
from weltoffen_etl.language import noted

# Whatever the commands need is imported where it is used: `--help` must not wait for a database.


@click.group(
    cls=CommandGroup,
    context_settings={"help_option_names": ["-h", "--help"]},
    end_at_once=("query",),
)
@click.version_option(
    package_name="weltoffen-etl", prog_name="weltoffen", help="Zeigt die Version und endet."
)
def main() -> None:
    """Weltoffene Kommune: aus Umfrage- und Workshop-Exporten wird ein geprüfter Datenstand.

    \b
    weltoffen demo                  alles einmal mit Beispieldaten
    weltoffen run                   den nächtlichen Lauf jetzt ausführen
    weltoffen check DATEI           eine Datei vor dem Senden prüfen
    weltoffen compare Garbsen       eine Kommune neben ähnlichen
    weltoffen query "select …"      den veröffentlichten Stand abfragen
    weltoffen questions             zehn häufige Fragen mit Antwort
    weltoffen serve --open          die Seiten im Browser zeigen
    weltoffen BEFEHL --help         mehr über einen Befehl

    Rückgabewerte: 0 veröffentlicht oder nichts zu tun, 1 Fehler der Software,
    2 falscher Aufruf, 3 veröffentlicht, aber Lieferungen in Quarantäne,
    4 Prüfung nicht bestanden, nichts veröffentlicht, 75 ein anderer Lauf ist im Gang.
    """


SECTIONS: tuple[tuple[str, tuple[click.Command, ...]], ...] = (
    (
        noted("Auswertung"),
        (
            evaluation.query,
            evaluation.compare,
            evaluation.describe,
            evaluation.export,
            evaluation.open_,
            asking.questions,
            asking.serve,
            asking.browser_engine,
            releases.releases,
            releases.diff,
            completion.completion,
        ),
    ),
    (
        noted("Nächtlicher Lauf"),
        (
            night.demo,
            night.run,
            night.status,
            early.early,
            night.notify,
            releases.rebuild,
        ),
    ),
    (
        noted("Betrieb"),
        (
            service.service,
            watching.health,
            configuration.config,
            installation.install_service,
            backup.backup,
            backup.restore,
        ),
    ),
    (
        noted("Lieferungen und Qualität"),
        (quality.check, quality.rules, quality.quarantine, quality.report, quality.datadocs),
    ),
    (
        noted("Fragebögen"),
        (instruments.instrument, instruments.pull, instruments.template),
    ),
)
"""All commands by the people who need them; a new command is one more entry here."""

for title, commands in SECTIONS:
    main.add_section(title, commands)
