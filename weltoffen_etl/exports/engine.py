"""DuckDB for questions about single files: opening a database costs more than most of them."""

from __future__ import annotations

import os
from functools import cache, lru_cache
from pathlib import Path

import duckdb

Connection = duckdb.DuckDBPyConnection


def engine() -> Connection:
    """Returns a connection of its own to this process's empty database in memory.

    Close it or use it as a context manager; temporary tables go with it.
    """
    return _database(os.getpid()).cursor()


def bounded_engine(scratch: Path) -> Connection:
    """Returns a connection with the limits of the process that parses files.

    Args:
        scratch: folder of one file; what does not fit in memory goes beside it.
    """
    return _bounded(scratch.parent).cursor()


def give_up_engine() -> None:
    """Lets the next question begin with a new database, after one that failed."""
    _bounded.cache_clear()


@cache
def _database(process: int) -> Connection:
    # One for each process: the threads of a database do not outlive a fork of its process.
    return duckdb.connect()


@lru_cache(maxsize=1)
def _bounded(folder: Path) -> Connection:
    return duckdb.connect(
        config={"memory_limit": "1GB", "threads": 1, "temp_directory": str(folder / "spill")}
    )
