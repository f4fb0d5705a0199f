"""Whatever is delivered, the pages show it as text or not at all: nothing runs, nothing is loaded."""

import csv
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from click.testing import CliRunner
from openpyxl import load_workbook

from tests.browser.chromium import NEEDS_BROWSER, chromium, open_page, requests
from tests.browser.payload_night import key_of, make_night
from tests.browser.payloads import MARK, payloads
from weltoffen_etl.cli import main
from weltoffen_etl.quality.data_docs import build_data_docs
from weltoffen_etl.settings import Settings
from weltoffen_etl.warehouse.current import current_release

pytestmark = [NEEDS_BROWSER, pytest.mark.slow]
_STATE = f"""
const marked = document.documentElement.hasAttribute('{MARK}')
    || getComputedStyle(document.body).getPropertyValue('--inert') !== '';
const active = [...document.querySelectorAll('script, iframe, object, embed, base, link, form, svg script')];
const handlers = [...document.querySelectorAll('*')].filter(
    x => [...x.attributes].some(y => y.name.startsWith('on')));
const links = [...document.querySelectorAll('[href], [src], [srcset], [action]')].flatMap(
    x => [...x.attributes]).filter(x => ['href', 'src', 'srcset', 'action'].includes(x.name)).filter(
    x => /^\\s*(javascript|data|http|\\/\\/)/i.test(x.value) && !/^https:\\/\\/(www\\.)?destatis/.test(x.value));
const refresh = document.querySelectorAll('meta[http-equiv=refresh i]');
return [marked, active.length, handlers.length, links.map(x => x.value), refresh.length, location.href];
"""


@dataclass(frozen=True, slots=True)
class _Host:
    """A host on this machine that payloads call, and the paths they called."""

    address: str
    hits: list[str]


@dataclass(frozen=True, slots=True)
class _Made:
    settings: Settings
    release: Path
    docs: Path


@pytest.fixture(scope="module")
def host() -> Iterator[_Host]:
    hits: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            hits.append(self.path)
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield _Host(f"http://127.0.0.1:{server.server_port}", hits)
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def made(host: _Host, tmp_path_factory: pytest.TempPathFactory) -> _Made:
    folder = tmp_path_factory.mktemp("inert")
    settings = make_night(folder, payloads(host.address))
    release = current_release(settings)
    assert release is not None
    build_data_docs(settings, folder / "docs")
    return _Made(settings, release.folder, folder / "docs")


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with chromium(tmp_path_factory.mktemp("profile")) as driver:
        yield driver


def _state(browser: Any) -> list[Any]:
    state: list[Any] = browser.execute_script(_STATE)
    return state


def _faults(browser: Any, pages: list[Path]) -> list[tuple[str, object]]:
    """Opens pages and tells of each that did, asked for or said anything."""
    faults: list[tuple[str, object]] = []
    for page in pages:
        open_page(browser, page)
        state = _state(browser)
        if state != [False, 0, 0, [], 0, page.as_uri()]:
            faults.append((page.name, state))
        if (asked := requests(browser)) != [page.as_uri()]:
            faults.append((page.name, asked))
        if said := browser.get_log("browser"):
            faults.append((page.name, said[:2]))
    return faults


def test_a_page_that_is_not_inert_is_noticed(browser: Any, tmp_path: Path, host: _Host) -> None:
    """The payloads do run, and their host is heard, where nobody takes care."""
    page = tmp_path / "open.html"
    triggered = []
    for number, text in enumerate(payloads(host.address)):
        page.write_text(
            f"<!doctype html><meta charset=utf-8><title>x</title><body>{text}", encoding="utf-8"
        )
        if _faults(browser, [page]):
            triggered.append(number)
    assert len(triggered) > 20
    assert len(set(host.hits)) > 8
    host.hits.clear()


def test_pages_of_the_release_are_inert(browser: Any, made: _Made, host: _Host) -> None:
    pages = sorted(made.release.rglob("*.html"))
    texts = payloads(host.address)
    assert {page.stem for page in pages} >= {"quality", *(key_of(n) for n in range(len(texts)))}
    host.hits.clear()
    assert _faults(browser, pages) == []
    assert host.hits == []


def test_the_name_of_a_municipality_is_shown_as_it_is(
    browser: Any, made: _Made, host: _Host
) -> None:
    """Text that is shown is whole: nothing was taken for a template or a tag."""
    for number, text in enumerate(payloads(host.address)):
        open_page(browser, made.release / "reports" / f"{key_of(number)}.html")
        shown = browser.execute_script("return document.body.textContent")
        words = [word for word in text.split() if word.isprintable()][:6]
        assert [word for word in words if word not in shown] == [], number


def test_data_docs_are_inert(browser: Any, made: _Made, host: _Host) -> None:
    pages = sorted(made.docs.rglob("*.html"))
    assert len(pages) > 60
    host.hits.clear()
    assert _faults(browser, pages) == []
    assert host.hits == []


def test_attachments_are_inert_and_letters_have_no_further_headers(
    browser: Any, made: _Made, host: _Host, tmp_path: Path
) -> None:
    pages = []
    letters = sorted(made.settings.outbox.glob("*.eml"))
    for file in letters:
        message = message_from_bytes(file.read_bytes(), policy=policy.default)
        assert "Bcc" not in message
        assert message.defects == []
        for part in message.walk():
            if part.get_content_type() == "text/html":
                page = tmp_path / f"{len(pages)}.html"
                content = part.get_payload(decode=True)
                assert isinstance(content, bytes)
                page.write_bytes(content)
                pages.append(page)
    assert len(pages) >= sum(text.isprintable() for text in payloads(host.address)) > 30
    host.hits.clear()
    assert _faults(browser, pages) == []
    assert host.hits == []


def _export(made: _Made, file: Path) -> None:
    result = CliRunner().invoke(
        main,
        ["quarantine", "--data-dir", str(made.settings.data_dir), "--export", str(file)],
        env={"WELTOFFEN_REFERENCE_DIR": str(made.settings.reference_dir)},
    )
    assert result.exit_code == 0, result.output


def test_the_exported_quarantine_holds_no_formula(made: _Made, tmp_path: Path, host: _Host) -> None:
    file = tmp_path / "klaerung.xlsx"
    _export(made, file)
    cells = [
        cell
        for sheet in load_workbook(file)
        for row in sheet.iter_rows()
        for cell in row
        if cell.value
    ]
    texts = {str(cell.value) for cell in cells}
    formulas = [x for x in payloads(host.address) if x.startswith(("=", "@", "+", "-"))]
    assert len(formulas) == 6
    assert texts >= set(formulas)
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    assert all(cell.hyperlink is None for cell in cells)
    with ZipFile(file) as package:
        for name in package.namelist():
            content = package.read(name)
            assert (
                b"<f"
                not in content.replace(b"<fill", b"")
                .replace(b"<font", b"")
                .replace(b"<formula", b"<f")
                or name == "xl/styles.xml"
            ), name
            assert b"TargetMode" not in content, name


def test_the_exported_table_is_neutral(made: _Made, tmp_path: Path, host: _Host) -> None:
    file = tmp_path / "klaerung.csv"
    _export(made, file)
    csv.field_size_limit(1_000_000)
    with file.open(encoding="utf-8-sig", newline="") as source:
        cells = [cell for row in csv.reader(source, delimiter=";") for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    for text in payloads(host.address):
        if text.startswith(("=", "@", "+", "-")):
            assert f"'{text}" in cells
