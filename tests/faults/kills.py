"""Kills nights with SIGKILL, at random moments and at every kind of file operation.

Each kill begins with the same installation between two nights. Afterwards the current release
must be whole and no delivery lost; the next night must succeed, and leave what an undisturbed
night leaves.

    python -m tests.faults.kills --seed 1 --points 200
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.installation import (
    Outcome,
    broken,
    finished,
    in_child,
    leftovers,
    night,
    outcome,
    settings_in,
    start,
    two_nights,
)
from weltoffen_etl.settings import Settings

_CHANGES = frozenset(
    {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.chmod", "os.symlink", "os.truncate"}
)
"""Operations that Python announces; between two of them a crash finds another state of the disk."""


@dataclass
class Campaign:
    """What came of all kills.

    Attributes:
        killed: nights that died of the kill.
        survived: nights that were over before the moment came.
        problems: what did not hold, with the kill that showed it.
        places: how many kills hit at which file operation, or at a moment.
    """

    killed: int = 0
    survived: int = 0
    problems: list[str] = field(default_factory=list)
    places: Counter[str] = field(default_factory=Counter)


def run(
    seed: int, points: int, folder: Path, *, before: Sequence[str] = (), tells: bool = False
) -> Campaign:
    """Runs the campaign in an empty folder.

    Args:
        seed: for moments and operations.
        points: number of kills at a moment or an operation drawn by chance.
        folder: where the installations are.
        before: further kills, each right before the first operation that names a text.
        tells: whether each kill is printed.
    """
    base = folder / "base"
    two_nights(base)
    expected, events, seconds = _undisturbed(base, folder / "undisturbed")
    campaign = Campaign()
    chance = random.Random(seed)  # noqa: S311
    for number, point in enumerate(_points(chance, points, events, seconds, before)):
        place = folder / f"kill{number}"
        shutil.copytree(base, place, symlinks=True)
        settings = settings_in(place)
        if isinstance(point, int):
            name = f"operation {point}: {events[point]}"
            code = in_child(lambda at=point, settings=settings: _doomed(settings, at))
            campaign.places[events[point].partition(" ")[0]] += 1
        else:
            name = f"after {point:.2f} s"
            code = _killed_after(settings, point)
            campaign.places["moment"] += 1
        if code == -signal.SIGKILL:
            campaign.killed += 1
        else:
            campaign.survived += 1
        problems = [*broken(settings), *_after(settings, expected, place)]
        if code != -signal.SIGKILL and number >= points:
            problems.append("the night was not killed")
        campaign.problems += [f"kill {number} ({name}): {problem}" for problem in problems]
        if tells:
            sys.stdout.write(f"{number + 1:4} {name}: {'; '.join(problems) or 'ok'}\n")
            sys.stdout.flush()
        if not problems:
            shutil.rmtree(place)
    return campaign


def _points(
    chance: random.Random, points: int, events: list[str], seconds: float, before: Sequence[str]
) -> Iterator[int | float]:
    """Yields the numbers of operations, and moments in seconds, in turn."""
    for number in range(points):
        yield chance.randrange(len(events)) if number % 2 else chance.uniform(0, seconds)
    for text in before:
        yield next(number for number, event in enumerate(events) if text in event)


def _undisturbed(base: Path, place: Path) -> tuple[Outcome, list[str], float]:
    """What a night leaves that nobody kills, its file operations, and how long it takes."""
    shutil.copytree(base, place, symlinks=True)
    settings = settings_in(place)
    log = place.with_suffix(".operations")
    begun = time.monotonic()
    assert in_child(lambda: _watched(settings, log)) in (0, 3)
    seconds = time.monotonic() - begun
    assert leftovers(settings) == []
    return outcome(settings), log.read_text(encoding="utf-8").splitlines(), seconds


def _after(settings: Settings, expected: Outcome, place: Path) -> list[str]:
    """Runs the next night and compares what it leaves."""
    log = place.with_suffix(".log")
    code = in_child(lambda: night(settings), log)
    if code not in (0, 3):
        return [f"the next night ended with {code}, see {log}"]
    log.unlink()
    problems = broken(settings) + leftovers(settings)
    found = outcome(settings)
    if found.tables != expected.tables:
        names = sorted(
            name
            for name in found.tables.keys() | expected.tables.keys()
            if found.tables.get(name) != expected.tables.get(name)
        )
        problems.append(f"other content: {', '.join(names)}")
    problems += [
        f"other {name}"
        for name in ("deliveries", "quarantine", "messages")
        if getattr(found, name) != getattr(expected, name)
    ]
    return problems


def _is_change(event: str, arguments: Sequence[object], data: str) -> bool:
    """Whether an operation changes the data folder."""
    if event == "open":
        path, mode, flags = arguments
        writes = isinstance(mode, str) and any(x in mode for x in "wxa+")
        writes = writes or (isinstance(flags, int) and bool(flags & (os.O_WRONLY | os.O_RDWR)))
        return writes and str(path).startswith(data)
    return event in _CHANGES and any(str(x).startswith(data) for x in arguments)


def _watched(settings: Settings, log: Path) -> int:
    """Runs a night and writes down its operations."""
    data = str(settings.data_dir)
    operations: list[str] = []

    def watch(event: str, arguments: tuple[object, ...]) -> None:
        if _is_change(event, arguments, data):
            operations.append(f"{event} {str(arguments[0]).removeprefix(data)}")

    sys.addaudithook(watch)
    code = night(settings)
    counted = list(operations)
    log.write_text("\n".join(counted), encoding="utf-8")
    return code


def _doomed(settings: Settings, at: int) -> int:
    """Runs a night that dies right before its ``at``-th operation."""
    data = str(settings.data_dir)
    left = at

    def watch(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal left
        if _is_change(event, arguments, data):
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            left -= 1

    sys.addaudithook(watch)
    return night(settings)


def _killed_after(settings: Settings, seconds: float) -> int:
    process = start(lambda: night(settings))
    time.sleep(seconds)
    os.kill(process, signal.SIGKILL)
    return finished(process)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--points", type=int, default=200)
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    import tests.faults.warm  # noqa: F401  (what a night imports, once for all forks)

    with tempfile.TemporaryDirectory() as scratch:
        begun = time.monotonic()
        campaign = run(options.seed, options.points, options.folder or Path(scratch), tells=True)
    sys.stdout.write(
        f"\nseed {options.seed}: {campaign.killed} killed, {campaign.survived} over before, "
        f"{len(campaign.problems)} problems, {time.monotonic() - begun:.0f} s\n"
        f"{dict(campaign.places.most_common())}\n"
    )
    sys.exit(1 if campaign.problems else 0)


if __name__ == "__main__":
    main()
