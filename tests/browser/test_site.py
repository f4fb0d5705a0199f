"""The site as Chromium shows it: from a folder and over HTTP, with filters, figures and files."""

import csv
import functools
import http.server
import threading
import time
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from defusedxml.ElementTree import fromstring

from tests.browser.chromium import NEEDS_BROWSER, chromium, open_page, requests
from tests.browser.payloads import MARK, payloads
from tests.site.release import PAYLOADS, Built, enlarged, make_release

pytestmark = [NEEDS_BROWSER, pytest.mark.slow]
PAGES = [
    "index.html",
    "felder/MS.html",
    "kommunen/03241005.html",
    "kommunen/00000001.html",
    "prozess.html",
    "methode.html",
]
DRAWS = [x for x in PAGES if x != "methode.html"]
_SECONDS = 20
_MOST_SECONDS = 2.0
_CAPTURE = """
const [figure, kind] = arguments, done = arguments[arguments.length - 1];
URL.createObjectURL = (blob) => { blob.text().then(done); return "#"; };
document.querySelector(`#${figure} [data-save=${kind}]`).click();
"""
_VISIBLE = "return [...document.querySelectorAll(arguments[0])].filter(x => x.checkVisibility())"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    return make_release(tmp_path_factory.mktemp("site"))


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with chromium(tmp_path_factory.mktemp("profile")) as driver:
        yield driver


def until(browser: Any, condition: str) -> None:
    """Waits until an expression of the page is true."""
    end = time.monotonic() + _SECONDS
    while not browser.execute_script(f"return Boolean({condition})"):
        assert time.monotonic() < end, condition
        time.sleep(0.05)


def drawn(browser: Any) -> int:
    """Scrolls through the page until every figure is drawn; returns how many there are."""
    browser.execute_script("document.querySelectorAll('details').forEach(x => { x.open = true })")
    number = browser.execute_script("return document.querySelectorAll('figure.chart').length")
    for i in range(number):
        browser.execute_script(f"document.querySelectorAll('figure.chart')[{i}].scrollIntoView()")
        until(browser, f"document.querySelectorAll('figure.chart .drawing')[{i}].firstChild")
    return int(number)


def choose(browser: Any, name: str, value: str) -> None:
    """Sets a filter as a person does."""
    browser.execute_script(
        "const x = document.querySelector(`[data-filters] [name=${arguments[0]}]`);"
        "x.value = arguments[1]; x.dispatchEvent(new Event('input', { bubbles: true }))",
        name,
        value,
    )


def visible_keys(browser: Any, table: str) -> list[str]:
    return [
        x.get_attribute("data-ags") for x in browser.execute_script(_VISIBLE, f"#{table} tbody tr")
    ]


def labels(browser: Any, figure: str) -> list[str]:
    """Names of the rows of a drawing, as they stand below each other."""
    return browser.execute_script(  # type: ignore[no-any-return]
        "return [...document.querySelectorAll(`#${arguments[0]} .role-axis-label text`)]"
        ".filter(x => x.getAttribute('text-anchor') === 'end')"
        ".map(x => x.textContent).filter(x => !x.endsWith('%'))",
        figure,
    )


@pytest.mark.parametrize("name", PAGES)
def test_page_uses_its_own_files_and_reports_no_error(
    browser: Any, built: Built, name: str
) -> None:
    open_page(browser, built.site / name)
    number = drawn(browser)
    assert (number > 0) == (name in DRAWS)
    assets = {"page.css", "site.css"} | ({"vega.js", "charts.js", "site.js"} if number else set())
    asked = set(requests(browser))
    assert asked == {
        x.as_uri() for x in [built.site / name, *(built.site / "assets" / y for y in assets)]
    }
    assert browser.get_log("browser") == []
    assert (
        browser.execute_script("return document.querySelectorAll('.drawing svg').length") == number
    )


