"""The official list is read as Destatis writes it, and nothing else is taken for it."""

import csv
from pathlib import Path

import openpyxl
import pytest

from tests.conftest import SHARED
from weltoffen_etl.official_list import OfficialListError, read_official_list


def test_the_real_list_has_every_municipality() -> None:
    folder = SHARED / "reference"
    if not folder.is_dir():
        pytest.skip(f"the official list is absent: {folder} does not exist")
    listed = read_official_list(next(folder.glob("destatis_AuszugGV4Q_*.xlsx")))
    with next(folder.glob("gemeinden_*.csv")).open(encoding="utf-8", newline="") as file:
        independent = {row["ags"]: row["name"] for row in csv.DictReader(file)}
    gemeinden = listed[listed["ags"].str.len() == 8]
    assert dict(zip(gemeinden["ags"], gemeinden["name"], strict=True)) == independent
    assert (listed["ags"] == "09174").sum() == 1


@pytest.mark.parametrize("sheet", ["Tabelle1", "Onlineprodukt_Gemeinden31122024"])
def test_other_workbooks_are_refused(tmp_path: Path, sheet: str) -> None:
    book = openpyxl.Workbook()
    book.worksheets[0].title = sheet
    book.worksheets[0].append(["60", "61", "01", "0", "01", "0000", "000", "Flensburg, Stadt"])
    book.save(tmp_path / "liste.xlsx")
    with pytest.raises(OfficialListError, match=r"liste\.xlsx"):
        read_official_list(tmp_path / "liste.xlsx")


def test_a_file_that_is_no_workbook_is_refused(tmp_path: Path) -> None:
    (tmp_path / "liste.xlsx").write_text("ags,name\n")
    with pytest.raises(OfficialListError, match="Arbeitsmappe"):
        read_official_list(tmp_path / "liste.xlsx")
