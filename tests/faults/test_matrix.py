"""Each fault of the matrix in FAULTS.md, met by a real night: what it does, and the night after."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import tests.faults.warm  # noqa: F401
from tests.faults.installation import (
    broken,
    in_child,
    leftovers,
    new_delivery,
    night,
    two_nights,
)
from weltoffen_etl.deliveries.archive import Archive
from weltoffen_etl.deliveries.intake import take_in
from weltoffen_etl.journal import RunRecord, last_runs
from weltoffen_etl.settings import Settings
from weltoffen_etl.warehouse.current import current_release

pytestmark = pytest.mark.slow

ROOT = os.geteuid() == 0
NOBODY = 65534
SIZE = 160 * 1024**2
FORMS = {"site": False, "other_formats": False, "partner_databases": False}
"""A release of these nights is its database and the reports: faults do not ask for its other forms."""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return two_nights(tmp_path / "data", **FORMS)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Settings]:
    """The same on a small disk of its own."""
    place = tmp_path / "disk"
    place.mkdir()
    if not ROOT or subprocess.run(_mount(place), check=False, capture_output=True).returncode:
        pytest.skip("a small disk can only be mounted by root, and not in every container")
    try:
        yield two_nights(place / "data", **FORMS)
    finally:
        subprocess.run(["/bin/umount", "--lazy", str(place)], check=True)


def _mount(place: Path) -> list[str]:
    return ["/bin/mount", "-t", "tmpfs", "-o", f"size={SIZE}", "none", str(place)]


def _last(settings: Settings) -> RunRecord:
    return last_runs(settings, 1)[0]


def _command(settings: Settings, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        _words(settings, *arguments),
        capture_output=True,
        text=True,
        check=False,
        env=_surroundings(settings),
    )


def _words(settings: Settings, *arguments: str) -> list[str]:
    code = "from weltoffen_etl.cli import main; main()"
    return [sys.executable, "-c", code, *arguments, "--data-dir", str(settings.data_dir)]


def _surroundings(settings: Settings) -> dict[str, str]:
    given = {"settle_seconds": 0, "as_of": settings.as_of, **FORMS}
    return os.environ | {f"WELTOFFEN_{name.upper()}": str(value) for name, value in given.items()}


def _stays_and_recovers(settings: Settings, before: str) -> None:
    """The release of before is whole; once the fault is over, the next night publishes."""
    assert broken(settings) == []
    current = current_release(settings)
    assert current is not None
    assert current.name == before


def _runs(settings: Settings) -> None:
    assert in_child(lambda: night(settings)) in (0, 3)
    assert _last(settings).outcome == "published"


def _publishes(settings: Settings) -> None:
    _runs(settings)
    assert broken(settings) == []
    assert leftovers(settings) == []


def _current(settings: Settings) -> str:
    release = current_release(settings)
    assert release is not None
    return release.name


def test_the_checking_process_is_killed(settings: Settings) -> None:
    before = _current(settings)
    with subprocess.Popen(_words(settings, "run"), env=_surroundings(settings)) as running:
        os.kill(_child_of(running.pid, "weltoffen_etl.quality.gate_process"), signal.SIGKILL)
    assert running.returncode in (0, 3)
    assert _last(settings).outcome == "published"
    assert _current(settings) != before
    assert broken(settings) == []
    assert leftovers(settings) == []


def _child_of(parent: int, module: str) -> int:
    """Returns the process that another one started for a module, as soon as it is there."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        told = Path(f"/proc/{parent}/task/{parent}/children").read_text(encoding="ascii")
        for child in told.split():
            with suppress(FileNotFoundError):
                if module in Path(f"/proc/{child}/cmdline").read_text(encoding="utf-8"):
                    return int(child)
        time.sleep(0.05)
    raise AssertionError(f"no process for {module}")


@pytest.mark.parametrize("free", [20_000, 400_000, 3_000_000], ids=["none", "little", "some"])
def test_disk_full(disk: Settings, free: int) -> None:
    before = _current(disk)
    with _filled(disk.data_dir, free):
        ran = _command(disk, "run")
        assert ran.returncode == 1
        assert "kein Platz" in ran.stdout + ran.stderr
        _stays_and_recovers(disk, before)
    _publishes(disk)