def test_pages_work_over_http(browser: Any, built: Built) -> None:
    handler = functools.partial(_Quiet, directory=str(built.folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        open_page(browser, built.site / "methode.html")
        browser.get(f"http://127.0.0.1:{server.server_port}/site/felder/MS.html")
        assert drawn(browser) > 0
        assert [x for x in browser.get_log("browser") if "favicon" not in x["message"]] == []
        server.shutdown()


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.mark.parametrize("width", [1280, 420])
@pytest.mark.parametrize("name", PAGES)
def test_page_is_not_wider_than_the_window(
    browser: Any, built: Built, name: str, width: int
) -> None:
    open_page(browser, built.site / name, width)
    drawn(browser)
    assert browser.execute_script("return document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_page_has_no_barriers(browser: Any, built: Built, name: str, scheme: str) -> None:
    import axe_core_python

    axe = (Path(axe_core_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
    feature = {"name": "prefers-color-scheme", "value": scheme}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})
    open_page(browser, built.site / name)
    drawn(browser)
    browser.execute_script(axe)
    result = browser.execute_async_script(
        "const done = arguments[0]; axe.run().then(done, error => done(String(error)))"
    )
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
    assert len(result["passes"]) > 15
    assert [(x["id"], [y["html"] for y in x["nodes"]][:3]) for x in result["violations"]] == []


def test_filters_leave_the_rows_that_the_database_has(browser: Any, built: Built) -> None:
    open_page(browser, built.site / "felder" / "MS.html")
    drawn(browser)
    everyone = "SELECT ags FROM comparison.action_field_score WHERE action_field = 'MS'"
    assert visible_keys(browser, "kennzahlen") == _keys(built, f"{everyone} AND wave = 't1'")
    choose(browser, "welle", "")
    assert visible_keys(browser, "kennzahlen") == _keys(built, everyone)
    groups = built.rows(
        "SELECT DISTINCT peer_kind, peer_group FROM reference.peer_group WHERE peer_kind <> 'all'"
    )
    counts = set()
    for kind, group in groups:
        choose(browser, "gruppe", f"{kind}:{group}")
        expected = _keys(
            built,
            f"{everyone} AND ags IN (SELECT ags FROM reference.peer_group "
            f"WHERE peer_kind = '{kind}' AND peer_group = '{group}')",
        )
        assert visible_keys(browser, "kennzahlen") == expected
        counts.add(len(expected))
    assert len(counts) > 1
    choose(browser, "gruppe", "")
    choose(browser, "suche", "garb")
    assert set(visible_keys(browser, "kennzahlen")) == {"03241005"}
    until(browser, "document.querySelectorAll('#verteilung .role-axis-label text').length")
    end = time.monotonic() + _SECONDS
    while labels(browser, "verteilung") != ["Garbsen"] and time.monotonic() < end:
        time.sleep(0.05)
    assert labels(browser, "verteilung") == ["Garbsen"]
    browser.find_element("css selector", "[data-filters] [type=reset]").click()
    assert visible_keys(browser, "kennzahlen") == _keys(built, f"{everyone} AND wave = 't1'")


def _keys(built: Built, sql: str) -> list[str]:
    return [x for (x,) in built.rows(f"{sql} ORDER BY ags, wave")]


def test_the_address_keeps_the_filters(browser: Any, built: Built) -> None:
    address = (built.site / "index.html").as_uri()
    open_page(browser, built.site / "index.html")
    choose(browser, "welle", "t0")
    choose(browser, "suche", "kauf & Co")
    assert browser.current_url == f"{address}#suche=kauf+%26+Co&welle=t0"
    browser.get("about:blank")
    browser.get(f"{address}#suche=09762&welle=t0&gruppe=size_class:nothing&mehr=1")
    assert visible_keys(browser, "matrix") == ["09762000"]
    assert [
        x.text for x in browser.execute_script(_VISIBLE, "#matrix tbody tr td:nth-child(3)")
    ] == ["t0"]
    assert browser.get_log("browser") == []


def test_the_kind_of_peers_chooses_the_band(browser: Any, built: Built) -> None:
    open_page(browser, built.site / "felder" / "MS.html")
    drawn(browser)
    for kind in ("all", "size_class", "macro_region"):
        choose(browser, "band", kind)
        shown = browser.execute_script(_VISIBLE, "#baender tbody tr")
        assert {x.get_attribute("data-band") for x in shown} == {kind}
        assert len(shown) == len(
            built.rows(
                "SELECT ags FROM comparison.benchmark WHERE part_kind = 'field' AND wave = 't1' "
                f"AND action_field = 'MS' AND peer_kind = '{kind}'"
            )
        )


def test_tables_are_sorted_by_key_and_by_name_only(browser: Any, built: Built) -> None:
    open_page(browser, built.site / "index.html")
    keys = visible_keys(browser, "verzeichnis")
    assert keys == [x for (x,) in built.rows("SELECT ags FROM reference.municipality ORDER BY ags")]
    buttons = browser.find_elements("css selector", "#verzeichnis thead button")
    assert [x.text.rstrip(" ↑↓") for x in buttons] == ["AGS", "Kommune"]
    buttons[1].click()
    names = [x.text for x in browser.find_elements("css selector", "#verzeichnis tbody th")]
    plain = [x for x in names if x[0].isalpha()]
    assert plain == sorted(plain, key=lambda x: x.casefold().replace("ü", "u"))
    assert names != [
        x for (x,) in built.rows("SELECT label_de FROM reference.municipality ORDER BY ags")
    ]
    states = [
        x.get_attribute("aria-sort")
        for x in browser.find_elements("css selector", "#verzeichnis [aria-sort]")
    ]
    assert states == ["none", "ascending"]
    buttons[0].click()
    assert visible_keys(browser, "verzeichnis") == keys
    buttons[0].click()
    assert visible_keys(browser, "verzeichnis") == keys[::-1]


def test_the_csv_is_what_the_database_says(browser: Any, built: Built) -> None:
    open_page(browser, built.site / "felder" / "EB.html")
    choose(browser, "welle", "")
    content = browser.execute_async_script(_CAPTURE, "verteilung", "csv")
    assert "\r\n" in content
    rows = list(csv.DictReader(StringIO(content.lstrip("\ufeff")), delimiter=";"))
    truth = built.rows(
        "SELECT ags, wave, n_respondents, n_answers, n_1, answered_share_of_chosen, mean, sd, label_de "
        "FROM comparison.action_field_score JOIN reference.municipality USING (ags) "
        "WHERE action_field = 'EB' ORDER BY ags, wave"
    )
    columns = ["Bögen", "Antworten", "Wert\xa01", "beantwortet", "Mittelwert", "Standardabweichung"]
    assert [(x["AGS"], x["Welle"]) for x in rows] == [(x[0], x[1]) for x in truth]
    for row, (_, _, *numbers, name) in zip(rows, truth, strict=True):
        told = [float(row[x].replace(",", ".")) if row[x] else None for x in columns]
        assert told == numbers
        assert row["Kommune"] == (f"'{name}" if name[0] == "=" else name)
    assert f"'{PAYLOADS['Konstanz']}" in [x["Kommune"] for x in rows]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    ("name", "figure"), [("felder/MS.html", "verteilung"), ("prozess.html", "teilnahme")]
)
def test_the_svg_stands_on_its_own(
    browser: Any, built: Built, name: str, figure: str, scheme: str
) -> None:
    feature = {"name": "prefers-color-scheme", "value": scheme}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})
    open_page(browser, built.site / name)
    content = browser.execute_async_script(_CAPTURE, figure, "svg")
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
    root = fromstring(content)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert "var(" not in content
    assert ("#20262b" in content) == (scheme == "light")
    assert ("#e8e6e1" in content) == (scheme == "dark")
    texts = ["".join(x.itertext()) for x in root.iter("{http://www.w3.org/2000/svg}text")]
    assert "Garbsen" in texts


