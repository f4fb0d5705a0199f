"""Takes backups of an installation, one after the other, until a file appears: run as a process."""

import sys
import time
from pathlib import Path

from weltoffen_etl.backup.taking import NothingToKeepError, take
from weltoffen_etl.settings import Settings


def main() -> None:
    data, target, stop = map(Path, sys.argv[1:])
    settings = Settings(data_dir=data)
    taken = 0
    while True:
        last = stop.exists()
        try:
            done = take(settings, target, quick=True)
        except NothingToKeepError:
            done = None
        if done is not None:
            taken += 1
            assert not done.problems, done.problems
        if last:
            break
        time.sleep(0.05)
    print(taken)


if __name__ == "__main__":
    main()
