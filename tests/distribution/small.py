"""A small published database with values that files like to damage, and the reading of workbooks."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import duckdb
from python_calamine import CalamineWorkbook

MANIFEST: dict[str, Any] = {
    "release": "20250102T030405Z",
    "published_at": "2025-01-02T03:04:05+00:00",
    "contains_synthetic_data": True,
    "min_respondents": 5,
}
COLUMNS = {
    "ags": ("VARCHAR", "Gemeindeschlüssel"),
    "n_answers": ("BIGINT", "Antworten"),
    "mean": ("DOUBLE", "Mittel; leer: zurückgehalten"),
    "is_synthetic": ("BOOLEAN", "wahr: erfunden"),
    "day": ("DATE", "Tag"),
    "moment": ("TIMESTAMP", "Zeit"),
    "says": ("VARCHAR", "Text | mit Strich"),
    "amount": ("DECIMAL(18,4)", "genaue Zahl"),
    "list": ("INTEGER[]", "Liste"),
}
TEXTS = [
    "=1+1", "+49 151", "-1", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("http://x")', "<r>a</r>",
    "<r></r>", "_x0041_", "a\x01b", " vorn und hinten ", "zwei\nZeilen", "a\r\nb", '„Ä“, 😀; "x"',
    "'schon", "http://example.org", "03241005", "1e5", "TRUE", "x" * 40_000,
]  # fmt: skip
NUMBERS = [0.1 + 0.2, 1 / 3, 2.0, -0.0, 5e-324, 1.7976931348623157e308, 2.6666666666666665, 100.0]
WHOLE = [0, 1, -5, 1234567, 2**53, 2**53 + 1, 2**63 - 1, -(2**63)]


def rows() -> list[tuple[Any, ...]]:
    """Rows that are not in the order of their key; the last one is empty but for its key."""
    found: list[tuple[Any, ...]] = [
        (
            f"{number:08d}",
            WHOLE[number % len(WHOLE)],
            NUMBERS[number % len(NUMBERS)],
            number % 2 == 0,
            date(2025, 1, 1 + number),
            datetime(2025, 3, 4, 5, 6, number),  # noqa: DTZ001 - a local time, as DuckDB keeps it
            text,
            f"{number}.1250",
            [number, None],
        )
        for number, text in enumerate(TEXTS)
    ]
    found.append(("99999999", *[None] * (len(COLUMNS) - 1)))
    return found[::-1]


def write_small(file: Path, more: str = "") -> Path:
    """Writes the database; ``more`` is SQL that changes it."""
    fields = ", ".join(f'"{name}" {kind}' for name, (kind, _) in COLUMNS.items())
    with duckdb.connect(str(file)) as connection:
        connection.execute("CREATE SCHEMA comparison; CREATE SCHEMA meta; CREATE SCHEMA reference")
        connection.execute(f"CREATE TABLE comparison.small ({fields})")
        connection.executemany(
            f"INSERT INTO comparison.small VALUES ({', '.join('?' * len(COLUMNS))})", rows()
        )
        connection.execute("CREATE TABLE reference.empty (code VARCHAR)")
        connection.execute(
            'CREATE TABLE meta."table" ("table" VARCHAR, label_de VARCHAR, description VARCHAR, '
            '"key" VARCHAR)'
        )
        connection.execute(
            'CREATE TABLE meta."column" ("table" VARCHAR, position INTEGER, "column" VARCHAR, '
            "type VARCHAR, unit VARCHAR, nullable BOOLEAN, description VARCHAR)"
        )
        connection.execute(
            "INSERT INTO meta.\"table\" VALUES ('reference.empty', 'Leer & nichts', 'Eine Zeile ist nichts.', 'code'), "
            "('comparison.small', 'Kleine <Tabelle>', 'Eine Zeile ist eine | Probe.', 'ags')"
        )
        described = [("reference.empty", 1, "code", "VARCHAR", None, False, "Code")]
        for position, (name, (kind, says)) in enumerate(COLUMNS.items(), start=1):
            unit = "Skala 1 bis 4" if name == "mean" else None
            described.append(("comparison.small", position, name, kind, unit, name != "ags", says))
        connection.executemany('INSERT INTO meta."column" VALUES (?, ?, ?, ?, ?, ?, ?)', described)
        connection.execute(more)
    return file


def cells(workbook: Path, sheet: str) -> list[list[Any]]:
    """All cells of a sheet as an independent reader sees them, headings first."""
    found: list[list[Any]] = (
        CalamineWorkbook.from_path(str(workbook)).get_sheet_by_name(sheet).to_python()
    )
    return found


def expected(value: object) -> object:
    """What a reader of a workbook must see for a value of the database."""
    if value is None or value == "":
        return ""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > 2**53:
        return str(value)
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def xml(workbook: Path) -> dict[str, str]:
    """All XML of a workbook's package by name."""
    with ZipFile(workbook) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def published() -> datetime:
    return datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC)
