"""Every export format of the measured survey gives what was really entered."""

from pathlib import Path

import pytest

from tests.formats_table import (
    SHARED_EXPORTS,
    Result,
    markdown,
    measure_all,
    readme_table,
    truth_of,
    variants,
)

pytestmark = pytest.mark.slow

NAMES = [x.name for x in variants(SHARED_EXPORTS)] if SHARED_EXPORTS.is_dir() else []
SPOILT = ("key:", "link_without_wave", "visit_only:")
NOWHERE = ("key:kommune=''", "visit_only:")


@pytest.fixture(scope="session")
def results(shared_exports: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Result]:
    found = measure_all(shared_exports, tmp_path_factory.mktemp("formats"))
    return {x.variant.name: x for x in found}


def test_every_file_is_measured(shared_exports: Path) -> None:
    measured = {file for x in variants(shared_exports) for _, file in x.files}
    there = {x for x in shared_exports.rglob("*.*") if x.suffix not in (".lss", ".json")}
    there |= set(shared_exports.glob("*/*.json"))
    assert measured == there


@pytest.mark.parametrize("name", NAMES)
def test_what_is_not_equal_is_lost_in_the_file_and_reported(
    results: dict[str, Result], name: str
) -> None:
    result = results[name]
    assert result.cells == len(result.loaded) * 125 > 9_000
    assert not result.wrong_keys
    assert [x for x in result.differing if x.loss is None] == []
    losses = {str(x.loss) for x in result.differing}
    assert losses <= result.rules.keys()


@pytest.mark.parametrize("name", NAMES)
def test_only_forms_with_spoilt_keys_are_kept_back(
    results: dict[str, Result], shared_exports: Path, name: str
) -> None:
    result = results[name]
    truth = truth_of(shared_exports)["responses"]
    there = {str(x["response_id"]): x for x in truth if not x["deleted"]}
    for number in result.quarantined:
        assert any(flag.startswith(SPOILT) for flag in there[number]["flags"]), number
    missing = there.keys() - result.loaded - result.quarantined.keys()
    # Forms that were only opened and name no municipality belong to no file of one, and are
    # read past in a file of several.
    missing = {x for x in missing if not any(f.startswith(NOWHERE) for f in there[x]["flags"])}
    if result.variant.is_complete_only or name == "per_municipality":
        assert not any(there[number]["complete"] for number in missing)
    else:
        assert not missing


def test_the_readme_says_what_was_measured(results: dict[str, Result]) -> None:
    assert readme_table() == markdown(list(results.values()))
