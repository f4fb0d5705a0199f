"""Makes reference data and deliveries of invented municipalities: as many as asked, from a seed.

    uv run python -m tests.invented --into FOLDER --municipalities 35 --forms 12

The answers follow a small model (municipality, item, wave, person), so that figures differ from
place to place as real ones do; names, keys and texts are invented and marked as such.
"""

from __future__ import annotations

import argparse
import csv
import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

from tests.seeded.exports import Rows, as_csv, rows_of
from weltoffen_etl.reports.workshop_template import Content, write_template
from weltoffen_etl.settings import PROJECT_ROOT, Settings

FIELDS = ("MS", "IA", "FZ", "AW", "EB", "ZB", "KK")
WAVES = {"t0": datetime(2025, 3, 3, 9), "t1": datetime(2026, 9, 7, 9)}  # noqa: DTZ001
_LABELS = {
    "MS": "Management und Steuerung",
    "IA": "Interkulturelle Öffnung und Antirassismus",
    "FZ": "Fairer Zugang und Teilhabechancen",
    "AW": "Arbeit und wirtschaftliche Entwicklung",
    "EB": "Engagement und Beteiligung",
    "ZB": "Zusammenhalt und Begegnung",
    "KK": "Kommunikation und Konfliktmanagement",
}
_FIRST = ("Beispiel", "Muster", "Probe", "Modell", "Entwurf")
_LAST = ("stadt", "berg", "bach", "feld", "hausen", "tal", "werder")
_TYPES = ("Gemeinde", "Stadt", "Große Kreisstadt", "kreisfreie Stadt")
_LEAST = (5_000, 20_000, 50_000, 100_000)
_ROLES = ("R1", "R2", "R3", "R4", "R4", "R5", "R6")
_DEPARTMENTS = ("Hauptamt", "Sozialamt", "Jugendamt", "Ordnungsamt", "Integrationsstelle", "")
_GROUPS = ("Verwaltung", "Politik", "Zivilgesellschaft", "Wirtschaft", "Bildung und Wissenschaft")
_QUESTIONS = (
    "Was läuft gut?",
    "Wo liegen künftige Handlungsbedarfe?",
    "Wie kann die Zusammenarbeit gesichert werden?",
)
_STATUSES = ("geplant", "beschlossen", "in Umsetzung", "abgeschlossen")
_UNANSWERED, _DONT_KNOW = 0.05, 0.07


@dataclass(frozen=True)
class Place:
    """An invented municipality, what it chose and where it stands on the scale."""

    ags: str
    name: str
    type: str
    population: int
    fields: tuple[str, ...]
    level: float


