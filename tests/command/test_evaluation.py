"""What evaluators type: query, compare, describe, export, open and completion, on one release."""

import csv
import io
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
from click.testing import CliRunner, Result

from tests.conftest import deliver_demo
from tests.nights import run_night
from weltoffen_etl.cli import main
from weltoffen_etl.settings import Settings
from weltoffen_etl.warehouse.current import Release, current_release

Type = Callable[..., Result]
GERMAN = {"LANGUAGE": "de", "COLUMNS": "120"}
ENGLISH = {"LANGUAGE": "en", "COLUMNS": "120"}
WEIRD = "'\x1b[31mrot\x1b[0m ' || chr(8238) || '=1+1' AS t"


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """One published night; one peer is enough for a mean and two for a band."""
    settings = Settings(
        data_dir=tmp_path_factory.mktemp("command"),
        settle_seconds=0.0,
        min_municipalities=1,
        site=True,
        other_formats=True,
    )
    deliver_demo(settings)
    record = run_night(settings)
    assert record.outcome == "published", record.failures
    # The same release under an older name, with one row and the pages fewer.
    release = _release(settings)
    older = settings.releases / "20200101T000000Z"
    shutil.copytree(release.folder, older)
    shutil.rmtree(older / "site")
    (older / "weltoffen.duckdb").chmod(0o644)
    with duckdb.connect(str(older / "weltoffen.duckdb")) as connection:
        connection.execute("DELETE FROM reference.wave WHERE wave = 't1'")
    return settings


@pytest.fixture
def typed(night: Settings) -> Type:
    def type_(*words: str, **environment: str) -> Result:
        env = {**GERMAN, **environment, "WELTOFFEN_DATA_DIR": str(night.data_dir)}
        result = CliRunner(env=env).invoke(main, list(words))
        assert "Traceback" not in result.output
        assert result.exception is None or isinstance(result.exception, SystemExit)
        return result

    return type_


def _release(settings: Settings) -> Release:
    release = current_release(settings)
    assert release is not None
    return release


def _truth(settings: Settings, sql: str) -> list[tuple[Any, ...]]:
    """Asks the file itself, past all of our code."""
    with duckdb.connect(str(_release(settings).database), read_only=True) as connection:
        return connection.execute(sql).fetchall()


# query


def test_query_shows_german_numbers_to_the_right(typed: Type) -> None:
    told = typed("query", "select 1234567.5::double a, 2025 b, -0.25 c, true d, null e, 'x' f")
    assert told.exit_code == 0
    row = next(line for line in told.output.splitlines() if "1.234.567,5" in line)
    assert [cell.strip() for cell in row.strip("│").split("│")] == [
        "1.234.567,5", "2025", "−0,25", "ja", "–", "x",
    ]  # fmt: skip
    assert told.output.splitlines()[-1] == "1 Zeile"


def test_query_speaks_english(typed: Type) -> None:
    told = typed("query", "from (values (1234567.5::double, true), (1, false))", **ENGLISH)
    assert "1,234,567.5" in told.output
    assert "yes" in told.output
    assert told.output.splitlines()[-1] == "2 rows"
    wrong = typed("query", "select meen from comparison.benchmark", **ENGLISH)
    assert "Error: The tables asked have no column “meen”. Did you mean “mean”" in wrong.output


def test_numbers_of_a_column_have_as_many_places(typed: Type) -> None:
    told = typed("query", "select unnest([1.5, 2.0, 0.125, 0.00001])::double as x").output
    cells = re.findall(r"│\s+(\S+) │", told)
    assert cells == ["1,500", "2,000", "0,125", "1e-05"]
    assert len({line.index("│", 2) for line in told.splitlines() if line.startswith("│")}) == 1


def test_long_and_odd_numbers_stay_what_they_are(typed: Type) -> None:
    told = typed(
        "query",
        "select 9007199254740993 a, 12345678901234567890123456789012345678::hugeint b, "
        "'nan'::double c, -0.00001::double * 0 d, -9999 e, 0.1::decimal(18,6) f",
    ).output
    cells = [x.strip() for x in told.splitlines()[3].strip("│").split("│")]
    assert cells == ["9.007.199.254.740.993", "12.345.678.901.234.567.890.123.456.789.012.345.678",
                     "nan", "0", "−9999", "0,1"]  # fmt: skip


