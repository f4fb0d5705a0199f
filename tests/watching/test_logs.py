"""What is said while runs and looks work: one JSON object a line, and nothing that shows anybody."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.watching.installation import install, make_older, new_settings
from weltoffen_etl.lock import run_lock
from weltoffen_etl.settings import Settings
from weltoffen_etl.watching.logs import delivery_in

_CALL = "from weltoffen_etl.cli import main; main()"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = new_settings(tmp_path / "data")
    install(settings)
    return settings


def _said(code: str, *arguments: str, log_format: str = "json") -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"WELTOFFEN_LOG_FORMAT": log_format, "WELTOFFEN_MIN_FREE_BYTES": "0"},
        timeout=120,
    )
    return done.returncode, done.stdout, done.stderr


def _lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_look_of_the_timer_in_json(settings: Settings) -> None:
    make_older(settings, hours=27)
    code, out, err = _said(_CALL, "health", "--alert", "--data-dir", str(settings.data_dir))
    assert (code, out) == (1, "")
    lines = _lines(err)
    assert {"incident_opened", "check", "health", "alerting_problem"} <= {x["event"] for x in lines}
    opened = next(x for x in lines if x["event"] == "incident_opened")
    assert (opened["check"], opened["level"]) == ("last_good_night", "error")
    for entry in lines:
        assert {"time", "level", "event", "message"} <= entry.keys()
        assert datetime.fromisoformat(entry["time"]).utcoffset() == datetime.now(UTC).utcoffset()


def test_refused_run_in_json_and_in_words(settings: Settings) -> None:
    with run_lock(settings):
        code, _, err = _said(_CALL, "run", "--data-dir", str(settings.data_dir))
        assert code == 75
        (entry,) = _lines(err)
        assert (entry["event"], entry["exit_code"]) == ("locked", 75)
        _, _, err = _said(_CALL, "run", "--data-dir", str(settings.data_dir), log_format="text")
        assert err.startswith("Ein anderer Lauf ist im Gang")


_LIBRARY = """
import logging, threading, warnings
from weltoffen_etl.settings import Settings
from weltoffen_etl.watching.logs import take_over
take_over(Settings())
take_over(Settings())
logging.getLogger("fremd.teil").warning("Zelle A1: %s", "Erika Mustermann")
logging.getLogger("fremd.teil").info("Erika Mustermann")
warnings.warn("Erika Mustermann")
try:
    raise ValueError("Erika Mustermann")
except ValueError:
    logging.getLogger("fremd").exception("Erika Mustermann")
def fall(): raise KeyError("Erika Mustermann")
worker = threading.Thread(target=fall)
worker.start()
worker.join()
raise RuntimeError("Erika Mustermann")
"""


def test_of_libraries_only_who_where_and_what_kind() -> None:
    code, _, err = _said(_LIBRARY)
    assert code == 1
    assert "Erika" not in err
    lines = _lines(err)
    assert [(x["event"], x.get("logger"), x.get("kind")) for x in lines] == [
        ("library", "fremd.teil", None),
        ("library", "py.warnings", None),
        ("library", "fremd", "ValueError"),
        ("unexpected_error", None, "KeyError"),
        ("unexpected_error", None, "RuntimeError"),
    ]


@pytest.mark.parametrize(
    ("message", "delivery"),
    [
        ("03241005/t0/selfcheck/5f2c09ab.csv", "5f2c09ab"),
        ("_multi/t0/5f2c09ab", "5f2c09ab"),
        ("Skipping step stage due to skipped dependencies: ['deliveries.deliveries'].", None),
    ],
)
def test_delivery_of_a_masked_path(message: str, delivery: str | None) -> None:
    assert delivery_in(message) == delivery
