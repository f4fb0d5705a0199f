"""The sensor wakes one check for each new content, sees no half-written file, names nobody."""

import json
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from pipelines.definitions import build_definitions
from pipelines.jobs import EARLY_CHECK, NIGHTLY, WORK
from pipelines.sensors import INBOX_SENSOR
from tests.conftest import DEMO_INBOX, deliver
from tests.mail_server import mail_server
from tests.nights import run_night
from weltoffen_etl.early.inbox import look
from weltoffen_etl.notices.notify import notify
from weltoffen_etl.settings import Settings

GARBSEN = "03241005"
FOLDER = f"{GARBSEN}/t0/selfcheck"
EXPORT = next((DEMO_INBOX / GARBSEN / "t0" / "selfcheck").iterdir())
NAME = "Erika Mustermann.csv"


def _old(path: Path, content: bytes | None = None) -> Path:
    """Makes a file look as if it had lain there for a while; each change is a new time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if content is not None:
        path.write_bytes(content)
    _old.seconds += 1.0  # type: ignore[attr-defined]
    os.utime(path, (0, time.time() - 4_000 + _old.seconds))  # type: ignore[attr-defined]
    return path


_old.seconds = 0.0  # type: ignore[attr-defined]


class _Sensor:
    """The sensor of an installation with its cursor, as the daemon keeps it."""

    def __init__(self, settings: Settings, instance: dg.DagsterInstance) -> None:
        self._definitions = build_definitions(settings)
        self._sensor = self._definitions.resolve_sensor_def(INBOX_SENSOR)
        self._instance = instance
        self.cursor: str | None = None

    def tick(self) -> list[str]:
        """One evaluation; returns the run keys it asked for."""
        context = dg.build_sensor_context(
            instance=self._instance, cursor=self.cursor, definitions=self._definitions
        )
        data = self._sensor.evaluate_tick(context)
        self.cursor = data.cursor if data.cursor is not None else self.cursor
        for request in data.run_requests or []:
            assert request.run_key is not None
            assert "Mustermann" not in str(request)
        return [str(request.run_key) for request in data.run_requests or []]


@pytest.fixture(scope="module")
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.instance_for_test() as instance:
        yield instance


@pytest.fixture
def sensor(settings: Settings, instance: dg.DagsterInstance) -> _Sensor:
    return _Sensor(settings, instance)


def test_a_content_asks_for_one_check(settings: Settings, sensor: _Sensor) -> None:
    file = _old(settings.inbox / FOLDER / NAME, b"a;b\n1;2\n")
    assert sensor.tick() == []  # seen for the first time
    (key,) = sensor.tick()
    assert sensor.tick() == [key]  # the run is not yet done: the same key, hence no second run
    _old(settings.inbox / FOLDER / "andere Namen.csv", file.read_bytes())
    assert [sensor.tick(), sensor.tick()] == [[key], [key]]
    _old(file, b"a;b\n1;3\n")
    assert sensor.tick() == [key]
    (other,) = sensor.tick()
    assert other != key
    assert "Mustermann" not in (sensor.cursor or "")


def test_a_growing_file_is_left_alone(settings: Settings, sensor: _Sensor) -> None:
    file = _old(settings.inbox / FOLDER / "waechst.csv", b"a")
    for _ in range(4):
        assert sensor.tick() == []
        _old(file, file.read_bytes() + b"a")
    file.write_bytes(b"fertig")  # young
    assert [sensor.tick(), sensor.tick()] == [[], []]
    _old(file)
    assert [len(sensor.tick()), len(sensor.tick())] == [0, 1]


def test_what_is_no_file_for_us_and_nonsense_stop_nothing(
    settings: Settings, sensor: _Sensor, tmp_path: Path
) -> None:
    folder = settings.inbox / FOLDER
    folder.mkdir(parents=True)
    (folder / "verweis.csv").symlink_to(EXPORT)
    os.mkfifo(folder / "rohr.csv")
    for name in (".versteckt.csv", "~$auf.xlsx", "halb.csv.part"):
        _old(folder / name, b"x")
    _old(Path(os.fsdecode(os.fsencode(folder) + b"/B\xf6gen.csv")), b"kein UTF-8 im Namen")
    sensor.cursor = '["Unsinn"]'
    assert sensor.tick() == []
    assert len(sensor.tick()) == 1
    assert set(json.loads(sensor.cursor or "")) == set(json.loads(look(settings, None).cursor))
    assert len(json.loads(sensor.cursor or "")) == 1
    sensor.cursor = "kein JSON"
    assert [len(sensor.tick()), len(sensor.tick())] == [0, 1]
    # Not even a ledger that cannot be read makes the daemon stumble, and no word of it is told.
    settings.archive.mkdir(parents=True)
    (settings.archive / "ledger.jsonl").write_text('{"path": "Mustermann"}\n')
    assert sensor.tick() == []


@pytest.mark.skipif(os.geteuid() == 0, reason="for root every file is readable")
def test_an_unreadable_file_stops_nothing(settings: Settings, sensor: _Sensor) -> None:
    _old(settings.inbox / FOLDER / "zu.csv", b"x").chmod(0)
    _old(settings.inbox / FOLDER / "auf.csv", b"y")
    assert [len(sensor.tick()), len(sensor.tick())] == [0, 1]


def test_a_content_is_hashed_once(
    settings: Settings, sensor: _Sensor, monkeypatch: pytest.MonkeyPatch
) -> None:
    _old(settings.inbox / FOLDER / "gross.csv", b"x" * 3_000_000)
    (key,) = [sensor.tick(), sensor.tick()][1]
    monkeypatch.setattr("weltoffen_etl.early.inbox.open_file", lambda _: pytest.fail("read again"))
    assert sensor.tick() == [key]


def test_night_and_day_have_a_place_each_in_the_queue(settings: Settings) -> None:
    definitions = build_definitions(settings)
    day, night = (definitions.resolve_job_def(name) for name in (EARLY_CHECK, NIGHTLY))
    assert day.tags[WORK] != night.tags[WORK]
    assert 0 < float(day.tags["dagster/max_runtime"]) <= 900
    (step,) = day.graph.node_defs
    assert isinstance(step, dg.OpDefinition)
    assert "night" not in step.required_resource_keys


@pytest.mark.slow
def test_the_night_tells_nothing_again(
    settings: Settings, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sensor, check in Dagster, mail, night: the sender hears of a finding once."""
    reference = settings.data_dir.parent / "reference"
    shutil.copytree(settings.reference_dir, reference)
    expected = reference / "expected_deliveries.csv"
    expected.write_text(expected.read_text(encoding="utf-8").split("\n")[0] + "\n")
    settings = settings.model_copy(update={"reference_dir": reference})
    for part in ("t0/selfcheck", "t1/selfcheck"):
        source = next((DEMO_INBOX / GARBSEN / part).iterdir())
        _old(deliver(settings, f"{GARBSEN}/{part}", source, NAME))
    (settings.data_dir / "contacts.csv").write_text(f"ags,email\n{GARBSEN},a@garbsen.example\n")
    sensor = _Sensor(settings, instance)
    assert [len(sensor.tick()), len(sensor.tick())] == [0, 1]
    with mail_server() as server:
        values: dict[str, Any] = {"HOST": "localhost", "PORT": server.port, "SECURITY": "none",
                                  "SENDER": "daten@weltoffen.example"}  # fmt: skip
        for name, value in values.items():
            monkeypatch.setenv(f"WELTOFFEN_SMTP__{name}", str(value))
        job = build_definitions(settings).resolve_job_def(EARLY_CHECK)
        result = job.execute_in_process(instance=instance)
        assert result.success
        told = [str(entry) for entry in instance.all_logs(result.run_id)]
        assert any("partly_quarantined" in entry for entry in told)
        assert not any("Mustermann" in entry or "@garbsen" in entry for entry in told)
        assert [recipients for _, recipients, _ in server.letters] == [["a@garbsen.example"]]
        assert sensor.tick() == []  # told
        record = run_night(settings)
        assert record.outcome == "published", record.failures
        assert sensor.tick() == []  # taken in
        assert json.loads(sensor.cursor or "") == {}
        assert record.new_deliveries == 2
        notify(settings)
    assert [recipients for _, recipients, _ in server.letters] == [["a@garbsen.example"]]
