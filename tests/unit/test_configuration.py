"""Settings from file and environment: which wins, and what is said about mistakes."""

import re
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner

from weltoffen_etl import configuration
from weltoffen_etl.cli import main
from weltoffen_etl.settings import PROJECT_ROOT, NoticeSettings, Settings
from weltoffen_etl.settings_file import SettingsFileError

SECRET = "s3hr-geheim"


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    made = tmp_path / "weltoffen.toml"
    made.write_text("")
    monkeypatch.setenv("WELTOFFEN_CONFIG", str(made))
    return made


def test_file_then_environment_then_call(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_text(
        'min_respondents = 7\ndata_dir = "daten"\nsettle_seconds = 1\n'
        'operator_email = "betrieb@weltoffen.example"\n'
        "[limits]\nrows = 10\ncells = 20\n"
        '[smtp]\nhost = "mail.example"\nsender = "daten@weltoffen.example"\n'
    )
    monkeypatch.setenv("WELTOFFEN_LIMITS__CELLS", "21")
    monkeypatch.setenv("WELTOFFEN_SMTP__PORT", "2525")
    monkeypatch.setenv("WELTOFFEN_SETTLE_SECONDS", "3")
    settings = Settings(min_respondents=9)
    assert settings.data_dir == file.parent / "daten"
    assert (settings.min_respondents, settings.settle_seconds) == (9, 3.0)
    assert (settings.limits.rows, settings.limits.cells) == (10, 21)
    notices = NoticeSettings()
    assert notices.operator_email == "betrieb@weltoffen.example"
    assert (notices.smtp.host, notices.smtp.port) == ("mail.example", 2525)
    sources = {x.key: x.source for x in configuration.settings()}
    assert sources["limits.rows"] == sources["smtp.host"] == "file"
    assert sources["limits.cells"] == sources["settle_seconds"] == "environment"
    assert sources["keep_run_days"] == "default"


@pytest.mark.parametrize(
    ("line", "key", "words"),
    [
        ("keep_release = 3", "keep_release", "Gemeint ist wohl keep_releases"),
        ("xyzzy = 3", "xyzzy", "nicht bekannt"),
        ("min_respondents = true", "min_respondents", "ganze Zahl"),
        ('min_respondents = "5"', "min_respondents", "ohne Anführungszeichen"),
        ("min_respondents = 0", "min_respondents", "mindestens 1"),
        ("dominance_share = 1.5", "dominance_share", "höchstens 1"),
        ('site = "yes"', "site", "true oder false"),
        ("data_dir = 5", "data_dir", "Text in Anführungszeichen"),
        ('as_of = "gestern"', "as_of", "JJJJ-MM-TT"),
        ("limits = 5", "limits", "[limits]"),
        ("[limits]\nrow = 5", "limits.row", "limits.rows"),
        ("[limits]\nrows = 0", "limits.rows", "größer als 0"),
        ('[smtp]\nsecurity = "ssl"', "smtp.security", "'starttls', 'tls' oder 'none'"),
        (f'[smtp]\npassword = "{SECRET}"', "smtp.password", "WELTOFFEN_SMTP__PASSWORD"),
        ("min_respondents 5", "", "kein gültiges TOML"),
    ],
)
def test_mistake_in_the_file_is_named(file: Path, line: str, key: str, words: str) -> None:
    file.write_text(f"{line}\n")
    for model in (Settings, NoticeSettings):
        with pytest.raises(SettingsFileError) as told:
            model()
        (problem,) = told.value.problems
        assert (problem.place, problem.name) == (str(file), key)
        assert words in problem.sentence
        assert SECRET not in str(told.value)


def test_everything_wrong_is_told_at_once(file: Path) -> None:
    file.write_text('site = 1\nfoo = 2\n[smtp]\nport = "x"\n')
    env = {"WELTOFFEN_TYPO": "1", "WELTOFFEN_KEEP_RELEASE": "3"}
    checked = CliRunner(env=env).invoke(main, ["config", "--check"])
    assert checked.exit_code == 2
    for word in ("site", "foo", "smtp.port", "WELTOFFEN_TYPO", "WELTOFFEN_KEEP_RELEASES"):
        assert word in checked.output
    status = CliRunner(env=env).invoke(main, ["status"])
    assert status.exit_code == 2
    assert "foo" in status.output
    assert "smtp.port" in status.output


def test_wrong_values_of_the_environment_are_named_without_them(file: Path) -> None:
    file.write_text('[smtp]\nhost = "mail.example"\n')
    env = {"WELTOFFEN_MIN_RESPONDENTS": "x1", "WELTOFFEN_SMTP__PORT": SECRET}
    checked = CliRunner(env=env).invoke(main, ["config", "--check"])
    assert checked.exit_code == 2
    assert "WELTOFFEN_MIN_RESPONDENTS: Hier steht eine ganze Zahl" in checked.output
    assert "WELTOFFEN_SMTP__PORT" in checked.output
    assert SECRET not in checked.output


def test_slip_in_the_environment_is_told_and_stops_nothing(tmp_path: Path) -> None:
    run = CliRunner(env={"WELTOFFEN_KEEP_RELEASE": "3"})
    told = run.invoke(main, ["status", "--data-dir", str(tmp_path)])
    assert told.exit_code == 0
    assert "WELTOFFEN_KEEP_RELEASE ist nicht bekannt" in told.stderr


def test_missing_file_is_a_mistake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WELTOFFEN_CONFIG", str(tmp_path / "absent.toml"))
    with pytest.raises(SettingsFileError, match="nicht lesbar"):
        Settings()


def test_secrets_are_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"HOST": "h", "SENDER": "a@b.example", "USER": "u"}.items():
        monkeypatch.setenv(f"WELTOFFEN_SMTP__{name}", value)
    monkeypatch.setenv("WELTOFFEN_SMTP__PASSWORD", SECRET)
    shown = CliRunner().invoke(main, ["config"])
    assert shown.exit_code == 0
    assert "smtp.password = ****  [Umgebung]" in shown.output
    assert SECRET not in shown.output


def test_example_holds_every_setting_and_is_valid(file: Path) -> None:
    text = CliRunner().invoke(main, ["config", "--example"]).output
    file.write_text(re.sub(r"^# (\w+ = (?!…))", r"\1", text, flags=re.MULTILINE))
    assert configuration.problems() == []
    told = tomllib.loads(file.read_text())
    flat = {
        f"{key}.{below}" if isinstance(value, dict) else key: None
        for key, value in told.items()
        for below in (value if isinstance(value, dict) else [key])
    }
    every = configuration.settings()
    assert flat.keys() == {x.key for x in every if x.default is not None and not x.secret}
    assert all(f"# {x.key.rpartition('.')[2]} = " in text for x in every if not x.secret)
    assert all(x.description for x in every)
    # The defaults are what it says.
    changed = {x.key for x in every if x.value != x.default and x.source == "file"}
    assert changed <= {"data_dir", "reference_dir"}


def test_every_name_that_the_code_reads_or_speaks_of_is_known() -> None:
    spoken: set[str] = set()
    for room in ("weltoffen_etl", "pipelines"):
        for path in (PROJECT_ROOT / room).rglob("*.py"):
            found = re.findall(r"(?<![_A-Z])WELTOFFEN_[A-Z_]+[A-Z]", path.read_text("utf-8"))
            spoken |= set(found)
    assert len(spoken) > 10
    known = configuration._known_names()
    assert {name for name in spoken if not any(x.startswith(name) for x in known)} == set()
