"""The terminal's two languages: every text has its translation, none is left over."""

import ast
import os
import re
import string
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from tests.command import catalogue
from weltoffen_etl.asking.peer_comparison import PEER_KINDS
from weltoffen_etl.catalog import table
from weltoffen_etl.cli import SECTIONS, main
from weltoffen_etl.commands.evaluation import _PEER_KINDS
from weltoffen_etl.commands.tree import texts, walk
from weltoffen_etl.language import DOMAIN, LOCALE, Language, language
from weltoffen_etl.settings import PROJECT_ROOT

UNDECIDED = {"LANGUAGE": "", "LC_ALL": "", "LC_MESSAGES": "", "LANG": ""}
ENGLISH = {**UNDECIDED, "LANG": "en_GB.UTF-8"}


@pytest.mark.parametrize("tongue", catalogue.LANGUAGES)
def test_catalogue_translates_each_text_and_no_other(tongue: Language) -> None:
    known = {message.id: message for message in catalogue.read(tongue) if message.id}
    assert known.keys() == catalogue.sources(tongue)
    for source, message in known.items():
        said = message.string if isinstance(message.string, tuple) else (message.string,)
        assert all(said), source
        assert not message.fuzzy


@pytest.mark.parametrize("tongue", catalogue.LANGUAGES)
def test_compiled_catalogue_equals_its_source(tongue: Language) -> None:
    compiled = catalogue.po_file(tongue).with_suffix(".mo")
    assert compiled.read_bytes() == catalogue.compiled(tongue)


@pytest.mark.parametrize("tongue", catalogue.LANGUAGES)
def test_translation_fills_in_the_same_values(tongue: Language) -> None:
    def names(text: str) -> set[str]:
        return {name for _text, name, _form, _how in string.Formatter().parse(text) if name}

    for message in catalogue.read(tongue):
        if not message.id:
            continue
        sources = message.id if isinstance(message.id, tuple) else (message.id,)
        said = message.string if isinstance(message.string, tuple) else (message.string,)
        wanted = set[str]().union(*map(names, sources))
        for text in said:
            assert names(text) <= wanted, text
        assert names(said[-1]) == names(sources[-1])


def test_every_help_text_is_english_in_english() -> None:
    english = {x.id: x.string for x in catalogue.read("en") if x.id}
    said = [(where, text) for where, text in catalogue.help_texts()]
    assert len(said) > 80
    for where, text in said:
        assert catalogue.is_clicks_own(text) or english.get(text), where


def test_every_parameter_explains_itself() -> None:
    for command in walk(main):
        assert command.help or command.short_help, command.name
        for parameter in command.params:
            if isinstance(parameter, click.Option):
                assert parameter.help, f"{command.name} {parameter.opts}"


def test_a_text_is_never_made_before_it_is_translated() -> None:
    """``_(f"…")`` finds no translation, and a call inside an f-string is easily overlooked."""
    for file in sorted((PROJECT_ROOT / "weltoffen_etl").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            called = isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
            if called and node.func.id in ("_", "noted", "ngettext"):
                assert not any(isinstance(x, ast.JoinedStr) for x in node.args), file


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, "de"),
        ({"LANG": "C"}, "de"),
        ({"LANG": "C.UTF-8"}, "de"),
        ({"LC_ALL": "POSIX"}, "de"),
        ({"LANG": "de_AT.UTF-8"}, "de"),
        ({"LANG": "en_US.UTF-8"}, "en"),
        ({"LANG": "en"}, "en"),
        ({"LANG": "fr_FR.UTF-8"}, "de"),
        ({"LANG": "de_DE", "LC_MESSAGES": "en_GB"}, "en"),
        ({"LC_ALL": "de_DE", "LC_MESSAGES": "en_GB"}, "de"),
        ({"LC_ALL": "de_DE", "LANGUAGE": "en:de"}, "en"),
        ({"LANGUAGE": "fr:en"}, "en"),
        ({"LANGUAGE": "", "LANG": "en_US"}, "en"),
    ],
)
def test_environment_decides(environment: dict[str, str], expected: str) -> None:
    assert language(environment) == expected


