"""The demonstration: a scratch data folder with the committed synthetic deliveries."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from weltoffen_etl.settings import PROJECT_ROOT
from weltoffen_etl.settings_file import VARIABLE

DEMO_DELIVERIES = PROJECT_ROOT / "data" / "demo" / "inbox"
_ADDRESSES = (
    "WELTOFFEN_SMTP",
    "WELTOFFEN_CONTACTS_FILE",
    "WELTOFFEN_OPERATOR_EMAIL",
    "WELTOFFEN_WEBHOOK",
)


def prepare(into: Path | None) -> Path:
    """Copies the demo deliveries into a data folder.

    Args:
        into: the data folder; None for a new scratch folder.

    Returns:
        The data folder, with its ``inbox`` filled.
    """
    folder = into.resolve() if into else Path(tempfile.mkdtemp(prefix="weltoffen-demo-"))
    shutil.copytree(DEMO_DELIVERIES, folder / "inbox", dirs_exist_ok=True)
    return folder


def mute() -> None:
    """Takes mail server, webhook and addresses out of this process: nobody is written about invented data."""
    for name in list(os.environ):
        if name.upper().startswith(_ADDRESSES):
            del os.environ[name]
    os.environ[VARIABLE] = ""
