"""Times whole processes in turn, ours beside the floor and its peers, and prints a table.

    uv run python -m tests.benchmarks.compare --municipalities 35 --rounds 5 --write

Every outcome is compared with the floor's tables first; what differs is not in the table.
"""

from __future__ import annotations

import argparse
import os
import platform
import re
import shlex
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import duckdb

from tests.benchmarks import floor
from tests.benchmarks.cases import Case, Ground, all_cases, execute
from tests.benchmarks.generate import Size, generate
from tests.benchmarks.measure import Cost, Limits
from tests.benchmarks.peers.catalogue import PEERS
from tests.benchmarks.peers.environments import default_folder, environment, versions
from weltoffen_etl.settings import PROJECT_ROOT

README = Path(__file__).parent / "README.md"
_BEGIN, _END = "<!-- figures:begin -->", "<!-- figures:end -->"
_ONE_FILE_FROM = 1_000
"""From so many municipalities on, one file covers them all."""


@dataclass(frozen=True)
class Outcome:
    """What a case cost in each round, or why it has no figures."""

    case: Case
    costs: tuple[Cost, ...]
    wrong: str = ""

    def median(self, what: str) -> float:
        """Returns the median of a cost."""
        return float(statistics.median(getattr(cost, what) for cost in self.costs))


def measure(ground: Ground, cases: list[Case], rounds: int, limits: Limits) -> list[Outcome]:
    """Runs every case once in each round, one after the other.

    Args:
        ground: what they stand on.
        cases: what to run.
        rounds: how often.
        limits: what one run may take.
    """
    costs: dict[str, list[Cost]] = {case.key: [] for case in cases}
    wrong: dict[str, str] = {}
    for number in range(1, rounds + 1):
        for case in cases:
            if case.key in wrong:
                continue
            folder = ground.work / "cases" / case.key
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            case.prepare(folder)
            cost = execute(case, folder, limits)
            told = f"exit code {cost.code}" if cost.code else case.check(folder)
            print(f"{number}/{rounds} {case.key:<12}{cost.wall:9.2f} s {told}", file=sys.stderr)
            if told:
                wrong[case.key] = told
            else:
                costs[case.key].append(cost)
                shutil.rmtree(folder)
    return [Outcome(x, tuple(costs[x.key]), wrong.get(x.key, "")) for x in cases]


def table(outcomes: list[Outcome]) -> Iterator[str]:
    """Yields the table in Markdown."""
    sound = {outcome.case.key: outcome for outcome in outcomes if not outcome.wrong}
    yield "| process | seconds | least – most | processor | largest process | ratio |"
    yield "|---|---:|---:|---:|---:|---:|"
    for outcome in outcomes:
        if outcome.wrong:
            yield f"| {outcome.case.says} | no figures: {outcome.wrong} | | | | |"
            continue
        walls = [cost.wall for cost in outcome.costs]
        wall, base = outcome.median("wall"), sound.get(outcome.case.base)
        cells = [
            outcome.case.says,
            f"{wall:.2f}",
            f"{min(walls):.2f} – {max(walls):.2f}",
            f"{outcome.median('cpu'):.2f} s",
            f"{outcome.median('peak') / 1e6:,.0f} MB",
            f"{wall / base.median('wall'):.1f}" if base else "–",
        ]
        yield f"| {' | '.join(cells)} |"


