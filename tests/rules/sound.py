"""Sound files of every kind, from which the broken files of the general rules are made."""

import csv
import io
import json
from collections.abc import Iterable, Sequence
from typing import Any

from tests import own_survey, workshop_files
from tests.hostile.cases.other_formats import archive, responses, stata_document
from tests.hostile.material import (
    SELFCHECK,
    WORKSHOP,
    Rows,
    as_csv,
    as_workbook,
    board,
    column,
    package,
    survey,
    unpacked,
)
from tests.questionnaires import QUESTIONS
from tests.rules.fixture import File, written
from tests.rules.reference import BOARD, DIALOGUE

OWN_FOLDER = f"{own_survey.AGS}/{own_survey.WAVE}/selfcheck"

CSV = File(SELFCHECK, "antworten.csv", lambda: as_csv(forms()))
WORKBOOK = File(SELFCHECK, "antworten.xlsx", lambda: as_workbook(forms()))
JSON = File(SELFCHECK, "antworten.json", lambda: as_json(forms()))
STATA = File(SELFCHECK, "antworten.xml", lambda: stata_document(forms()))
ARCHIVE = File(SELFCHECK, "umfrage.lsa", lambda: archive(responses("")))
WORKSHOP_BOOK = File(WORKSHOP, "workshop.xlsx", lambda: board(lambda _: None))


def forms() -> Rows:
    """The sound survey file without the two cells that need a second look."""
    rows = survey()
    rows[6][column("FZKOM")] = ""
    rows[8][column("welle")] = "t0"
    return rows


def as_json(rows: Rows) -> bytes:
    """Rows as the survey tool's JSON."""
    keys, *forms = rows
    records = [dict(zip(keys, form, strict=True)) for form in forms]
    return json.dumps({"responses": records}).encode()


def own_csv() -> bytes:
    """The survey of a municipality's own, below its codes."""
    made = own_survey.make()
    return written(lambda path: own_survey.write_csv(made, path, long=False))


OWN = File(OWN_FOLDER, "antworten.csv", own_csv)


def with_members(content: bytes, *more: tuple[str, bytes]) -> bytes:
    """A workbook with further parts in its package."""
    return package([*unpacked(content).items(), *more])


def book(**sheets: Iterable[Sequence[object]]) -> bytes:
    """A workbook with the given sheets and rows."""

    def change(workbook: Any) -> None:
        workbook.remove(workbook.worksheets[0])
        for name, rows in sheets.items():
            sheet = workbook.create_sheet(name)
            for row in rows:
                sheet.append(list(row))

    return as_workbook([], change)


FORMS_ROWS = (
    ("Id", "Startzeit", "Fertigstellungszeit", "E-Mail", "Name", *QUESTIONS.values()),
    ("1", "03.04.2025 10:00", "03.04.2025 10:09", "", "", "Management;", "", ""),
    ("2", "03.04.2025 11:00", "03.04.2025 11:09", "", "", "Bildung; Teilhabe;", "", "trifft zu"),
)
FORMS_BOOK = File(SELFCHECK, "antworten.xlsx", lambda: book(Sheet1=FORMS_ROWS))

KOBO_ROWS = (
    (*QUESTIONS, "_id", "_uuid", "_submission_time", "_index"),
    ("aw fz", "1", "3", "77", "u-1", "2025-05-04T21:28:46", "1"),
)
KOBO = File(SELFCHECK, "antworten.xlsx", lambda: book(main=KOBO_ROWS))

EFS_SHEETS = (
    (
        ("lfdn", "external_lfdn", "tester", "dispcode", "lastpage", "Felder"),
        (101, 0, 0, 31, 900, "1"),
        (102, 0, 0, 31, 900, "2"),
    ),
    (("lfdn", "Q_AW", "Q_FZ"), (101, 3, 4), (102, 1, 2)),
)
EFS = File(SELFCHECK, "antworten.xlsx", lambda: book(Daten1=EFS_SHEETS[0], Daten2=EFS_SHEETS[1]))

SOSCI = File(
    SELFCHECK,
    "daten.csv",
    lambda: (
        b"CASE\tSERIAL\tREF\tQUESTNNR\tMODE\tSTARTED\tQ_AW\n"
        b'12\t""\t""\tbase\tinterview\t2025-03-01 10:00:00\t2\n'
    ),
)


def qualtrics(import_id: str = '{"ImportId":"%s"}') -> bytes:
    """A Qualtrics export with its three rows of headings."""
    own = ("StartDate", "Status", "Finished", "RecordedDate", "ResponseId")
    output = io.StringIO()
    writer = csv.writer(output, lineterminator="\n")
    writer.writerow([*own, *QUESTIONS])
    writer.writerow([*own, *QUESTIONS.values()])
    writer.writerow([import_id % name for name in (*own, *QUESTIONS)])
    writer.writerow(
        ["2025-03-01 10:00:00", "0", "1", "2025-03-01 10:10:00", "R_1", "1,2", "4", "3"]
    )
    return output.getvalue().encode()


QUALTRICS = File(SELFCHECK, "antworten.csv", qualtrics)

CONTRIBUTION_ROWS = (
    ("Nr", "Leitfrage", "Handlungsfeld", "Akteursgruppe", "Beitrag", "Punkte"),
    ("1", "Was läuft gut?", "Management und Steuerung", "Wirtschaft", "Runder Tisch", "4"),
    ("2", "Was läuft gut?", "Management und Steuerung", "Wirtschaft", "Vereine", "10"),
)


def contributions(rows: Iterable[Sequence[str]] = CONTRIBUTION_ROWS) -> bytes:
    """The sheet of contributions of the workshop template, saved as text."""
    return written(lambda path: workshop_files.write_csv(path, list(rows), ";"))


CONTRIBUTIONS = File(WORKSHOP, "beitraege.csv", contributions)

Note = tuple[str, str, str, float, float]
NOTES: tuple[Note, ...] = (
    ("Runder Tisch", "#FFF9B1", "", 0.0, 0.0),
    ("Formulare", "#FF9D48", "", 0.0, 0.0),
)


def mural(*more: Note) -> bytes:
    """A Mural board with two notes, and more behind them."""
    return written(lambda path: workshop_files.mural(path, [*NOTES, *more]))


MURAL = File(BOARD, "mural.csv", mural)

COMMENTS = ((1, 17, 1, "mehr Sitzungen"), (2, 0, 0, "Newsletter"))


def polis(comments: Sequence[tuple[int, int, int, str]] = COMMENTS) -> bytes:
    """The comments of a Polis conversation."""
    return written(lambda path: workshop_files.polis(path, comments))


POLIS = File(DIALOGUE, "comments.csv", polis)
