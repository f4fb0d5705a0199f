"""The pages on threats and faults name code and tests that exist, and so does the one on backups."""

import ast
import re
from pathlib import Path

import pytest

from weltoffen_etl.settings import PROJECT_ROOT

PAGE = PROJECT_ROOT / "weltoffen_etl" / "THREATS.md"
FAULTS = PROJECT_ROOT / "weltoffen_etl" / "FAULTS.md"
PAGES = (PAGE, FAULTS, PROJECT_ROOT / "weltoffen_etl" / "backup" / "README.md")


@pytest.mark.parametrize("page", PAGES, ids=lambda x: x.name)
def test_every_link_and_path_leads_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)]+)\)", text):
        assert (page.parent / target).resolve().exists(), target
    for place in re.findall(r"`((?:tests|weltoffen_etl)/[\w/]+\.py)", text):
        assert (PROJECT_ROOT / place).is_file(), place


@pytest.mark.parametrize(("page", "least"), [(PAGE, 25), (FAULTS, 20)], ids=["threats", "faults"])
def test_every_named_test_exists(page: Path, least: int) -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", page.read_text(encoding="utf-8"))
    assert len(named) > least
    for place, test in named:
        tree = ast.parse((PROJECT_ROOT / place).read_text(encoding="utf-8"))
        functions = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
        assert test in functions, f"{place}::{test}"


def test_every_defence_has_code_a_test_and_its_limit_in_a_row() -> None:
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in PAGE.read_text(encoding="utf-8").splitlines()
        if line.startswith("|")
        and line.count("|") == 5
        and not line.startswith(("|--", "| threat"))
    ]
    assert len(rows) > 25
    for threat, done, shown, remains in rows:
        assert threat
        # Where no code does anything, it must be said what remains.
        assert "](" in done or remains, threat
        assert shown or remains, threat
