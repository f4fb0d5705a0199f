"""A municipality's own survey maps onto the canonical items by configuration alone."""

import csv
from pathlib import Path

import duckdb
import pytest

from tests import own_survey
from tests.conftest import DEMO_INBOX, deliver
from weltoffen_etl.deliveries.intake import take_in
from weltoffen_etl.disclosure.build import build_schema
from weltoffen_etl.settings import Settings
from weltoffen_etl.staging import stage_deliveries
from weltoffen_etl.warehouse import build

KNOWN = DEMO_INBOX / "03241005" / "t0" / "selfcheck" / "garbsen_t0_results-survey352021.csv"
KNOWN_SCALE: dict[str | None, tuple[int | None, str | None]] = {
    "trifft nicht zu": (1, None),
    "trifft eher nicht zu": (2, None),
    "trifft eher zu": (3, None),
    "trifft zu": (4, None),
    "weiß nicht / keine Angabe": (None, "dont_know"),
}


def _export(survey: own_survey.OwnSurvey, form: str, folder: Path) -> Path:
    if form == "xlsx":
        return own_survey.write_xlsx(survey, folder / "own.xlsx")
    return own_survey.write_csv(survey, folder / "own.csv", long=form == "long")


@pytest.mark.parametrize("form", ["short", "long", "xlsx"])
def test_two_instruments_give_the_same_canonical_values(tmp_path: Path, form: str) -> None:
    survey = own_survey.make()
    settings = Settings(
        data_dir=tmp_path / "data",
        reference_dir=own_survey.reference_with_own_survey(survey, tmp_path / "reference"),
        settle_seconds=0.0,
    )
    export = _export(survey, form, tmp_path)
    deliver(settings, f"{own_survey.AGS}/{own_survey.WAVE}/selfcheck", export)
    deliver(settings, "03241005/t0/selfcheck", KNOWN)
    intake = take_in(settings)
    stage_deliveries(settings, intake.arrivals)
    build.start(settings)
    build.build_raw(settings, list(intake.arrivals))
    for schema in ("core", "shown", "quality"):
        build_schema(settings, schema)
    file = build.build_file(settings)
    with duckdb.connect(str(file), read_only=True) as connection:
        rows = connection.execute(
            "SELECT ags, source_response_id, item_code, value, missing_reason "
            "FROM core.answer JOIN core.response USING (response_id)"
        ).fetchall()
        instruments = connection.execute(
            "SELECT instrument_id, columns_unknown FROM raw.reading ORDER BY 1"
        ).fetchall()
        roles = connection.execute(
            "SELECT DISTINCT source_response_id::INT % 2, respondent_role FROM core.response "
            f"WHERE ags = '{own_survey.AGS}' ORDER BY 1"
        ).fetchall()
        everything = _all_text(connection)
    assert instruments == [("352021", 0), (own_survey.SURVEY_ID, 0)]
    truth = survey.truth()
    own = {(x[1], x[2]): (x[3], x[4]) for x in rows if x[0] == own_survey.AGS}
    assert own == {key: value for key, value in truth.items() if key[0] != "7"}
    assert {value for value, _ in own.values()} == {None, 1, 2, 3, 4}
    assert roles == [(0, "case_worker"), (1, "head")]
    _compare_known({(x[1], x[2]): (x[3], x[4]) for x in rows if x[0] == "03241005"})
    for stage in settings.stage.rglob("*.parquet"):
        everything += "".join(map(str, duckdb.read_parquet(str(stage)).fetchall()))
    # The response of the unknown key is there, in quarantine, so the search can find things.
    assert "99999999" in everything
    assert "Wir sind dran." in everything
    for value in survey.personal:
        assert value not in everything


def _compare_known(answers: dict[tuple[str, str], tuple[int | None, str | None]]) -> None:
    """The known instrument beside it: every cell with a label or code has its value."""
    reference = Settings.model_fields["reference_dir"].default
    with (reference / "items.csv").open(encoding="utf-8", newline="") as file:
        items = {row["text_de"]: row["item_code"] for row in csv.DictReader(file)}
    compared = 0
    with KNOWN.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file, delimiter=";"):
            response_id = row["Antwort ID"]
            for heading, cell in row.items():
                code = next((item for text, item in items.items() if f"[{text}]" in heading), None)
                key = (response_id, code or "")
                if cell in KNOWN_SCALE and key in answers:
                    assert answers[key] == KNOWN_SCALE[cell], key
                    compared += 1
    assert compared > 500


def _all_text(connection: duckdb.DuckDBPyConnection) -> str:
    names = connection.execute(
        "SELECT schema_name, table_name FROM duckdb_tables() WHERE NOT internal"
    ).fetchall()
    assert {schema for schema, _ in names} >= {"raw", "core", "quality", "reference"}
    return "".join(
        str(connection.execute(f'FROM "{schema}"."{name}"').fetchall()) for schema, name in names
    )
