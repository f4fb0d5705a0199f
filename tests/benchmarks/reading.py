"""Measures that reading grows no faster than the file: ten times the rows, at most twelve times the time.

``uv run python -m tests.benchmarks.reading`` prints medians of whole readings in turn and
ends with 1 when a ratio or the memory is exceeded.
"""

import re
import resource
import statistics
import sys
import tempfile
import time
import zipfile
from pathlib import Path

import openpyxl
from openpyxl.utils import get_column_letter

from tests.hostile.material import as_csv, survey
from weltoffen_etl.exports.isolation import IsolatedReader
from weltoffen_etl.settings import Settings

MAX_RATIO = 12.0
MAX_BYTES = 1024**3
ROUNDS = 3
SIZES = {"csv": (20_000, 200_000), "xlsx": (1_000, 10_000)}
SHEET = "xl/worksheets/sheet1.xml"


def write_csv(path: Path, rows: int) -> None:
    """Repeats the responses of a real export of 150 columns."""
    heading, *responses = survey("reading")
    body = as_csv(responses).removeprefix(b"\xef\xbb\xbf")
    with path.open("wb") as file:
        file.write(as_csv([heading]))
        for _ in range(rows // len(responses)):
            file.write(body)


def write_xlsx(path: Path, rows: int) -> None:
    """Writes the same responses as inline texts, row by row."""
    heading, *responses = survey("reading")
    workbook = openpyxl.Workbook()
    empty = path.with_suffix(".empty")
    workbook.save(empty)
    workbook.close()
    letters = [get_column_letter(number) for number in range(1, len(heading) + 1)]
    with zipfile.ZipFile(empty) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name != SHEET:
                new.writestr(name, old.read(name))
        start, end = re.split(rb"<sheetData\s*/>|<sheetData>\s*</sheetData>", old.read(SHEET))
        with new.open(SHEET, "w") as sheet:
            sheet.write(start + b"<sheetData>")
            for number in range(1, rows + 1):
                values = heading if number == 1 else responses[number % len(responses)]
                cells = "".join(
                    f'<c r="{letter}{number}" t="inlineStr"><is><t>{_escaped(value)}</t></is></c>'
                    for letter, value in zip(letters, values, strict=True)
                )
                sheet.write(f'<row r="{number}">{cells}</row>'.encode())
            sheet.write(b"</sheetData>" + end)


def _escaped(value: str) -> str:
    return value.replace("&", "&amp;").replace("<", "&lt;").replace("\x0b", " ")


def seconds_of(path: Path, warm: Path) -> float:
    """Reads one file in a process of its own, whose start and imports are not counted."""
    with IsolatedReader(Settings(reader_seconds=600)) as reader:
        reader.read(warm)
        begin = time.perf_counter()
        reader.read(path)
        return time.perf_counter() - begin


def main() -> int:
    """Runs the measurement."""
    exceeded = False
    with tempfile.TemporaryDirectory() as folder:
        for kind, sizes in SIZES.items():
            paths = [Path(folder) / f"{rows}.{kind}" for rows in sizes]
            for rows, path in zip(sizes, paths, strict=True):
                (write_csv if kind == "csv" else write_xlsx)(path, rows)
            warm = Path(folder) / f"warm.{kind}"
            (write_csv if kind == "csv" else write_xlsx)(warm, 20)
            seconds: dict[Path, list[float]] = {path: [] for path in paths}
            for _ in range(ROUNDS):
                for path in paths:
                    seconds[path].append(seconds_of(path, warm))
            small, large = (statistics.median(seconds[path]) for path in paths)
            exceeded |= large / small > MAX_RATIO
            for rows, path, median in zip(sizes, paths, (small, large), strict=True):
                size = path.stat().st_size / 1e6
                print(f"{kind:5}{rows:>9,} rows {size:8.1f} MB {median:8.2f} s")
            print(f"{kind:5}ratio {large / small:.1f} for 10 times the rows (at most {MAX_RATIO})")
    largest = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
    print(f"largest reading process {largest / 1e6:.0f} MB")
    return int(exceeded or largest > MAX_BYTES)


if __name__ == "__main__":
    sys.exit(main())
