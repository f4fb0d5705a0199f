"""The workbook of a release: its contents, notes, formats and limits."""

from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from tests.distribution.small import COLUMNS, MANIFEST, cells, write_small, xml
from weltoffen_etl.distribution.about import edition
from weltoffen_etl.distribution.contents import write_workbook
from weltoffen_etl.distribution.workbook import CONTENTS, MOST_ROWS, sheets_of
from weltoffen_etl.settings import Settings
from weltoffen_etl.warehouse.published import described_tables, open_release


def written(
    folder: Path, *, more: str = "", most_rows: int = MOST_ROWS, **manifest: Any
) -> tuple[Path, Workbook]:
    target = folder / "weltoffen.xlsx"
    released = edition(Settings().reference_dir, MANIFEST | manifest)
    with open_release(Settings(), write_small(folder / "small.duckdb", more)) as connection:
        write_workbook(connection, described_tables(connection), released, target, most_rows)
    return target, load_workbook(target)


@pytest.fixture(scope="module")
def workbook(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Workbook]:
    return written(tmp_path_factory.mktemp("workbook"))


def sheet(workbook: Workbook, name: str) -> Worksheet:
    found = workbook[name]
    assert isinstance(found, Worksheet)
    return found


def test_comparison_stands_first(workbook: tuple[Path, Workbook]) -> None:
    assert workbook[1].sheetnames == [
        "Inhalt", "small", "reference.empty", "meta.table", "meta.column",
    ]  # fmt: skip


def test_contents_names_release_warnings_licence_and_citation(
    workbook: tuple[Path, Workbook],
) -> None:
    texts = [str(cell) for row in cells(workbook[0], CONTENTS) for cell in row if cell != ""]
    whole = "\n".join(texts)
    assert texts[0] == "Weltoffene Kommune: Selbstchecks und Workshops im Vergleich"
    assert "Stand 20250102T030405Z, veröffentlicht am 02.01.2025, 04:04 Uhr" in texts
    assert "Keine Rangfolge" in texts
    assert "weniger als 5 Bögen" in whole
    assert "Er sagt nichts über wirkliche Kommunen aus." in whole
    for word in ("confidential", "too_few_municipalities", "low_answered_share", "not_delivered"):
        assert word in texts
    assert "Weitergabe nach Absprache" in whole
    assert "dl-de/by-2-0" in whole
    assert "Stand 20250102T030405Z, veröffentlicht am 2. Januar 2025." in whole


def test_real_data_are_not_called_invented(tmp_path: Path) -> None:
    target, _ = written(tmp_path, contains_synthetic_data=False, min_respondents=7)
    whole = "\n".join(str(cell) for row in cells(target, CONTENTS) for cell in row)
    assert "Erfundene Daten" not in whole
    assert "weniger als 7 Bögen" in whole


def test_contents_leads_to_every_sheet(workbook: tuple[Path, Workbook]) -> None:
    path, book = workbook
    links = {
        str(cell.value): cell.hyperlink.location
        for row in sheet(book, CONTENTS).iter_rows()
        for cell in row
        if cell.hyperlink is not None
    }
    assert links == {name: f"'{name}'!A1" for name in book.sheetnames[1:]}
    row = next(row for row in cells(path, CONTENTS) if row[0] == "small")
    assert row == ["small", "Kleine <Tabelle>", "Eine Zeile ist eine | Probe.", 22.0, "ags"]


def test_headings_carry_the_dictionary(workbook: tuple[Path, Workbook]) -> None:
    page = sheet(workbook[1], "small")
    notes = {str(cell.value): cell.comment.text for cell in page[1] if cell.comment}
    assert list(notes) == list(COLUMNS)
    assert notes["ags"] == "Gemeindeschlüssel.\nNie leer."
    assert notes["mean"] == ("Mittel.\nEinheit: Skala 1 bis 4\nLeer heißt: zurückgehalten.")
    assert notes["n_answers"] == "Antworten.\nLeer heißt: keine Angabe."
    assert page.freeze_panes == "B2"
    assert page.auto_filter.ref == f"A1:I{len(cells(workbook[0], 'small'))}"


def test_numbers_have_german_formats(workbook: tuple[Path, Workbook]) -> None:
    row = dict(zip(COLUMNS, sheet(workbook[1], "small")[2], strict=True))
    formats = {name: cell.number_format for name, cell in row.items()}
    assert formats["ags"] == "@"
    assert formats["n_answers"] == "[$-407]#,##0"
    assert formats["mean"] == "[$-407]0.00"
    assert formats["day"] == "[$-407]dd.mm.yyyy"
    assert formats["moment"] == "[$-407]dd.mm.yyyy hh:mm:ss"
    assert row["ags"].data_type == "s"
    assert row["is_synthetic"].data_type == "b"


def test_a_table_too_long_for_a_sheet_is_named_with_another_file(tmp_path: Path) -> None:
    path, book = written(tmp_path, most_rows=21)
    assert "small" not in book.sheetnames
    assert "meta.column" in book.sheetnames
    row = next(row for row in cells(path, CONTENTS) if row[0] == "comparison.small")
    assert row[3] == 22.0
    assert row[2].startswith("Zu lang für ein Blatt; bitte parquet/comparison/small.parquet oder")


def test_a_sheet_holds_exactly_its_limit(tmp_path: Path) -> None:
    assert "small" in written(tmp_path, most_rows=22)[1].sheetnames
    assert MOST_ROWS + 1 == 1_048_576


def test_names_of_sheets_are_short_and_unique(tmp_path: Path) -> None:
    names = [f"{'a' * 31}b", f"{'a' * 31}c", f"{'A' * 31}d", "inhalt"]
    with open_release(Settings(), write_small(tmp_path / "w.duckdb")) as connection:
        table = described_tables(connection)[0]
        connection.execute("USE memory; CREATE SCHEMA comparison")
        for name in names:
            connection.execute(f'CREATE TABLE comparison."{name}" (x INTEGER)')
        tables = [table.model_copy(update={"name": name}) for name in names]
        found = [sheet.name.lower() for sheet in sheets_of(connection, tables)]
    assert len({*found, CONTENTS.lower()}) == len(names) + 1
    assert max(map(len, found)) == 31


def test_same_content_gives_same_bytes_on_any_day(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    first, _ = written(tmp_path / "a")
    monkeypatch.setenv("TZ", "America/New_York")
    second, _ = written(tmp_path / "b")
    assert first.read_bytes() == second.read_bytes()
    assert "2025-01-02T03:04:05Z" in xml(first)["docProps/core.xml"]
