"""The numbers for Prometheus, read by its own parser."""

from contextlib import suppress
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.watching.installation import install, later, new_settings, pass_night
from weltoffen_etl.settings import PROJECT_ROOT, Settings
from weltoffen_etl.watching import heartbeat
from weltoffen_etl.watching.look import look, night_ended

DOCUMENTED = PROJECT_ROOT / "weltoffen_etl" / "watching" / "README.md"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = new_settings(tmp_path / "data")
    install(settings)
    return settings


def _numbers(settings: Settings) -> dict[str, float]:
    """Value by name, labels joined to it."""
    text = (settings.data_dir / "metrics.prom").read_text(encoding="utf-8")
    return {
        ".".join([sample.name.removeprefix("weltoffen_"), *sample.labels.values()]): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_numbers_are_those_of_release_and_night(settings: Settings) -> None:
    look(settings)
    numbers = _numbers(settings)
    files = list((settings.releases / "current").resolve().iterdir())
    sizes = {x.name: x.stat().st_size for x in files}
    good = heartbeat.read(settings).last_good
    assert good is not None
    assert numbers["release_bytes"] == sum(sizes.values()) - sizes["manifest.json"]
    assert (numbers["release_deliveries"], numbers["release_deliveries_quarantined"]) == (2, 1)
    assert [numbers[f"release_findings.{x}"] for x in ("critical", "warning", "info")] == [1, 2, 3]
    assert abs(numbers["last_good_night_timestamp_seconds"] - later().timestamp()) < 60
    assert numbers["last_run_outcome.published"] == 1
    assert sum(x for name, x in numbers.items() if name.startswith("last_run_outcome.")) == 1
    assert (numbers["run_in_progress"], numbers["incidents_open"]) == (0, 0)
    assert numbers["check.release"] == 0
    assert numbers["free_bytes"] > 0
    assert (settings.data_dir / "metrics.prom").stat().st_mode & 0o777 == 0o644


def test_numbers_follow_a_failed_night(settings: Settings) -> None:
    night_ended(settings, pass_night(settings, "failed", new_deliveries=3))
    numbers = _numbers(settings)
    assert numbers["last_run_outcome.failed"] == 1
    assert numbers["incidents_open"] == 1
    assert numbers["last_run_new_deliveries"] == 3
    assert numbers["check.last_run"] == 2
    with suppress(InterruptedError), heartbeat.beating(settings, None):
        look(settings)
        assert _numbers(settings)["run_in_progress"] == 1
        raise InterruptedError
    look(settings)
    assert _numbers(settings)["last_run_outcome.broken_off"] == 1


def test_damage_leaves_the_other_numbers(settings: Settings) -> None:
    ((settings.releases / "current").resolve() / "manifest.json").write_text("{")
    look(settings)
    numbers = _numbers(settings)
    assert "release_bytes" not in numbers
    assert numbers["check.release"] == 2
    assert numbers["last_run_outcome.published"] == 1


def test_every_number_is_described(settings: Settings) -> None:
    night_ended(settings, pass_night(settings, "published"))
    text = DOCUMENTED.read_text(encoding="utf-8")
    missing = [x for x in _numbers(settings) if f"`weltoffen_{x.partition('.')[0]}" not in text]
    assert missing == []
