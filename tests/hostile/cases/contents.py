"""Sound files with wrong content: keys, waves, answers, counts of workshops."""

from collections.abc import Callable, Iterator
from typing import Any

from tests.hostile.material import (
    FORMS,
    SELFCHECK,
    WORKSHOP,
    Case,
    as_csv,
    board,
    noted,
    set_cell,
    spoilt,
    survey,
    with_cells,
)

_ENTRIES = 13
"""Rows of the sound workshop workbook: one workshop, five groups, six entries, one measure."""

_READ_KEYS = {
    "seven_digits": "8335043",
    "as_fraction": "8335043.0",
    "with_comma": "08335043,0",
    "with_blanks": " 08 335 043 ",
    "regional_key": "083350043043",
}
_WRONG_KEYS = {
    "letters": "O8335O43",
    "five_digits": "08335",
    "trailing_zeros": "83350430",
    "unknown": "99999999",
    "exponent": "8.335E+06",
    "arabic_digits": "\u0660\u0668\u0663\u0663\u0665\u0660\u0664\u0663",
    "endless": "0" * 5_000,
}
_LOOSE = {
    "years_infinite": ({"jahre": "inf"}, "years_implausible", "years_unreadable"),
    "years_not_a_number": ({"jahre": "NaN"}, "years_implausible", "years_unreadable"),
    "years_overflow": ({"jahre": "1e400"}, "years_implausible", "years_unreadable"),
    "years_negative": ({"jahre": "-3"}, "years_implausible"),
    "years_in_words": ({"jahre": "zwölf"}, "years_unreadable"),
    "answer_code_unknown": ({"MS[SQ001]": "A7"}, "answer_code_unknown"),
    "answer_as_formula": ({"MS[SQ001]": "=A1"}, "answer_code_unknown"),
    "answer_as_endless_number": ({"MS[SQ001]": "9" * 400}, "answer_code_unknown"),
    "choice_unknown": ({"HF[MS]": "vielleicht"}, "choice_invalid"),
    "priority_unknown": ({"PRIO[1]": "XX"}, "priority_unknown"),
    "role_unknown": ({"rolle": "R99"}, "role_unknown"),
    "overall_unknown": ({"GES": "17"}, "overall_unknown"),
    "day_impossible": ({"submitdate": "2025-02-30 10:00:00"}, "time_unreadable"),
    "day_zero": ({"submitdate": "0000-00-00 00:00:00"}, "time_unreadable"),
    "year_out_of_range": ({"submitdate": "292278994-08-17 07:12:55"}, "time_unreadable"),
    "day_with_slashes": ({"submitdate": "03/04/2025 10:00"}, "time_unreadable"),
    "address_in_text": ({"MSKOM": "Fragen an a.b@example.org"}, "comment_address_removed"),
    "test_form": ({"gesamtkom": "Test"}, "test_entry"),
    "last_page_in_words": ({"lastpage": "letzte"}, ""),
    "last_page_overflow": ({"lastpage": "99999999999999999999"}, ""),
}


def _surveys() -> Iterator[Case]:
    for name, key in _READ_KEYS.items():
        yield noted(f"key_{name}", as_csv(with_cells(name, {"AGS": key})), "ags_repaired")
    for name, key in _WRONG_KEYS.items():
        yield spoilt(
            f"key_{name}", as_csv(with_cells(name, {"AGS": key})), "ags_unknown", "ags_conflict"
        )
    yield spoilt("key_of_another", as_csv(with_cells("other", {"AGS": "03241005"})), "ags_conflict")
    yield spoilt("name_of_another", as_csv(with_cells("name", {"kommune": "K01"})), "ags_conflict")
    for name, wave in (("unknown", "t9"), ("sql", "t0' OR 1=1"), ("emoji", "🌊")):
        yield spoilt(
            f"wave_{name}",
            as_csv(with_cells(f"wave {name}", {"welle": wave})),
            "wave_unknown",
            "wave_conflict",
        )
    yield spoilt(
        "wave_of_another_folder", as_csv(with_cells("t1", {"welle": "t1"})), "wave_conflict"
    )
    yield spoilt(
        "number_twice", as_csv(with_cells("again", {"id": "14"})), "response_id_repeated", rows=2
    )
    yield spoilt("number_missing", as_csv(with_cells("without", {"id": ""})), "response_id_missing")
    for name, (cells, *rules) in _LOOSE.items():
        yield noted(name, as_csv(with_cells(name, cells)), *filter(None, rules))
    unchosen = with_cells("unchosen", {"HF[IA]": "", "IA[SQ001]": "A3"})
    yield noted(
        "answer_in_field_not_chosen",
        as_csv(unchosen),
        "answer_not_chosen",
    )
    twin = survey("twin")
    twin.insert(2, ["9001", *twin[1][1:]])
    yield noted("form_twice", as_csv(twin), "double_submission", loaded=FORMS + 1)
    keyless = survey("keyless")
    for row in keyless[1:]:
        row[9] = row[10] = ""
    yield Case(
        "several_without_keys",
        lambda _: as_csv(keyless),
        frozenset({"ags_unknown"}),
        "_multi/t0",
        kept_back=FORMS,
    )
    yield Case(
        "survey_among_workshops",
        lambda _: as_csv(survey("misplaced")),
        frozenset({"file_kind_misplaced"}),
        WORKSHOP,
        kept_back=1,
    )