def test_machines_get_the_values_as_they_are(typed: Type, night: Settings) -> None:
    sql = "select ags, wave, mean from comparison.action_field_score order by all"
    truth = _truth(night, sql)
    as_json = json.loads(typed("query", sql, "--json").output)
    assert [tuple(row.values()) for row in as_json] == truth
    rows = list(csv.reader(io.StringIO(typed("query", sql, "--csv", LANGUAGE="en").output)))
    assert rows[0] == ["ags", "wave", "mean"]
    assert [(a, w, float(m) if m else None) for a, w, m in rows[1:]] == truth


def test_query_tells_which_table_was_meant(typed: Type) -> None:
    told = typed("query", "from comparison.benchmrk")
    assert told.exit_code == 1
    assert "„comparison.benchmrk“" in told.output or "„benchmrk“" in told.output
    assert "Meinten Sie „comparison.benchmark“" in told.output
    assert "weltoffen describe" in told.output
    without_schema = typed("query", "from coverage")
    assert "Meinten Sie „comparison.coverage“?" in without_schema.output
    schema = typed("query", "from comparisn.coverage")
    assert "Meinten Sie „comparison.coverage“" in schema.output


def test_query_tells_which_column_was_meant(typed: Type) -> None:
    told = typed("query", "select n_peer from comparison.benchmark")
    assert told.exit_code == 1
    assert "Die Spalte „n_peer“" in told.output
    assert "„n_peers“" in told.output


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("selec 1", "syntax error"),
        ("/* nichts */", "steht nichts"),
        ("select b.n_peer from comparison.benchmark b", "Meinten Sie"),
        ("select 1/'a'", "Could not convert"),
        ("create table x (a int)", "nur lesen"),
        ("delete from reference.wave", "nur lesen"),
        ("from '/etc/passwd'", "gesperrt"),
        ("select * from read_text('/etc/passwd')", "gesperrt"),
        ("attach '/tmp/x.duckdb'", "gesperrt"),
        ("copy reference.wave to '/tmp/weltoffen-no.csv'", "gesperrt"),
        ("set enable_external_access = true", "onfigur"),
    ],
)
def test_query_refuses_and_says_why(typed: Type, sql: str, said: str) -> None:
    told = typed("query", sql)
    assert told.exit_code == 1
    assert said in told.output
    assert "exception_type" not in told.output
    assert not Path("/tmp/weltoffen-no.csv").exists()  # noqa: S108


def test_wrong_usage_is_two(typed: Type) -> None:
    assert typed("query").exit_code == 2
    assert typed("query", "select 1", "--release", "20990101").exit_code == 2
    assert typed("query", "select 1", "--xml").exit_code == 2


def test_an_older_release_can_be_asked(typed: Type) -> None:
    sql = "select count(*) n from reference.wave"
    assert json.loads(typed("query", sql, "--json").output) == [{"n": 2}]
    older = typed("query", sql, "--json", "--release", "20200101T000000Z")
    assert json.loads(older.output) == [{"n": 1}]
    unknown = typed("query", sql, "--release", "20200101T00000Z")
    assert "Meinten Sie „20200101T000000Z“?" in unknown.output


def test_wide_results_stand_below_each_other_uncut(typed: Type, night: Settings) -> None:
    for width in ("20", "80", "100", "200"):
        told = typed("query", "from comparison.benchmark limit 2", COLUMNS=width).output
        assert "…" not in told
        assert all(len(line) <= int(width) for line in told.splitlines())
        for (name,) in _truth(
            night, 'select "column" from meta."column" where "table" = \'comparison.benchmark\''
        ):
            assert name in told if width != "20" else name[:5] in told


