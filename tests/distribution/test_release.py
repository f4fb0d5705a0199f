"""The whole distribution of a release that a night published, against its database."""

import csv
import hashlib
import io
import json
import math
import re
import shutil
import subprocess
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import duckdb
import polars as pl
import pytest
import yaml
from frictionless import Package, validate
from python_calamine import CalamineWorkbook

from tests.conftest import deliver_demo
from tests.distribution.small import cells, expected
from tests.nights import run_night
from weltoffen_etl.distribution.write import write_distribution
from weltoffen_etl.settings import Settings
from weltoffen_etl.warehouse.current import DATABASE, current_release


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("distribution")
    settings = Settings(data_dir=folder / "data", settle_seconds=0.0)
    deliver_demo(settings)
    run_night(settings)
    published = current_release(settings)
    assert published is not None
    for name, threads in (("a", 1), ("b", 3)):
        target = folder / name
        target.mkdir()
        shutil.copy(published.database, target / DATABASE)
        write_distribution(
            Settings(excel_csv=True, duckdb_threads=threads), target, published.manifest()
        )
    (folder / "a" / "manifest.json").write_text(json.dumps(published.manifest()), encoding="utf-8")
    return folder / "a"


@pytest.fixture(scope="module")
def tables(release: Path) -> dict[str, tuple[list[str], list[tuple[Any, ...]]]]:
    """Columns and rows of every table, in the order of its key, read from the database."""
    found = {}
    with duckdb.connect(str(release / DATABASE), read_only=True) as connection:
        keys = dict(connection.execute('SELECT "table", "key" FROM meta."table"').fetchall())
        keys |= {"meta.table": "table", "meta.column": "table, position"}
        for schema, name in connection.execute(
            "SELECT schema_name, table_name FROM duckdb_tables() ORDER BY ALL"
        ).fetchall():
            order = ", ".join(f'"{key}"' for key in keys[f"{schema}.{name}"].split(", "))
            result = connection.execute(f'SELECT * FROM {schema}."{name}" ORDER BY {order}')
            columns = [column[0] for column in result.description or []]
            found[f"{schema}.{name}"] = (columns, result.fetchall())
    return found


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "manifest.json"
    }


def test_same_release_gives_same_bytes(release: Path) -> None:
    first, second = files(release), files(release.with_name("b"))
    assert first.keys() == second.keys()
    assert [name for name in first if first[name] != second[name]] == []


def test_folder_holds_what_the_guide_names(release: Path) -> None:
    made = {
        "LIESMICH.md", "LIZENZ.md", "CITATION.cff", "datapackage.json", "dictionary.html",
        "dictionary.md", "weltoffen.xlsx", "weltoffen-csv.zip", "weltoffen-csv-excel.zip",
        "weltoffen.duckdb", "parquet", "manifest.json",
    }  # fmt: skip
    assert {path.name for path in release.iterdir()} == made
    guide = (release / "LIESMICH.md").read_text(encoding="utf-8")
    for name in made - {"LIESMICH.md"}:
        assert f"`{name}`" in guide or f"`{name}/`" in guide


def test_parquet_holds_every_table(release: Path, tables: dict[str, Any]) -> None:
    found = {
        f"{path.parent.name}.{path.stem}": pl.read_parquet(path)
        for path in (release / "parquet").rglob("*.parquet")
    }
    assert found.keys() == tables.keys()
    for name, (columns, rows) in tables.items():
        assert found[name].columns == columns, name
        assert found[name].rows() == rows, name


def test_workbook_holds_every_cell(release: Path, tables: dict[str, Any]) -> None:
    target = release / "weltoffen.xlsx"
    sheets = CalamineWorkbook.from_path(str(target)).sheet_names
    names = {name: name.removeprefix("comparison.") for name in tables}
    assert sheets[0] == "Inhalt"
    assert set(sheets[1:]) == set(names.values())
    compared = 0
    for name, (columns, rows) in tables.items():
        read = cells(target, names[name])
        assert read[0] == columns, name
        assert [[*row] for row in read[1:]] == [[*map(expected, row)] for row in rows], name
        compared += len(rows) * len(columns)
    assert compared > 50_000


