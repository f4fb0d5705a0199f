"""Folders, settings and a night that tests share."""

import os
import shutil
from pathlib import Path

import pytest

from weltoffen_etl.settings import PROJECT_ROOT, Settings

os.environ["GX_ANALYTICS_ENABLED"] = "false"
# What the terminal says and what is set must not depend on who runs the tests.
os.environ["WELTOFFEN_CONFIG"] = ""
os.environ["LANGUAGE"] = "de"
# One database more for each municipality and night; where they are the subject, tests ask for them.
os.environ["WELTOFFEN_PARTNER_DATABASES"] = "false"
# So do the other forms of a release and its pages, which are tested on one release.
os.environ["WELTOFFEN_OTHER_FORMATS"] = "false"
os.environ["WELTOFFEN_SITE"] = "false"

SHARED = PROJECT_ROOT.parent / "shared"
DEMO_INBOX = PROJECT_ROOT / "data" / "demo" / "inbox"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "data", settle_seconds=0.0)


@pytest.fixture(scope="session")
def shared_exports() -> Path:
    folder = SHARED / "exports" / "limesurvey"
    if not folder.is_dir():
        pytest.skip(f"the real exports are absent: {folder} does not exist")
    return folder


def deliver(settings: Settings, place: str, source: Path, name: str | None = None) -> Path:
    """Puts a file into the inbox."""
    target = settings.inbox / place / (name or source.name)
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(source, target)
    target.chmod(0o644)
    return target


def deliver_demo(settings: Settings) -> None:
    """Puts all demo deliveries into the inbox."""
    shutil.copytree(DEMO_INBOX, settings.inbox, dirs_exist_ok=True)
