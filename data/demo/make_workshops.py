"""Makes the demo workshop workbooks: synthetic content, the same at every run.

    uv run python data/demo/make_workshops.py

Two of the six are messy on purpose: a note sheet in front, a merged head, a total row.
"""

from __future__ import annotations

import random
from datetime import datetime
from pathlib import Path

from openpyxl import load_workbook

from weltoffen_etl.reports.workshop_template import Content, write_template

HERE = Path(__file__).parent
REFERENCE = HERE.parent / "reference"
WORKSHOPS = (
    ("03241005", "Garbsen", "2025-05-14", "1", "Präsenz"),
    ("03241005", "Garbsen", "2025-06-25", "2", "Präsenz, Folgeworkshop"),
    ("09762000", "Kaufbeuren", "2025-05-20", "1", "Präsenz"),
    ("09762000", "Kaufbeuren", "2025-07-02", "2", "digital"),
    ("08335043", "Konstanz", "2025-06-03", "1", "digital"),
    ("00000001", "Musterstadt (fiktiv)", "2025-06-12", "1", "Präsenz"),
)
MESSY = {("09762000", "2025-07-02"), ("08335043", "2025-06-03")}
FIELDS = {
    "03241005": [
        "Management und Steuerung",
        "Fairer Zugang & Teilhabe",
        "Engagement und Beteiligung",
    ],
    "09762000": ["Arbeit und wirtschaftliche Entwicklung", "Zusammenhalt und Begegnung"],
    "08335043": ["Kommunikation & Konfliktmanagement", "Engagement und Beteiligung"],
    "00000001": ["Interkulturelle Öffnung und Antirassismus", "Zusammenhalt und Begegnung"],
}
QUESTIONS = {
    "Was läuft gut?": ["Runder Tisch trifft sich regelmäßig", "Vereine arbeiten gut zusammen"],
    "Wo liegen künftige Handlungsbedarfe?": [
        "Mehrsprachige Formulare fehlen",
        "Zuständigkeiten sind unklar",
        "Begegnungsorte am Ortsrand fehlen",
    ],
    "Wie kann die Zusammenarbeit gesichert werden?": ["Feste Ansprechpersonen benennen"],
}
GROUPS = ["Verwaltung", "Politik", "Zivilgesellschaft", "Wirtschaft", "Bildung und Wissenschaft"]
STATUSES = ["geplant", "beschlossen", "in Umsetzung", "abgeschlossen"]
FIXED_TIME = datetime(2025, 7, 31, 12, 0)  # noqa: DTZ001  (workbooks have no time zone)


def content_of(ags: str, name: str, day: str, number: str, form: str) -> Content:
    """Draws one workshop; every text says that it is synthetic."""
    draw = random.Random(f"{ags}/{day}")  # noqa: S311
    german_day = datetime.fromisoformat(day).strftime("%d.%m.%Y")
    contributions = []
    for question, texts in QUESTIONS.items():
        for text in texts:
            contributions.append(
                [
                    len(contributions) + 1,
                    question,
                    draw.choice(FIELDS[ags]),
                    draw.choice(GROUPS),
                    f"{text} (synthetisch)",
                    draw.randint(0, 12),
                ]
            )
    measures = [
        [
            place + 1,
            draw.choice(FIELDS[ags]),
            f"Maßnahme {place + 1} (synthetisch)",
            "Stabsstelle",
            f"{draw.randint(1, 28):02d}.{draw.randint(1, 12):02d}.2026",
            draw.choice(STATUSES),
        ]
        for place in range(int(number))
    ]
    return {
        "workshop": [[name, ags, german_day, number, form, "Moderation Muster", "synthetisch"]],
        "participation": [[group, draw.randint(3, 12)] for group in GROUPS],
        "contribution": contributions,
        "measure": measures,
    }


def make_messy(path: Path) -> None:
    """Edits a workbook the way people do before they send it."""
    workbook = load_workbook(path)
    note = workbook.create_sheet("Notizen", 0)
    note["A1"] = "Synthetische Demodaten. Bitte zuerst die Hinweise lesen."
    note["A3"] = "Ergebnisse der Gruppenarbeit stehen auf den folgenden Blättern."
    page = workbook["Beiträge"]
    page.insert_rows(1, 2)
    page["A1"] = "Ergebnisse aus den Arbeitsgruppen"
    page.merge_cells("A1:F1")
    last = page.max_row + 1
    page.cell(last, 1, "Summe")
    page.cell(last, 6, f"{last - 4} Beiträge")
    people = workbook["Teilnehmende"]
    people.append(["Gesamt", 40])
    workbook.save(path)


def main() -> None:
    """Writes all workbooks below ``data/demo/inbox``."""
    for ags, name, day, number, form in WORKSHOPS:
        target = HERE / "inbox" / ags / "workshops" / day / f"workshop_{number}.xlsx"
        target.parent.mkdir(parents=True, exist_ok=True)
        write_template(REFERENCE, target, content_of(ags, name, day, number, form))
        if (ags, day) in MESSY:
            make_messy(target)
        workbook = load_workbook(target)
        workbook.properties.created = workbook.properties.modified = FIXED_TIME
        workbook.properties.description = "Synthetische Demodaten"
        workbook.save(target)


if __name__ == "__main__":
    main()
