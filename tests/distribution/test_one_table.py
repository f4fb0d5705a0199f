"""One table in every form: each value comes back from an independent reader as it was."""

import csv
import io
import json
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import polars as pl
import pytest
from openpyxl import load_workbook

from tests.distribution.small import COLUMNS, TEXTS, cells, expected, rows, write_small, xml
from weltoffen_etl.distribution.cells import CUT
from weltoffen_etl.distribution.one_table import (
    FORMS,
    DistributionError,
    write_tables,
)
from weltoffen_etl.settings import Settings

TABLE = "comparison.small"


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_small(tmp_path_factory.mktemp("small") / "weltoffen.duckdb")


@pytest.fixture
def truth() -> list[tuple[object, ...]]:
    return sorted(rows(), key=lambda row: row[0])


def test_csv_holds_every_value(
    database: Path, truth: list[tuple[object, ...]], tmp_path: Path
) -> None:
    target = tmp_path / "t.csv"
    write_tables(database, [TABLE], target, "csv")
    read = list(csv.reader(io.StringIO(target.read_bytes().decode("utf-8"), newline="")))
    assert read[0] == list(COLUMNS)
    assert len(read) == len(truth) + 1
    for found, row in zip(read[1:], truth, strict=True):
        for text, value, name in zip(found, row, COLUMNS, strict=True):
            match value:
                case None:
                    assert text == ""
                case bool():
                    assert text == str(value).lower()
                case float():
                    assert float(text) == value
                    assert repr(float(text)) == repr(value)
                case datetime():
                    assert datetime.fromisoformat(text) == value
                case date():
                    assert date.fromisoformat(text) == value
                case list():
                    assert text == f"[{value[0]}, NULL]"
                case _:
                    assert text == str(value), name


def test_csv_tells_no_value_from_a_text_of_no_letters(tmp_path: Path) -> None:
    database = write_small(
        tmp_path / "w.duckdb", "INSERT INTO reference.empty VALUES (''), ('b'), (NULL)"
    )
    write_tables(database, ["reference.empty"], tmp_path / "t.csv", "csv")
    assert (tmp_path / "t.csv").read_bytes() == b'code\n""\nb\n\n'


def test_excel_csv_is_german_and_calculates_nothing(
    database: Path, truth: list[tuple[object, ...]], tmp_path: Path
) -> None:
    target = tmp_path / "t.csv"
    write_tables(database, [TABLE], target, "excel-csv")
    content = target.read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    assert [file.name for file in tmp_path.iterdir()] == ["t.csv"]
    read = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";"))
    assert read[0] == list(COLUMNS)
    for found, row in zip(read[1:], truth, strict=True):
        by_name = dict(zip(COLUMNS, found, strict=True))
        value = dict(zip(COLUMNS, row, strict=True))
        if value["mean"] is None:
            assert set(found[1:]) == {""}
            continue
        assert "." not in by_name["mean"]
        assert float(by_name["mean"].replace(",", ".")) == value["mean"]
        assert by_name["is_synthetic"] == ("WAHR" if value["is_synthetic"] else "FALSCH")
        assert by_name["day"] == f"{value['day']:%d.%m.%Y}"
        assert by_name["moment"] == f"{value['moment']:%d.%m.%Y %H:%M:%S}"
        assert by_name["amount"] == str(value["amount"]).replace(".", ",")
        assert not by_name["says"].startswith(("=", "+", "-", "@", "\t", "\r"))
        assert by_name["says"].removeprefix("'") == str(value["says"]).removeprefix("'")


def test_parquet_holds_every_value_and_its_description(
    database: Path, truth: list[tuple[object, ...]], tmp_path: Path
) -> None:
    target = tmp_path / "t.parquet"
    write_tables(database, [TABLE], target, "parquet")
    frame = pl.read_parquet(target)
    assert frame.columns == list(COLUMNS)
    read = frame.with_columns(pl.col("amount").cast(pl.String)).rows()
    assert read == truth
    metadata = pl.read_parquet_metadata(target)
    assert metadata["title"] == "Kleine <Tabelle>"
    assert metadata["description"] == "Eine Zeile ist eine | Probe."
    assert metadata["key"] == "ags"
    columns = json.loads(metadata["columns"])
    assert columns["mean"] == {
        "description": "Mittel; leer: zurückgehalten",
        "unit": "Skala 1 bis 4",
        "nullable": True,
    }
    assert list(columns) == list(COLUMNS)


def test_json_holds_every_value(
    database: Path, truth: list[tuple[object, ...]], tmp_path: Path
) -> None:
    target = tmp_path / "t.json"
    write_tables(database, [TABLE], target, "json")
    read = json.loads(target.read_text(encoding="utf-8"))
    assert [list(row) for row in read] == [list(COLUMNS)] * len(truth)
    for found, row in zip(read, truth, strict=True):
        value = dict(zip(COLUMNS, row, strict=True))
        for name in ("ags", "n_answers", "mean", "is_synthetic", "says", "list"):
            assert found[name] == value[name]
        assert found["day"] == (value["day"] and str(value["day"]))


def test_workbook_holds_every_value(
    database: Path, truth: list[tuple[object, ...]], tmp_path: Path
) -> None:
    target = tmp_path / "t.xlsx"
    write_tables(database, [TABLE], target, "xlsx")
    read = cells(target, "small")
    assert read[0] == list(COLUMNS)
    assert len(read) == len(truth) + 1
    for found, row in zip(read[1:], truth, strict=True):
        for cell, value, name in zip(found, row, COLUMNS, strict=True):
            if isinstance(value, list):
                assert cell == f"[{value[0]}, NULL]"
            elif isinstance(value, str) and len(value) > 32_767:
                assert len(cell) == 32_767
                assert cell.endswith(CUT)
                assert value.startswith(cell.removesuffix(CUT))
            else:
                assert cell == expected(value), name
                assert type(cell) is type(expected(value)), name


