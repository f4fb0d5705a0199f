"""What was spoilt on purpose when the survey was filled in is found, all of it and only it."""

import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.rules.fired import Delivered, judge_all
from tests.seeded.exports import FIXTURES, PLACES, column, rows_of, truth

Found = set[tuple[str, str]]
"""Pairs of response number and rule."""

KINDS = {
    "spoilt key": {"ags_repaired", "ags_conflict", "ags_unknown", "ags_not_registered"},
    "unknown code": {"answer_code_unknown"},
    "test entry": {"test_entry"},
    "double submission": {"double_submission"},
    "visit only": {"visit_only", "visit_without_key"},
    "spoilt wave": {"wave_repaired", "wave_unknown", "wave_conflict"},
}


def _expected(entry: dict[str, Any], *, alone: bool) -> Iterator[str]:
    """Rules that the truth about one form calls for."""
    entered = entry["entered"]
    if not any(code.startswith("HF[") or "[SQ" in code for code in entered):
        yield "visit_only" if "AGS" in entered else "visit_without_key"
        if "AGS" not in entered:
            return
    for flag in entry["flags"]:
        if key := re.fullmatch(r"key:AGS='(.*)'", flag):
            digits = re.sub(r"\D", "", key[1].removesuffix(".0"))
            is_own = digits.lstrip("0") in entry["ags"] or len(digits) == 12
            yield "ags_repaired" if is_own else "ags_conflict"
        elif flag.startswith("api_"):
            yield "answer_code_unknown"
        elif flag == "test_entry":
            yield "test_entry"
        elif flag == "double_submission":
            yield "double_submission"
        elif flag == "link_without_wave":
            # Without a folder nobody says which wave it is.
            yield "wave_repaired" if alone else "wave_unknown"
        elif flag.startswith("key:welle"):
            yield "wave_repaired"


def _found(folder: Path, files: list[tuple[str, list[list[str]], bytes]]) -> Found:
    told = judge_all(folder, [Delivered(place, content) for place, _, content in files])
    number = column("id")
    known = {str(x["response_id"]) for x in truth()}
    rules = set.union(*KINDS.values())
    return {
        (rows[entry.fired.row - 1][number], entry.fired.rule)
        for (_, rows, _), entries in zip(files, told, strict=True)
        for entry in entries
        if entry.fired.row and entry.fired.rule in rules
        if rows[entry.fired.row - 1][number] in known
    }


def _own_files() -> list[tuple[str, list[list[str]], bytes]]:
    return [
        (f"{place}/export.csv", rows_of(name), (FIXTURES / f"{name}.csv").read_bytes())
        for name, place in PLACES.items()
    ]


def _common_file() -> list[tuple[str, list[list[str]], bytes]]:
    file = FIXTURES / "whole_survey.csv"
    with file.open(encoding="utf-8-sig", newline="") as content:
        rows = [row for row in csv.reader(content, delimiter=";") if row]
    return [("_multi/export.csv", rows, file.read_bytes())]


@pytest.mark.parametrize("alone", [True, False], ids=["one file each", "one file for all"])
def test_flags_and_findings_are_the_same(tmp_path: Path, *, alone: bool) -> None:
    files = _own_files() if alone else _common_file()
    number = column("id")
    delivered = {row[number] for _, rows, _ in files for row in rows[1:]}
    expected = {
        (str(entry["response_id"]), rule)
        for entry in truth()
        if str(entry["response_id"]) in delivered
        for rule in _expected(entry, alone=alone)
    }
    found = _found(tmp_path, files)
    for kind, rules in KINDS.items():
        wanted = {x for x in expected if x[1] in rules}
        seen = {x for x in found if x[1] in rules}
        hits = len(wanted & seen)
        recall, precision = hits / len(wanted) if wanted else 1, hits / len(seen) if seen else 1
        print(f"{kind}: {len(wanted)} flags, recall {recall:.2f}, precision {precision:.2f}")
    assert found == expected