def make(
    settings: Settings, municipalities: int, forms: int, seed: int = 1, waves: tuple[str, ...] = ()
) -> list[Place]:
    """Writes reference folder and inbox.

    Args:
        settings: reference folder (made here) and data folder.
        municipalities: how many.
        forms: mean number of forms in each municipality and wave; at least half of it each.
        seed: same seed, same bytes.
        waves: waves to deliver; all where none is named.

    Returns:
        The municipalities in order of their keys.
    """
    rng = np.random.default_rng(seed)
    places = [place_of(rng, number) for number in range(municipalities)]
    write_reference(settings.reference_dir, places)
    items = {field: rng.normal(0, 0.35, 40) for field in FIELDS}
    for place in places:
        shift = 0.0
        for wave in waves or tuple(WAVES):
            count = int(rng.integers(max(forms // 2, 1), max(forms * 3 // 2, 2)))
            rows = [
                rows_of("garbsen_t0")[0],
                *(_form(rng, place, wave, number, items, shift) for number in range(1, count + 1)),
            ]
            target = settings.inbox / place.ags / wave / "selfcheck"
            target.mkdir(parents=True)
            (target / f"results-{wave}.csv").write_bytes(as_csv(rows))
            shift = float(rng.normal(0.15, 0.2))
        _write_workshop(rng, settings, place)
    return sorted(places, key=lambda place: place.ags)


def place_of(rng: np.random.Generator, number: int) -> Place:
    """Invents a municipality; no two numbers share a key."""
    kind = int(rng.integers(0, len(_TYPES)))
    name = _FIRST[number % 5] + _LAST[number // 5 % 7]
    fields = rng.choice(FIELDS[1:], size=int(rng.integers(2, 6)), replace=False)
    return Place(
        ags=f"{1 + number % 16:02d}{99 - number // 10_000}{number % 10_000:04d}",
        name=name if number < len(_FIRST) * len(_LAST) else f"{name} {number}",
        type=_TYPES[kind],
        population=int(_LEAST[kind] * rng.uniform(1.1, 2.4)),
        fields=("MS", *sorted(fields, key=FIELDS.index)),
        level=float(rng.normal(0, 0.35)),
    )


def _form(
    rng: np.random.Generator,
    place: Place,
    wave: str,
    number: int,
    items: dict[str, np.ndarray],
    shift: float,
) -> list[str]:
    """One form as the survey tool exports it, codes as headings and answers."""
    headings = rows_of("garbsen_t0")[0]
    begun = WAVES[wave] + timedelta(hours=number * 5 + int(rng.integers(0, 3)))
    done = begun + timedelta(minutes=int(rng.integers(12, 40)))
    person = float(rng.normal(0, 0.4))
    known = {
        "id": str(number),
        "submitdate": str(done),
        "lastpage": "10",
        "startlanguage": "de",
        "seed": str(int(rng.integers(1, 2**31))),
        "startdate": str(begun),
        "datestamp": str(done),
        "welle": wave,
        "AGS": place.ags,
        "rolle": str(rng.choice(_ROLES)),
        "amt": str(rng.choice(_DEPARTMENTS)),
        "jahre": str(int(rng.integers(1, 25))),
        "datum": f"{done:%Y-%m-%d} 00:00:00",
        "anzHF": str(len(place.fields)),
        "GES": str(int(rng.integers(1, 5))),
        "kontakt": "N",
    } | {f"HF[{field}]": "Y" for field in place.fields}
    for rank, field in enumerate(rng.permutation(place.fields), start=1):
        known[f"PRIO[{rank}]"] = str(field)
    counted = dict.fromkeys(FIELDS, 0)
    row = []
    for heading in headings:
        field = heading[:2]
        if field in counted and heading.endswith("]") and "[SQ" in heading:
            effect = items[field][counted[field]]
            counted[field] += 1
            value = ""
            if field in place.fields and (chance := rng.random()) > _UNANSWERED:
                stands = 2.6 + place.level + effect + shift + person + rng.normal(0, 0.6)
                value = f"A{int(np.clip(round(stands), 1, 4))}"
                value = "A9" if chance < _UNANSWERED + _DONT_KNOW else value
            row.append(value)
        else:
            row.append(known.get(heading, ""))
    return row


def write_reference(
    folder: Path, places: list[Place], waves: tuple[str, ...] = tuple(WAVES)
) -> None:
    """Copies the reference folder and enters the municipalities, with a delivery for each wave."""
    shutil.copytree(PROJECT_ROOT / "data" / "reference", folder)
    source = "für den Versuch erfunden"
    _append(
        folder / "municipalities.csv",
        [[x.ags, x.name, x.type, str(x.population), "2019-12-31", "", source] for x in places],
    )
    cohorts = ("10", "21", "35")
    _append(
        folder / "participants.csv",
        [[x.ags, "fictional", cohorts[number % 3], "A", source] for number, x in enumerate(places)],
    )
    _append(
        folder / "expected_deliveries.csv",
        [[x.ags, "selfcheck", wave, "", source] for x in places for wave in waves],
    )


def _append(file: Path, rows: Rows) -> None:
    with file.open("a", encoding="utf-8", newline="") as target:
        csv.writer(target, lineterminator="\n").writerows(rows)


def _write_workshop(rng: np.random.Generator, settings: Settings, place: Place) -> None:
    day = datetime(2025, 5, 5) + timedelta(days=int(rng.integers(0, 60)))  # noqa: DTZ001
    labels = [_LABELS[field] for field in place.fields]
    content: Content = {
        "workshop": [
            [place.name, place.ags, f"{day:%d.%m.%Y}", "1", "Präsenz", "Moderation", "erfunden"]
        ],
        "participation": [[group, int(rng.integers(3, 14))] for group in _GROUPS],
        "contribution": [
            [
                number,
                _QUESTIONS[number % 3],
                str(rng.choice(labels)),
                str(rng.choice(_GROUPS)),
                f"Beitrag {number} (erfunden)",
                int(rng.integers(0, 12)),
            ]
            for number in range(1, int(rng.integers(10, 24)))
        ],
        "measure": [
            [
                number,
                str(rng.choice(labels)),
                f"Maßnahme {number} (erfunden)",
                "Stabsstelle",
                f"{int(rng.integers(1, 28)):02d}.{int(rng.integers(1, 12)):02d}.2026",
                str(rng.choice(_STATUSES)),
            ]
            for number in range(1, int(rng.integers(2, 7)))
        ],
    }
    target = settings.inbox / place.ags / "workshops" / f"{day:%Y-%m-%d}" / "workshop.xlsx"
    target.parent.mkdir(parents=True)
    write_template(settings.reference_dir, target, content)


def main() -> None:
    """Writes deliveries into a folder and says how to run a night on them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--into", type=Path, required=True)
    parser.add_argument("--municipalities", type=int, default=35)
    parser.add_argument("--forms", type=int, default=12)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    folder = chosen.into.resolve()
    settings = Settings(data_dir=folder, reference_dir=folder / "reference")
    make(settings, chosen.municipalities, chosen.forms, chosen.seed)
    print(f"WELTOFFEN_REFERENCE_DIR={folder / 'reference'} weltoffen run --data-dir {folder}")


if __name__ == "__main__":
    main()