def test_help_is_german_without_a_locale_and_click_too() -> None:
    result = CliRunner(env=UNDECIDED).invoke(main, ["query", "--help"])
    for said in ("Aufruf: ", "[OPTIONEN] SQL", "Optionen:", "Fragt einen", "STAND", "ORDNER"):
        assert said in result.output
    assert not re.search(r"\b(Usage|Options|Show|RELEASE)\b", result.output)
    wrong = CliRunner(env=UNDECIDED).invoke(main, ["query"])
    assert wrong.exit_code == 2
    assert "Fehler: Es fehlt das Argument 'SQL'" in wrong.output
    missing = CliRunner(env=UNDECIDED).invoke(main, ["check", "nirgends.csv"])
    assert "Datei 'nirgends.csv' ist nicht vorhanden." in missing.output


def test_help_is_english_in_an_english_locale() -> None:
    result = CliRunner(env=ENGLISH).invoke(main, ["--help"])
    for said in ("Usage: ", "Evaluation:", "Nightly run:", "Deliveries and quality:"):
        assert said in result.output
    for command in walk(main):
        for _holder, name, text in texts(command):
            if name == "help":
                assert text.split("\n")[0] not in result.output
    missing = CliRunner(env=ENGLISH).invoke(main, ["check", "nowhere.csv"])
    assert "File 'nowhere.csv' does not exist." in missing.output
    assert CliRunner(env=ENGLISH).invoke(main, ["query"]).exit_code == 2


def test_translation_leaves_no_trace() -> None:
    before = [(name, text) for x in walk(main) for _holder, name, text in texts(x)]
    variable = os.environ.get("LANGUAGE")
    CliRunner(env=ENGLISH).invoke(main, ["--help"])
    assert [(name, text) for x in walk(main) for _holder, name, text in texts(x)] == before
    assert os.environ.get("LANGUAGE") == variable


@pytest.mark.parametrize("environment", [UNDECIDED, ENGLISH], ids=["german", "english"])
def test_help_cuts_no_sentence(environment: dict[str, str]) -> None:
    for command in walk(main):
        path = _path(command)
        told = CliRunner(env=environment).invoke(main, [*path, "--help"]).output
        assert "..." not in told.replace("]...", "").replace("TABELLE...", "").replace(
            "TABLE...", ""
        )
        assert all(len(line) <= 80 for line in told.splitlines())


def test_every_command_stands_in_one_section() -> None:
    placed = [command.name for _title, commands in SECTIONS for command in commands]
    assert sorted(placed) == sorted(main.commands)
    told = CliRunner(env=UNDECIDED).invoke(main, ["--help"]).output
    assert "Befehle:" not in told
    titles = ["Auswertung:", "Nächtlicher Lauf:", "Lieferungen und Qualität:", "Fragebögen:"]
    assert [line for line in told.splitlines() if line in titles] == titles


def test_plain_commands_of_click_are_translated_too() -> None:
    assert any(type(command) is click.Command for command in walk(main))
    told = CliRunner(env=ENGLISH).invoke(main, ["template", "--help"]).output
    assert "Writes the empty workshop template" in told


def test_peer_kinds_are_those_of_the_table() -> None:
    kinds = next(x for x in table("comparison.benchmark").columns if x.name == "peer_kind")
    assert kinds.allowed == PEER_KINDS == _PEER_KINDS


def test_help_waits_for_nothing_heavy() -> None:
    heavy = [
        "duckdb",
        "pandas",
        "rich",
        "dagster",
        "great_expectations",
        "pydantic",
        "yaml",
        "rapidfuzz",
        "jinja2",
    ]
    code = (
        "import sys\nfrom weltoffen_etl.cli import main\n"
        "main(['compare', '--help'], standalone_mode=False)\n"
        f"print([x for x in {heavy!r} if x in sys.modules])"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.splitlines()[-1] == "[]"


def test_catalogues_are_part_of_the_package() -> None:
    found = sorted(file.relative_to(LOCALE) for file in LOCALE.rglob(f"{DOMAIN}.*"))
    assert found == [
        Path(tongue, "LC_MESSAGES", f"{DOMAIN}.{kind}")
        for tongue in ("de", "en")
        for kind in ("mo", "po")
    ]


def _path(command: click.Command) -> list[str]:
    if command is main:
        return []
    for name, child in main.commands.items():
        if child is command:
            return [name]
        if isinstance(child, click.Group) and command in child.commands.values():
            return [name, str(command.name)]
    raise AssertionError(command.name)
