"""Starts three nights at once, again and again: as a Dagster run, by the command, and in process.

One must publish, the others must be refused with exit code 75, and nothing may be lost.

    python -m tests.faults.starts --rounds 50
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.installation import (
    broken,
    finished,
    leftovers,
    new_delivery,
    night,
    start,
    two_nights,
)
from weltoffen_etl.journal import EXIT_LOCKED
from weltoffen_etl.settings import Settings


@dataclass
class Rounds:
    """What came of all rounds.

    Attributes:
        published: how often each way of starting published.
        refused: how often each was refused.
        problems: what did not hold.
    """

    published: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)


def run(rounds: int, folder: Path, *, tells: bool = False) -> Rounds:
    """Runs the rounds one after another in one installation."""
    settings = two_nights(folder / "data")
    done = Rounds()
    ways: dict[str, Callable[[Settings], int]] = {
        "dagster": _by_dagster,
        "command": _by_command,
        "process": night,
    }
    for number in range(rounds):
        new_delivery(settings, number)
        before = _releases(settings)
        gate = folder / f"gate{number}"
        processes = {
            name: start(lambda way=way, gate=gate: _together(gate, way, settings))
            for name, way in ways.items()
        }
        gate.touch()
        codes = {name: finished(process) for name, process in processes.items()}
        new = _releases(settings) - before
        done.published.update(name for name, code in codes.items() if code in (0, 3))
        done.refused.update(name for name, code in codes.items() if code == EXIT_LOCKED)
        if sorted(code == EXIT_LOCKED for code in codes.values()) != [False, True, True]:
            done.problems.append(f"round {number}: {codes}")
        if len(new) != 1:
            done.problems.append(f"round {number}: {len(new)} releases")
        held = json.loads((settings.releases / "current" / "manifest.json").read_text("utf-8"))
        if not any(f"_{number}." in _path(settings, x["delivery_id"]) for x in held["deliveries"]):
            done.problems.append(f"round {number}: the new delivery is missing")
        done.problems += [f"round {number}: {x}" for x in [*broken(settings), *leftovers(settings)]]
        if tells:
            sys.stdout.write(f"{number + 1:3} {codes}\n")
            sys.stdout.flush()
    return done


def _together(gate: Path, way: Callable[[Settings], int], settings: Settings) -> int:
    while not gate.exists():
        time.sleep(0.001)
    return way(settings)


def _by_command(settings: Settings) -> int:
    from weltoffen_etl.cli import main

    os.environ |= {
        "WELTOFFEN_AS_OF": str(settings.as_of),
        "WELTOFFEN_SETTLE_SECONDS": "0",
        "WELTOFFEN_TRY_AGAIN_SECONDS": "0",
    }
    try:
        main(["run", "--data-dir", str(settings.data_dir)], standalone_mode=False)
    except SystemExit as ended:
        return int(ended.code or 0)
    return 0


def _by_dagster(settings: Settings) -> int:
    """Runs the job as the service does, without asking for the lock before."""
    import dagster as dg

    from pipelines.definitions import build_definitions
    from pipelines.home import dagster_home
    from pipelines.jobs import LOGGED, NIGHTLY

    job = build_definitions(settings).resolve_job_def(NIGHTLY)
    with dg.DagsterInstance.from_config(str(dagster_home(settings))) as instance:
        result = job.execute_in_process(instance=instance, run_config=LOGGED, raise_on_error=False)
    if result.success:
        return 0
    return EXIT_LOCKED if any("LockHeldError" in str(x) for x in result.all_events) else 1


def _releases(settings: Settings) -> set[str]:
    return {x.name for x in settings.releases.iterdir() if x.is_dir() and not x.is_symlink()}


def _path(settings: Settings, delivery_id: str) -> str:
    from weltoffen_etl.deliveries.archive import Archive

    arrivals = Archive(settings.archive).arrivals()
    return next(x.path for x in arrivals if x.sha256 == delivery_id)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=50)
    options = parser.parse_args()
    import tests.faults.warm  # noqa: F401  (what a night imports, once for all forks)

    with tempfile.TemporaryDirectory() as scratch:
        done = run(options.rounds, Path(scratch), tells=True)
    sys.stdout.write(
        f"{options.rounds} rounds: published {dict(done.published)}, refused {dict(done.refused)}\n"
        + "".join(f"{problem}\n" for problem in done.problems)
    )
    sys.exit(1 if done.problems else 0)


if __name__ == "__main__":
    main()
