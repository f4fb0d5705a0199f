"""A night whose deliveries stand for every case that a report has to find words for."""

import csv
import shutil
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

from tests.conftest import DEMO_INBOX, deliver
from tests.nights import run_night
from weltoffen_etl.settings import PROJECT_ROOT, Settings

REPLACED, FEW, CLEAN, BROKEN, AWAITED = "03241005", "08335043", "09762000", "12054000", "14524330"
SHARED, SHARED_REPAIRED, PAYLOAD = "13003000", "07314000", "00000001"
LABEL = "<img src=x onerror=alert(1)>"
_GARBSEN = DEMO_INBOX / REPLACED / "t1" / "selfcheck" / "garbsen_t1_results-survey352021.csv"
_CODES = {REPLACED: "K01", CLEAN: "K02", FEW: "K03", SHARED_REPAIRED: "K04", SHARED: "K08"}
_REPEATED = {"150", "151"}

Form = dict[str, str]


def forms() -> list[Form]:
    """The forms of Garbsen's second wave as they stand in the file."""
    return list(csv.DictReader(StringIO(_GARBSEN.read_text(encoding="utf-8-sig"))))


def flawless() -> list[Form]:
    """Those of them that were submitted and have nothing to find fault with in their keys."""
    return [
        form
        for form in forms()
        if form["submitdate"]
        and (form["AGS"], form["kommune"]) == (REPLACED, "K01")
        and form["id"] not in _REPEATED
    ]


def made_of(entries: list[Form], ags: str, wave: str, first: int) -> list[Form]:
    """The same answers as forms of another municipality or wave, with numbers of their own."""
    return [
        _in_wave(form, wave)
        | {"id": str(first + i), "AGS": ags, "kommune": _CODES[ags], "welle": wave}
        for i, form in enumerate(entries)
    ]


def _in_wave(form: Form, wave: str) -> Form:
    """A form of the second wave, filled in one and a half years earlier for the first."""
    if wave == "t1":
        return form
    earlier = {"2026-09": "2025-03", "2026-10": "2025-04"}
    times = {name: form[name] for name in ("submitdate", "startdate", "datestamp", "datum")}
    return form | {
        name: next((new + time[7:] for old, new in earlier.items() if time.startswith(old)), time)
        for name, time in times.items()
    }


def make_night(folder: Path) -> Settings:
    """Runs one night and returns its settings."""
    reference = folder / "reference"
    shutil.copytree(PROJECT_ROOT / "data" / "reference", reference)
    municipalities = reference / "municipalities.csv"
    text = municipalities.read_text(encoding="utf-8")
    municipalities.write_text(text.replace("Musterstadt (fiktiv)", LABEL), encoding="utf-8")
    (reference / "expected_deliveries.csv").write_text(
        "ags,kind,wave,due_on,note_de\n"
        f"{REPLACED},selfcheck,t1,,\n{CLEAN},selfcheck,t0,,\n"
        f"{AWAITED},selfcheck,t0,,\n{AWAITED},selfcheck,t1,,\n",
        encoding="utf-8",
    )
    settings = Settings(
        data_dir=folder / "data",
        reference_dir=reference,
        settle_seconds=0.0,
        as_of=date(2026, 10, 1),
    )
    _fill(settings, folder)
    record = run_night(settings)
    assert record.outcome == "published", record.failures
    return settings


def _fill(settings: Settings, folder: Path) -> None:
    good = flawless()
    deliver(settings, f"{REPLACED}/t1/selfcheck", _GARBSEN)
    corrected = [
        form | {"AGS": REPLACED, "kommune": "K01"} if form["AGS"] == FEW else form
        for form in forms()
    ]
    _deliver(settings, f"{REPLACED}/t1/selfcheck", folder / "Frau Geheim.csv", corrected)
    _deliver(settings, f"{FEW}/t1/selfcheck", folder / "k.csv", made_of(good[:3], FEW, "t1", 500))
    _deliver(
        settings, f"{CLEAN}/t0/selfcheck", folder / "c.csv", made_of(good[:6], CLEAN, "t0", 600)
    )
    shared = made_of(good[:6], SHARED, "t0", 700)
    repaired = made_of(good[:7], SHARED_REPAIRED, "t0", 800)
    repaired[2]["AGS"] = SHARED_REPAIRED.lstrip("0")
    _deliver(settings, "_multi/t0", folder / "m.csv", shared + repaired)
    broken = folder / "broken.xlsx"
    broken.write_bytes(b"PK\x03\x04 this is no workbook")
    deliver(settings, f"{BROKEN}/t0/selfcheck", broken)
    workshop = DEMO_INBOX / PAYLOAD / "workshops" / "2025-06-12" / "workshop_1.xlsx"
    deliver(settings, f"{PAYLOAD}/workshops/2025-06-12", workshop)


def _deliver(settings: Settings, place: str, file: Path, entries: list[Form]) -> None:
    with file.open("w", encoding="utf-8", newline="") as target:
        writer: csv.DictWriter[Any] = csv.DictWriter(
            target, entries[0], quoting=csv.QUOTE_ALL, lineterminator="\r\n"
        )
        writer.writeheader()
        writer.writerows(entries)
    deliver(settings, place, file)