def test_csv_holds_every_value(release: Path, tables: dict[str, Any]) -> None:
    with ZipFile(release / "weltoffen-csv.zip") as archive:
        members = {name for name in archive.namelist() if name.startswith("data/")}
        assert members == {f"data/{name}.csv" for name in tables}
        for name, (columns, rows) in tables.items():
            text = archive.read(f"data/{name}.csv").decode("utf-8")
            read = list(csv.reader(io.StringIO(text, newline="")))
            assert read[0] == columns
            for found, row in zip(read[1:], rows, strict=True):
                assert [*map(_plain, found, row)] == [*row], name


def _plain(text: str, like: object) -> object:
    """The value that a text of the CSV stands for, of the type of the expected one."""
    if like is None:
        assert text == ""
        return None
    if isinstance(like, bool):
        return {"true": True, "false": False}[text]
    if isinstance(like, int | float | str):
        return type(like)(text)
    return type(like).fromisoformat(text)  # type: ignore[attr-defined]


def test_archives_carry_the_moment_of_the_release(release: Path) -> None:
    manifest = json.loads((release / "manifest.json").read_text(encoding="utf-8"))
    moment = datetime.fromisoformat(manifest["published_at"]).astimezone(UTC)
    for name in ("weltoffen-csv.zip", "weltoffen-csv-excel.zip"):
        with ZipFile(release / name) as archive:
            for member in archive.infolist():
                # A ZIP archive keeps two seconds apart, no less.
                assert abs(datetime(*member.date_time, tzinfo=UTC) - moment).seconds < 2


@pytest.fixture
def unpacked(release: Path, tmp_path: Path) -> Path:
    with ZipFile(release / "weltoffen-csv.zip") as archive:
        archive.extractall(tmp_path)
    return tmp_path


def problems(folder: Path) -> list[str]:
    report = validate(str(folder / "datapackage.json"))
    return [
        *(f"{error.type}: {error.message}" for error in report.errors),
        *(
            f"{task.name} {error.type}: {error.message}"
            for task in report.tasks
            for error in task.errors
        ),
    ]


def test_csv_is_a_valid_data_package(unpacked: Path, tables: dict[str, Any]) -> None:
    package = Package(str(unpacked / "datapackage.json"))
    assert package.resource_names
    assert set(package.resource_names) == set(tables)
    assert problems(unpacked) == []


@pytest.mark.parametrize(
    ("table", "old", "new", "says"),
    [
        ("comparison.coverage", "\n03241005,", "\n99999999,", "foreign-key"),
        ("comparison.coverage", "\n03241005,", "\n,", "constraint-error"),
        ("quality.finding", ",warning,", ",schlimm,", "constraint-error"),
        ("reference.wave", "2025-", "25-", "type-error"),
        ("reference.municipality", "\n03241005,", "\n3241005,", "constraint-error"),
        ("reference.land", "\n02,", "\n01,", "primary-key"),
    ],
)
def test_the_description_finds_damage(
    unpacked: Path, table: str, old: str, new: str, says: str
) -> None:
    # Sizes and hashes would find it too; here the schema must.
    descriptor = json.loads((unpacked / "datapackage.json").read_text(encoding="utf-8"))
    for resource in descriptor["resources"]:
        resource.pop("bytes")
        resource.pop("hash")
    (unpacked / "datapackage.json").write_text(json.dumps(descriptor), encoding="utf-8")
    file = unpacked / "data" / f"{table}.csv"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    assert any(says in problem and problem.startswith(table) for problem in problems(unpacked))


