"""Writes small board exports the way their tools do, for tests."""

import csv
from collections.abc import Sequence
from pathlib import Path

from openpyxl import Workbook

MURAL_HEADINGS = [
    "ID",
    "Text",
    "BG Color",
    "Sticky type",
    "Border line",
    "Position X",
    "Position Y",
    "Area",
    "Link to",
    "Last Updated By",
    "Last Updated",
    "Last Content Edited By",
    "Last Content Edited",
    "Tags",
    "Integration Labels",
]
EDITOR = "Erika Musterfrau"


def write_csv(path: Path, rows: Sequence[Sequence[object]], delimiter: str = ",") -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows(rows)
    return path


def mural(path: Path, notes: Sequence[tuple[str, str, str, float, float]]) -> Path:
    """Notes as (text, colour, area, x, y); the editor's name stands beside each."""
    rows = [
        [
            number, text, colour, "square", "", x, y, area, "", EDITOR, "2025-05-14", EDITOR,
            "2025-05-14", "", "",
        ]
        for number, (text, colour, area, x, y) in enumerate(notes, start=1)
    ]  # fmt: skip
    return write_csv(path, [MURAL_HEADINGS, *rows])


def padlet(path: Path, posts: Sequence[tuple[str, str, str, object]]) -> Path:
    """Posts as (subject, HTML body, section, reactions)."""
    head = ["Subject", "Body", "Attachment", "Author", "Created At", "Updated At", "Section"]
    rows = [
        [subject, body, "", EDITOR, "2025-06-03 10:00:00 UTC", "", section, points]
        for subject, body, section, points in posts
    ]
    return write_csv(path, [[*head, "Reactions"], *rows])


def polis(path: Path, comments: Sequence[tuple[int, int, int, str]]) -> Path:
    """Comments as (number, agrees, moderated, text)."""
    head = "timestamp,datetime,comment-id,author-id,agrees,disagrees,moderated,comment-body"
    rows = [
        [1651071094558, "Wed Apr 27 07:51:34 PDT 2022", number, 7, agrees, 3, moderated, text]
        for number, agrees, moderated, text in comments
    ]
    return write_csv(path, [head.split(","), *rows])


def mentimeter(path: Path, slides: Sequence[tuple[str, Sequence[Sequence[object]]]]) -> Path:
    """Slides as (question, rows); the first row holds the headings."""
    workbook = Workbook()
    cover = workbook.active
    assert cover is not None
    cover.title = "Overview"
    cover.append(["Mentimeter"])
    for number, (question, rows) in enumerate(slides, start=1):
        page = workbook.create_sheet(f"Slide {number}")
        page.append(["Question", question])
        page.append([])
        for row in rows:
            page.append(list(row))
    workbook.save(path)
    return path
