"""The committed structure is what the import makes of the survey's own file."""

import json
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from weltoffen_etl.cli import main
from weltoffen_etl.instrument.model import InstrumentError
from weltoffen_etl.instrument.store import load_instruments
from weltoffen_etl.settings import Settings

STRUCTURE = Path(__file__).parents[1] / "fixtures" / "limesurvey_survey_352021.lss"


def test_import_reproduces_the_committed_structure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WELTOFFEN_REFERENCE_DIR", str(tmp_path))
    for _ in range(2):
        result = CliRunner().invoke(main, ["instrument", "import", str(STRUCTURE)])
        assert result.exit_code == 0, result.output
    made = tmp_path / "instruments" / "352021"
    committed = Settings(reference_dir=Settings.model_fields["reference_dir"].default).reference_dir
    assert [entry.name for entry in made.iterdir()] == ["1"]
    for file in (made / "1").iterdir():
        assert (
            file.read_bytes()
            == (committed / "instruments" / "352021" / "1" / file.name).read_bytes()
        )


def test_import_refuses_what_is_no_structure(tmp_path: Path) -> None:
    other = tmp_path / "x.lss"
    other.write_text("<document><LimeSurveyDocType>Group</LimeSurveyDocType></document>")
    result = CliRunner().invoke(main, ["instrument", "import", str(other)])
    assert result.exit_code == 1
    assert "keine LimeSurvey-Struktur" in result.output


def test_every_column_needs_a_role(tmp_path: Path) -> None:
    import shutil

    shutil.copytree(Settings().reference_dir, tmp_path / "reference")
    mapping = tmp_path / "reference" / "instruments" / "352021" / "mapping.yml"
    facts = yaml.safe_load(mapping.read_text(encoding="utf-8"))
    del facts["columns"]["email"]
    mapping.write_text(yaml.safe_dump(facts), encoding="utf-8")
    with pytest.raises(InstrumentError, match="email"):
        load_instruments(tmp_path / "reference")


def test_generated_structure_holds_every_column(shared_exports: Path) -> None:
    truth = json.loads((shared_exports / "truth.json").read_text(encoding="utf-8"))
    (instrument,) = load_instruments(Settings().reference_dir)
    codes = [column.source_code for column in instrument.structure.columns]
    assert codes == list(truth["meta"]["columns"])
    polarity = {code for code, item in truth["codebook"]["items"].items() if item["polarity"] == -1}
    assert polarity == set(truth["codebook"]["negative_items"])
