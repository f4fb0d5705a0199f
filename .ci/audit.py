"""Asks the OSV database about every locked package; fails on what is known and has a fix.

`uv run python .ci/audit.py`. Where the database cannot be reached, it says so and goes on: a build
must not depend on somebody else's server. What is ignored stands in `pyproject.toml`, each with id,
reason and the day it was decided; after a year it has to be decided again.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parent.parent
DECIDED_FOR = timedelta(days=365)


def ignored(pyproject: Path, today: date) -> dict[str, str]:
    """Returns the reasons of what is ignored, by id.

    Raises:
        ValueError: an entry lacks something, or was decided too long ago.
    """
    tool = tomllib.loads(pyproject.read_text(encoding="utf-8")).get("tool", {})
    reasons = {}
    for entry in tool.get("weltoffen", {}).get("audit", {}).get("ignored", []):
        if set(entry) != {"id", "reason", "decided"} or not entry["reason"].strip():
            raise ValueError(f"needs id, reason and decided: {entry}")
        if today - entry["decided"] > DECIDED_FOR:
            raise ValueError(f"decided more than a year ago: {entry['id']}")
        reasons[entry["id"]] = entry["reason"]
    return reasons


def main(*more: str) -> int:
    """Runs the audit; ``more`` goes to `uv audit`. Returns the exit code."""
    reasons = ignored(PROJECT / "pyproject.toml", datetime.now(UTC).date())
    command = ["uv", "audit", "--frozen", "--output-format", "json", *more]
    command += ["--preview-features", "audit-command,json-output"]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    try:
        told: dict[str, Any] = json.loads(done.stdout)
        number, found = told["summary"]["audited_packages"], told["vulnerabilities"]
    except (ValueError, KeyError):
        print(
            f"NOT AUDITED: the database of vulnerabilities did not answer.\n{done.stderr.strip()}"
        )
        return 0
    failed = 0
    for entry in found:
        names = {entry["id"], *entry["aliases"]}
        package = f"{entry['dependency']['name']} {entry['dependency']['version']}"
        reason = next((reasons[name] for name in names if name in reasons), None)
        fixed = ", ".join(entry["fix_versions"])
        verdict = f"ignored, {reason}" if reason else f"fixed in {fixed}" if fixed else "no fix yet"
        print(f"{package}: {entry['display_id']} {entry['summary'] or ''} ({verdict})")
        failed += reason is None and bool(fixed)
    print(f"{number} packages audited, {len(found)} known vulnerabilities, {failed} to be fixed.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
