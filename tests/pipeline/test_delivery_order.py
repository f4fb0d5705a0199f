"""In which order files arrive changes no comparison."""

from pathlib import Path

import pytest

from tests.conftest import DEMO_INBOX, deliver
from tests.nights import run_night
from weltoffen_etl.deliveries import take_in
from weltoffen_etl.settings import Settings
from weltoffen_etl.warehouse.current import current_release

FILES = sorted(path for path in DEMO_INBOX.rglob("*") if path.is_file())


def _content(folder: Path, files: list[Path]) -> dict[str, str]:
    settings = Settings(data_dir=folder / "data", settle_seconds=0.0)
    for file in files:
        deliver(settings, str(file.parent.relative_to(DEMO_INBOX)), file)
        take_in(settings)
    assert run_night(settings).outcome == "published"
    release = current_release(settings)
    assert release is not None
    return {
        name: entry["content_md5"]
        for name, entry in release.manifest()["tables"].items()
        if name.startswith("comparison.")
    }


@pytest.mark.slow
def test_order_of_deliveries_does_not_matter(tmp_path: Path) -> None:
    first = _content(tmp_path / "first", FILES)
    second = _content(tmp_path / "second", FILES[::-1])
    assert len(first) > 20
    assert first == second