def test_a_terminal_is_given_nothing_to_obey(typed: Type) -> None:
    for form in (["query", f"select {WEIRD}"], ["query", 'select 1 as "\x1b[2J"']):
        told = typed(*form).output
        assert "\x1b" not in told
        assert chr(8238) not in told
        assert "␛" in told


def test_a_result_without_rows_still_shows_its_columns(typed: Type) -> None:
    told = typed("query", "select 1 as eins where false").output
    assert "eins" in told
    assert "0 Zeilen" in told
    wide = " ".join(
        typed("query", "from comparison.benchmark limit 0", COLUMNS="60").output.split()
    )
    assert "effect_size" in wide
    assert "0 Zeilen" in wide


def test_a_query_says_all_and_ends_at_once(night: Settings) -> None:
    code = "import atexit; atexit.register(print, 'put away')\nfrom weltoffen_etl.cli import main; main()"

    def typed(*words: str) -> tuple[int, list[str], bool]:
        done = subprocess.run(
            [sys.executable, "-c", code, *words, "--data-dir", str(night.data_dir)],
            capture_output=True,
            text=True,
            check=False,
        )
        *lines, last = done.stdout.splitlines() or [""]
        is_put_away = last == "put away"
        return done.returncode, lines if is_put_away else [*lines, last], is_put_away

    number = 50_000
    told = typed("query", f"from range({number})", "--csv")
    assert told == (0, ["range", *map(str, range(number))], False)
    assert typed("query", "selec") == (1, [], True)
    assert typed("describe")[::2] == (0, True)


# compare


def test_compare_joins_what_the_release_says(typed: Type, night: Settings) -> None:
    (score,) = _truth(
        night,
        "select n_respondents, mean, sd, answered_share_of_chosen from "
        "comparison.action_field_score where (ags, wave, action_field) = ('03241005', 't1', 'EB')",
    )
    (peers,) = _truth(
        night,
        "select n_peers, peer_mean, peer_sd, band, difference, effect_size from "
        "comparison.benchmark where (ags, wave, part, part_kind, peer_kind) = "
        "('03241005', 't1', 'EB', 'field', 'all')",
    )
    (change,) = _truth(
        night,
        "select change, ci_low, ci_high from comparison.wave_change where "
        "(ags, wave_from, wave_to, action_field) = ('03241005', 't0', 't1', 'EB')",
    )
    assert None not in (*score, *peers, *change)
    (row,) = json.loads(typed("compare", "Garbsen", "--field", "eb", "--json").output)
    assert row["wave"] == "t1"
    names = ("n_respondents", "mean", "sd", "answered_share_of_chosen")
    assert tuple(row[name] for name in names) == score
    assert row["missing_share_of_chosen"] == pytest.approx(1 - score[3])
    names = ("n_peers", "peer_mean", "peer_sd", "band", "difference", "effect_size")
    assert tuple(row[name] for name in names) == peers
    assert row["band_low"] == pytest.approx(peers[1] - peers[2])
    assert row["band_high"] == pytest.approx(peers[1] + peers[2])
    assert tuple(row[name] for name in ("change", "ci_low", "ci_high")) == change
    assert row["wave_from"] == "t0"


@pytest.mark.parametrize("width", ["80", "120"])
def test_compare_shows_each_figure_with_its_base(typed: Type, width: str) -> None:
    (row,) = json.loads(typed("compare", "03241005", "--field", "EB", "--json").output)
    told = typed("compare", "03241005", "--field", "EB", COLUMNS=width)
    assert told.exit_code == 0

    def shown(value: float, plus: str = "") -> str:
        return f"{value:{plus}.2f}".replace(".", ",").replace("-", "−")

    for text in (
        shown(row["mean"]),
        f"±\u00a0{shown(row['sd'])}",
        f"{row['n_respondents']} Bögen",
        f"{100 * row['answered_share_of_chosen']:.0f}\u00a0%",
        f"{shown(row['band_low'])}–{shown(row['band_high'])}",
        f"{row['n_peers']} Kommunen",
        shown(row["difference"], "+"),
        shown(row["effect_size"], "+"),
        {"below": "unter dem Band", "within": "im Band", "above": "über dem Band"}[row["band"]],
        shown(row["change"], "+"),
        f"{shown(row['ci_low'], '+')} bis {shown(row['ci_high'], '+')}",
    ):
        assert text in told.output, text
    flowing = " ".join(told.output.split())
    for text in ("Keine Rangfolge", "alle anderen Kommunen", "erfundenen Antworten", "Basis:"):
        assert text in flowing
    assert all(len(line) <= int(width) for line in told.output.splitlines())
    assert "…" not in told.output