@contextmanager
def _filled(folder: Path, free: int) -> Iterator[None]:
    filler = folder.parent / "filler"
    with suppress(OSError), filler.open("wb", buffering=0) as file:
        while shutil.disk_usage(folder).free > free:
            file.write(bytes(min(1024**2, max(4096, shutil.disk_usage(folder).free - free))))
    try:
        yield
    finally:
        filler.unlink()


def test_read_only_disk(disk: Settings) -> None:
    before = _current(disk)
    place = str(disk.data_dir.parent)
    subprocess.run(["/bin/mount", "-o", "remount,ro", place], check=True)
    try:
        ran = _command(disk, "run")
        assert ran.returncode == 1
        assert "schreibgeschützt" in ran.stderr
        assert "Traceback" not in ran.stderr
        asked = _command(disk, "query", "select count(*) from comparison.coverage")
        assert asked.returncode == 0
        _stays_and_recovers(disk, before)
    finally:
        subprocess.run(["/bin/mount", "-o", "remount,rw", place], check=True)
    _publishes(disk)


def test_folder_of_another_account(settings: Settings) -> None:
    if not ROOT:
        pytest.skip("only root can become another account")
    before = _current(settings)
    for folder in (
        settings.data_dir.parents[2],
        settings.data_dir.parents[1],
        settings.data_dir.parent,
    ):
        folder.chmod(folder.stat().st_mode | 0o055)

    def as_nobody() -> int:
        from weltoffen_etl.lock import StorageError

        os.setgid(NOBODY)
        os.setuid(NOBODY)
        try:
            return night(settings)
        except StorageError as error:
            return 41 if "Recht" in str(error) else 42

    assert in_child(as_nobody) == 41
    _stays_and_recovers(settings, before)
    _publishes(settings)


def test_file_that_may_not_be_read(settings: Settings) -> None:
    if not ROOT:
        pytest.skip("only root can become another account")
    closed = new_delivery(settings, 1)
    closed.chmod(0)
    for path in (settings.data_dir, *settings.data_dir.rglob("*")):
        os.chown(path, NOBODY, NOBODY, follow_symlinks=False)
    # The folders of pytest above it are closed to others, more of them with several workers.
    for folder in settings.data_dir.parents:
        if folder == Path(tempfile.gettempdir()):
            break
        folder.chmod(folder.stat().st_mode | 0o055)
    log = settings.data_dir.parent / "log"

    def look() -> int:
        os.setgid(NOBODY)
        os.setuid(NOBODY)
        intake = take_in(settings)
        return 0 if [x.reason for x in intake.left_alone] == ["lässt sich nicht lesen"] else 1

    assert in_child(look, log) == 0


def test_corrupt_object_is_restored_from_the_senders_copy(settings: Settings) -> None:
    arrival = Archive(settings.archive).arrivals()[0]
    _spoil(settings, arrival.sha256)
    _publishes(settings)
    assert Archive(settings.archive).is_whole(arrival.sha256)
    (told,) = _last(settings).archive_problems
    assert "wiederhergestellt" in told


@pytest.mark.parametrize("gone", [True, False], ids=["vanished", "damaged"])
def test_corrupt_object_without_a_copy_costs_no_figure(settings: Settings, *, gone: bool) -> None:
    archive = Archive(settings.archive)
    arrival = next(x for x in archive.arrivals() if x.path.endswith(".csv"))
    good = archive.object_path(arrival.sha256).read_bytes()
    (settings.inbox / arrival.path).unlink()
    _spoil(settings, arrival.sha256, gone=gone)
    _runs(settings)
    (told,) = _last(settings).archive_problems
    assert "Sicherung" in told
    assert arrival.path.rpartition("/")[2] not in told
    assert _status(settings, arrival.sha256) != "quarantined"  # it had been read before
    shutil.rmtree(settings.stage)
    new_delivery(settings, 1)
    _runs(settings)
    assert _status(settings, arrival.sha256) == "quarantined"
    put_back = archive.object_path(arrival.sha256)
    put_back.unlink(missing_ok=True)
    put_back.write_bytes(good)
    _publishes(settings)
    assert _status(settings, arrival.sha256) != "quarantined"
    assert _last(settings).archive_problems == []


def _spoil(settings: Settings, sha256: str, *, gone: bool = False) -> None:
    kept = Archive(settings.archive).object_path(sha256)
    kept.chmod(0o600)
    if gone:
        kept.unlink()
    else:
        kept.write_bytes(kept.read_bytes()[:-1])  # half a sector less


