"""What could not be published at a night's end is refused at its beginning."""

import shutil
from pathlib import Path

import pytest

from tests.conftest import deliver_demo
from tests.nights import run_night
from weltoffen_etl.distribution.about import AboutError
from weltoffen_etl.releases.publication import check_publishable
from weltoffen_etl.settings import PROJECT_ROOT, Settings


@pytest.fixture
def without_words(settings: Settings, tmp_path: Path) -> Settings:
    reference = tmp_path / "reference"
    shutil.copytree(PROJECT_ROOT / "data" / "reference", reference)
    (reference / "publication.yml").unlink()
    return settings.model_copy(update={"reference_dir": reference, "other_formats": True})


def test_a_release_that_nobody_could_cite_is_not_begun(without_words: Settings) -> None:
    deliver_demo(without_words)
    record = run_night(without_words)
    assert record.outcome == "failed"
    assert "publication.yml fehlt" in record.failures[0]
    assert list(without_words.stage.iterdir()) == []
    assert list(without_words.releases.iterdir()) == []


def test_only_what_is_asked_for_is_needed(without_words: Settings) -> None:
    check_publishable(without_words.model_copy(update={"other_formats": False}))
    with pytest.raises(AboutError, match=r"publication\.yml fehlt"):
        check_publishable(without_words)