def test_compare_lists_fields_in_official_order_and_tells_the_unchosen(
    typed: Type, night: Settings
) -> None:
    told = " ".join(typed("compare", "Garbsen", "--wave", "t0", COLUMNS="80").output.split())
    chosen = _truth(
        night,
        "select label_de, n_chosen from comparison.coverage join reference.action_field "
        "using (action_field) where ags = '03241005' and wave = 't0' order by position",
    )
    first = [label for label, n in chosen if n]
    rest = [label for label, n in chosen if not n]
    assert first
    assert rest
    places = [told.index(label) for label in first]
    assert places == sorted(places)
    assert f"Von niemandem gewählt: {', '.join(rest)}." in told
    codes = [
        row["action_field"] for row in json.loads(typed("compare", "Garbsen", "--json").output)
    ]
    assert codes == ["MS", "IA", "FZ", "AW", "EB", "ZB", "KK"]


def test_compare_says_in_words_what_is_missing(typed: Type) -> None:
    told = typed("compare", "Aachen")
    assert told.exit_code == 0
    assert "Für diese Welle sind keine Bögen geliefert." in told.output
    cohort = typed("compare", "Garbsen", "--peers", "cohort", "--field", "EB").output
    assert "zu wenige" in cohort
    assert "0 Kommunen" in cohort
    unchosen = typed("compare", "Garbsen", "--field", "AW").output
    assert "Arbeit und" in unchosen
    assert re.search(r"\b0,00\b", unchosen) is None


def test_compare_finds_municipalities_by_their_name(typed: Type) -> None:
    for name in ("Ludwigshafen am Rhein", "ludwigshafen", "07314000", "am rhein"):
        told = json.loads(typed("compare", name, "--json").output)
        assert {row["ags"] for row in told} == {"07314000"}
    wrong = typed("compare", "Gabsen")
    assert wrong.exit_code == 2
    assert "Meinten Sie „Garbsen (03241005)“?" in wrong.output
    several = typed("compare", "chau")
    assert several.exit_code == 2
    assert "mehrere Kommunen" in several.output
    assert "„Dachau (09174115)“" in several.output


def test_compare_knows_what_it_can_be_asked(typed: Type) -> None:
    assert "Bekannt sind: MS (Management" in typed("compare", "Garbsen", "--field", "XX").output
    assert "Bekannt sind: t0, t1." in typed("compare", "Garbsen", "--wave", "t9").output
    assert typed("compare", "Garbsen", "--peers", "nachbarn").exit_code == 2
    assert typed("compare", "Garbsen", "--wave", "t9").exit_code == 2


def test_compare_speaks_english(typed: Type) -> None:
    told = " ".join(typed("compare", "Garbsen", **ENGLISH).output.split())
    for said in ("Group of peers: all other municipalities", "Not a ranking", "invented", "forms"):
        assert said in told
    for german in ("Bögen", "Vergleichsgruppe", "Rangfolge"):
        assert german not in told


# describe


def test_describe_lists_every_table(typed: Type, night: Settings) -> None:
    tables = _truth(night, "select schema_name, table_name from duckdb_tables()")
    entries = {x["table"]: x for x in json.loads(typed("describe", "--json").output)}
    assert entries.keys() == {f"{schema}.{name}" for schema, name in tables}
    for name, entry in entries.items():
        schema, _dot, table = name.partition(".")
        ((rows,),) = _truth(night, f'select count(*) from {schema}."{table}"')
        assert entry["rows"] == rows
    told = typed("describe", COLUMNS="80").output
    assert "…" not in told
    for _schema, name in tables:
        assert name in told


