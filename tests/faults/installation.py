"""An installation between two nights, whole nights in processes of their own, and what must hold."""

from __future__ import annotations

import atexit
import csv
import hashlib
import io
import json
import os
import shutil
import sys
import tempfile
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import duckdb

from tests.conftest import DEMO_INBOX
from weltoffen_etl.deliveries.archive import Archive
from weltoffen_etl.settings import Settings

DAY = date(2026, 11, 24)
"""Due dates must not pass while a campaign runs."""


def settings_in(folder: Path, **more: object) -> Settings:
    return Settings(data_dir=folder, settle_seconds=0.0, as_of=DAY, try_again_seconds=0.0, **more)


def two_nights(folder: Path, **more: object) -> Settings:
    """The first night has published; in the inbox wait new files, a corrected one and a double."""
    shutil.copytree(_between_nights(**more), folder, symlinks=True)
    return settings_in(folder, **more)


@cache
def _between_nights(**more: object) -> Path:
    """Runs the first night, once in a process."""
    scratch = Path(tempfile.mkdtemp(prefix="weltoffen-between-"))
    atexit.register(shutil.rmtree, scratch, ignore_errors=True)
    settings = settings_in(scratch / "data", **more)
    files = sorted(path for path in DEMO_INBOX.rglob("*") if path.is_file())
    for file in files[::2]:
        _put(settings, file, file.relative_to(DEMO_INBOX))
    assert in_child(lambda: night(settings)) in (0, 3)
    for file in files[1::2]:
        _put(settings, file, file.relative_to(DEMO_INBOX))
    first = files[0].relative_to(DEMO_INBOX)
    _put(settings, files[0], first.with_name(f"noch einmal {first.name}"))
    garbsen = next(x for x in files if "garbsen_t0" in x.name)
    newer = settings.inbox / garbsen.relative_to(DEMO_INBOX).with_name("garbsen_t0_berichtigt.csv")
    newer.parent.mkdir(parents=True, exist_ok=True)
    newer.write_text(corrected(garbsen.read_text(encoding="utf-8-sig")), encoding="utf-8")
    return settings.data_dir


def new_delivery(settings: Settings, number: int) -> Path:
    """Delivers one more corrected export of Garbsen; each has another content."""
    garbsen = next(DEMO_INBOX.rglob("garbsen_t0*"))
    newer = settings.inbox / garbsen.relative_to(DEMO_INBOX).with_name(f"garbsen_{number}.csv")
    newer.parent.mkdir(parents=True, exist_ok=True)
    heading, *forms = csv.reader(io.StringIO(garbsen.read_text("utf-8-sig")), delimiter=";")
    kept = [form for place, form in enumerate(forms) if place != number % len(forms)]
    kept[0][heading.index("Zufallsstartwert")] = str(100_000 + number)
    out = io.StringIO()
    csv.writer(out, delimiter=";", quoting=csv.QUOTE_ALL).writerows([heading, *kept])
    newer.write_text(out.getvalue(), encoding="utf-8")
    return newer


def corrected(export: str) -> str:
    """An export with a form less, and a form that is now kept back: it names no known place."""
    between = max(";,\t", key=export.partition("\n")[0].count)
    heading, *forms = csv.reader(io.StringIO(export), delimiter=between)
    for column, text in enumerate(heading):
        if text == "AGS" or "(AGS" in text or text.startswith("Amtlicher Gemei"):
            forms[1][column] = "99999999"
    out = io.StringIO()
    csv.writer(out, delimiter=between, quoting=csv.QUOTE_ALL).writerows([heading, *forms[:-1]])
    return out.getvalue()


def _put(settings: Settings, file: Path, place: Path) -> None:
    target = settings.inbox / place
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(file, target)


def night(settings: Settings) -> int:
    """Runs a night; returns the exit code of the command."""
    from pipelines.run import run_nightly
    from weltoffen_etl.journal import EXIT_LOCKED
    from weltoffen_etl.lock import LockHeldError

    try:
        return run_nightly(settings).exit_code
    except LockHeldError:
        return EXIT_LOCKED


