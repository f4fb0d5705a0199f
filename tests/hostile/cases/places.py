"""Hostile names, folders and kinds of directory entries."""

import os
from collections.abc import Iterator
from pathlib import Path

from tests.hostile.material import Case, as_csv, noted, refused, survey

_NAMES: dict[str, str | bytes] = {
    "star": "*.csv",
    "bracket": "b[x].csv",
    "sql": "x';DROP TABLE t;--.csv",
    "quotes": 'a"b`c$(id).csv',
    "line_break": "zeile\nzwei.csv",
    "right_to_left": "rechts\u202efdp.csv",
    "not_utf8": b"K\xf6ln.csv",
    "decomposed": "Ko\u0308ln.csv",
    "without_ending": "datei",
    "wrong_ending": "datei.exe",
    "braces": "{value}.csv",
    "dash": "-rf.csv",
    "long": "n" * 240 + ".csv",
}
_FOLDERS = {
    "irgendwo": "place_unknown",
    "08335043/t0": "place_unknown",
    "gemeinde=EVIL/t0/selfcheck": "place_unregistered",
    "99999999/t0/selfcheck": "place_unregistered",
    "8335043/t0/selfcheck": "place_unregistered",
    "08335043/t9/selfcheck": "place_wave_unknown",
    "_multi/t9": "place_wave_unknown",
    "08335043/workshops/14.05.2025": "place_date_unknown",
    "08335043/workshops/2025-02-30": "place_date_unknown",
    "08335043/t0/selfcheck/tiefer": "place_unknown",
}


def _link(folder: Path) -> Path:
    path = folder / "link"
    path.symlink_to("/etc/passwd")
    return path


def _endless_link(folder: Path) -> Path:
    path = folder / "endless"
    path.symlink_to("/dev/zero")
    return path


def _pipe(folder: Path) -> Path:
    path = folder / "pipe"
    os.mkfifo(path)
    return path


def cases() -> Iterator[Case]:
    """All hostile names and places."""
    for name, file_name in _NAMES.items():
        yield noted(f"name_{name}", as_csv(survey(f"name {name}")), file_name=file_name)
    for folder, rule in _FOLDERS.items():
        mark = folder.replace("/", " ")
        yield refused(f"folder {mark}", as_csv(survey(mark)), rule, place=folder, file_name="a.csv")
    twice = as_csv(survey("same bytes"))
    yield noted("same_bytes_twice", twice, "same_bytes_elsewhere", also=("08335043/t1/selfcheck",))
    for name, build, reason in (
        ("symlink", _link, "symbolischer Verweis"),
        ("symlink_to_device", _endless_link, "symbolischer Verweis"),
        ("named_pipe", _pipe, "keine gewöhnliche Datei"),
    ):
        yield Case(name, build, left_alone=reason)
    for name in ("~$datei.xlsx", ".versteckt.csv", "datei.csv.part", "Thumbs.db"):
        yield Case(
            f"temporary {name}",
            lambda _: b"x",
            file_name=name,
            left_alone="versteckte oder vorläufige Datei",
        )
