"""The texts beside the data: guide, licence and citation, from what is said about the release."""

from __future__ import annotations

from typing import Final

import yaml

from weltoffen_etl.distribution.about import Edition
from weltoffen_etl.reports.ask.questions import ready_questions
from weltoffen_etl.reports.pages import german
from weltoffen_etl.reports.pages.markdown import escaped
from weltoffen_etl.reports.usage import usage
from weltoffen_etl.settings import Settings

GUIDE: Final = "LIESMICH.md"
LICENCE: Final = "LIZENZ.md"
CITATION: Final = "CITATION.cff"

_FILES: Final = (
    ("`weltoffen.xlsx`", "Excel, LibreOffice", "alle Tabellen als Blätter, mit Notizen zu jeder Spalte; hier anfangen"),
    ("`site/index.html`", "Browser", "der Vergleich als Seiten mit Diagrammen"),
    ("`site/fragen.html`", "Browser", "eigene Fragen an die Daten stellen"),
    ("`dictionary.html`, `dictionary.md`", "Browser, Texteditor", "Datenwörterbuch: was jede Tabelle und Spalte sagt, Gebrauch und Grenzen"),
    ("`quality.html`", "Browser", "wie weit den Lieferungen zu trauen ist"),
    ("`weltoffen.duckdb`", "Python, R, DBeaver, SQL", "alle Tabellen als Datenbank (DuckDB 1.4 oder neuer)"),
    ("`parquet/`", "Python, R, Power BI", "jede Tabelle als Parquet, Typen und Beschreibungen in der Datei"),
    ("`weltoffen-csv.zip`", "jedes Programm", "jede Tabelle als CSV mit exakten Werten, mit Beschreibung (Frictionless Data Package)"),
    ("`weltoffen-csv-excel.zip`", "Excel (deutsch)", "jede Tabelle als CSV mit Semikolon und Dezimalkomma"),
    ("`datapackage.json`", "Programme", "was jede Datei und Spalte ist, maschinenlesbar, mit Prüfsummen"),
    ("`recipes/`", "Python, R, Excel, DBeaver", "geprüfte Beispiele"),
    ("`manifest.json`, `CHANGES.md`", "zum Nachschlagen", "woraus dieser Stand entstand und was sich geändert hat"),
    ("`LIZENZ.md`, `CITATION.cff`", "zum Nachschlagen", "was erlaubt ist, wie man zitiert"),
    ("`reports/`", "Browser", "Bericht an jede Kommune über ihre Lieferungen; nur an diese geben"),
    ("`partners/`", "Python, R, DBeaver, SQL", "Datenbank für jede Kommune mit ihren Zahlen und Gruppen der anderen; nur an diese geben"),
)  # fmt: skip
"""Name of a file or folder, what opens it, what it holds."""
_WAYS: Final = """\
## Öffnen

**Excel und LibreOffice.** `weltoffen.xlsx` doppelklicken. Das Blatt „Inhalt“ führt zu jeder Tabelle; die Notiz an
einer Überschrift sagt, was die Spalte bedeutet. Gemeindeschlüssel sind Texte und behalten ihre führende Null.
CSV-Dateien bitte nicht doppelklicken, sondern über *Daten → Aus Text/CSV* einlesen und Schlüssel als Text wählen:
Sonst macht Excel aus 03241005 die Zahl 3241005.

**R.**

```r
library(duckdb)
con <- dbConnect(duckdb(), "weltoffen.duckdb", read_only = TRUE)
dbGetQuery(con, "from comparison.coverage")
```

**Python.**

```python
import duckdb

duckdb.connect("weltoffen.duckdb", read_only=True).sql("from comparison.coverage").df()
```

**DBeaver.** Neue Verbindung → DuckDB → `weltoffen.duckdb` wählen, „read-only“ einschalten. Tabellen und Spalten
tragen ihre Beschreibung als Kommentar.

**Browser.** `dictionary.html` und die Seiten unter `site/` doppelklicken; sie brauchen kein Netz.
"""


