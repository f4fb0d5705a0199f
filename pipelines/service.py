"""The permanent service: Dagster's web pages and its one daemon, watched over as a whole."""

import contextlib
import fcntl
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import dagster as dg

from pipelines.history import DeadRuns, prune
from pipelines.home import dagster_home, open_records, workspace_file
from pipelines.lifeline import VARIABLE, Lifeline
from weltoffen_etl.settings import Settings

HOST = "127.0.0.1"
"""Dagster knows no login: its pages are served to this machine alone."""

_LOOK_SECONDS = 60.0


class AlreadyRunningError(RuntimeError):
    """Another service has this data folder."""

    def __init__(self) -> None:
        """Words it."""
        super().__init__("Für diesen Datenordner läuft schon ein Dienst.")


class ServiceError(RuntimeError):
    """The service cannot start or had to end; says in German why."""


def serve(
    settings: Settings, *, port: int, allow_changes: bool, say: Callable[[str], None]
) -> None:
    """Runs web pages and daemon until a signal ends them (SIGTERM or SIGINT).

    Args:
        settings: the installation.
        port: port of the web pages on this machine, 1 to 65535.
        allow_changes: whether the web pages may start and stop runs and schedules.
        say: takes German sentences for the operator's log.

    Raises:
        AlreadyRunningError: another service has this data folder.
        ServiceError: the port is taken, or a part ended by itself; the other was ended too.
    """
    home = dagster_home(settings)
    stopped = threading.Event()
    with _stopping(stopped), _only_one(home) as lock:
        _refuse_taken(port)
        os.environ["DAGSTER_HOME"] = str(home)
        with open_records(settings) as instance:
            upkeep = _Upkeep(instance, settings, say)
            upkeep.look(none_lives=True)
            try:
                with Lifeline(home) as lifeline:
                    pages = ["--host", HOST, "--port", str(port)]
                    pages += [] if allow_changes else ["--read-only"]
                    parts = _start(settings, home, lifeline, lock, pages)
                    say(_introduction(settings, port, allow_changes=allow_changes))
                    while not stopped.wait(0.5):
                        for name, process in parts.items():
                            if process.poll() is not None:
                                raise ServiceError(
                                    f"{name} hat sich beendet (Rückgabewert {process.returncode}). "
                                    "Der Dienst endet; systemd startet ihn neu."
                                )
                        upkeep.look_now_and_then()
                    say("Der Dienst endet.")
            finally:
                # Nobody is left who could be working on a run.
                upkeep.look(none_lives=True)


class _Upkeep:
    """Keeps Dagster's records right and small; whatever fails is told and tried again."""

    def __init__(
        self, instance: dg.DagsterInstance, settings: Settings, say: Callable[[str], None]
    ) -> None:
        self._instance, self._settings, self._say = instance, settings, say
        self._dead = DeadRuns()
        self._last = time.monotonic()
        self._journal = self._journal_time()

    def look_now_and_then(self) -> None:
        """Looks once a minute."""
        if time.monotonic() - self._last >= _LOOK_SECONDS:
            self.look(none_lives=False)

    def look(self, *, none_lives: bool) -> None:
        """Reports dead runs; removes old ones at the beginning, the end and after each night."""
        self._last = time.monotonic()
        try:
            report = self._dead.report_all if none_lives else self._dead.report
            if dead := report(self._instance, self._settings):
                self._say(f"{dead} abgebrochene Läufe als fehlgeschlagen vermerkt.")
            if none_lives or self._journal != self._journal_time():
                self._journal = self._journal_time()
                if removed := prune(self._instance, self._settings):
                    self._say(f"{removed} alte Läufe aus Dagsters Aufzeichnungen entfernt.")
        except Exception as error:
            self._say(f"Dagsters Aufzeichnungen: {type(error).__name__}. Nächster Versuch folgt.")

    def _journal_time(self) -> float:
        journal = self._settings.journal
        return journal.stat().st_mtime if journal.is_file() else 0.0


def _start(
    settings: Settings, home: Path, lifeline: Lifeline, lock: int, pages: list[str]
) -> dict[str, subprocess.Popen[bytes]]:
    workspace = str(workspace_file(home))
    parts = {
        "Der Zeitplaner": ["dagster._daemon", "run", "-w", workspace],
        "Die Weboberfläche": ["dagster_webserver", "-w", workspace, *pages],
    }
    environment = {
        **os.environ,
        "WELTOFFEN_DATA_DIR": str(settings.data_dir.resolve()),
        VARIABLE: str(lifeline.file),
    }
    return {
        name: subprocess.Popen(
            [sys.executable, "-m", "pipelines.lifeline", *arguments],
            env=environment,
            # The lock is free only when the last of them has ended.
            pass_fds=[lock],
            # Ctrl-C at a terminal is for the watching process alone.
            start_new_session=True,
        )
        for name, arguments in parts.items()
    }


def _introduction(settings: Settings, port: int, *, allow_changes: bool) -> str:
    what = "Läufe können dort gestartet und beendet werden" if allow_changes else "nur zum Lesen"
    return (
        f"Der Dienst läuft für {settings.data_dir.resolve()}; jede Nacht um 1:15 Uhr ein Lauf.\n"
        f"Weboberfläche: http://{HOST}:{port} ({what}, nur von diesem Rechner aus)."
    )


@contextlib.contextmanager
def _stopping(stopped: threading.Event) -> Iterator[None]:
    """Sets the event on SIGTERM and SIGINT meanwhile."""
    signals = (signal.SIGTERM, signal.SIGINT)
    before = {number: signal.signal(number, lambda *_: stopped.set()) for number in signals}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def _only_one(home: Path) -> Iterator[int]:
    """Holds the lock of the service; gives its descriptor, so that children can hold it too."""
    descriptor = os.open(home / "service.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield descriptor
    except BlockingIOError:
        raise AlreadyRunningError from None
    finally:
        os.close(descriptor)


def _refuse_taken(port: int) -> None:
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((HOST, port))
        except OSError:
            raise ServiceError(
                f"Port {port} ist schon belegt. Bitte einen anderen angeben: --port NUMMER."
            ) from None
