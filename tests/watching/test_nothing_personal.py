"""A whole night on deliveries full of marks: none of them is in what watches it or tells of it."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.hostile.canaries import Search, canaries, table_text
from tests.hostile.canary_night import deliver_all
from tests.mail_server import mail_server
from tests.web_server import web_server
from weltoffen_etl.settings import Settings

pytestmark = pytest.mark.slow
MARKS = canaries()
_CALL = "from weltoffen_etl.cli import main; main()"
_FILES = ("heartbeat.json", "incidents.jsonl", "metrics.prom")


@dataclass
class _Night:
    settings: Settings
    codes: list[int] = field(default_factory=list)
    json_logs: str = ""
    text_logs: str = ""
    files: str = ""
    letters: list[str] = field(default_factory=list)
    posts: list[Any] = field(default_factory=list)

    def call(self, log_format: str, *arguments: str, **more: str) -> None:
        """Calls a command as a service would, and keeps all that it says."""
        environment = {"WELTOFFEN_SETTLE_SECONDS": "0", "WELTOFFEN_LOG_FORMAT": log_format}
        done = subprocess.run(
            [sys.executable, "-c", _CALL, *arguments, "--data-dir", str(self.settings.data_dir)],
            env=os.environ | environment | more,
            capture_output=True,
            text=True,
            check=False,
            timeout=500,
        )
        self.codes.append(done.returncode)
        if log_format == "json":
            self.json_logs += done.stderr
            self.text_logs += done.stdout
        else:
            self.text_logs += done.stdout + done.stderr
        for name in _FILES:
            self.files += (self.settings.data_dir / name).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> _Night:
    """Published in JSON, failed, failed in words, mended in words: with a look after each."""
    folder = tmp_path_factory.mktemp("watched")
    settings = Settings(data_dir=folder / "data", settle_seconds=0.0)
    deliver_all(settings, MARKS)
    night = _Night(settings)
    ledger = settings.archive / "ledger.jsonl"
    with mail_server() as mail, web_server() as web:
        ways = {
            "WELTOFFEN_SMTP__HOST": "localhost",
            "WELTOFFEN_SMTP__PORT": str(mail.port),
            "WELTOFFEN_SMTP__SECURITY": "none",
            "WELTOFFEN_SMTP__SENDER": "daten@weltoffen.example",
            "WELTOFFEN_OPERATOR_EMAIL": "betrieb@weltoffen.example",
            "WELTOFFEN_WEBHOOK_URL": web.url,
        }
        night.call("json", "run", **ways)
        night.call("json", "health", "--alert", **ways)
        sound = ledger.read_bytes()
        with ledger.open("a") as file:
            file.write(json.dumps({MARKS[0].text: MARKS[20].text}) + "\n")
        night.call("json", "run", **ways)
        night.call("json", "health", "--alert", "--json", **ways)
        night.call("text", "run", **ways)
        ledger.write_bytes(sound)
        shutil.rmtree(settings.stage)
        (settings.releases / "current").unlink()
        night.call("text", "run", **ways)
        night.call("text", "health", "--alert", "--deep", **ways)
        night.letters = [
            f"{letter['Subject']}\n{part.get_content()}"
            for _, to, letter in mail.letters
            for part in letter.walk()
            if to == ["betrieb@weltoffen.example"] and part.get_content_type() == "text/plain"
        ]
        night.posts = [post for _, post in web.posts]
    return night


def test_the_marks_were_there(night: _Night) -> None:
    assert Search(MARKS).in_bytes(table_text(night.settings.warehouse_file)) == set(MARKS)
    assert MARKS[0] in Search(MARKS).in_bytes(
        (night.settings.warehouse / "failure.txt").read_bytes()
    )


def test_all_of_it_was_said(night: _Night) -> None:
    assert night.codes == [3, 0, 1, 1, 1, 3, 0]
    lines = [json.loads(line) for line in night.json_logs.splitlines()]
    events = {entry["event"] for entry in lines}
    assert events >= {
        "run_started", "step_started", "step_ended", "step_failed", "delivery_read", "run_ended",
        "run_failed", "incident_opened", "health", "check",
    }  # fmt: skip
    read = [entry for entry in lines if entry["event"] == "delivery_read"]
    assert len({entry["delivery"] for entry in read}) > 100
    assert all(entry["run_id"] and entry["step"] == "stage" for entry in read)
    assert any(entry["event"] == "run_ended" and entry.get("release") for entry in lines)
    assert {(x["event"], x["incident"]) for x in night.posts} >= {
        ("opened", "last_run"),
        ("resolved", "last_run"),
    }
    assert any("Störung" in letter for letter in night.letters)
    assert any("behoben" in letter for letter in night.letters)
    assert "• Veröffentlichen" in night.text_logs
    assert "last_good" in night.files
    assert "weltoffen_release_deliveries" in night.files


def test_nobody_is_shown(night: _Night) -> None:
    search = Search(MARKS)
    places = {
        "JSON logs": night.json_logs,
        "text logs": night.text_logs,
        "heartbeat, incidents, metrics": night.files,
        "letters": "\n".join(night.letters),
        "posts": json.dumps(night.posts, ensure_ascii=False),
    }
    leaks = {
        f"{mark.kind} {mark.text!r} in {place}"
        for place, text in places.items()
        for mark in search.in_text(text)
    }
    assert sorted(leaks) == []
    for text in places.values():
        assert "betrieb@weltoffen.example" not in text
        assert "geheim-0815" not in text
