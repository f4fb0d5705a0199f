"""Runs hundreds of nights with changing deliveries in one process tree and prints what grows.

The service with web pages and scheduler runs all the while; most nights run in this process, so
that what a night leaves in memory adds up, and every tenth is launched by the service. After each
night all of Dagster's records are made a day older, so that what is forgotten after a while is
forgotten here too.

    python -m tests.faults.soak --nights 300
"""

from __future__ import annotations

import argparse
import os
import sqlite3
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import Any

from tests.faults.installation import broken, leftovers, new_delivery, night, two_nights
from tests.service.running import Service, serving, until
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


def run(nights: int, folder: Path) -> list[str]:
    """Runs the nights and returns what did not hold."""
    settings = two_nights(folder / "data").model_copy(
        update={"keep_releases": _KEPT_RELEASES, "keep_run_days": _KEPT_DAYS}
    )
    problems: list[str] = []
    begun = time.monotonic()
    # The service reads its settings from the environment, as in an installation.
    environment = {
        "WELTOFFEN_AS_OF": str(settings.as_of),
        "WELTOFFEN_SETTLE_SECONDS": "0",
        "WELTOFFEN_KEEP_RELEASES": str(_KEPT_RELEASES),
        "WELTOFFEN_KEEP_RUN_DAYS": str(_KEPT_DAYS),
    }
    with serving(settings, "--allow-changes", **environment) as service:
        service.ready()
        _print(["night", "min", "here MB", "files", "service MB", "files", *_FOLDERS])
        for number in range(1, nights + 1):
            new_delivery(settings, number)
            before = len(last_runs(settings, 10_000))
            if number % 10 == 0:
                service.launch()
                until(lambda before=before: len(last_runs(settings, 10_000)) > before, 300)
                time.sleep(3)  # its process ends
            elif (code := night(settings)) not in (0, 3):
                problems.append(f"night {number}: exit code {code}")
            outcome = last_runs(settings, 1)[0].outcome
            if outcome != "published":
                problems.append(f"night {number}: {outcome}")
            _a_day_later(settings)
            if service.process.poll() is not None:
                problems.append(f"night {number}: the service has ended")
                break
            if number <= 5 or number % 20 == 0:
                _print(_line(number, begun, service))
        problems += [*broken(settings), *leftovers(settings)]
    return problems


def _line(number: int, begun: float, service: Service) -> list[object]:
    own = _usage([os.getpid()])
    tree = _usage([service.process.pid, *service.processes()])
    sizes = [_size(service.settings.data_dir / name) for name in _FOLDERS]
    return [number, f"{(time.monotonic() - begun) / 60:.1f}", *own, *tree, *sizes]


def _print(cells: list[Any]) -> None:
    sys.stdout.write("\t".join(map(str, cells)) + "\n")
    sys.stdout.flush()


def _a_day_later(settings: Settings) -> None:
    history = settings.data_dir / "dagster" / "history" / "runs.db"
    with closing(sqlite3.connect(history, timeout=30)) as connection, connection:
        connection.execute(
            "UPDATE runs SET create_timestamp = datetime(create_timestamp, '-1 day'), "
            "update_timestamp = datetime(update_timestamp, '-1 day'), "
            "start_time = start_time - 86400, end_time = end_time - 86400"
        )


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
