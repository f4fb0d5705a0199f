"""Chromium as the tests of pages use it: one browser, and what a page asked for and said."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = Path(os.environ.get("WELTOFFEN_CHROMIUM", "/usr/bin/chromium"))
DRIVER = shutil.which("chromedriver")
NEEDS_BROWSER = pytest.mark.skipif(
    not CHROMIUM.is_file() or DRIVER is None,
    reason=f"no browser: {CHROMIUM} (WELTOFFEN_CHROMIUM) or chromedriver does not exist",
)
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run "
    "--disable-background-networking --disable-component-update --disable-sync"
)


@contextmanager
def chromium(profile: Path, *flags: str) -> Iterator[Any]:
    """Starts a browser without window and with an empty profile, with further flags if need be."""
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = str(CHROMIUM)
    for flag in [*FLAGS.split(), *flags, f"--user-data-dir={profile}"]:
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(DRIVER))
    # The rules for accessible pages take half a minute on the longest page of a busy machine.
    driver.set_script_timeout(120)
    try:
        yield driver
    finally:
        driver.quit()


def open_page(browser: Any, file: Path | str, width: int = 1280) -> None:
    """Opens a file or an address in a window of some width, with empty logs."""
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False},
    )
    browser.get("about:blank")
    browser.get_log("browser")
    browser.get_log("performance")
    browser.get(file if isinstance(file, str) else file.as_uri())


def requests(browser: Any) -> list[str]:
    """Addresses that were asked for since the page was opened."""
    events = [json.loads(x["message"])["message"] for x in browser.get_log("performance")]
    return [
        x["params"]["request"]["url"] for x in events if x["method"] == "Network.requestWillBeSent"
    ]
