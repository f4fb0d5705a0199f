"""Broken files of the rules about files: bytes, packages, formats, and cells that were lost."""

import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyreadstat
import pytest

from tests.hostile.cases.other_formats import questionnaire, responses
from tests.hostile.cases.workbooks import encrypted
from tests.hostile.material import (
    FORMS,
    SELFCHECK,
    as_csv,
    as_workbook,
    column,
    repacked,
)
from tests.rules.fired import Fired, judge
from tests.rules.fixture import File, Fixture, place, written
from tests.rules.general_tables import ABBREVIATED, BOOK_SHEET
from tests.rules.sound import (
    ARCHIVE,
    CSV,
    JSON,
    SOSCI,
    STATA,
    WORKBOOK,
    as_json,
    forms,
    with_members,
)
from weltoffen_etl.deliveries.archive import Archive
from weltoffen_etl.deliveries.intake import take_in
from weltoffen_etl.exports.files.sheet_scan import SHOWN_CELLS
from weltoffen_etl.interpret import survey as interpretation
from weltoffen_etl.settings import Settings
from weltoffen_etl.staging import stage_deliveries, store_of

_TEXTS = ("MSKOM", "IAKOM", "FZKOM", "AWKOM", "gesamtkom")
_LONG_LABELS = struct.pack("<iii", 7, 21, 1)


def _with_text(text: str, encoding: str = "utf-8") -> bytes:
    """The sound file with a free text, in any encoding; what it lacks becomes "?"."""
    rows = forms()
    rows[1][column("MSKOM")] = text
    return as_csv(rows).decode("utf-8-sig").encode(encoding, "replace")


def _text_file(text: str, encoding: str = "utf-8") -> File:
    return CSV.but(lambda: _with_text(text, encoding))


def _cut() -> bytes:
    content = CSV.make()
    return content[: content.rindex(b'";"')]


