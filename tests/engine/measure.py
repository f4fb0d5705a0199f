"""How long an engine takes for what grows with the answers, on an invented stage.

    uv run python -m tests.engine.invented FOLDER --responses 200000
    uv run --extra spark --group engines python -m tests.engine.measure FOLDER duckdb

Instead of ``duckdb``, ``spark`` and ``sail`` start a server of their own with 3 GB. The stage has to
be invented by the same code as is measured.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
import warnings
from datetime import date
from pathlib import Path

from tests.engine.servers import server
from weltoffen_etl.deliveries.archive import Archive
from weltoffen_etl.disclosure.build import build_schema
from weltoffen_etl.settings import Settings
from weltoffen_etl.warehouse.build import build_raw, start


def measure(settings: Settings) -> None:
    """Builds the schema ``core`` and says how long it took."""
    start(settings)
    build_raw(settings, Archive(settings.archive).arrivals())
    begun = time.perf_counter()
    rows = build_schema(settings, "core")
    print(f"core in {time.perf_counter() - begun:.1f} s: {rows}")


def _used(who: int) -> str:
    used = resource.getrusage(who)
    return f"{used.ru_utime + used.ru_stime:.1f} s of processor, {used.ru_maxrss / 1024:.0f} MB"


def main() -> None:
    """Measures one engine."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("engine", choices=["duckdb", "spark", "sail"])
    asked = parser.parse_args()
    warnings.simplefilter("ignore")
    settings = Settings(data_dir=asked.folder, as_of=date(2026, 12, 1))
    if asked.engine == "duckdb":
        measure(settings)
    else:
        with server(asked.engine, Path(tempfile.mkdtemp()), "3g") as url:
            measure(settings.model_copy(update={"engine": "spark", "spark_url": url}))
        print("server:", _used(resource.RUSAGE_CHILDREN))
    print("this process:", _used(resource.RUSAGE_SELF))


if __name__ == "__main__":
    main()
