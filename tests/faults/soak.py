"""Runs hundreds of nights with changing deliveries in one process tree and prints what grows.

The service with web pages and scheduler runs all the while; most nights run in this process, so
that what a night leaves in memory adds up, and every tenth is launched by the service. After each
night all of Dagster's records are made a day older, so that what is forgotten after a while is
forgotten here too.

    python -m tests.faults.soak --nights 300
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from tests.faults.installation import (
    broken,
    leftovers,
    new_delivery,
    night,
    two_nights,
)
from tests.mail_server import free_port
from weltoffen_etl.journal import last_runs
from weltoffen_etl.settings import Settings

_KEPT_RELEASES = 5
_KEPT_DAYS = 14
_FOLDERS = (
    "archive/objects",
    "archive/disclosure",
    "stage",
    "warehouse",
    "releases",
    "dagster",
    "outbox",
)
_LAUNCH = """mutation($job: JobOrPipelineSelector!) {
  launchRun(executionParams: {selector: $job}) { __typename ... on PythonError { message } } }"""
_JOB = {
    "repositoryLocationName": "weltoffen_etl",
    "repositoryName": "__repository__",
    "jobName": "nightly",
}


def run(nights: int, folder: Path) -> list[str]:
    """Runs the nights and returns what did not hold."""
    settings = two_nights(folder / "data").model_copy(
        update={"keep_releases": _KEPT_RELEASES, "keep_run_days": _KEPT_DAYS}
    )
    problems: list[str] = []
    begun = time.monotonic()
    with _service(settings, folder / "service.log") as (process, port):
        _print(["night", "min", "here MB", "files", "service MB", "files", *_FOLDERS])
        for number in range(1, nights + 1):
            new_delivery(settings, number)
            before = len(last_runs(settings, 10_000))
            if number % 10 == 0:
                problems += [f"night {number}: {x}" for x in _launched(settings, port, before)]
            elif (code := night(settings)) not in (0, 3):
                problems.append(f"night {number}: exit code {code}")
            outcome = last_runs(settings, 1)[0].outcome
            if outcome != "published":
                problems.append(f"night {number}: {outcome}")
            _a_day_later(settings)
            if process.poll() is not None:
                problems.append(f"night {number}: the service has ended")
                break
            if number <= 5 or number % 20 == 0:
                _print(_line(number, begun, process.pid, settings))
        problems += [*broken(settings), *leftovers(settings)]
    return problems


def _line(number: int, begun: float, service: int, settings: Settings) -> list[object]:
    own = _usage([os.getpid()])
    tree = _usage(_descendants(service))
    sizes = [_size(settings.data_dir / name) for name in _FOLDERS]
    return [number, f"{(time.monotonic() - begun) / 60:.1f}", *own, *tree, *sizes]


def _print(cells: list[Any]) -> None:
    sys.stdout.write("\t".join(map(str, cells)) + "\n")
    sys.stdout.flush()


@contextmanager
def _service(settings: Settings, log: Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    port = free_port()
    environment = os.environ | {
        "WELTOFFEN_DATA_DIR": str(settings.data_dir),
        "WELTOFFEN_AS_OF": str(settings.as_of),
        "WELTOFFEN_SETTLE_SECONDS": "0",
        "WELTOFFEN_KEEP_RELEASES": str(_KEPT_RELEASES),
        "WELTOFFEN_KEEP_RUN_DAYS": str(_KEPT_DAYS),
    }
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-c", "from weltoffen_etl.cli import main; main()", "service", "--port", str(port), "--allow-changes"],
            env=environment, stdout=output, stderr=output,
        )  # fmt: skip
        try:
            _wait_until(lambda: _asked(port, "{ version }", {}) is not None, 120)
            yield process, port
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)


def _launched(settings: Settings, port: int, before: int) -> list[str]:
    """Launches a night by the service and waits for its end."""
    answer = _asked(port, _LAUNCH, {"job": _JOB})
    if answer is None or answer["data"]["launchRun"]["__typename"] != "LaunchRunSuccess":
        return [f"not launched: {answer}"]
    if not _wait_until(lambda: len(last_runs(settings, 10_000)) > before, 300):
        return ["launched, but did not end within five minutes"]
    time.sleep(3)  # its process ends
    return []


def _asked(port: int, query: str, variables: dict[str, Any]) -> dict[str, Any] | None:
    body = json.dumps({"query": query, "variables": variables}).encode()
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/graphql", body, {"Content-Type": "application/json"}
    )
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
            content: dict[str, Any] = json.loads(answer.read())
            return content
    except OSError:
        return None


def _wait_until(condition: Any, seconds: float) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.5)
    return False


def _a_day_later(settings: Settings) -> None:
    history = settings.data_dir / "dagster" / "history" / "runs.db"
    with closing(sqlite3.connect(history, timeout=30)) as connection, connection:
        connection.execute(
            "UPDATE runs SET create_timestamp = datetime(create_timestamp, '-1 day'), "
            "update_timestamp = datetime(update_timestamp, '-1 day'), "
            "start_time = start_time - 86400, end_time = end_time - 86400"
        )


def _descendants(process: int) -> list[int]:
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parents[int(entry.name)] = int(
                    (entry / "stat").read_text().rpartition(")")[2].split()[1]
                )
            except OSError:
                continue
    found = [process]
    for one in found:
        found += [child for child, parent in parents.items() if parent == one]
    return found


def _usage(processes: list[int]) -> tuple[int, int]:
    """Memory in MB that is theirs alone, and number of open files."""
    memory = files = 0
    for process in processes:
        try:
            text = Path(f"/proc/{process}/smaps_rollup").read_text()
            memory += sum(int(x.split()[1]) for x in text.splitlines() if x.startswith("Private"))
            files += len(list(Path(f"/proc/{process}/fd").iterdir()))
        except OSError:
            continue
    return memory // 1024, files


def _size(folder: Path) -> str:
    total = sum(x.lstat().st_blocks * 512 for x in folder.rglob("*") if not x.is_symlink())
    return f"{total / 1024**2:.1f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nights", type=int, default=300)
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        problems = run(options.nights, options.folder or Path(scratch))
    sys.stdout.write("".join(f"{x}\n" for x in problems) or "no problems\n")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