def _half() -> bytes:
    content = WORKBOOK.make()
    return content[: len(content) // 2]


def _error(row: int, code: str) -> Callable[[Any], None]:
    def change(book: Any) -> None:
        cell = book.worksheets[0].cell(row, column(code) + 1, "#REF!")
        cell.data_type = "e"

    return change


def _formula(book: Any) -> None:
    book.worksheets[0].cell(2, column("MSKOM") + 1, "=A1")


def _many_errors(book: Any) -> None:
    """One error more than are told one by one."""
    places = [(row, code) for code in _TEXTS for row in range(2, 2 + FORMS)]
    for row, code in places[: SHOWN_CELLS + 1]:
        _error(row, code)(book)


def _twice_keyed() -> bytes:
    return JSON.make().replace(b'"welle"', b'"AGS"', 1)


def _with_question_as_key() -> bytes:
    """One heading is not the code but a question cut short, and others begin like it."""
    rows = forms()
    rows[0][column("MSKOM")] = ABBREVIATED
    return as_json(rows)


def _labelled() -> bytes:
    """An SPSS file in which long texts have labels, as the survey tool writes it."""
    codes, *rows = forms()
    names = [code.replace("[", "_").replace("]", "") for code in codes]
    frame = pd.DataFrame(rows, columns=names)
    frame["amt"] = ["Büro des Oberbürgermeisters", *frame["amt"][1:]]
    return written(
        lambda path: pyreadstat.write_sav(
            frame,
            str(path),
            column_labels=codes,
            variable_value_labels={"amt": {"Büro des Oberbürgermeisters": "Büro der Spitze"}},
        )
    )


def _damaged_labels() -> bytes:
    """The same file with a label's length counted in letters where bytes are meant."""
    content = _labelled()
    record = content.index(_LONG_LABELS)
    text = "Büro des Oberbürgermeisters"
    length = content.index(text.encode(), record) - 4
    assert struct.unpack_from("<i", content, length) == (len(text.encode()),)
    return content[:length] + struct.pack("<i", len(text)) + content[length + 4 :]


def _vertical_tab() -> bytes:
    return STATA.make().replace(b"Satz .", b"Satz\x0b.")


def _without_headings() -> bytes:
    return as_csv(forms()[1:])


def _only_own_columns() -> bytes:
    return as_csv([row[: column("welle")] for row in forms()])


def _failing(folder: Path, file: File) -> list[Fired]:
    """Judges a sound file with a defect of ours: the interpretation fails."""

    def fail(*_: object) -> None:
        raise ZeroDivisionError

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(interpretation, "interpret", fail)
        return judge(folder, file.place, file.name, file.make())


def _rotten(folder: Path, file: File) -> list[Fired]:
    """Stages a sound file whose archived copy a disk has spoilt."""
    settings = Settings(data_dir=folder / "data", settle_seconds=0.0)
    delivered = settings.inbox / file.place / file.name
    delivered.parent.mkdir(parents=True)
    delivered.write_bytes(file.make())
    (arrival,) = take_in(settings).new
    kept = Archive(settings.archive).object_path(arrival.sha256)
    kept.chmod(0o600)
    kept.write_bytes(kept.read_bytes()[:-1] + b"?")
    staged = stage_deliveries(settings, [arrival])
    findings = store_of(settings).files("finding", list(staged.deliveries))
    with duckdb.connect() as connection:
        rows = connection.execute(
            "SELECT rule, sheet, source_row, column_number FROM read_parquet($files)",
            {"files": findings},
        ).fetchall()
    return [Fired(*row) for row in rows]


_LIMITED = File(SELFCHECK, CSV.name, CSV.make, {"max_file_bytes": len(CSV.make())})
_LABELLED = File(SELFCHECK, "antworten.sav", _labelled)
_PLAIN_TEXT = _text_file("Schön für alle.")
_CP1252 = _text_file("Schön für alle.", "cp1252")

FIXTURES = {
    "file_empty": Fixture(CSV, CSV.but(lambda: b"")),
    "file_too_large": Fixture(_LIMITED, _LIMITED.but(lambda: CSV.make() + b"\n")),
    "file_format_unknown": Fixture(CSV, CSV.but(lambda: CSV.make() + b"\0")),
    "file_unreadable": Fixture(WORKBOOK, WORKBOOK.but(_half)),
    "limit_exceeded": Fixture(CSV, CSV.but(lambda: _with_text("x" * 1024**2))),
    "package_suspicious": Fixture(
        WORKBOOK, WORKBOOK.but(lambda: with_members(WORKBOOK.make(), ("../evil", b"")))
    ),
    "workbook_macros": Fixture(
        WORKBOOK, WORKBOOK.but(lambda: with_members(WORKBOOK.make(), ("xl/vbaProject.bin", b"x")))
    ),
    "workbook_links": Fixture(
        WORKBOOK,
        WORKBOOK.but(
            lambda: with_members(
                WORKBOOK.make(), ("xl/externalLinks/externalLink1.xml", b"<externalLink/>")
            )
        ),
    ),
    "workbook_objects": Fixture(
        WORKBOOK,
        WORKBOOK.but(lambda: with_members(WORKBOOK.make(), ("xl/embeddings/object1.bin", b"x"))),
    ),
    "formula_without_value": Fixture(
        WORKBOOK,
        WORKBOOK.but(lambda: as_workbook(forms(), _formula)),
        place(BOOK_SHEET, 2, column("MSKOM") + 1),
    ),
    "cell_error": Fixture(
        WORKBOOK,
        WORKBOOK.but(lambda: as_workbook(forms(), _error(2, "MSKOM"))),
        place(BOOK_SHEET, 2, column("MSKOM") + 1),
    ),
    "more_of_the_same": Fixture(
        WORKBOOK,
        WORKBOOK.but(lambda: as_workbook(forms(), _many_errors)),
        place(BOOK_SHEET),
        frozenset({"cell_error"}),
    ),
    "row_cell_lost": Fixture(
        WORKBOOK,
        WORKBOOK.but(lambda: as_workbook(forms(), _error(4, "MS[SQ001]"))),
        place(BOOK_SHEET, 4, column("MS[SQ001]") + 1),
    ),
    # Byte 81 means nothing in the encoding of Windows.
    "text_characters_lost": Fixture(
        _CP1252, CSV.but(lambda: _CP1252.make().replace("für".encode("cp1252"), b"f\x81r"))
    ),
    "text_twice_encoded": Fixture(_PLAIN_TEXT, _text_file("Schön fÃ¼r alle.")),
    "text_control_characters": Fixture(_PLAIN_TEXT, _text_file("Schön\x0bfür alle.")),
    "file_encrypted": Fixture(WORKBOOK, WORKBOOK.but(lambda: encrypted(WORKBOOK.make()))),
    # No process starts and reads in so little time.
    "file_reader_stopped": Fixture(
        CSV, File(CSV.place, CSV.name, CSV.make, {"reader_seconds": 0.001})
    ),
    "file_truncated": Fixture(CSV, CSV.but(_cut), place(row=1 + FORMS)),
    "file_is_questionnaire": Fixture(ARCHIVE, ARCHIVE.but(questionnaire)),
    "file_is_personal": Fixture(ARCHIVE, ARCHIVE.but(lambda: responses(""))),
    "archive_without_responses": Fixture(
        ARCHIVE,
        ARCHIVE.but(lambda: repacked(ARCHIVE.make(), {"survey_352021_responses.lsr": None})),
    ),
    "json_key_repeated": Fixture(JSON, JSON.but(_twice_keyed), place(row=2)),
    "json_heading_collapsed": Fixture(
        JSON, JSON.but(_with_question_as_key), place(column=column("MSKOM") + 1)
    ),
    "spss_labels_damaged": Fixture(_LABELLED, _LABELLED.but(_damaged_labels)),
    "control_characters_removed": Fixture(STATA, STATA.but(_vertical_tab)),
    "file_not_recognised": Fixture(CSV, CSV.but(_without_headings)),
    "instrument_unknown": Fixture(CSV, CSV.but(_only_own_columns)),
    "file_without_rows": Fixture(CSV, CSV.but(lambda: as_csv(forms()[:1]))),
    "file_codebook": Fixture(
        SOSCI, SOSCI.but(lambda: b"VAR\tRESPONSE\tMEANING\nMS01\t1\ttrifft zu\n")
    ),
    "archive_damaged": Fixture(CSV, CSV, alone=_rotten),
    "reader_failed": Fixture(CSV, CSV, alone=_failing),
}
