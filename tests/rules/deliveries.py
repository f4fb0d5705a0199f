"""Inboxes, registers and corrections that break the rules about deliveries as a whole.

These rules show only beside other deliveries, the calendar or the reference data, so each
fixture is a small warehouse, built by the library as a night builds it.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl

from tests.corrections import reference_with
from tests.hostile.material import SELFCHECK, as_csv, column, survey
from tests.rules.fired import REFERENCE, Fired
from weltoffen_etl.database import connect
from weltoffen_etl.deliveries.intake import take_in
from weltoffen_etl.disclosure.build import build_schema
from weltoffen_etl.settings import Settings
from weltoffen_etl.staging import stage_deliveries
from weltoffen_etl.warehouse import build

Inbox = list[tuple[str, bytes]]
"""Paths below the inbox and contents, in order of arrival."""

SOUND: Inbox = [(f"{SELFCHECK}/sound.csv", as_csv(survey("sound")))]
_DAY = date(2025, 5, 2)
"""A day after the first wave and before its due date."""


def noticed(
    folder: Path, inbox: Inbox, reference: Path = REFERENCE, **settings: Any
) -> list[Fired]:
    """Builds a warehouse from an inbox and returns every finding of it.

    Args:
        folder: an empty folder of the test.
        inbox: what arrives, one run for each file.
        reference: reference folder.
        **settings: further settings; without ``as_of`` nothing is due.
    """
    given = {"as_of": _DAY, **settings}
    own = Settings(data_dir=folder / "data", reference_dir=reference, settle_seconds=0, **given)
    for number, (path, content) in enumerate(inbox):
        target = own.inbox / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        # Seen before the due date of the first wave.
        os.utime(target, (1_746_000_000 + number,) * 2)
        intake = take_in(own)
    stage_deliveries(own, intake.arrivals)
    build.start(own)
    build.build_raw(own, list(intake.arrivals))
    for schema in ("core", "shown", "quality"):
        build_schema(own, schema)
    with connect(own, build.build_file(own)) as connection:
        rows = connection.execute(
            "SELECT rule, sheet, source_row, column_number FROM quality.finding ORDER BY ALL"
        ).fetchall()
    return [Fired(*row) for row in rows]


def _expecting(folder: Path) -> Path:
    """The register with a municipality that promised and did not send."""
    reference = folder / "reference"
    shutil.copytree(REFERENCE, reference)
    (reference / "expected_deliveries.csv").write_text(
        "ags,kind,wave,due_on,note_de\n08335043,selfcheck,t0,,\n07314000,selfcheck,t0,,\n",
        encoding="utf-8",
    )
    return reference


def _official(folder: Path, change: Callable[[str, str], tuple[str, str]]) -> Path:
    """A list of all municipalities in the official form, the registered ones among them."""
    import csv

    with (REFERENCE / "municipalities.csv").open(encoding="utf-8", newline="") as file:
        listed = [change(row["ags"], row["label_de"]) for row in csv.DictReader(file)]
    # Invented ones fill it up to the size of the real list.
    listed += [(f"16{number:06d}", f"Ort {number}") for number in range(10_001)]
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Onlineprodukt_Gemeinden31122024")
    sheet.append(["Gemeinden in Deutschland"])
    for ags, name in listed:
        is_kreis = len(ags) == 5
        sheet.append(
            [
                "40" if is_kreis else "60",
                "",
                ags[:2],
                ags[2],
                ags[3:5],
                "",
                ags[5:],
                f"{name}, Stadt",
            ]
        )
    file = folder / "AuszugGV4Q.xlsx"
    book.save(file)
    return file


def _with(folder: Path, inbox: Inbox, *corrections: dict[str, Any]) -> list[Fired]:
    return noticed(folder, inbox, reference_with(folder, *corrections))


def not_due_yet(folder: Path) -> list[Fired]:
    return noticed(folder, SOUND, _expecting(folder))


def overdue(folder: Path) -> list[Fired]:
    return noticed(folder, SOUND, _expecting(folder), as_of=date(2025, 6, 1))


def half_a_file(folder: Path) -> list[Fired]:
    return noticed(folder, [*SOUND, (f"{SELFCHECK}/new.csv", as_csv(survey("new")[:8]))])


def file_of_another_municipality(folder: Path) -> list[Fired]:
    before = as_csv(survey("all"))
    other = before.replace(b"08335043", b"09762000").replace(b"K03", b"")
    return noticed(folder, [("_multi/t0/all.csv", before), ("_multi/t0/other.csv", other)])


def the_same_forms_elsewhere(folder: Path) -> list[Fired]:
    return noticed(folder, [*SOUND, ("_multi/t0/all.csv", as_csv(survey("all")))])


def four_forms(folder: Path) -> list[Fired]:
    return noticed(folder, [(f"{SELFCHECK}/few.csv", as_csv(survey("few")[:5]))])


def reformed(folder: Path) -> list[Fired]:
    def change(ags: str, name: str) -> tuple[str, str]:
        return ("09762999" if ags == "09762000" else ags), name

    return noticed(folder, SOUND, official_list=_official(folder, change))


def renamed(folder: Path) -> list[Fired]:
    def change(ags: str, name: str) -> tuple[str, str]:
        return ags, ("Buchloe" if ags == "09762000" else name)

    return noticed(folder, SOUND, official_list=_official(folder, change))


def _correction(**more: Any) -> dict[str, Any]:
    return {
        "id": "konstanz-1", "place": SELFCHECK, "row": 2, "column": "jahre", "action": "override",
        "expect": survey("sound")[1][column("jahre")], "value": "7", **more,
    }  # fmt: skip


def corrected(folder: Path) -> list[Fired]:
    return _with(folder, SOUND, _correction())


def corrected_what_is_no_more(folder: Path) -> list[Fired]:
    return _with(folder, SOUND, _correction(expect="99"))


def corrected_for_nobody(folder: Path) -> list[Fired]:
    return _with(folder, SOUND, _correction(place="09762000/t0/selfcheck"))


FIXTURES: dict[str, Callable[[Path], list[Fired]]] = {
    "delivery_open": not_due_yet,
    "delivery_overdue": overdue,
    "rows_dropped": half_a_file,
    "municipalities_gone": file_of_another_municipality,
    "response_delivered_again": the_same_forms_elsewhere,
    "few_responses": four_forms,
    "municipality_not_official": reformed,
    "municipality_named_differently": renamed,
    "correction_applied": corrected,
    "correction_expectation_failed": corrected_what_is_no_more,
    "correction_unused": corrected_for_nobody,
}

PLACES: dict[str, tuple[int | None, int | None]] = {
    "correction_applied": (2, column("jahre") + 1),
    "correction_expectation_failed": (2, column("jahre") + 1),
}
"""Row and column from 1 of those rules that have a place."""
