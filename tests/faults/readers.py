"""Publishes one release after another while many processes read: none may fail or see two at once.

Every release carries its number in two tables; a reader that finds two numbers, or another than
the manifest's, saw a release that never was.

    python -m tests.faults.readers --releases 50 --readers 50
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb

from tests.faults.installation import in_child, night, two_nights
from weltoffen_etl.releases.publication import publish
from weltoffen_etl.settings import PROJECT_ROOT, Settings
from weltoffen_etl.warehouse.audit import audit_schema, together
from weltoffen_etl.warehouse.build import SCHEMAS, build_file

NUMBERED = ("reference.municipality", "reference.action_field")


def run(releases: int, readers: int, folder: Path) -> tuple[list[str], int]:
    """Returns what did not hold, and how often releases were read."""
    settings = two_nights(folder / "data")
    assert in_child(lambda: night(settings)) in (0, 3)
    template = folder / "build.duckdb"
    shutil.copyfile(settings.warehouse_file, template)
    stop = folder / "stop"
    results = [folder / f"reader{number}.jsonl" for number in range(readers)]
    module = [sys.executable, "-m", "tests.faults.reader", str(settings.releases), str(stop)]
    processes = [subprocess.Popen([*module, str(x)], cwd=PROJECT_ROOT) for x in results]
    published = _published(settings, template, releases)
    stop.touch()
    codes = [process.wait(timeout=300) for process in processes]
    problems = [f"a reader ended with {code}" for code in codes if code]
    seen = 0
    for result in results:
        for line in result.read_text(encoding="utf-8").splitlines():
            name, *numbers = json.loads(line)
            seen += 1
            if len(set(numbers)) != 1 or numbers[0] != published.get(name, ""):
                problems.append(f"{name}: {numbers}")
    return problems, seen


def _published(settings: Settings, template: Path, releases: int) -> dict[str, str]:
    """Publishes numbered builds; returns the number of each release, by its name."""
    numbers = {}
    shutil.copyfile(template, build_file(settings))
    audit = together([audit_schema(settings, schema) for schema in ("reference", *SCHEMAS)])
    for number in range(1, releases + 1):
        shutil.copyfile(template, build_file(settings))
        with duckdb.connect(str(build_file(settings))) as connection:
            for table in NUMBERED:
                connection.execute(f"UPDATE {table} SET label_de = 'Stand {number}'")
        release = publish(settings, audit)
        numbers[release.name] = f"Stand {number}"
        time.sleep(0.2)
    return numbers


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--releases", type=int, default=50)
    parser.add_argument("--readers", type=int, default=50)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        problems, seen = run(options.releases, options.readers, Path(scratch))
    sys.stdout.write("".join(f"{x}\n" for x in problems))
    sys.stdout.write(
        f"{options.readers} readers, {options.releases} releases: read {seen} times, "
        f"{len(problems)} problems\n"
    )
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