def _status(settings: Settings, sha256: str) -> str:
    release = current_release(settings)
    assert release is not None
    return str(
        next(x["status"] for x in release.manifest()["deliveries"] if x["delivery_id"] == sha256)
    )


def test_clock_far_behind(settings: Settings) -> None:
    future = settings.model_copy(update={"release_name": "20990101T000000Z"})
    assert in_child(lambda: night(future)) in (0, 3)
    new_delivery(settings, 1)
    assert in_child(lambda: night(settings)) == 1
    assert "Uhr" in _last(settings).failures[0]
    _stays_and_recovers(settings, "20990101T000000Z")
    _publishes(settings.model_copy(update={"clock_is_right": True}))
    assert _current(settings) < "2099"


def test_clock_put_back_a_little(settings: Settings) -> None:
    soon = (datetime.now(UTC) + timedelta(minutes=30)).strftime("%Y%m%dT%H%M%SZ")
    ahead = settings.model_copy(update={"release_name": soon})
    assert in_child(lambda: night(ahead)) in (0, 3)
    new_delivery(settings, 1)
    _publishes(settings)
    assert _current(settings) == f"{soon}-2"


def test_file_that_vanishes(settings: Settings) -> None:
    vanishing = new_delivery(settings, 1)
    patient = settings.model_copy(update={"settle_seconds": 1.0})
    remover = threading.Timer(0.4, vanishing.unlink)
    remover.start()
    intake = take_in(patient)
    remover.join()
    assert not vanishing.exists()
    assert vanishing.name not in {x.path.rpartition("/")[2] for x in intake.arrivals}
    _publishes(settings)


@pytest.mark.parametrize("spoil", ["stage", "pointer", "ledger_line", "journal_line"])
def test_torn_file(settings: Settings, spoil: str) -> None:
    """What a power cut can leave: files cut off in the middle."""
    torn: dict[str, Callable[[], None]] = {
        "stage": lambda: _cut(next(settings.stage.rglob("response.parquet"))),
        "pointer": (settings.releases / "current").unlink,
        "ledger_line": lambda: _append(settings.archive / "ledger.jsonl"),
        "journal_line": lambda: _append(settings.journal),
    }
    torn[spoil]()
    _publishes(settings)


def _cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-20])


def _append(file: Path) -> None:
    with file.open("ab") as target:
        target.write(b'{"sequence": 99, "sha')


def test_a_dead_process_keeps_no_lock(settings: Settings) -> None:
    code = (
        "import sys, time; from pathlib import Path; "
        "from weltoffen_etl.settings import Settings; from weltoffen_etl.lock import run_lock\n"
        "with run_lock(Settings(data_dir=Path(sys.argv[1]))):\n"
        "    print('held', flush=True); time.sleep(600)\n"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", code, str(settings.data_dir)], stdout=subprocess.PIPE
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"held\n"
    refused = _command(settings, "run")
    assert refused.returncode == 75
    assert f"PID {holder.pid}" in refused.stderr
    holder.kill()
    holder.wait()
    holder.stdout.close()
    time.sleep(0.1)
    _publishes(settings)


def test_without_any_network(settings: Settings, tmp_path: Path) -> None:
    """A night where no address exists; every attempt to connect would be written down."""
    if not ROOT or shutil.which("unshare") is None:
        pytest.skip("only root can take the network away")
    trace = tmp_path / "connects"
    traced = ["strace", "-f", "-e", "trace=connect", "-o", str(trace)]
    watch = traced if shutil.which("strace") else []
    code = "from weltoffen_etl.cli import main; main()"
    ran = subprocess.run(
        ["/usr/bin/unshare", "--net", *watch, sys.executable, "-c", code, "run", "--data-dir", str(settings.data_dir)],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {
            "WELTOFFEN_SETTLE_SECONDS": "0",
            "WELTOFFEN_AS_OF": str(settings.as_of),
            "WELTOFFEN_OTHER_FORMATS": "true",
            "WELTOFFEN_SITE": "true",
            "WELTOFFEN_PARTNER_DATABASES": "true",
        },
    )  # fmt: skip
    assert ran.returncode in (0, 3), ran.stderr[-2000:]
    assert _last(settings).outcome == "published"
    if watch:
        lines = [x for x in trace.read_text().splitlines() if "connect(" in x]
        assert [x for x in lines if "AF_UNIX" not in x] == []