def guide(edition: Edition, settings: Settings) -> str:
    """Returns ``LIESMICH.md``: which file for whom, how to open it, what to mind.

    Args:
        edition: the release.
        settings: which of the files that need not be there are.
    """
    about = edition.about
    rules, _ = usage(edition.manifest)
    absent = {
        "`weltoffen-csv-excel.zip`": not settings.excel_csv,
        "`partners/`": not settings.partner_databases,
        "`site/index.html`": not settings.site,
        "`site/fragen.html`": not settings.site,
    }
    files = [row for row in _FILES if not absent.get(row[0])]
    parts = [
        f"# {escaped(about.title)}",
        escaped(about.description),
        f"Stand **{escaped(edition.release)}**, veröffentlicht am {german.moment(edition.published)}.",
        "## Welche Datei wofür",
        "\n".join(
            [
                "| Datei | Womit | Was darin ist |",
                "|---|---|---|",
                *(f"| {' | '.join(row)} |" for row in files),
            ]
        ),
        _WAYS.rstrip(),
        "## Zehn Fragen",
        "\n".join(
            f"{x.number}. {escaped(x.question)}  \n   `{x.command}`" for x in ready_questions()
        ),
        "`weltoffen questions NUMMER` gibt die Antwort mit SQL und Vorsicht; die Seite „Daten befragen“ ebenso.",
        "## Gebrauch und Grenzen",
        "\n".join(f"- **{escaped(rule.title)}.** {escaped(rule.text)}" for rule in rules),
        "Was die Wörter in `withheld_because` heißen, steht im Datenwörterbuch.",
        "## Lizenz",
        f"{escaped(about.licence.text)} Vollständig, mit den Quellenangaben: [{LICENCE}]({LICENCE}).",
        "## Zitieren",
        f"> {escaped(edition.citation)}",
        f"Für Literaturverwaltungen: [{CITATION}]({CITATION}).",
        "## Fragen",
        _contact(edition),
    ]
    return "\n\n".join(parts) + "\n"


def licence(edition: Edition) -> str:
    """Returns ``LIZENZ.md``: what may be done, and what was taken from others."""
    about = edition.about
    own = about.licence
    parts = [
        "# Lizenz",
        f"**{escaped(own.title)}.** {escaped(own.text)}",
        *([f"Wortlaut: <{own.path}>"] if own.path else []),
        (
            f"Dies gilt für „{escaped(about.title)}“, Stand {escaped(edition.release)}, "
            f"veröffentlicht am {german.day(edition.published.date())}."
        ),
    ]
    if about.attributions:
        parts.append("## Angaben anderer")
        parts += [
            f"- {escaped(taken.covers)}: {escaped(taken.source)} (<{taken.source_path}>), "
            f"[{escaped(taken.licence_title)}]({taken.licence_path}) ({escaped(taken.licence_name)}). "
            f"{escaped(taken.note)}"
            for taken in about.attributions
        ]
    parts += ["## Fragen", _contact(edition)]
    return "\n\n".join(parts) + "\n"


def citation(edition: Edition) -> str:
    """Returns ``CITATION.cff`` in the Citation File Format 1.2.0."""
    about = edition.about
    content = {
        "cff-version": "1.2.0",
        "message": "Wer mit diesem Stand arbeitet, zitiert ihn bitte so.",
        "type": "dataset",
        "title": about.title,
        "abstract": about.description,
        "authors": [
            {"name": publisher.name} | ({"website": publisher.path} if publisher.path else {})
            for publisher in about.publishers
        ],
        "version": edition.release,
        "date-released": edition.published.date(),
    }
    if about.contact.email:
        content["contact"] = [{"name": about.contact.name, "email": about.contact.email}]
    if about.keywords:
        content["keywords"] = list(about.keywords)
    if about.licence.path:
        content["license-url"] = about.licence.path
    return yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=100)


def _contact(edition: Edition) -> str:
    contact = edition.about.contact
    email = f" (<{contact.email}>)" if contact.email else ""
    note = f" {escaped(contact.note)}" if contact.note else ""
    return f"{escaped(contact.name)}{email}.{note}"
