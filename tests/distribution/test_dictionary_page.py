"""The dictionary as Chromium shows it: nothing leaves, nothing fails, everyone can read it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import axe_core_python
import pytest

from tests.browser.chromium import NEEDS_BROWSER, chromium, open_page, requests
from tests.distribution.small import MANIFEST
from weltoffen_etl.catalog import Table, tables
from weltoffen_etl.reports.dictionary.page import Heading, dictionary_page

pytestmark = [NEEDS_BROWSER, pytest.mark.slow]


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    published: list[tuple[Table, int]] = [
        (table.model_copy(update={"columns": table.published_columns}), 12_345)
        for table in tables().values()
        if table.publish
    ]
    heading = Heading("Titel <script>alert(1)</script>", "Lizenz.", "Zitat.")
    file = tmp_path_factory.mktemp("dictionary") / "dictionary.html"
    file.write_text(dictionary_page(published, heading, MANIFEST, has_site=False), encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with chromium(tmp_path_factory.mktemp("profile")) as driver:
        yield driver


def test_page_asks_for_nothing_and_reports_no_error(browser: Any, page: Path) -> None:
    open_page(browser, page)
    assert requests(browser) == [page.as_uri()]
    assert browser.get_log("browser") == []
    assert browser.execute_script("return document.scripts.length") == 0


@pytest.mark.parametrize("width", [1280, 420])
def test_page_is_not_wider_than_the_window(browser: Any, page: Path, width: int) -> None:
    open_page(browser, page, width)
    assert browser.execute_script("return document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_page_has_no_barriers(browser: Any, page: Path, scheme: str) -> None:
    axe = (Path(axe_core_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
    feature = {"name": "prefers-color-scheme", "value": scheme}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})
    open_page(browser, page)
    browser.execute_script(axe)
    browser.set_script_timeout(120)
    found = browser.execute_async_script(
        "const done = arguments[arguments.length - 1]; axe.run().then(x => done(x.violations))"
    )
    assert [
        (problem["id"], [node["html"] for node in problem["nodes"]][:3]) for problem in found
    ] == []
