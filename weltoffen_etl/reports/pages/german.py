"""Values as German readers expect them: dates, times, numbers, shares, plurals."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

_MONTHS = (
    "Januar", "Februar", "März", "April", "Mai", "Juni",
    "Juli", "August", "September", "Oktober", "November", "Dezember",
)  # fmt: skip
_LOCAL = ZoneInfo("Europe/Berlin")
_GAP = "\u00a0"
_LEAST_SHOWN = 0.005
_KILO = 1000
NOTHING = "–"
"""Stands where there is no value."""


def day(value: date) -> str:
    """Returns a date in words: ``14. Mai 2025``."""
    return f"{value.day}.{_GAP}{_MONTHS[value.month - 1]} {value.year}"


def short_day(value: date | None) -> str:
    """Returns a date in digits: ``14.05.2025``."""
    return value.strftime("%d.%m.%Y") if value else NOTHING


def local(value: datetime) -> datetime:
    """Returns a time, UTC where it has no zone, as the clock in Germany shows it."""
    aware = value if value.tzinfo else value.replace(tzinfo=UTC)
    return aware.astimezone(_LOCAL)


def moment(value: datetime) -> str:
    """Returns date and time in Germany: ``14.05.2025, 09:30 Uhr``."""
    return local(value).strftime(f"%d.%m.%Y, %H:%M{_GAP}Uhr")


def whole(value: int | None) -> str:
    """Returns a whole number with dots: ``1.234``."""
    return NOTHING if value is None else f"{value:,}".replace(",", ".")


def decimal(value: float | None, digits: int = 1) -> str:
    """Returns a number with a decimal comma: ``1.234,5``."""
    if value is None:
        return NOTHING
    return f"{value:,.{digits}f}".translate(str.maketrans(",.", ".,"))


def percent(share: float | None, digits: int = 0) -> str:
    """Returns a share of 1 in percent; a little more than nothing is not shown as nothing."""
    if share is None:
        return NOTHING
    if digits == 0 and 0 < share < _LEAST_SHOWN:
        return f"unter 1{_GAP}%"
    return f"{decimal(100 * share, digits)}{_GAP}%"


def size(number: int) -> str:
    """Returns a file's size: ``61,1 kB``."""
    amount = float(number)
    for unit in ("Byte", "kB", "MB"):
        if amount < _KILO:
            return f"{decimal(amount, 0 if unit == 'Byte' else 1)}{_GAP}{unit}"
        amount /= _KILO
    return f"{decimal(amount)}{_GAP}GB"


def counted(number: int, one: str, many: str) -> str:
    """Returns a number with its noun: ``eine Zeile``, ``3 Zeilen``; ``one`` brings its article."""
    return one if number == 1 else f"{whole(number)}{_GAP}{many}"


def listed(words: Iterable[str]) -> str:
    """Joins words as a sentence does: ``a, b und c``."""
    *first, last = list(words)
    return f"{', '.join(first)} und {last}" if first else last


def ranges(numbers: Iterable[int]) -> list[str]:
    """Shortens numbers that follow each other: ``3``, ``5–9``."""
    runs: list[list[int]] = []
    for number in sorted(set(numbers)):
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return [str(first) if first == last else f"{first}–{last}" for first, last in runs]
