"""What may be said about an unexpected error, and where the rest of its story is kept."""

from __future__ import annotations

import traceback
from pathlib import Path

from weltoffen_etl import durable
from weltoffen_etl.settings import Settings


def where(error: BaseException) -> str:
    """Tells the kind of an error and its place in the code, for logs.

    Its message is left out: it can quote a cell, or a file name that names a person.
    """
    return f"{type(error).__name__}\n{''.join(traceback.format_tb(error.__traceback__))}"


def keep_details(settings: Settings, error: BaseException) -> Path:
    """Writes the whole story of an unexpected error beside the internal warehouse.

    Returns:
        The file; the next such error replaces it.
    """
    details = settings.warehouse / "failure.txt"
    durable.write(details, "".join(traceback.format_exception(error)).encode(errors="replace"))
    return details
