"""The command as a newcomer types it."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.mail_server import mail_server
from weltoffen_etl.cli import main


def test_demo_then_status_query_releases(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runner = CliRunner()
    with mail_server() as server:
        for name, value in {
            "SMTP__HOST": "localhost",
            "SMTP__PORT": str(server.port),
            "SMTP__SECURITY": "none",
            "SMTP__SENDER": "daten@weltoffen.example",
            "OPERATOR_EMAIL": "betrieb@weltoffen.example",
        }.items():
            monkeypatch.setenv(f"WELTOFFEN_{name}", value)
        demo = runner.invoke(main, ["demo", "--into", str(tmp_path / "demo")])
        # Invented findings are told to nobody, whatever this machine is set to.
        assert server.letters == []
    assert demo.exit_code == 0, demo.output
    for word in ("Garbsen", "Kaufbeuren", "Konstanz", "synthetische", "weltoffen query"):
        assert word in demo.output
    at = ["--data-dir", str(tmp_path / "demo")]
    status = runner.invoke(main, ["status", *at])
    assert "Aktueller Stand" in status.output
    rows = runner.invoke(main, ["query", "select 1 as eins, 'ä' as text", "--json", *at])
    assert json.loads(rows.output) == [{"eins": 1, "text": "ä"}]
    table = runner.invoke(main, ["query", "select 1 as eins", "--csv", *at])
    assert table.output == "eins\n1\n"
    assert "aktuell" in runner.invoke(main, ["releases", *at]).output
    wrong = runner.invoke(main, ["query", "select nonsense", *at])
    assert wrong.exit_code == 1
    assert "Traceback" not in wrong.output


def test_query_without_release_says_so(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["query", "select 1", "--data-dir", str(tmp_path)])
    assert result.exit_code == 1
    assert "noch nichts veröffentlicht" in result.output


def test_wrong_setting_is_a_usage_error(tmp_path: Path) -> None:
    result = CliRunner(env={"WELTOFFEN_MIN_RESPONDENTS": "0"}).invoke(
        main, ["status", "--data-dir", str(tmp_path)]
    )
    assert result.exit_code == 2
    assert "WELTOFFEN_MIN_RESPONDENTS" in result.output


def test_template_is_read_back_as_a_workshop(tmp_path: Path) -> None:
    target = tmp_path / "workshop.xlsx"
    result = CliRunner().invoke(main, ["template", "workshop", str(target)])
    assert result.exit_code == 0, result.output
    from weltoffen_etl.exports.files import tabular
    from weltoffen_etl.exports.workshops import template as workshop
    from weltoffen_etl.settings import Settings

    (tmp_path / "scratch").mkdir()
    tables = tabular.read(target, tmp_path / "scratch")
    assert workshop.recognise(tables, workshop.load_template(Settings().reference_dir))
