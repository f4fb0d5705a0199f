"""The command ``weltoffen``."""

from __future__ import annotations

import click

from weltoffen_etl.commands import asking, evaluation, instruments, night, quality

# Whatever the commands need is imported where it is used: `--help` must not wait for a database.


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
    weltoffen questions             zehn häufige Fragen mit Antwort
    weltoffen serve --open          die Seiten im Browser zeigen
    weltoffen report AGS            den Bericht einer Kommune zeigen

    Rückgabewerte: 0 veröffentlicht oder nichts zu tun, 1 Fehler der Software,
    2 falscher Aufruf, 3 veröffentlicht, aber Lieferungen in Quarantäne,
    4 Prüfung nicht bestanden, nichts veröffentlicht, 75 ein anderer Lauf ist im Gang.
    """


for command in (
    night.demo,
    night.run,
    night.status,
    night.releases,
    night.notify,
    quality.check,
    quality.rules,
    quality.quarantine,
    quality.report,
    quality.datadocs,
    evaluation.query,
    asking.questions,
    asking.serve,
    asking.browser_engine,
    instruments.instrument,
    instruments.pull,
    instruments.template,
):
    main.add_command(command)
