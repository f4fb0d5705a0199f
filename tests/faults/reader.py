"""A process that opens the current release again and again, and reads two tables of it.

python -m tests.faults.reader RELEASES STOP RESULT
"""

import json
import sys
import time
from pathlib import Path

import duckdb

_NUMBER = "SELECT string_agg(DISTINCT label_de, ' / ' ORDER BY label_de) FROM {table}"


def main() -> None:
    releases, stop, result = (Path(x) for x in sys.argv[1:])
    begun = (releases / "current").resolve()
    with result.open("w", encoding="utf-8") as target:
        while True:
            last = stop.exists()
            folder = (releases / "current").resolve()
            with duckdb.connect(str(folder / "weltoffen.duckdb"), read_only=True) as connection:
                first = connection.execute(
                    _NUMBER.format(table="reference.municipality")
                ).fetchone()
                time.sleep(0.1)  # a release may well be published between the two questions
                second = connection.execute(
                    _NUMBER.format(table="reference.action_field")
                ).fetchone()
            assert first is not None
            assert second is not None
            if folder != begun:  # the first has no number
                target.write(json.dumps([folder.name, first[0], second[0]]) + "\n")
            if last:
                return
            time.sleep(0.3)


if __name__ == "__main__":
    main()
