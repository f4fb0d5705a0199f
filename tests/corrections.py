"""Makes reference folders whose corrections are filled in, for tests."""

import shutil
from pathlib import Path
from typing import Any

import yaml

from weltoffen_etl.settings import PROJECT_ROOT

REFERENCE = PROJECT_ROOT / "data" / "reference"


def reference_with(folder: Path, *corrections: dict[str, Any]) -> Path:
    """Copies the reference folder and writes corrections into it.

    Args:
        folder: an own folder of the test; an older copy in it is replaced.
        *corrections: entries; reason, said_by and said_on are filled in where they lack.

    Returns:
        The copy.
    """
    target = folder / "reference"
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(REFERENCE, target)
    entries = [
        {"reason": "Vertippt", "said_by": "Erika Musterfrau", "said_on": "2026-11-03", **entry}
        for entry in corrections
    ]
    text = yaml.safe_dump({"corrections": entries}, allow_unicode=True)
    (target / "corrections.yml").write_text(text, encoding="utf-8")
    return target
