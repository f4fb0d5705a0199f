"""Files that cover several municipalities: which waves their folders allow."""

import json
from pathlib import Path

import duckdb
import pytest

from tests.conftest import deliver
from weltoffen_etl.deliveries.intake import take_in
from weltoffen_etl.deliveries.places import Place, Registry, common_place, place_of
from weltoffen_etl.disclosure.build import build_schema
from weltoffen_etl.settings import Settings
from weltoffen_etl.staging import stage_deliveries
from weltoffen_etl.warehouse import build

BOTH = Place("selfcheck", waves=("t0", "t1"))
T0 = Place("selfcheck", wave="t0", waves=("t0",))


@pytest.fixture
def registry(settings: Settings) -> Registry:
    return Registry(settings.reference_dir)


def test_a_file_of_all_waves_lies_directly_in_the_folder(registry: Registry) -> None:
    assert place_of("_multi/x.csv", registry) == Place("selfcheck")
    assert place_of("_multi/t0/x.csv", registry) == T0
    assert place_of("_multi/t9/x.csv", registry).problem == "place_wave_unknown"
    assert place_of("03241005/x.csv", registry).problem == "place_unknown"


@pytest.mark.parametrize(
    ("paths", "place", "others"),
    [
        (["_multi/t0/x", "_multi/t1/y"], BOTH, []),
        (["_multi/t1/x", "_multi/t0/y", "_multi/t0/z"], BOTH, ["_multi/t0/z"]),
        (["_multi/t0/x", "_multi/t0/y"], T0, ["_multi/t0/y"]),
        (["_multi/t0/x", "_multi/t9/y"], T0, ["_multi/t9/y"]),
        (["_multi/t0/x", "_multi/y"], Place("selfcheck"), []),
        (["_multi/t0/x", "03241005/t1/selfcheck/y"], T0, ["03241005/t1/selfcheck/y"]),
    ],
)
def test_place_of_the_same_bytes_under_several_paths(
    registry: Registry, paths: list[str], place: Place, others: list[str]
) -> None:
    assert common_place(paths, registry) == (place, others)


def _stage(settings: Settings) -> None:
    intake = take_in(settings)
    stage_deliveries(settings, intake.arrivals)
    build.start(settings)
    build.build_raw(settings, list(intake.arrivals))
    build_schema(settings, "core")


def _loaded(settings: Settings) -> tuple[dict[str, int], dict[str, int], set[str]]:
    """Loaded forms by wave, quarantined rows by rule, and all rules."""
    with duckdb.connect(str(build.build_file(settings)), read_only=True) as connection:
        waves = connection.execute("SELECT wave, count(*) FROM core.response GROUP BY 1").fetchall()
        kept = connection.execute(
            "SELECT rules, count(*) FROM raw.quarantine GROUP BY 1"
        ).fetchall()
        rules = connection.execute("SELECT DISTINCT rule FROM raw.finding").fetchall()
    return dict(waves), dict(kept), {rule for (rule,) in rules}


def _file(tmp_path: Path) -> Path:
    """Three forms of two waves."""
    file = tmp_path / "all.json"
    forms = [
        {"id": number, "submitdate": "2025-03-06 14:42:03", "lastpage": 10, "startlanguage": "de",
         "AGS": "03241005", "welle": wave, "HF[MS]": "Y", "MS[SQ001]": "A3"}
        for number, wave in enumerate(["t0", "t1", "t1"], start=1)
    ]  # fmt: skip
    file.write_text(json.dumps({"responses": forms}), encoding="utf-8")
    return file


def test_rows_of_a_wave_without_a_folder_wait_until_it_has_one(
    settings: Settings, tmp_path: Path
) -> None:
    file = _file(tmp_path)
    deliver(settings, "_multi/t0", file)
    _stage(settings)
    assert _loaded(settings)[:2] == ({"t0": 1}, {"wave_conflict": 2})
    deliver(settings, "_multi/t1", file)
    _stage(settings)
    waves, kept, rules = _loaded(settings)
    assert (waves, kept) == ({"t0": 1, "t1": 2}, {})
    assert "same_bytes_elsewhere" not in rules


def test_a_file_without_a_wave_folder_needs_the_wave_in_its_rows(
    settings: Settings, tmp_path: Path
) -> None:
    file = _file(tmp_path)
    forms = json.loads(file.read_text(encoding="utf-8"))["responses"]
    forms[1]["welle"] = ""
    file.write_text(json.dumps(forms), encoding="utf-8")
    deliver(settings, "_multi", file)
    _stage(settings)
    waves, kept, rules = _loaded(settings)
    assert (waves, kept) == ({"t0": 1, "t1": 1}, {"wave_unknown": 1})
    assert "wave_repaired" not in rules
