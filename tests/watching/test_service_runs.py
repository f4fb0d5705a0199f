"""A run that the real service launches says the same as one from the command line, and is watched."""

import json
from pathlib import Path

import pytest

from tests.conftest import DEMO_INBOX, deliver
from tests.service.running import serving, until
from weltoffen_etl.settings import Settings
from weltoffen_etl.watching import heartbeat
from weltoffen_etl.watching.look import look

pytestmark = pytest.mark.slow
EXPORT = "03241005/t0/selfcheck/garbsen_t0_results-survey352021.csv"


def test_a_run_of_the_service_writes_json_and_beats(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "data", settle_seconds=0.0)
    deliver(settings, "03241005/t0/selfcheck", DEMO_INBOX / EXPORT)
    with serving(settings, "--allow-changes", WELTOFFEN_LOG_FORMAT="json") as service:
        service.ready()
        run_id = service.launch()
        until(lambda: heartbeat.read(settings).run, 120)
        assert heartbeat.alive(settings)
        until(lambda: heartbeat.read(settings).last_good, 400)
        said = [
            json.loads(line) for line in service.log.read_text().splitlines() if line[:1] == "{"
        ]
    beat = heartbeat.read(settings)
    assert beat.run is not None
    assert beat.run.run_id == run_id
    own = [entry for entry in said if entry.get("run_id") == run_id]
    assert {"run_started", "step_started", "run_ended"} <= {entry["event"] for entry in own}
    assert not [x for x in look(settings).checks if x.id == "last_run" and x.status != "ok"]
