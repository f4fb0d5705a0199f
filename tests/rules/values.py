"""One broken file for every rule about values: a sound export with a single defect."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from io import StringIO
from pathlib import Path
from typing import Any

import openpyxl

from tests.hostile.material import SELFCHECK, WORKSHOP, Rows, as_csv, board, column, survey
from tests.rules.fired import REFERENCE, Delivered, Fired, judge

_FLAWED = frozenset({"39", "47", "78"})
"""Forms of the survey that break a rule, and one that only UTF-8 can write."""
_FORMS = 6
_LIMESURVEY_COLUMNS = frozenset(
    {"id", "submitdate", "lastpage", "startlanguage", "seed", "startdate", "datestamp", "refurl"}
)


@dataclass(frozen=True, slots=True)
class Broken:
    """A sound file, the same with one defect, and what the defect must make fire.

    Attributes:
        sound: makes the file without the defect.
        broken: makes the file with it.
        fires: everything the defect makes fire.
        before: what fires without the defect, and still with it.
    """

    sound: Callable[[], Delivered]
    broken: Callable[[], Delivered]
    fires: tuple[Fired, ...]
    before: tuple[Fired, ...] = ()

    def __call__(self, folder: Path) -> list[Fired]:
        """Judges the broken file in an empty folder."""
        path, content, _ = self.broken()
        place, _, name = path.rpartition("/")
        return judge(folder, place, name, content, reference_of(folder / "reference"))


def reference_of(folder: Path) -> Path:
    """Copies the reference folder and adds the survey as a questionnaire of Qualtrics.

    Its mapping names a municipality that is not in the register.
    """
    shutil.copytree(REFERENCE, folder)
    known = folder / "instruments" / "352021"
    added = shutil.copytree(known, known.with_name("qualtrics"))
    mapping = added / "mapping.yml"
    text = mapping.read_text(encoding="utf-8")
    for old, new in (
        ("tool: limesurvey", "tool: qualtrics"),
        ('K08: "13003000"', 'K08: "13003999"'),
    ):
        assert text.count(old) == 1
        text = text.replace(old, new)
    mapping.write_text(text, encoding="utf-8")
    return folder


def sound_survey() -> Rows:
    """Question codes and the first forms of the survey that break no rule."""
    heading, *forms = survey()
    return [heading, *(form for form in forms if form[0] not in _FLAWED)][: _FORMS + 1]


def _selfcheck(rows: Rows, place: str = SELFCHECK, encoding: str = "utf-8-sig") -> Delivered:
    content = as_csv(rows)
    if encoding != "utf-8-sig":
        content = content.decode("utf-8-sig").encode(encoding)
    return Delivered(f"{place}/results-survey352021.csv", content)


def _survey(
    rule: str,
    cells: Mapping[str, str],
    at: str,
    row: int = 2,
    **options: Any,
) -> tuple[str, Broken]:
    """A survey with some cells of one form replaced; ``at`` is the question that is named."""

    def broken() -> Delivered:
        rows = sound_survey()
        for code, text in cells.items():
            rows[row - 1][column(code)] = text
        return _selfcheck(rows, **options)

    return rule, Broken(
        sound=lambda: _selfcheck(sound_survey(), **options),
        broken=broken,
        fires=(Fired(rule, None, row, column(at) + 1),),
    )


def _form_again(rule: str) -> tuple[str, Broken]:
    """The first form once more under a number of its own, in the last row."""

    def broken() -> Delivered:
        rows = sound_survey()
        return _selfcheck([*rows, ["9001", *rows[1][1:]]])

    place = Fired(rule, None, _FORMS + 2, column("id") + 1)
    return rule, Broken(lambda: _selfcheck(sound_survey()), broken, (place,))


def _number_twice(rule: str) -> tuple[str, Broken]:
    """The second form with the number of the first; both rows are named."""

    def broken() -> Delivered:
        rows = sound_survey()
        rows[2][column("id")] = rows[1][column("id")]
        return _selfcheck(rows)

    places = tuple(Fired(rule, None, row, column("id") + 1) for row in (2, 3))
    return rule, Broken(lambda: _selfcheck(sound_survey()), broken, places)


def _only_opened(rule: str) -> tuple[str, Broken]:
    """A form without any answer, left on the first page."""

    def broken() -> Delivered:
        rows = sound_survey()
        kept = {"id", "startlanguage", "startdate", "datestamp", "welle", "AGS"}
        rows[1] = [
            cell if code in kept else "" for code, cell in zip(rows[0], rows[1], strict=True)
        ]
        return _selfcheck(rows)

    place = Fired(rule, None, 2, column("id") + 1)
    return rule, Broken(lambda: _selfcheck(sound_survey()), broken, (place,))


def _not_registered(rule: str) -> tuple[str, Broken]:
    """A form without a key that ticks a municipality which the register does not know."""

    def file(municipality: str) -> Delivered:
        rows = sound_survey()[:2]
        rows[1][column("AGS")], rows[1][column("kommune")] = "", municipality
        return _qualtrics(rows, "_multi/t0")

    at = _qualtrics_column("AGS")
    return rule, Broken(
        sound=lambda: file("K01"),
        broken=lambda: file("K08"),
        fires=(Fired(rule, None, 4, at),),
        # That the ticked municipality stands in for the key is said in both cases.
        before=(Fired("ags_repaired", None, 4, at),),
    )


def _preview(rule: str) -> tuple[str, Broken]:
    """The first form is a preview."""
    return rule, Broken(
        sound=lambda: _qualtrics(sound_survey()),
        broken=lambda: _qualtrics(sound_survey(), status="1"),
        fires=(Fired(rule, None, 4, 2),),
    )


def _qualtrics(rows: Rows, place: str = SELFCHECK, status: str = "0") -> Delivered:
    """The survey as Qualtrics writes it, below three rows of headings."""
    heading, *forms = rows
    codes = _qualtrics_codes()
    text = StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows([codes, codes, [f'{{"ImportId":"{code}"}}' for code in codes]])
    for number, form in enumerate(forms):
        cells = dict(zip(heading, form, strict=True))
        cells |= {
            "StartDate": cells["startdate"],
            "Status": "0" if number else status,
            "Finished": "1" if cells["submitdate"] else "0",
            "RecordedDate": cells["datestamp"],
            "ResponseId": f"R_{cells['id']}",
        }
        writer.writerow([cells[code] for code in codes])
    return Delivered(f"{place}/umfrage.csv", text.getvalue().encode())


def _qualtrics_codes() -> list[str]:
    asked = (code for code in sound_survey()[0] if code not in _LIMESURVEY_COLUMNS)
    return ["StartDate", "Status", "Finished", "RecordedDate", "ResponseId", *asked]


def _qualtrics_column(code: str) -> int:
    return _qualtrics_codes().index(code) + 1


def _board(
    rule: str,
    sheet: str,
    cell: str,
    value: Any,
    row: int | None = None,
    place: str = WORKSHOP,
) -> tuple[str, Broken]:
    """The workshop workbook with one cell replaced."""

    def change(book: Any) -> None:
        book[sheet][cell] = value

    return rule, Broken(
        sound=_sound_workbook,
        broken=lambda: _workbook(change, place),
        fires=(
            Fired(
                rule, sheet, row or int(cell[1:]), openpyxl.utils.column_index_from_string(cell[0])
            ),
        ),
    )


@cache
def _sound_workbook() -> Delivered:
    """Made once: no two workbooks have the same bytes."""
    return _workbook(lambda _: None)


def _workbook(change: Callable[[Any], None], place: str = WORKSHOP) -> Delivered:
    return Delivered(f"{place}/workshop.xlsx", board(change))


FIXTURES: dict[str, Broken] = dict(
    [
        _survey("response_id_missing", {"id": ""}, at="id"),
        _number_twice("response_id_repeated"),
        _survey("ags_unknown", {"AGS": "99999999"}, at="AGS"),
        _not_registered("ags_not_registered"),
        _survey("ags_repaired", {"AGS": "8335043"}, at="AGS"),
        _survey("ags_conflict", {"AGS": "03241005", "kommune": "K01"}, at="AGS"),
        _survey("wave_unknown", {"welle": "t9"}, at="welle"),
        _survey("wave_repaired", {"welle": "T0"}, at="welle"),
        _survey("wave_conflict", {"welle": "t1"}, at="welle"),
        _survey("time_unreadable", {"startdate": "2025-02-30 10:00:00"}, at="startdate"),
        _only_opened("visit_only"),
        _survey("test_entry", {"gesamtkom": "Test!"}, at="id"),
        _form_again("double_submission"),
        _preview("test_case"),
        _survey("role_unknown", {"rolle": "R99"}, at="rolle"),
        _survey("years_implausible", {"jahre": "71"}, at="jahre"),
        _survey("years_unreadable", {"jahre": "zwölf"}, at="jahre"),
        _survey("overall_unknown", {"GES": "17"}, at="GES"),
        _survey("answer_code_unknown", {"MS[SQ001]": "A7"}, at="MS[SQ001]"),
        _survey("answer_not_chosen", {"IA[SQ001]": "A3"}, at="IA[SQ001]"),
        _survey("choice_invalid", {"HF[IA]": "vielleicht"}, at="HF[IA]"),
        _survey("priority_unknown", {"PRIO[1]": "XX"}, at="PRIO[1]"),
        _survey(
            "comment_address_removed", {"MSKOM": "Fragen an a.b@example.org"}, at="MSKOM", row=4
        ),
        _survey(
            "letters_replaced",
            {"MSKOM": "Gespräch mit ?ukasz"},
            at="MSKOM",
            encoding="cp1252",
        ),
        _survey("comment_maybe_converted", {"MSKOM": "123"}, at="MSKOM"),
        _board("workshop_ags_unknown", "Workshop", "B2", "keiner"),
        _board("workshop_ags_conflict", "Workshop", "B2", "09762000"),
        _board("workshop_date_unreadable", "Workshop", "B3", "32.13.2025"),
        _board("workshop_date_conflict", "Workshop", "B3", "15.05.2025"),
        _board(
            "workshop_date_implausible",
            "Workshop",
            "B3",
            "14.05.2014",
            place="03241005/workshops/2014-05-14",
        ),
        _board("participation_group_unknown", "Teilnehmende", "A2", "Marsmenschen"),
        _board("participation_count_unreadable", "Teilnehmende", "B3", "viele"),
        _board("participation_count_implausible", "Teilnehmende", "B4", 2001),
        _board("participation_count_repaired", "Teilnehmende", "B5", "IIII"),
        _board("contribution_question_unknown", "Beiträge", "B2", "Warum?"),
        _board("contribution_field_unknown", "Beiträge", "C3", "Raumfahrt"),
        _board("contribution_group_unknown", "Beiträge", "D4", "Marsmenschen"),
        _board("contribution_points_implausible", "Beiträge", "F5", -1),
        _board("contribution_points_repaired", "Beiträge", "F6", "●●●"),
        _board("contribution_points_unreadable", "Beiträge", "F7", "sehr viele"),
        _board("contribution_text_missing", "Beiträge", "E2", None),
        _board("measure_field_unknown", "Maßnahmen", "B2", "Raumfahrt"),
        _board("measure_due_unreadable", "Maßnahmen", "E2", "31.02.2026"),
        _board("measure_due_implausible", "Maßnahmen", "E2", "10.02.2062"),
        _board("measure_status_unknown", "Maßnahmen", "F2", "verloren"),
        _board("measure_text_missing", "Maßnahmen", "C2", None),
    ]
)
"""Broken file by the rule it breaks."""