def _workshops() -> Iterator[Case]:
    def whole(name: str, change: Callable[[Any], None], *rules: str) -> Case:
        return Case(name, lambda _: board(change), frozenset(rules), WORKSHOP, kept_back=_ENTRIES)

    def one(name: str, change: Callable[[Any], None], *rules: str) -> Case:
        return Case(name, lambda _: board(change), frozenset(rules), WORKSHOP, _ENTRIES - 1, 1)

    def loose(name: str, change: Callable[[Any], None], *rules: str) -> Case:
        return Case(name, lambda _: board(change), frozenset(rules), WORKSHOP, _ENTRIES)

    for name, count in (
        ("negative", -5),
        ("absurd", 999_999_999),
        ("in_words", "viele"),
        ("fraction", 2.5),
        ("estimate", "ca. 5"),
        ("infinite", "1e400"),
        ("formula_like", "'=1+1"),
    ):
        yield one(
            f"persons_{name}",
            set_cell("Teilnehmende", "B2", count),
            "participation_count_implausible",
            "participation_count_unreadable",
        )
    yield one(
        "group_unknown",
        set_cell("Teilnehmende", "A2", "Marsmenschen"),
        "participation_group_unknown",
    )
    yield one(
        "points_in_words",
        set_cell("Beiträge", "F2", "sehr viele"),
        "contribution_points_unreadable",
    )
    yield loose(
        "points_negative", set_cell("Beiträge", "F2", -1), "contribution_points_implausible"
    )
    yield one(
        "field_unknown", set_cell("Beiträge", "C2", "Raumfahrt"), "contribution_field_unknown"
    )
    yield one(
        "question_unknown", set_cell("Beiträge", "B2", "Warum?"), "contribution_question_unknown"
    )
    yield one("entry_without_text", set_cell("Beiträge", "E2", None), "contribution_text_missing")
    yield loose(
        "entry_group_unknown",
        set_cell("Beiträge", "D2", "Marsmenschen"),
        "contribution_group_unknown",
    )
    yield loose(
        "measure_due_impossible",
        set_cell("Maßnahmen", "E2", "31.02.2026"),
        "measure_due_unreadable",
    )
    yield loose(
        "measure_due_far", set_cell("Maßnahmen", "E2", "01.01.9999"), "measure_due_implausible"
    )
    yield loose(
        "measure_status_unknown", set_cell("Maßnahmen", "F2", "verloren"), "measure_status_unknown"
    )
    yield one("measure_without_text", set_cell("Maßnahmen", "C2", None), "measure_text_missing")
    yield whole(
        "workshop_of_another", set_cell("Workshop", "B2", "09762000"), "workshop_ags_conflict"
    )
    yield whole(
        "workshop_key_unknown",
        set_cell("Workshop", "B2", "keiner"),
        "workshop_ags_unknown",
        "workshop_ags_conflict",
    )
    yield whole(
        "workshop_on_another_day",
        set_cell("Workshop", "B3", "15.05.2025"),
        "workshop_date_conflict",
    )
    yield whole(
        "workshop_day_impossible",
        set_cell("Workshop", "B3", "32.13.2025"),
        "workshop_date_unreadable",
        "workshop_date_conflict",
    )
    yield Case(
        "workshop_without_day",
        lambda _: board(set_cell("Workshop", "B3", None)),
        frozenset({"template_key_missing"}),
        WORKSHOP,
        kept_back=1,
    )
    yield loose("workshop_key_extra", set_cell("Workshop", "A7", "Wetter"), "template_key_unknown")
    yield Case(
        "workshop_sheet_missing",
        lambda _: board(lambda book: book.remove(book["Maßnahmen"])),
        frozenset({"sheet_missing"}),
        WORKSHOP,
        _ENTRIES - 1,
    )
    yield Case(
        "workshop_endless",
        lambda _: board(_endless),
        frozenset({"workshop_too_long"}),
        WORKSHOP,
        kept_back=1,
    )
    yield Case(
        "workshop_among_surveys",
        lambda _: board(set_cell("Workshop", "B6", "falsch")),
        frozenset({"file_kind_misplaced"}),
        SELFCHECK,
        kept_back=1,
    )


def _endless(book: Any) -> None:
    sheet = book["Beiträge"]
    row = [cell.value for cell in sheet[2]]
    for _ in range(20_001):
        sheet.append(row)


def cases() -> Iterator[Case]:
    """All files with wrong content."""
    yield from _surveys()
    yield from _workshops()
