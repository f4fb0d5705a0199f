"""Every answer in core equals what was really entered."""

import json
from pathlib import Path

import duckdb
import pytest

from tests.conftest import deliver
from weltoffen_etl.deliveries import take_in
from weltoffen_etl.instrument.store import load_instruments
from weltoffen_etl.settings import Settings
from weltoffen_etl.staging import stage_deliveries
from weltoffen_etl.warehouse import build

MUNICIPALITIES = {"garbsen": "03241005", "kaufbeuren": "09762000", "konstanz": "08335043"}
SCALE = {"A1": 1, "A2": 2, "A3": 3, "A4": 4}
SELECTION_PAGE = 2


def _build(settings: Settings, folder: Path) -> None:
    for name, ags in MUNICIPALITIES.items():
        for wave in ("t0", "t1"):
            (file,) = folder.glob(f"{name}_{wave}[_.]*")
            deliver(settings, f"{ags}/{wave}/selfcheck", file)
    intake = take_in(settings)
    stage_deliveries(settings, intake.arrivals)
    build.start(settings)
    build.build_raw(settings, list(intake.arrivals))
    build.build_schema(settings, "core")


def _expected(response: dict, code: str, *, long_answers: bool) -> tuple[int | None, str | None]:
    """What an item of a response must be, from what was entered and from its state."""
    entered = response["entered"].get(code)
    if entered in SCALE:
        return SCALE[entered], None
    if entered == "A9":
        return None, "dont_know"
    if entered is not None:
        # LimeSurvey writes a code its list does not know as an empty cell in long answers.
        return None, "skipped" if long_answers else "invalid"
    reasons = [reason for reason, codes in response["state"].items() if code in codes]
    assert len(reasons) == 1, (response["response_id"], code, reasons)
    if reasons[0] == "field_not_chosen":
        # Someone who left before choosing has not chosen anything yet.
        reached = response["observed"]["lastpage"] >= SELECTION_PAGE
        return None, "not_chosen" if reached else "not_reached"
    return None, reasons[0]


@pytest.mark.parametrize("variant", ["per_municipality", "uniform_csv", "uniform_xlsx"])
def test_every_answer_equals_the_truth(
    settings: Settings, shared_exports: Path, variant: str, capsys: pytest.CaptureFixture[str]
) -> None:
    _build(settings, shared_exports / variant)
    truth = json.loads((shared_exports / "truth.json").read_text(encoding="utf-8"))
    responses = {str(x["response_id"]): x for x in truth["responses"] if not x["deleted"]}
    items = set(truth["codebook"]["items"])
    with duckdb.connect(str(build.build_file(settings)), read_only=True) as connection:
        cells = connection.execute(
            "SELECT source_response_id, source_code, value, missing_reason, ags, wave, "
            "delivery_id IN (SELECT delivery_id FROM raw.finding WHERE rule = 'long_answers') "
            "FROM core.answer JOIN core.response USING (response_id) "
            "JOIN reference.item_source USING (item_code)"
        ).fetchall()
        quarantined = connection.execute("SELECT count(*) FROM raw.quarantine").fetchone()
        loaded = connection.execute("SELECT count(*) FROM core.response").fetchone()
    differing = []
    for response_id, code, value, reason, ags, wave, long_answers in cells:
        response = responses[response_id]
        assert (ags, wave) == (response["ags"], response["wave"])
        if (value, reason) != _expected(response, code, long_answers=long_answers):
            differing.append((response_id, code, value, reason))
    with capsys.disabled():
        print(f"\n{variant}: {len(cells)} cells compared, {len(cells) - len(differing)} equal")
    assert not differing
    assert quarantined == (1,)
    assert len(cells) == loaded[0] * len(items)


def test_field_choices_equal_the_truth(settings: Settings, shared_exports: Path) -> None:
    _build(settings, shared_exports / "per_municipality")
    truth = json.loads((shared_exports / "truth.json").read_text(encoding="utf-8"))
    responses = {str(x["response_id"]): x for x in truth["responses"]}
    with duckdb.connect(str(build.build_file(settings)), read_only=True) as connection:
        rows = connection.execute(
            "SELECT source_response_id, action_field, is_chosen, missing_reason "
            "FROM core.field_choice JOIN core.response USING (response_id)"
        ).fetchall()
    assert len(rows) > 500
    for response_id, field, is_chosen, reason in rows:
        response = responses[response_id]
        if response["observed"]["lastpage"] < SELECTION_PAGE:
            assert (is_chosen, reason) == (None, "not_reached")
        else:
            assert is_chosen == (response["entered"].get(f"HF[{field}]") == "Y")


def test_generated_structure_holds_every_column(shared_exports: Path) -> None:
    truth = json.loads((shared_exports / "truth.json").read_text(encoding="utf-8"))
    (instrument,) = load_instruments(Settings().reference_dir)
    codes = [column.source_code for column in instrument.structure.columns]
    assert codes == list(truth["meta"]["columns"])
    polarity = {code for code, item in truth["codebook"]["items"].items() if item["polarity"] == -1}
    assert polarity == set(truth["codebook"]["negative_items"])