def test_describe_explains_each_column(typed: Type, night: Settings) -> None:
    truth = _truth(
        night,
        'select "column", type, unit, nullable, description from meta."column" '
        "where \"table\" = 'comparison.coverage' order by position",
    )
    for name in ("comparison.coverage", "coverage", "COVERAGE"):
        entry = json.loads(typed("describe", name, "--json").output)
        assert [tuple(column.values()) for column in entry["columns"]] == truth
        assert entry["key"] == ["ags", "wave", "action_field"]
    told = " ".join(typed("describe", "coverage", COLUMNS="100").output.split())
    for column, type_, unit, _nullable, _description in truth:
        assert column in told
        assert type_ in told
        assert unit is None or f"Einheit: {unit}" in told
    wrong = typed("describe", "covrage")
    assert wrong.exit_code == 2
    assert "„comparison.coverage“" in wrong.output
    both = typed("describe", "correction")
    assert both.exit_code == 2
    assert "„quality.correction“" in both.output
    assert "„reference.correction“" in both.output


# export


@pytest.mark.parametrize("form", ["csv", "excel-csv", "xlsx", "parquet", "json"])
def test_export_writes_every_row(typed: Type, night: Settings, tmp_path: Path, form: str) -> None:
    import pandas as pd

    told = typed("export", "action_field", "comparison.coverage", "--out", str(tmp_path / "o"),
                 "--format", form)  # fmt: skip
    assert told.exit_code == 0, told.output
    files = [Path(line) for line in told.output.splitlines()]
    assert [file.stem for file in files] == ["reference.action_field", "comparison.coverage"]
    labels = [x for (x,) in _truth(night, "select label_de from reference.action_field")]
    read: Callable[[Path], Any] = {
        "csv": pd.read_csv,
        "excel-csv": lambda file: pd.read_csv(file, sep=";"),
        "xlsx": lambda file: pd.read_excel(file, engine="openpyxl"),
        "parquet": lambda file: duckdb.sql(f"from '{file}'").df(),
        "json": pd.read_json,
    }[form]
    assert sorted(read(files[0])["label_de"]) == sorted(labels)
    ((rows,),) = _truth(night, "select count(*) from comparison.coverage")
    assert len(read(files[1])) == rows


def test_export_takes_the_form_from_the_suffix(typed: Type, tmp_path: Path) -> None:
    book = tmp_path / "vergleich.xlsx"
    assert typed("export", "coverage", "benchmark", "--out", str(book)).exit_code == 0
    assert book.read_bytes()[:2] == b"PK"
    table = tmp_path / "neu" / "x.parquet"
    assert typed("export", "coverage", "--out", str(table)).exit_code == 0
    assert table.read_bytes()[:4] == b"PAR1"


def test_export_replaces_nothing_unasked(typed: Type, tmp_path: Path) -> None:
    target = tmp_path / "x.csv"
    target.write_text("wichtig")
    refused = typed("export", "coverage", "--out", str(target))
    assert refused.exit_code == 2
    assert "--force" in refused.output
    assert target.read_text() == "wichtig"
    assert typed("export", "coverage", "--out", str(target), "--force").exit_code == 0
    assert target.read_text().startswith("ags,")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--out", "x.csv"], "Welche Tabellen?"),
        (["coverage", "--out", "x.doc"], "--format"),
        (["coverage", "benchmark", "--out", "x.csv"], "Ordner"),
        (["covrage", "--out", "x.csv"], "„comparison.coverage“"),
        (["coverage"], "--out"),
    ],
)
def test_export_says_what_is_wrong(typed: Type, words: list[str], said: str) -> None:
    told = typed("export", *words)
    assert told.exit_code == 2
    assert said in told.output
    assert not Path("x.csv").exists()


# open


