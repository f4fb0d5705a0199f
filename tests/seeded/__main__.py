"""Puts every error into the real exports, judges them and prints what was found.

``uv run python -m tests.seeded``
"""

import tempfile
from pathlib import Path

from tests.seeded.trial import try_errors


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        trials = try_errors(Path(folder))
    for trial in trials:
        mark = "found" if trial.is_right else "WRONG"
        print(f"{mark}  {trial.name}: {', '.join(sorted(x.rule for x in trial.expected))}")
        for label, places in (
            ("missed", trial.missed),
            ("too much", trial.surplus),
            ("lost", trial.lost),
        ):
            for place in places:
                print(f"       {label}: {place}")
    wrong = sum(not trial.is_right for trial in trials)
    print(f"{len(trials)} errors, {len(trials) - wrong} found at their place, {wrong} wrong")


if __name__ == "__main__":
    main()
