"""Which releases stay."""

import json

import pytest

from weltoffen_etl.releases.retention import kept_names, remove_old
from weltoffen_etl.settings import Settings
from weltoffen_etl.warehouse.current import list_releases

NAMES = [f"2026010{day}T001500Z" for day in range(1, 7)]


@pytest.fixture
def many(settings: Settings) -> Settings:
    for name in NAMES:
        folder = settings.releases / name
        (folder / "reports").mkdir(parents=True)
        file = folder / "manifest.json"
        file.write_text(json.dumps({"release": name}), encoding="utf-8")
        file.chmod(0o444)
    (settings.releases / "current").symlink_to(NAMES[-1])
    return settings.model_copy(update={"keep_releases": 2})


def _left(settings: Settings) -> list[str]:
    return [release.name for release in list_releases(settings)]


def test_all_stay_where_nothing_is_set(many: Settings) -> None:
    assert remove_old(many.model_copy(update={"keep_releases": None})) == ()
    assert _left(many) == NAMES


def test_the_newest_stay(many: Settings) -> None:
    assert remove_old(many) == tuple(NAMES[:-2])
    assert _left(many) == NAMES[-2:]
    assert remove_old(many) == ()


def test_the_current_one_and_those_named_stay(many: Settings) -> None:
    (many.releases / "current").unlink()
    (many.releases / "current").symlink_to(NAMES[1])
    (many.releases / "kept.txt").write_text(
        f"# zitiert\n{NAMES[0]}  # im Bericht 2026\n\n", encoding="utf-8"
    )
    assert kept_names(many) == {NAMES[0]}
    assert remove_old(many) == (NAMES[2], NAMES[3])
    assert _left(many) == [NAMES[0], NAMES[1], NAMES[4], NAMES[5]]


def test_what_an_interrupted_removal_left_goes_with_the_next(many: Settings) -> None:
    (many.releases / NAMES[0]).rename(many.releases / f".old-{NAMES[0]}")
    remove_old(many)
    assert not list(many.releases.glob(".old-*"))
