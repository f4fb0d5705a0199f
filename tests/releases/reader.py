"""An evaluator's process that reads the current release again and again, and one for good.

    python -m tests.releases.reader RELEASES STOP RESULT

Writes what it saw as JSON lines: the release it found, and the hash of its content, once by the
pointer at that moment and once by a connection that stays open from the beginning.
"""

import json
import sys
import time
from pathlib import Path

import duckdb

QUERY = (
    "SELECT md5(string_agg(line, '' ORDER BY line)) FROM "
    "(SELECT (COLUMNS(*))::VARCHAR AS line FROM (SELECT row(i)::VARCHAR AS line FROM comparison.coverage AS i))"
)


def content(connection: duckdb.DuckDBPyConnection) -> str:
    row = connection.execute(QUERY).fetchone()
    return str(row[0]) if row else ""


def main() -> None:
    releases, stop, result = (Path(x) for x in sys.argv[1:])
    first = (releases / "current").resolve()
    with (
        duckdb.connect(str(first / "weltoffen.duckdb"), read_only=True) as held,
        result.open("w", encoding="utf-8") as target,
    ):
        while True:
            last = stop.exists()
            folder = (releases / "current").resolve()
            with duckdb.connect(str(folder / "weltoffen.duckdb"), read_only=True) as connection:
                now = content(connection)
            manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
            entry = [folder.name, manifest["release"], now, first.name, content(held)]
            target.write(json.dumps(entry) + "\n")
            target.flush()
            if last:
                return
            time.sleep(0.05)  # the night, too, needs a processor


if __name__ == "__main__":
    main()
