"""Errors in one form: a cell or two are wrong, and the rules that must say so, with the column."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

Form = dict[str, str]
"""A form by question code."""


@dataclass(frozen=True, slots=True)
class CellError:
    """An error in one form.

    Attributes:
        name: what was done.
        spoil: does it.
        rule: the rule that must fire, once, in this form.
        code: the column it must name; None for a rule about the whole row.
    """

    name: str
    spoil: Callable[[Form], None]
    rule: str
    code: str | None


def _sets(**cells: str) -> Callable[[Form], None]:
    return lambda form: form.update(cells)


def _set(code: str, value: str) -> Callable[[Form], None]:
    return lambda form: form.__setitem__(code, value)


def _answered(form: Form) -> list[str]:
    return [code for code, text in form.items() if "[SQ" in code and text in _ANSWERS]


def _first(value: str) -> Callable[[Form], None]:
    return lambda form: form.__setitem__("MS[SQ001]", value)


def _leave_field_unticked(form: Form) -> None:
    form["HF[MS]"] = ""
    for code in [code for code in form if code.startswith("MS[")][1:]:
        form[code] = ""
    form["MS[SQ001]"] = "A2"


def _straight(form: Form) -> None:
    for code in _answered(form):
        form[code] = "A3"


def _emptied(form: Form) -> None:
    for code in form:
        if "[" in code or code in ("GES", "submitdate", "amt", "jahre", "rolle", "datum"):
            form[code] = ""
    form["lastpage"] = "1"


_ANSWERS = frozenset({"A1", "A2", "A3", "A4"})

CELL_ERRORS: tuple[CellError, ...] = (
    CellError("key of another place in Germany", _set("AGS", "99999999"), "ags_unknown", "AGS"),
    CellError("key as a name", _set("AGS", "Garbsen an der Leine"), "ags_unknown", "AGS"),
    CellError("key cut short", _set("AGS", "0324"), "ags_unknown", "AGS"),
    CellError("key of another participant", _set("AGS", "14524330"), "ags_conflict", "AGS"),
    CellError("key left out", _set("AGS", ""), "ags_repaired", "AGS"),
    CellError(
        "key as a fraction", lambda f: f.update(AGS=f"{int(f['AGS'])}.0"), "ags_repaired", "AGS"
    ),
    CellError(
        "key without its zero", lambda f: f.update(AGS=f["AGS"].lstrip("0")), "ags_repaired", "AGS"
    ),
    CellError(
        "key with blanks",
        lambda f: f.update(AGS=f"{f['AGS'][:2]} {f['AGS'][2:]}"),
        "ags_repaired",
        "AGS",
    ),
    CellError(
        "regional key",
        lambda f: f.update(AGS=f"{f['AGS'][:5]}0000{f['AGS'][5:]}"),
        "ags_repaired",
        "AGS",
    ),
    CellError(
        "wave in capitals", lambda f: f.update(welle=f["welle"].upper()), "wave_repaired", "welle"
    ),
    CellError(
        "wave in words",
        lambda f: f.update(welle=f"Welle {f['welle'][1]}"),
        "wave_repaired",
        "welle",
    ),
    CellError("wave left out", _set("welle", ""), "wave_repaired", "welle"),
    CellError("wave that never was", _set("welle", "t9"), "wave_unknown", "welle"),
    CellError(
        "the other wave",
        lambda f: f.update(welle={"t0": "t1", "t1": "t0"}[f["welle"]]),
        "wave_conflict",
        "welle",
    ),
    CellError("code beyond the scale", _first("A5"), "answer_code_unknown", "MS[SQ001]"),
    CellError("code in small letters", _first("a3"), "answer_code_unknown", "MS[SQ001]"),
    CellError("bare number for a code", _first("3"), "answer_code_unknown", "MS[SQ001]"),
    CellError("words for a code", _first("vielleicht"), "answer_code_unknown", "MS[SQ001]"),
    CellError(
        "answer in a field not chosen", _leave_field_unticked, "answer_not_chosen", "MS[SQ001]"
    ),
    CellError(
        "box that is neither ticked nor not", _set("HF[KK]", "X"), "choice_invalid", "HF[KK]"
    ),
    CellError("rank of no field", _set("PRIO[1]", "XX"), "priority_unknown", "PRIO[1]"),
    CellError(
        "field ranked twice",
        lambda f: f.update({"PRIO[1]": "IA", "PRIO[2]": "IA"}),
        "priority_repeated",
        "PRIO[2]",
    ),
    CellError("role of no list", _set("rolle", "R99"), "role_unknown", "rolle"),
    CellError("a lifetime in the post", _set("jahre", "99"), "years_implausible", "jahre"),
    CellError("years in words", _set("jahre", "drei"), "years_unreadable", "jahre"),
    CellError("overall beyond the scale", _set("GES", "7"), "overall_unknown", "GES"),
    CellError("time in words", _set("submitdate", "gestern"), "time_unreadable", "submitdate"),
    CellError("day and month in words", _set("datum", "im März"), "time_unreadable", "datum"),
    CellError(
        "ends before it begins",
        lambda f: f.update(
            startdate=f["submitdate"][:8] + "28 10:00:00",
            submitdate=f["submitdate"][:8] + "27 10:00:00",
        ),
        "times_contradict",
        "startdate",
    ),
    CellError(
        "sent long after the wave",
        lambda f: f.update(submitdate="2027-06-01 10:00:00", datestamp="2027-06-01 10:00:00"),
        "submitted_outside_wave",
        "submitdate",
    ),
    CellError(
        "dated another year",
        _set("datum", "2019-03-20 00:00:00"),
        "filled_on_outside_wave",
        "datum",
    ),
    CellError("number left out", _set("id", ""), "response_id_missing", "id"),
    CellError("test by its department", _set("amt", "Testamt"), "test_entry", "id"),
    CellError("only opened", _emptied, "visit_only", "id"),
    CellError(
        "address in a text",
        _set("MSKOM", "Bitte schreiben an x.y@example.org, danke."),
        "comment_address_removed",
        "MSKOM",
    ),
    CellError("number for a text", _set("IAKOM", "1,50"), "comment_maybe_converted", "IAKOM"),
    CellError("one answer to everything", _straight, "straight_lining", "id"),
    CellError(
        "answered in seconds",
        lambda f: f.update(
            submitdate=f["startdate"][:17] + "59", startdate=f["startdate"][:17] + "01"
        ),
        "speeding",
        "submitdate",
    ),
)