def test_printing_draws_every_figure(browser: Any, built: Built) -> None:
    open_page(browser, built.site / "kommunen" / "09762000.html")
    until(browser, "document.querySelector('.drawing svg')")
    missing = (
        "[...document.querySelectorAll('.drawing')].filter(x => !x.querySelector('svg')).length"
    )
    assert browser.execute_script(f"return {missing}") > 0
    browser.execute_cdp_cmd("Page.printToPDF", {})
    until(browser, f"{missing} === 0")


def test_a_keyboard_reaches_content_and_controls(browser: Any, built: Built) -> None:
    from selenium.webdriver.common.keys import Keys

    open_page(browser, built.site / "index.html")
    browser.switch_to.active_element.send_keys(Keys.TAB)
    skip = browser.switch_to.active_element
    assert skip.text == "Zum Inhalt springen"
    assert skip.value_of_css_property("outline-style") != "none"
    skip.send_keys(Keys.ENTER)
    assert browser.switch_to.active_element.get_attribute("id") == "inhalt"
    reached = set()
    for _ in range(80):
        browser.switch_to.active_element.send_keys(Keys.TAB)
        element = browser.switch_to.active_element
        reached.add(
            element.get_attribute("name")
            or element.get_attribute("data-sort")
            or element.get_attribute("data-save")
        )
    assert {"suche", "welle", "gruppe", "csv", "svg", "ags", "name"} <= reached


