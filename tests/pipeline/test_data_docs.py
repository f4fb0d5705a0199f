"""Data Docs for the team: complete, without values, without scripts and outside hosts."""

import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner

from tests.conftest import DEMO_INBOX, deliver
from tests.nights import run_night
from weltoffen_etl.catalog import tables
from weltoffen_etl.cli import main
from weltoffen_etl.quality import data_docs
from weltoffen_etl.quality.data_docs import DataDocsError, SuiteResult, build_data_docs
from weltoffen_etl.quality.inert_page import inert
from weltoffen_etl.settings import Settings

pytestmark = pytest.mark.slow

EXPORT = DEMO_INBOX / "03241005/t0/selfcheck/garbsen_t0_results-survey352021.csv"
PAYLOAD = (
    "<script>alert(4711)</script><img src=x onerror=alert(4711)> {{7*7}} javascript:alert(4711)"
)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A published night; then scripts stand in cells, in one more column and in a table's name."""
    settings = Settings(data_dir=tmp_path_factory.mktemp("docs") / "data", settle_seconds=0.0)
    deliver(settings, "03241005/t0/selfcheck", EXPORT)
    assert run_night(settings).outcome == "published"
    with duckdb.connect(str(settings.warehouse_file)) as connection:
        heading = PAYLOAD.replace('"', '""')
        connection.execute(f'ALTER TABLE core.response ADD COLUMN "{heading}" VARCHAR')
        connection.execute(f'UPDATE core.response SET "{heading}" = $x', {"x": PAYLOAD})
        # A view on the stage cannot be spoilt, a table of the same name can.
        connection.execute("CREATE TEMP TABLE staged AS FROM raw.answer")
        connection.execute("DROP VIEW raw.answer")
        connection.execute("CREATE TABLE raw.answer AS FROM staged")
        for table, column in (
            ("core.response", "language"),
            ("core.response", "respondent_role"),
            ("raw.answer", "missing_reason"),
            ("raw.response", "language"),
            ("core.priority", "action_field"),
            ("raw.finding", "message"),
        ):
            connection.execute(f"UPDATE {table} SET {column} = $x", {"x": PAYLOAD})
            (count,) = connection.execute(f"SELECT count(*) FROM {table}").fetchone() or (0,)
            assert count > 0, table
        connection.execute("UPDATE core.answer SET value = NULL")
    return settings


@pytest.fixture(scope="module")
def docs(hostile: Settings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("out") / "docs"
    build_data_docs(hostile, out)
    return out


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.first_in_head: tuple[str, dict[str, str | None]] | None = None
        self.attributes: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self.tags and self.tags[-1] == "head":
            self.first_in_head = (tag, dict(attrs))
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]


def _read(page: Path) -> _Links:
    links = _Links()
    links.feed(page.read_text(encoding="utf-8"))
    return links


def test_every_suite_has_its_pages(docs: Path) -> None:
    suites = [name for name, table in tables().items() if table.schema_name != "meta"]
    assert len(suites) > 30
    pages = {path.relative_to(docs).as_posix() for path in docs.rglob("*") if path.is_file()}
    assert len(pages) == 2 * len(suites) + 1
    for name in suites:
        assert f"expectations/{name.replace('.', '/')}.html" in pages
        assert any(x.startswith(f"validations/{name.replace('.', '/')}/") for x in pages)
    linked = re.findall(r'href="([^"]+)"', (docs / "index.html").read_text(encoding="utf-8"))
    assert sorted([*linked, "index.html"]) == sorted(pages)


def test_no_value_and_no_foreign_heading_stands_in_a_page(docs: Path) -> None:
    for page in docs.rglob("*.html"):
        assert "4711" not in page.read_text(encoding="utf-8"), page
    page = next((docs / "validations/core/priority").rglob("*.html")).read_text(encoding="utf-8")
    assert "action_field" in page


