"""Runs one program and writes down what it cost; small, because a child inherits its parent's peak memory."""

import json
import os
import resource
import sys
import time


def main(result: str, memory: int, command: list[str]) -> None:
    """Runs the command with limited address space; the result is a file of JSON."""
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    begin = time.perf_counter()
    child = os.posix_spawn(command[0], command, os.environ)
    _, status, usage = os.wait4(child, 0)
    cost = {
        "wall": time.perf_counter() - begin,
        "cpu": usage.ru_utime + usage.ru_stime,
        "peak": usage.ru_maxrss * 1024,
        "code": os.waitstatus_to_exitcode(status),
    }
    with open(result, "w", encoding="utf-8") as file:  # noqa: PTH123
        json.dump(cost, file)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3:])
