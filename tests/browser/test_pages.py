"""The pages as Chromium shows them: nothing leaves, nothing fails, everyone can read them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.chromium import NEEDS_BROWSER, chromium, open_page, requests
from tests.report_night import BROKEN, FEW, PAYLOAD, REPLACED, SHARED_REPAIRED, make_night
from weltoffen_etl.warehouse.current import current_release

pytestmark = [NEEDS_BROWSER, pytest.mark.slow]
PAGES = [
    "quality.html",
    *(f"reports/{x}.html" for x in (REPLACED, FEW, BROKEN, PAYLOAD, SHARED_REPAIRED)),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    release = current_release(make_night(tmp_path_factory.mktemp("browser")))
    assert release is not None
    return release.folder


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with chromium(tmp_path_factory.mktemp("profile")) as driver:
        yield driver


@pytest.mark.parametrize("page", PAGES)
def test_page_asks_for_nothing_and_reports_no_error(browser: Any, folder: Path, page: str) -> None:
    open_page(browser, folder / page)
    assert requests(browser) == [(folder / page).as_uri()]
    assert browser.get_log("browser") == []
    assert browser.title


@pytest.mark.parametrize("width", [1280, 420])
@pytest.mark.parametrize("page", PAGES)
def test_page_is_not_wider_than_the_window(
    browser: Any, folder: Path, page: str, width: int
) -> None:
    open_page(browser, folder / page, width)
    assert browser.execute_script("return document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("page", PAGES)
def test_page_has_no_barriers(browser: Any, folder: Path, page: str, scheme: str) -> None:
    import axe_core_python

    axe = (Path(axe_core_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
    feature = {"name": "prefers-color-scheme", "value": scheme}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})
    open_page(browser, folder / page)
    browser.execute_script("document.querySelectorAll('details').forEach(x => { x.open = true })")
    browser.execute_script(axe)
    result = browser.execute_async_script(
        "const done = arguments[0]; axe.run().then(done, error => done(String(error)))"
    )
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
    assert len(result["passes"]) > 15
    assert [(x["id"], [y["html"] for y in x["nodes"]]) for x in result["violations"]] == []


def test_the_policy_stops_what_a_page_must_not_do(
    browser: Any, folder: Path, tmp_path: Path
) -> None:
    page = (folder / PAGES[1]).read_text(encoding="utf-8")
    outside = "<script>document.title = 'ran'</script><img src='http://127.0.0.1:9/x.png' alt=''>"
    spoilt = tmp_path / "spoilt.html"
    spoilt.write_text(page.replace("</body>", f"{outside}</body>"), encoding="utf-8")
    open_page(browser, spoilt)
    assert browser.title != "ran"
    said = " ".join(entry["message"] for entry in browser.get_log("browser"))
    assert "script-src" in said or "inline script" in said
    assert "x.png" in said


def test_print_opens_what_is_collapsed_and_is_light(browser: Any, folder: Path) -> None:
    dark = {"name": "prefers-color-scheme", "value": "dark"}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print", "features": [dark]})
    open_page(browser, folder / PAGES[1])
    heights, ground = browser.execute_script(
        "return [[...document.querySelectorAll('details .notice')].map(x => x.getBoundingClientRect()"
        ".height), getComputedStyle(document.body).backgroundColor]"
    )
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "", "features": []})
    assert heights
    assert min(heights) > 10
    assert ground == "rgb(255, 255, 255)"
