"""The service as a whole: its parts end together, and a killed night frees the next."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import dagster as dg
import pytest

from pipelines.lifeline import VARIABLE, Lifeline
from tests.conftest import DEMO_INBOX, deliver
from tests.service.running import PROGRAM, Service, records, serving, states, until
from weltoffen_etl.journal import last_runs
from weltoffen_etl.lock import run_lock
from weltoffen_etl.settings import Settings

_SLOW_NIGHT = {"WELTOFFEN_SETTLE_SECONDS": "12"}
"""A delivery that has just arrived is looked at twice: the night waits that long."""


def _follower(lifeline: Lifeline, code: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", f"from pipelines.lifeline import follow; follow()\n{code}"],
        env={**os.environ, VARIABLE: str(lifeline.file)},
        stdout=subprocess.PIPE,
    )


def test_followers_end_with_the_lifeline_and_are_waited_for(tmp_path: Path) -> None:
    with ExitStack() as closing, Lifeline(tmp_path) as lifeline:
        quick = _follower(lifeline, "import time; print('up', flush=True); time.sleep(60)")
        late = _follower(
            lifeline,
            "import signal, sys, time\n"
            "signal.signal(signal.SIGTERM, lambda *_: (time.sleep(0.7), sys.exit(5)))\n"
            "print('up', flush=True); time.sleep(60)",
        )
        for process in (quick, late):
            closing.enter_context(process)
            assert process.stdout is not None
            assert process.stdout.readline() == b"up\n"
            assert process.poll() is None
        began = time.monotonic()
    assert 0.6 < time.monotonic() - began < 30  # far less than they would last
    assert quick.wait(1) == -signal.SIGTERM
    assert late.wait(1) == 5
    assert list(tmp_path.iterdir()) == []
    # One that starts when the service is gone already does not stay either.
    with _follower(lifeline, "import time; time.sleep(60)") as orphan:
        assert orphan.wait(5) == -signal.SIGTERM


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signal_ends_all_parts_in_order(settings: Settings, number: signal.Signals) -> None:
    with serving(settings) as service:
        service.ready()
        refused = subprocess.run(
            [str(PROGRAM), "service", "--data-dir", str(settings.data_dir), "--port", "1"],
            check=False,
            capture_output=True,
            text=True,
            timeout=30,
        )
        assert refused.returncode == 75
        assert "läuft schon" in refused.stderr
        assert len(service.processes()) >= 2
        assert service.end(number) == 0
        assert service.processes() == {}
        assert "Traceback" not in service.log.read_text()


@pytest.mark.slow
def test_killed_service_leaves_no_process_and_starts_again(settings: Settings) -> None:
    with serving(settings) as service:
        service.ready()
        until(lambda: len(service.processes()) == 4, 30)
        service.end(signal.SIGKILL)
        until(lambda: not service.processes(), 12)
    with serving(settings) as again:
        again.ready()


@pytest.mark.slow
@pytest.mark.parametrize("part", ["dagster._daemon", "dagster_webserver"])
def test_part_that_ends_takes_the_other_with_it(settings: Settings, part: str) -> None:
    with serving(settings) as service:
        service.ready()
        (pid,) = (pid for pid, line in service.processes().items() if part in line)
        os.kill(pid, signal.SIGKILL)
        assert service.process.wait(15) == 1
        assert service.processes() == {}
        assert "hat sich beendet" in service.log.read_text()


@pytest.mark.slow
def test_pages_only_read_and_only_on_this_machine(settings: Settings) -> None:
    with serving(settings) as service:
        service.ready()
        assert "UnauthorizedError" in str(
            service.ask("mutation { wipeAssets(assetPartitionRanges: []) { __typename } }")
        )
        with records(settings) as instance:
            assert instance.telemetry_enabled is False


def _one_file(settings: Settings) -> None:
    file = next(x for x in sorted(DEMO_INBOX.rglob("*.csv")))
    deliver(settings, str(file.parent.relative_to(DEMO_INBOX)), file)


def _locked(settings: Settings) -> bool:
    return (settings.warehouse / "run.holder.json").is_file()


def _worker(service: Service) -> int:
    """The process that holds the run's lock."""
    holder = json.loads((service.settings.warehouse / "run.holder.json").read_text())
    return int(holder["PID"])


@pytest.mark.slow
def test_killed_night_is_begun_again(settings: Settings) -> None:
    _one_file(settings)
    success, failure = dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE
    with serving(settings, "--allow-changes", **_SLOW_NIGHT) as service:
        service.ready()
        service.launch()
        until(lambda: _locked(settings), 60)
        os.kill(_worker(service), signal.SIGKILL)
        until(lambda: states(settings) == [failure, success], 400)
        (record,) = last_runs(settings)
        assert record.outcome == "published"
        assert record.new_deliveries == 1


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_night_killed_with_the_service_is_begun_again(
    settings: Settings, number: signal.Signals
) -> None:
    _one_file(settings)
    success, failure = dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE
    with serving(settings, "--allow-changes", **_SLOW_NIGHT) as service:
        service.ready()
        service.launch()
        until(lambda: _locked(settings), 60)
        service.end(number)
        until(lambda: not service.processes(), 12)
        with run_lock(settings):
            pass
    with serving(settings, "--allow-changes") as service:
        service.ready()
        until(lambda: states(settings) == [failure, success], 300)
    assert last_runs(settings)[0].outcome == "published"


@pytest.mark.slow
def test_night_that_fails_on_its_data_is_not_begun_again(
    settings: Settings, tmp_path: Path
) -> None:
    _one_file(settings)
    reference = tmp_path / "reference"
    shutil.copytree(settings.reference_dir, reference)
    (reference / "corrections.yml").write_text("corrections: [no]", encoding="utf-8")
    with serving(settings, "--allow-changes", WELTOFFEN_REFERENCE_DIR=str(reference)) as service:
        service.ready()
        run = service.launch()
        until(lambda: states(settings) == [dg.DagsterRunStatus.FAILURE], 90)
        with records(settings) as instance:
            kept = instance.get_run_by_id(run)
            assert kept is not None
            assert kept.tags["dagster/will_retry"] == "false"
            assert kept.tags["dagster/failure_reason"] == "STEP_FAILURE"
