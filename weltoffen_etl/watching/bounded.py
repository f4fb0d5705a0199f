"""Calls something outside within a time of ours: a server may drip its answer byte by byte."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

Result = TypeVar("Result")


def within(seconds: float, call: Callable[[], Result]) -> Result:
    """Calls and waits for the answer no longer than told.

    Timeouts of sockets bound the wait for the next byte only, and none the search for a name.

    Args:
        seconds: the longest wait.
        call: what to do; it is left to itself where it takes longer.

    Returns:
        What the call returned.

    Raises:
        TimeoutError: it took longer.
    """
    results: list[Result] = []
    errors: list[BaseException] = []

    def work() -> None:
        try:
            results.append(call())
        except BaseException as error:  # handed over to whoever waits
            errors.append(error)

    worker = threading.Thread(target=work, daemon=True)
    worker.start()
    worker.join(seconds)
    if errors:
        raise errors[0]
    if not results:
        raise TimeoutError
    return results[0]
