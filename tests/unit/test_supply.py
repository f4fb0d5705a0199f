"""What the software is made of: its bill of materials, and the audit of its packages."""

import json
import subprocess
import sys
import threading
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from weltoffen_etl.settings import PROJECT_ROOT

DAY = "2026-01-01T00:00:00Z"
CI = (PROJECT_ROOT / ".ci" / "run").read_text(encoding="utf-8")


def _project() -> dict[str, Any]:
    content = tomllib.loads((PROJECT_ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    project: dict[str, Any] = content["project"]
    return project


def _name(requirement: str) -> str:
    for mark in "[<>=!~; ":
        requirement = requirement.partition(mark)[0]
    return requirement


def test_bill_of_materials_lists_every_package_at_run_time(tmp_path: Path) -> None:
    command = next(line for line in CI.splitlines() if line.startswith("uv export"))
    words = command.replace("dist/sbom.cdx.json", str(tmp_path / "sbom.cdx.json")).split()
    subprocess.run(words, cwd=PROJECT_ROOT, check=True, capture_output=True)
    bill = json.loads((tmp_path / "sbom.cdx.json").read_text(encoding="utf-8"))
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.5")
    versions = {entry["name"]: entry["version"] for entry in bill["components"]}
    project = _project()
    extras = [x for wanted in project["optional-dependencies"].values() for x in wanted]
    for requirement in (*project["dependencies"], *extras):
        assert _name(requirement) in versions, requirement
    locked = tomllib.loads((PROJECT_ROOT / "uv.lock").read_text(encoding="utf-8"))["package"]
    lock = {(entry["name"], entry.get("version")) for entry in locked}
    assert set(versions.items()) <= lock
    # Of what only tests need, nothing gets to an installation.
    assert not {"pytest", "hypothesis", "selenium"} & versions.keys()


@contextmanager
def _database(known: dict[str, list[dict[str, Any]]]) -> Iterator[str]:
    """A server that speaks as OSV does, and knows these vulnerabilities by package."""
    by_id = {entry["id"]: entry for entries in known.values() for entry in entries}

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["queries"]
            assert len(asked) > 50
            found = (known.get(query["package"]["name"], []) for query in asked)
            self._tell(
                {
                    "results": [
                        {"vulns": [{"id": x["id"], "modified": DAY} for x in e]} for e in found
                    ]
                }
            )

        def do_GET(self) -> None:
            self._tell(by_id[self.path.rpartition("/")[2]])

        def _tell(self, content: object) -> None:
            body = json.dumps(content).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


def _known(name: str, package: str, *fixed: str) -> dict[str, Any]:
    events = [{"introduced": "0"}, *({"fixed": version} for version in fixed)]
    place = {"package": {"ecosystem": "PyPI", "name": package}}
    return {
        "id": name,
        "summary": "breaks",
        "modified": DAY,
        "published": DAY,
        "affected": [{**place, "ranges": [{"type": "ECOSYSTEM", "events": events}]}],
    }


def _audited(*more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(PROJECT_ROOT / ".ci" / "audit.py"), *more],
        capture_output=True,
        text=True,
        check=False,
    )


def test_audit_fails_on_what_has_a_fix() -> None:
    with _database({"click": [_known("X-1", "click", "99")]}) as url:
        done = _audited("--service-url", url)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "X-1 breaks (fixed in 99)" in done.stdout


def test_audit_tells_what_has_none_and_goes_on() -> None:
    with _database({"jinja2": [_known("X-2", "jinja2")]}) as url:
        done = _audited("--service-url", url)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "X-2 breaks (no fix yet)" in done.stdout
    assert "0 to be fixed" in done.stdout


def test_audit_without_a_network_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    done = _audited("--service-url", "http://127.0.0.1:9/")
    assert done.returncode == 0
    assert "NOT AUDITED" in done.stdout


def test_what_is_ignored_has_a_reason_and_a_day(tmp_path: Path) -> None:
    sys.path.insert(0, str(PROJECT_ROOT / ".ci"))
    try:
        from audit import ignored  # type: ignore[import-not-found]
    finally:
        sys.path.pop(0)
    today = datetime.now(UTC).date()
    ignored(PROJECT_ROOT / "pyproject.toml", today)
    file = tmp_path / "pyproject.toml"
    entry = '[[tool.weltoffen.audit.ignored]]\nid = "X-1"\n'
    file.write_text(f'{entry}reason = "not reached"\ndecided = {today}\n', encoding="utf-8")
    assert ignored(file, today) == {"X-1": "not reached"}
    for wrong in ('reason = "y"\n', f"decided = {today}\n", 'reason = "y"\ndecided = 2020-01-01\n'):
        file.write_text(entry + wrong, encoding="utf-8")
        with pytest.raises(ValueError, match=r"needs id|more than a year"):
            ignored(file, today)


def test_ci_audits_and_writes_the_bill() -> None:
    assert "uv run python .ci/audit.py" in CI
    assert "dist/sbom.cdx.json" in CI