def conditions(ground: Ground, cases: Iterable[Case]) -> str:
    """Returns what the figures depend on."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3
    keys = {case.key for case in cases}
    tools = [
        versions(environment(peer.folder, ground.environments), peer.packages)
        for peer in PEERS
        if peer.key in keys
    ]
    git = ["git", "-C", str(PROJECT_ROOT), "rev-parse", "--short", "HEAD"]
    commit = subprocess.run(git, capture_output=True, text=True, check=False).stdout.strip()
    return "; ".join(
        [
            f"{os.cpu_count()} cores, {memory:.0f} GB, {platform.system()} {platform.machine()}",
            f"load {os.getloadavg()[2]:.1f}",
            f"Python {platform.python_version()}, duckdb {duckdb.__version__}, commit {commit}",
            *tools,
        ]
    )


def prepare(ground: Ground, size: Size, cases: list[Case], limits: Limits) -> None:
    """Makes deliveries, the floor and, where a case needs it, the state after a night."""
    if not ground.deliveries.is_dir():
        making = ground.deliveries.with_suffix(".part")
        shutil.rmtree(making, ignore_errors=True)
        generate(making, size)
        making.rename(ground.deliveries)
    ground.work.mkdir(parents=True, exist_ok=True)
    ground.floor.unlink(missing_ok=True)
    floor.build(ground.deliveries, ground.floor)
    if not any(case.needs_state for case in cases):
        return
    # Only a night with pages asks that the one before had them; they take most of the time.
    wanted = "night" if any(case.key == "one" for case in cases) else "night-tables"
    night = next(case for case in all_cases(ground) if case.key == wanted)
    folder = ground.work / "cases" / "state"
    for left in (folder, ground.state):
        shutil.rmtree(left, ignore_errors=True)
    folder.mkdir(parents=True)
    night.prepare(folder)
    cost = execute(night, folder, limits)
    if told := f"exit code {cost.code}" if cost.code else night.check(folder):
        raise SystemExit(f"the night that others follow: {told}, see {folder / 'output.txt'}")
    (folder / "data").rename(ground.state)


def write(page: Path, heading: str, text: str) -> None:
    """Puts figures under their heading between the marks of a page; other headings stay."""
    before, _, rest = page.read_text(encoding="utf-8").partition(_BEGIN)
    inside, _, after = rest.partition(_END)
    sections = dict(re.findall(r"^### (.+?)\n(.*?)(?=^### |\Z)", inside, re.MULTILINE | re.DOTALL))
    sections[heading] = f"\n{text}\n\n"
    shown = "".join(f"### {name}\n{section}" for name, section in sections.items())
    page.write_text(f"{before}{_BEGIN}\n{shown}{_END}{after}", encoding="utf-8")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--municipalities", type=int, default=Size.municipalities)
    parser.add_argument("--responses", type=int, default=Size.responses)
    parser.add_argument("--seed", type=int, default=Size.seed)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", nargs="+", metavar="CASE", help="keys of cases")
    parser.add_argument("--work", type=Path, help="folder for everything that is made")
    parser.add_argument("--environments", type=Path, default=default_folder())
    parser.add_argument("--seconds", type=float, default=7200, help="a run is ended after these")
    parser.add_argument("--write", action="store_true", help="put the table into the README")
    return parser


def main() -> int:
    """Runs the comparison; returns 1 where a case has no figures."""
    chosen = _parser().parse_args()
    work = chosen.work or Path(tempfile.gettempdir()) / "weltoffen-benchmarks"
    size = Size(
        chosen.municipalities,
        chosen.responses,
        chosen.seed,
        "multi" if chosen.municipalities >= _ONE_FILE_FROM else "single",
        late=1,
    )
    name = f"{size.municipalities}x{size.responses}-{size.seed}"
    home = work.resolve() / name
    ground = Ground(home / "deliveries", home, chosen.environments.resolve())
    cases = all_cases(ground)
    if unknown := set(chosen.only or ()) - {case.key for case in cases}:
        raise SystemExit(f"no such case: {', '.join(unknown)}; {[case.key for case in cases]}")
    cases = [case for case in cases if not chosen.only or case.key in chosen.only]
    limits = Limits(seconds=chosen.seconds)
    for peer in PEERS:
        if any(case.key.startswith(peer.key) for case in cases):
            environment(peer.folder, ground.environments)
    prepare(ground, size, cases, limits)
    outcomes = measure(ground, cases, chosen.rounds, limits)
    # Folders are this machine's own and change nothing.
    folders = {"--work", "--environments"}
    told = [x for before, x in pairwise(["", *sys.argv[1:]]) if not folders & {before, x}]
    command = shlex.join(["uv", "run", "python", "-m", "tests.benchmarks.compare", *told])
    heading = f"{size.municipalities:,} municipalities with {size.responses} forms each"
    text = "\n".join(
        [
            f"`{command}`, medians of {chosen.rounds} round{'s' * (chosen.rounds > 1)}; "
            f"{conditions(ground, cases)}.",
            "",
            *table(outcomes),
        ]
    )
    print(f"### {heading}\n\n{text}")
    if chosen.write:
        write(README, heading, text)
    return int(any(outcome.wrong for outcome in outcomes))


if __name__ == "__main__":
    sys.exit(main())