def test_without_scripts_all_values_stand_in_tables(browser: Any, built: Built) -> None:
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    open_page(browser, built.site / "felder" / "MS.html")
    form = browser.find_element("css selector", "[data-filters]")
    rows = browser.find_elements("css selector", "#kennzahlen tbody tr")
    shown = [form.is_displayed(), len(rows), all(x.is_displayed() for x in rows)]
    tools = [x.is_displayed() for x in browser.find_elements("css selector", ".tools")]
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
    n = built.rows("SELECT count(*) FROM comparison.action_field_score WHERE action_field = 'MS'")[
        0
    ][0]
    assert shown == [False, n, True]
    assert not any(tools)


def test_names_of_any_kind_stay_text_on_the_page(
    browser: Any, built: Built, tmp_path: Path
) -> None:
    names = payloads("http://127.0.0.1:9")
    hostile = enlarged(built, tmp_path / "hostile", names)
    found = {x for (x,) in hostile.rows("SELECT label_de FROM reference.municipality")}
    assert set(names) <= found
    (key,) = hostile.rows("SELECT max(ags) FROM reference.municipality")[0]
    for name in ("index.html", "felder/MS.html", f"kommunen/{key}.html", "prozess.html"):
        open_page(browser, hostile.site / name)
        assert drawn(browser) > 0
        assert not browser.execute_script(f"return document.documentElement.hasAttribute('{MARK}')")
        assert all(x.startswith(hostile.site.as_uri()) for x in requests(browser))
        assert browser.get_log("browser") == []
        active = "return document.querySelectorAll('main img, main iframe, main form[action], main base').length"
        assert browser.execute_script(active) == 0


def test_the_overview_of_all_municipalities_opens_at_once(
    built: Built, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    large = enlarged(built, tmp_path / "large")
    page = large.site / "index.html"
    with chromium(tmp_path / "profile") as cold:
        open_page(cold, page)
        until(cold, "document.querySelector('.drawing svg') || scrollTo(0, 1200)")
        shown, loaded, first = cold.execute_script(
            "const x = performance.getEntriesByType('navigation')[0];"
            "return [performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0, x.loadEventEnd, performance.now()]"
        )
        rows = cold.execute_script("return document.querySelectorAll('#matrix tbody tr').length")
    assert rows >= 70
    weight = page.stat().st_size / 1000
    scripts = sum(x.stat().st_size for x in (large.site / "assets").iterdir()) / 1000
    with capsys.disabled():
        print(
            f"\noverview, {rows} rows: painted {shown:.0f} ms, loaded {loaded:.0f} ms, first figure at most "
            f"{first:.0f} ms; page {weight:.0f} kB, assets {scripts:.0f} kB"
        )
    assert loaded < 1000 * _MOST_SECONDS
