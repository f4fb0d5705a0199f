"""The real service in processes of its own, for tests."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import dagster as dg

from pipelines.home import open_records
from pipelines.jobs import NIGHTLY
from weltoffen_etl.settings import Settings

_LAUNCH = """
mutation {
  launchRun(executionParams: {
    selector: {
      repositoryLocationName: "weltoffen_etl", repositoryName: "__repository__", jobName: "nightly"
    },
    runConfigData: {}
  }) { __typename ... on LaunchRunSuccess { run { runId } } }
}
"""


PROGRAM = Path(sys.executable).with_name("weltoffen")
"""The command as it is installed."""


class Service:
    """A service under test."""

    def __init__(
        self, settings: Settings, more: dict[str, str], program: Path, *arguments: str
    ) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.settings = settings
        self.log = settings.data_dir / "service.log"
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [
                    *(str(program), "service"),
                    *("--data-dir", str(settings.data_dir)),
                    *("--port", str(self.port)),
                    *arguments,
                ],
                cwd="/",
                env={**os.environ, **more},
                stdout=log,
                stderr=log,
            )

    def ready(self) -> None:
        """Waits until the web pages answer and the graph is loaded."""
        until(lambda: self._answers() or self.process.poll() is not None, 60)
        assert self.process.poll() is None, self.log.read_text()

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/server_info"):
                return True
        except OSError:
            return False

    def ask(self, query: str) -> Any:
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/graphql",
            json.dumps({"query": query}).encode(),
            {"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request) as answer:  # noqa: S310  (our own address)
            return json.load(answer)

    def launch(self) -> str:
        """Puts a night into the real queue and returns its id."""
        launched = self.ask(_LAUNCH)["data"]["launchRun"]
        assert launched["__typename"] == "LaunchRunSuccess", launched
        return str(launched["run"]["runId"])

    def processes(self) -> dict[int, str]:
        """Every process of this installation but the watching one, with its command line."""
        found = {}
        ours = f"WELTOFFEN_DATA_DIR={self.settings.data_dir}".encode()
        for folder in Path("/proc").iterdir():
            if not folder.name.isdigit() or int(folder.name) in {os.getpid(), self.process.pid}:
                continue
            try:
                environment = (folder / "environ").read_bytes().split(b"\0")
                line = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            except OSError:
                continue
            if ours in environment and line:
                found[int(folder.name)] = line
        return found

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        # After so long systemd ends the service the hard way.
        return self.process.wait(30)


@contextmanager
def serving(
    settings: Settings, *arguments: str, program: Path = PROGRAM, **more: str
) -> Iterator[Service]:
    service = Service(settings, more, program, *arguments)
    try:
        yield service
    finally:
        service.process.kill()
        service.process.wait()
        until(lambda: not service.processes(), 20)


@contextmanager
def records(settings: Settings) -> Iterator[dg.DagsterInstance]:
    with open_records(settings) as instance:
        yield instance


def states(settings: Settings) -> list[dg.DagsterRunStatus]:
    """How the nights stand, oldest first; checks of new files by day are not among them."""
    with records(settings) as instance:
        nights = instance.get_runs(dg.RunsFilter(job_name=NIGHTLY))
    return [run.status for run in reversed(nights)]


def until(true: Callable[[], Any], seconds: float) -> Any:
    """Waits until something is true and returns it."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if value := true():
            return value
        time.sleep(0.1)
    raise AssertionError(f"not within {seconds} s")