def test_open_prints_or_starts(
    typed: Type, night: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[str] = []
    monkeypatch.setattr("click.launch", lambda url: started.append(url) or 0)
    quality = _release(night).folder / "quality.html"
    assert typed("open", "quality", "--print").output == f"{quality}\n"
    assert started == []
    assert typed("open", "quality").exit_code == 0
    assert started == [str(quality)]
    assert typed("open", "folder", "--print").output == f"{quality.parent}\n"
    assert typed("open", "nichts").exit_code == 2
    missing = typed("open", "site", "--release", "20200101T000000Z")
    assert missing.exit_code == 1
    assert "fehlt site/index.html" in missing.output
    monkeypatch.setattr("click.launch", lambda _url: 1)
    assert typed("open", "quality").exit_code == 1


@pytest.mark.parametrize("place", ["site", "workbook", "dictionary", "quality", "ask", "folder"])
def test_everything_that_can_be_opened_is_in_a_release(typed: Type, place: str) -> None:
    told = typed("open", place, "--print")
    assert told.exit_code == 0
    assert Path(told.output.strip()).exists()


def test_page_to_ask_points_to_its_server(typed: Type, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("click.launch", lambda _url: pytest.fail("a file cannot answer"))
    told = typed("open", "ask")
    assert told.exit_code == 0
    assert "weltoffen serve" in told.output


# completion


@pytest.fixture(scope="module")
def shell(night: Settings) -> Callable[..., list[str]]:
    """The real bash with the real script and the installed command."""
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("there is no bash here")

    def complete(*words: str, data_dir: Path = night.data_dir) -> list[str]:
        script = (
            'eval "$(weltoffen completion bash)"\n'
            'COMP_WORDS=(weltoffen "$@"); COMP_CWORD=$#; COMPREPLY=()\n'
            "_weltoffen_completion weltoffen\n"
            'printf "%s\\n" "${COMPREPLY[@]}"\n'
        )
        env = {
            **os.environ,
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "WELTOFFEN_DATA_DIR": str(data_dir),
        }
        told = subprocess.run(
            [bash, "--norc", "-c", script, "bash", *words],
            capture_output=True, text=True, env=env, check=True,
        )  # fmt: skip
        assert told.stderr == ""
        return [line for line in told.stdout.splitlines() if line]

    return complete


def test_bash_completes_commands_and_values(
    shell: Callable[..., list[str]], night: Settings
) -> None:
    assert shell("comp") == ["compare", "completion"]
    assert shell("compare", "Gar") == ["Garbsen"]
    assert shell("compare", "gar") == ["Garbsen"]
    assert shell("compare", "032") == ["03241005"]
    assert shell("compare", "Ludw") == [r"Ludwigshafen\ am\ Rhein"]
    assert shell("compare", "Garbsen", "--wave", "") == ["t0", "t1"]
    assert shell("compare", "Garbsen", "--peers", "c") == ["cohort", "chosen"]
    assert shell("compare", "Garbsen", "--field", "") == ["MS", "IA", "FZ", "AW", "EB", "ZB", "KK"]
    assert shell("describe", "comparison.bench") == [
        "comparison.benchmark",
        "comparison.benchmark_peer",
    ]
    assert shell("export", "cover") == ["comparison.coverage"]
    assert shell("query", "x", "--release", "2") == [_release(night).name, "20200101T000000Z"]


def test_completion_is_silent_without_a_release(
    shell: Callable[..., list[str]], tmp_path: Path
) -> None:
    assert shell("compare", "Gar", data_dir=tmp_path) == []
    (tmp_path / "releases" / "x").mkdir(parents=True)
    (tmp_path / "releases" / "x" / "weltoffen.duckdb").write_text("broken")
    (tmp_path / "releases" / "current").symlink_to("x")
    assert shell("describe", "com", data_dir=tmp_path) == []


@pytest.mark.parametrize("name", ["bash", "zsh", "fish"])
def test_scripts_are_printed(typed: Type, name: str) -> None:
    told = typed("completion", name)
    assert told.exit_code == 0
    assert f"{name}_complete" in told.output
    assert "_WELTOFFEN_COMPLETE" in told.output