def start(work: Callable[[], int], log: Path | None = None) -> int:
    """Runs something in a forked process, so that what is imported need not be imported again.

    Returns:
        The process id.
    """
    process = os.fork()
    if process:
        return process
    code = 70
    try:
        out = os.open(log or os.devnull, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(out, 1)
        os.dup2(out, 2)
        code = work()
    except BaseException:  # the parent's stack must never go on in the child
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def finished(process: int) -> int:
    """Waits for a process; returns its exit code, negative for the signal that ended it."""
    _, status = os.waitpid(process, 0)
    return os.waitstatus_to_exitcode(status)


def in_child(work: Callable[[], int], log: Path | None = None) -> int:
    return finished(start(work, log))


@dataclass(frozen=True)
class Outcome:
    """What a night leaves, without names and times of the run.

    Attributes:
        tables: hash of every published table, times of arrival left out.
        deliveries: archived bytes and their paths.
        quarantine: events of the quarantine's ledger.
        messages: whom the outbox holds how many messages for.
    """

    tables: dict[str, str]
    deliveries: frozenset[tuple[str, str]]
    quarantine: tuple[str, ...]
    messages: tuple[str, ...]


def outcome(settings: Settings) -> Outcome:
    release = settings.releases / "current"
    quarantine = settings.archive / "quarantine.jsonl"
    events = []
    for line in quarantine.read_text(encoding="utf-8").splitlines() if quarantine.exists() else []:
        event = json.loads(line)
        events.append(json.dumps({k: v for k, v in event.items() if k not in ("at", "release")}))
    return Outcome(
        tables_of(release / "weltoffen.duckdb"),
        frozenset((x.sha256, x.path) for x in Archive(settings.archive).arrivals()),
        tuple(events),
        tuple(sorted(x.name.partition("_")[2] for x in settings.outbox.rglob("*.eml"))),
    )


def tables_of(database: Path) -> dict[str, str]:
    """Hashes of all tables, made without the project's own code."""
    with duckdb.connect(str(database), read_only=True) as connection:
        names = connection.execute(
            "SELECT schema_name, table_name FROM duckdb_tables() ORDER BY ALL"
        ).fetchall()
        hashes = {}
        for schema, name in names:
            relation = connection.table(f'"{schema}"."{name}"')
            kept = [x for x in relation.columns if x != "first_seen_at"]
            rows = relation.select(*(duckdb.ColumnExpression(x) for x in kept)).fetchall()
            hashes[f"{schema}.{name}"] = hashlib.sha256(
                "\n".join(sorted(map(repr, rows))).encode()
            ).hexdigest()
    return hashes


def broken(settings: Settings) -> list[str]:
    """What does not hold that must hold at any moment, whatever happened."""
    found = []
    release = settings.releases / "current"
    if not release.is_symlink():
        return ["no current release"]
    manifest = json.loads((release / "manifest.json").read_text(encoding="utf-8"))
    for name, entry in manifest["files"].items():
        content = (release / name).read_bytes()
        if (len(content), hashlib.sha256(content).hexdigest()) != (entry["bytes"], entry["sha256"]):
            found.append(f"{name} of {manifest['release']} is not what the manifest says")
    tables_of(release / "weltoffen.duckdb")
    pointer = settings.releases / "current.json"
    json.loads(pointer.read_text(encoding="utf-8"))
    for arrival in Archive(settings.archive).arrivals():
        kept = Archive(settings.archive).object_path(arrival.sha256)
        if hashlib.sha256(kept.read_bytes()).hexdigest() != arrival.sha256:
            found.append(f"{arrival.path} is in the ledger and not in the archive")
    return found


def leftovers(settings: Settings) -> list[str]:
    """What a finished night must not leave."""
    patterns = {
        settings.releases: (".build-*", ".old-*", ".current*"),
        settings.archive: ("incoming/*", "disclosure/.next"),
        settings.warehouse: ("build.duckdb*", "publishing.json", "spill", "run.holder.json"),
    }
    found = [x for folder, names in patterns.items() for name in names for x in folder.glob(name)]
    known = {x.name for x in settings.releases.iterdir()}
    states = {x.name for x in (settings.archive / "disclosure").glob("[0-9]*")}
    # What removed releases have shown stays; a release without it would be a leak.
    return [str(x) for x in found] + sorted({x for x in known if x[0].isdigit()} - states)