def test_descriptor_of_the_release_names_every_file(release: Path, tables: dict[str, Any]) -> None:
    path = release / "datapackage.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    assert content["$schema"] == "https://datapackage.org/profiles/2.0/datapackage.json"
    assert Package.validate_descriptor(str(path)).valid
    resources = {resource["name"]: resource for resource in content["resources"]}
    assert len(resources) == len(content["resources"])
    assert resources.keys() == tables.keys() | {"database", "workbook", "csv", "excel-csv"}
    for name, resource in resources.items():
        data = (release / resource["path"]).read_bytes()
        assert resource["bytes"] == len(data)
        assert resource["hash"] == f"sha256:{hashlib.sha256(data).hexdigest()}"
        if name in tables:
            assert [field["name"] for field in resource["schema"]["fields"]] == tables[name][0]
            for key in resource["schema"].get("foreignKeys", []):
                target = key["reference"]["resource"]
                assert set(key["reference"]["fields"]) <= set(tables[target][0])
    assert content["licenses"][0]["path"] == "LIZENZ.md"
    assert "Destatis" in content["sources"][0]["title"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", content["created"])


class _Page(HTMLParser):
    """Collects what a page links to, what it names, and which elements it has."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: set[str] = set()
        self.links: list[str] = []
        self.anchors: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        for name, value in attrs:
            assert not name.startswith("on")
            if name in {"href", "src"}:
                self.links.append(value or "")
            if name == "id":
                self.anchors.append(value or "")


def test_dictionary_page_is_inert_and_complete(release: Path, tables: dict[str, Any]) -> None:
    text = (release / "dictionary.html").read_text(encoding="utf-8")
    page = _Page(text)
    assert "default-src 'none'" in text
    assert not page.elements & {"script", "iframe", "object", "embed", "form", "link", "img"}
    assert len(set(page.anchors)) == len(page.anchors)
    assert {link.removeprefix("#") for link in page.links} <= set(page.anchors)
    assert all(link.startswith("#") for link in page.links)
    for name, (columns, _) in tables.items():
        assert name.replace(".", "-") in page.anchors
        for column in columns:
            assert f'<span class="mono">{column}</span>' in text


def test_dictionary_in_markdown_says_the_same(release: Path, tables: dict[str, Any]) -> None:
    text = (release / "dictionary.md").read_text(encoding="utf-8")
    assert "## Gebrauch und Grenzen" in text
    anchors = re.findall(r'<a id="([^"]+)">', text)
    assert set(re.findall(r"\]\(#([^)]+)\)", text)) == set(anchors)
    assert len(anchors) == len(tables)
    described = re.findall(r"^\| `(\w+)` \|(.*)\|$", text, flags=re.MULTILINE)
    columns = [row for row in described if len(re.split(r"(?<!\\)\|", row[1])) == 5]
    assert sorted(name for name, _ in columns) == sorted(
        column for names, _ in tables.values() for column in names
    )


def test_notes_page_and_markdown_draw_on_the_dictionary(
    release: Path, tables: dict[str, Any]
) -> None:
    page = (release / "dictionary.html").read_text(encoding="utf-8")
    names, rows = tables["meta.table"]
    for row in rows:
        assert dict(zip(names, row, strict=True))["label_de"] in page


def test_nothing_is_left_beside_the_files(release: Path) -> None:
    assert not list(release.rglob("tmp*"))
    assert yaml.safe_load((release / "CITATION.cff").read_text(encoding="utf-8"))["version"]


@pytest.mark.slow
def test_libreoffice_opens_the_workbook_as_it_is(
    release: Path, tables: dict[str, Any], tmp_path: Path
) -> None:
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("LibreOffice (soffice) ist nicht installiert")
    subprocess.run(
        [
            office, f"-env:UserInstallation=file://{tmp_path}/profile", "--headless",
            "--convert-to", "ods", "--outdir", str(tmp_path), str(release / "weltoffen.xlsx"),
        ],
        check=True, capture_output=True, timeout=300,
    )  # fmt: skip
    opened = CalamineWorkbook.from_path(str(tmp_path / "weltoffen.ods"))
    assert set(opened.sheet_names) == {name.removeprefix("comparison.") for name in tables} | {
        "Inhalt"
    }
    for name in opened.sheet_names[1:]:
        there = opened.get_sheet_by_name(name).to_python()
        here = cells(release / "weltoffen.xlsx", name)
        assert len(there) == len(here)
        for row, own in zip(there, here, strict=True):
            # Empty columns at the right are no cells to LibreOffice.
            assert not any(own[len(row) :])
            assert all(map(_same, row, own)), (name, row, own)


def _same(there: object, here: object) -> bool:
    """Whether two cells are the same to LibreOffice: fifteen digits of a number, 1 for true."""
    if isinstance(here, float | bool) and isinstance(there, float | bool):
        return math.isclose(there, here, rel_tol=1e-14)
    return there == here