def test_nothing_in_a_workbook_is_calculated_or_leads_out(database: Path, tmp_path: Path) -> None:
    target = tmp_path / "t.xlsx"
    write_tables(database, [TABLE], target, "xlsx")
    package = xml(target)
    sheet = package["xl/worksheets/sheet1.xml"]
    assert "<f>" not in sheet
    assert "<hyperlink" not in sheet
    assert not any('TargetMode="External"' in content for content in package.values())
    # Texts that would be formulas once somebody edits their cell are marked as texts.
    says = list(load_workbook(target)["small"].columns)[list(COLUMNS).index("says")][1:]
    starts = ("=", "+", "-", "@", "\t", "\r")
    marked = [text.startswith(starts) for text in TEXTS]
    assert sum(marked) == 7
    assert [cell.quotePrefix for cell in says[:-1]] == marked
    assert {cell.number_format for cell in says[:-1]} == {"@"}


def test_numbers_that_are_none_stay_texts(tmp_path: Path) -> None:
    database = write_small(
        tmp_path / "w.duckdb",
        "DELETE FROM comparison.small; INSERT INTO comparison.small (ags, mean, day) "
        "VALUES ('1', 'nan', DATE '1899-12-31'), ('2', 'infinity', DATE '9999-12-31')",
    )
    write_tables(database, [TABLE], tmp_path / "t.xlsx", "xlsx")
    read = [row[2:5:2] for row in cells(tmp_path / "t.xlsx", "small")[1:]]
    assert read == [["nan", "1899-12-31"], ["inf", date(9999, 12, 31)]]


@pytest.mark.parametrize("form", FORMS)
def test_same_content_gives_same_bytes(database: Path, tmp_path: Path, form: str) -> None:
    other = write_small(tmp_path / "other.duckdb")
    written = []
    for number, (file, threads) in enumerate([(database, 1), (database, 4), (other, 2)]):
        target = tmp_path / f"{number}.file"
        write_tables(file, [TABLE], target, form, Settings(duckdb_threads=threads))
        written.append(target.read_bytes())
    assert len(set(written)) == 1


@pytest.mark.parametrize("form", ["csv", "excel-csv", "parquet", "json"])
def test_many_rows_give_same_bytes_with_any_number_of_threads(tmp_path: Path, form: str) -> None:
    database = write_small(
        tmp_path / "w.duckdb",
        "INSERT INTO comparison.small (ags, mean, says) SELECT lpad(((i * 7919) % 300_000)::VARCHAR, 9, 'z'), "
        "i / 7, 'Wort ' || i % 13 FROM range(300_000) r(i)",
    )
    written = set()
    for threads in (1, 2, 5):
        write_tables(database, [TABLE], tmp_path / "t", form, Settings(duckdb_threads=threads))
        written.add((tmp_path / "t").read_bytes())
    assert len(written) == 1


@pytest.mark.parametrize("form", FORMS)
def test_a_table_without_rows_is_written(database: Path, tmp_path: Path, form: str) -> None:
    write_tables(database, ["reference.empty"], tmp_path / "t", form)
    match form:
        case "csv":
            assert (tmp_path / "t").read_bytes() == b"code\n"
        case "excel-csv":
            assert (tmp_path / "t").read_bytes() == b"\xef\xbb\xbfcode\n"
        case "json":
            assert json.loads((tmp_path / "t").read_text()) == []
        case "parquet":
            assert pl.read_parquet(tmp_path / "t").shape == (0, 1)
        case _:
            assert cells(tmp_path / "t", "reference.empty") == [["code"]]


def test_several_tables_make_one_workbook(database: Path, tmp_path: Path) -> None:
    write_tables(database, [TABLE, "meta.column"], tmp_path / "t.xlsx", "xlsx")
    assert cells(tmp_path / "t.xlsx", "meta.column")[0][:3] == ["table", "position", "column"]
    assert len(cells(tmp_path / "t.xlsx", "small")) == len(TEXTS) + 2


@pytest.mark.parametrize(
    ("tables", "form", "says"),
    [
        (["comparison.small"], "ods", "„ods“ gibt es nicht. Es gibt: csv, excel-csv"),
        (
            ["comparison.nothing"],
            "csv",
            "Die Tabelle comparison.nothing gibt es nicht. Es gibt: comp",
        ),
        (["comparison.small", "meta.table"], "csv", "genau eine Tabelle"),
        ([], "xlsx", "genau eine Tabelle"),
    ],
)
def test_what_cannot_be_written_is_said(
    database: Path, tmp_path: Path, tables: list[str], form: str, says: str
) -> None:
    with pytest.raises(DistributionError, match=says):
        write_tables(database, tables, tmp_path / "t", form)
    assert not (tmp_path / "t").exists()


def test_the_database_stays_as_it_is(tmp_path: Path) -> None:
    database = write_small(tmp_path / "w.duckdb")
    before = database.read_bytes()
    for form in FORMS:
        write_tables(database, [TABLE], tmp_path / "t", form)
    assert database.read_bytes() == before
    with duckdb.connect(str(database), read_only=True) as connection:
        assert connection.execute("SELECT max(amount) FROM comparison.small").fetchone() == (
            Decimal("20.1250"),
        )