def test_pages_run_nothing_and_load_nothing(docs: Path) -> None:
    for page in docs.rglob("*.html"):
        links = _read(page)
        assert links.first_in_head is not None
        tag, attributes = links.first_in_head
        assert tag == "meta"
        assert attributes["http-equiv"] == "Content-Security-Policy"
        policy = attributes["content"] or ""
        assert "default-src 'none'" in policy
        assert "script" not in policy
        assert "http" not in policy.replace("http-equiv", "")
        assert not {"script", "link", "img", "iframe", "object", "form"} & set(links.tags)
        assert links.tags.count("style") == 1
        for name, value in links.attributes:
            assert not name.startswith("on")
            assert name not in ("src", "style", "srcset")
            if name == "href":
                assert ":" not in value
                assert "//" not in value
                if not value.startswith("#"):
                    assert (page.parent / value).resolve().is_relative_to(docs)
        assert "@import" not in page.read_text(encoding="utf-8")
        assert "url(" not in page.read_text(encoding="utf-8")


def test_broken_expectations_are_seen(docs: Path) -> None:
    rows = {
        cells[0]: cells
        for cells in (
            re.findall(r"<td>([^<]*)</td>", line)
            for line in (docs / "index.html").read_text(encoding="utf-8").splitlines()
        )
        if cells
    }
    # A wholly empty column of values, and a payload where a role belongs.
    assert rows["core.answer"][3] == "1"
    assert int(rows["core.response"][3]) >= 1
    assert rows["reference.municipality"][3] == "alle erfüllt"
    assert rows["core.workshop"][3] == "leer: nichts zu prüfen"


def test_missing_page_is_an_error(tmp_path: Path, docs: Path) -> None:
    raw = tmp_path / "raw"
    shutil.copytree(docs, raw)
    results = [
        SuiteResult(name, 1, 3, 0) for name, x in tables().items() if x.schema_name != "meta"
    ]
    data_docs._rewrite(raw, tmp_path / "whole", results)
    (raw / "expectations/core/answer.html").unlink()
    with pytest.raises(DataDocsError, match=r"expectations core\.answer"):
        data_docs._rewrite(raw, tmp_path / "less", results)


def test_refused_folders(hostile: Settings, settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(DataDocsError, match="intern"):
        build_data_docs(hostile, hostile.releases / "docs")
    with pytest.raises(DataDocsError, match="intern"):
        build_data_docs(hostile, hostile.releases / "current" / "docs")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").write_text("x")
    with pytest.raises(DataDocsError, match="nicht leer"):
        build_data_docs(hostile, tmp_path / "full")
    result = CliRunner().invoke(
        main, ["datadocs", "--out", str(tmp_path / "y"), "--data-dir", str(settings.data_dir)]
    )
    assert result.exit_code == 1
    assert "noch kein Warehouse" in result.output


@pytest.mark.parametrize(
    ("source", "kept"),
    [
        ("<p onclick=x()>a</p>", "<p>a</p>"),
        ("<a href='https://example.org'>a</a>", "<a>a</a>"),
        ("<a href='//example.org'>a</a>", "<a>a</a>"),
        ("<a href='java&#115;cript:x()'>a</a>", "<a>a</a>"),
        ("<a href='../x/y.html'>a</a>", '<a href="../x/y.html">a</a>'),
        ("a<script>b<p></script>c", "ac"),
        ("a<svg><p>b</p></svg>c", "ac"),
        ("a<template><b>b</b></template>c", "ac"),
        ("&lt;script&gt;x&lt;/script&gt;", "&lt;script&gt;x&lt;/script&gt;"),
        ("<math><mi>x</mi></math>", "x"),
        ("<p style='background:url(//x)'>a</p>", "<p>a</p>"),
        ("<img src=x>a<link href=x>", "a"),
        ("<!-- --><p>a<!--> <script>x</script> -->", None),
        ("<p class='a\" onclick=x'>a</p>", "<p>a</p>"),
        ("<meta http-equiv=refresh content='0;url=//x'>a", "a"),
    ],
)
def test_page_is_written_from_an_allow_list(source: str, kept: str | None) -> None:
    whole = inert("t", f"<html><head><title>x</title></head><body>{source}</body></html>")
    body = whole.partition("<body>\n")[2].removesuffix("\n</body>\n</html>\n")
    if kept is not None:
        assert body == kept
    assert "<script" not in body
