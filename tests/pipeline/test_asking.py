"""Ready questions, recipes and the page that asks, on one demo release and beside other reckonings."""

import csv
import json
import re
import shlex
import shutil
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest
from click.testing import CliRunner
from openpyxl import load_workbook

from tests import statistics_of_answers as second
from tests.conftest import deliver_demo
from tests.nights import run_night
from weltoffen_etl.cli import main
from weltoffen_etl.distribution.write import write_distribution
from weltoffen_etl.recipes.write import EXPECTED, RECIPES, write_recipes
from weltoffen_etl.reports.ask.page import write_ask
from weltoffen_etl.reports.ask.questions import Question, ready_question, ready_questions
from weltoffen_etl.reports.comparison.site import write_site
from weltoffen_etl.settings import Settings
from weltoffen_etl.warehouse.current import current_release

Row = dict[str, Any]
GARBSEN, KONSTANZ, KAUFBEUREN = "03241005", "08335043", "09762000"
DAY = date(2026, 11, 23)


@dataclass(frozen=True)
class _Made:
    """A release with everything that reads it, and what the internal warehouse knows."""

    settings: Settings
    folder: Path
    tables: dict[str, pd.DataFrame]

    def answer(self, number: int) -> list[Row]:
        with duckdb.connect(str(self.folder / "weltoffen.duckdb"), read_only=True) as connection:
            result = connection.execute(ready_question(number).sql)
            names = [column[0] for column in result.description or []]
            return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> _Made:
    settings = Settings(data_dir=tmp_path_factory.mktemp("asking"), settle_seconds=0.0, as_of=DAY)
    deliver_demo(settings)
    record = run_night(settings)
    assert record.outcome == "published", record.failures
    release = current_release(settings)
    assert release is not None
    folder = tmp_path_factory.mktemp("release") / release.name
    shutil.copytree(release.folder, folder)
    for place in ("site", RECIPES):
        shutil.rmtree(folder / place, ignore_errors=True)
    for file in folder.rglob("*"):
        file.chmod(0o755 if file.is_dir() else 0o644)
    manifest = release.manifest()
    write_distribution(settings, folder, manifest)
    write_site(settings, folder, manifest)
    write_ask(settings, folder, manifest)
    write_recipes(folder)
    with duckdb.connect(str(settings.warehouse_file), read_only=True) as warehouse:
        names = ("answer", "response", "field_choice", "participation", "workshop")
        names = (*names, "contribution", "measure")
        tables = {name: warehouse.execute(f"FROM core.{name}").df() for name in names}
        tables["item"] = warehouse.execute("FROM reference.item").df()
        tables["field"] = warehouse.execute("FROM reference.action_field ORDER BY position").df()
    counted = tables["response"][tables["response"]["excluded_because"].isna()]
    keys = counted[["response_id", "ags", "wave", "respondent_role"]]
    given = tables["answer"].merge(keys).merge(tables["item"])
    given["x"] = given["value"].where(given["polarity"] == 1, 5 - given["value"])
    tables["given"] = given
    tables["form"] = keys
    tables["choice"] = tables["field_choice"].merge(keys)
    return _Made(settings, folder, tables)


def _values(made: _Made, ags: str, wave: str, field: str) -> pd.DataFrame:
    """Answers on the scale of an action field in a municipality and wave."""
    rows = made.tables["given"]
    here = (rows["ags"] == ags) & (rows["wave"] == wave) & (rows["action_field"] == field)
    return rows[here]


def _fields(made: _Made) -> list[tuple[str, str]]:
    return list(
        made.tables["field"][["action_field", "label_de"]].itertuples(index=False, name=None)
    )


def _chosen(made: _Made, ags: str, wave: str, field: str) -> list[bool]:
    rows = made.tables["choice"]
    here = (rows["ags"] == ags) & (rows["wave"] == wave) & (rows["action_field"] == field)
    return [bool(x) for x in rows[here]["is_chosen"] if not pd.isna(x)]


def _forms(made: _Made, ags: str, wave: str) -> int:
    forms = made.tables["form"]
    return int(((forms["ags"] == ags) & (forms["wave"] == wave)).sum())


def test_there_are_ten_questions_and_none_orders_by_a_figure() -> None:
    entries = ready_questions()
    assert [entry.number for entry in entries] == list(range(1, 11))
    for entry in entries:
        order = entry.sql.rpartition("ORDER BY")[2]
        assert not re.search(r"mean|change|share|score|difference|n_|DESC(?! *,)", order), order
        assert "words(" not in entry.sql


def test_questions_about_one_municipality_take_any(made: _Made) -> None:
    assert [entry.number for entry in ready_questions() if entry.has_place] == [1, 3]
    hostile = "x' OR true --"
    with duckdb.connect(str(made.folder / "weltoffen.duckdb"), read_only=True) as connection:
        for entry in ready_questions():
            found = connection.execute(entry.sql_for(hostile)).fetchall()
            assert (found == []) == entry.has_place


def test_choice_and_means_beside_peers(made: _Made) -> None:
    rows = made.answer(1)
    assert [row["Handlungsfeld"] for row in rows] == [label for _, label in _fields(made)]
    for row, (field, _) in zip(rows, _fields(made), strict=True):
        given = _values(made, GARBSEN, "t1", field)
        scale = given["x"].dropna().astype(int).tolist()
        choices = _chosen(made, GARBSEN, "t1", field)
        assert row["Bögen"] == _forms(made, GARBSEN, "t1") == 16
        assert row["Bögen, die es wählten"] == sum(choices)
        assert row["gewählt"] == (2 * sum(choices) >= len(choices))
        assert row["Basis"] == given[given["x"].notna()]["response_id"].nunique()
        mean, sd = second.mean(scale), second.sd(scale)
        assert row["Mittelwert"] == (None if mean is None else pytest.approx(mean, abs=0.0051))
        assert row["Streuung"] == (None if sd is None else pytest.approx(sd, abs=0.0051))
        # Of the towns of 50,000 to 100,000 only Konstanz delivered: too few to be shown.
        there = _values(made, KONSTANZ, "t1", field)["x"].notna().any()
        assert row["Vergleichskommunen"] == int(there)
        assert (row["Mittel der Gruppe"], row["Abstand"], row["Lage"]) == (None, None, None)
        assert row["zurückgehalten, weil"] == "zu wenige Kommunen"
    assert sum(row["gewählt"] for row in rows) == 4


def test_change_with_its_uncertainty(made: _Made) -> None:
    rows = made.answer(2)
    labels = {label: field for field, label in _fields(made)}
    names = {"Garbsen": GARBSEN, "Konstanz": KONSTANZ, "Kaufbeuren": KAUFBEUREN}
    assert len(rows) == 14
    assert list(dict.fromkeys(row["Kommune"] for row in rows)) == list(names)
    for row in rows:
        before, after = (
            _values(made, names[row["Kommune"]], wave, labels[row["Handlungsfeld"]])["x"].dropna()
            for wave in ("t0", "t1")
        )
        # Both waves asked the same items, so that the means of the field are those compared.
        assert row["früher"] == pytest.approx(before.mean(), abs=0.0051)
        assert row["später"] == pytest.approx(after.mean(), abs=0.0051)
        assert row["Veränderung"] == pytest.approx(after.mean() - before.mean(), abs=0.0051)
        assert row["Intervall von"] < row["Veränderung"] < row["Intervall bis"]
        beyond = row["Intervall von"] > 0 or row["Intervall bis"] < 0
        assert (row["Lesart"] == "im Rahmen des Zufalls") == (not beyond)
    assert {row["Lesart"] for row in rows} == {"günstiger", "im Rahmen des Zufalls"}


def test_items_beyond_uncertainty(made: _Made) -> None:
    from scipy import stats

    given = made.tables["given"]
    here = given[(given["ags"] == GARBSEN) & (given["wave"] == "t1")]
    chosen = {field for field, _ in _fields(made) if any(_chosen(made, GARBSEN, "t1", field))}
    scale = {
        item: rows["x"].dropna().astype(float)
        for item, rows in here[here["action_field"].isin(chosen)].groupby("item_code")
    }
    rows = made.answer(3)
    found = {row["Frage"]: row for row in rows}
    assert len(found) == len(rows) > 20
    with duckdb.connect(str(made.folder / "weltoffen.duckdb"), read_only=True) as connection:
        protected = connection.execute(
            "SELECT item_code FROM comparison.item_profile WHERE withheld_because IS NOT NULL "
            "AND ags = $ags AND wave = 't1'",
            {"ags": GARBSEN},
        ).fetchall()
    withheld = {item for (item,) in protected}
    assert 0 < len(withheld) < 8
    # What is withheld is no part of what an item is compared with either.
    means = {x: values.mean() for x, values in scale.items() if len(values) and x not in withheld}
    assert not withheld & found.keys()
    # An item that is not shown must not show in the mean of the others either.
    means = {
        item: values.mean()
        for item, values in scale.items()
        if len(values) and item not in withheld
    }
    compared = 0
    for item, values in scale.items():
        if item in withheld or len(values) < 5 or values.std(ddof=1) == 0:
            continue
        others = [mean for name, mean in means.items() if name != item]
        reference = sum(others) / len(others)
        half = stats.t.ppf(0.975, len(values) - 1) * values.std(ddof=1) / len(values) ** 0.5
        low, high = max(1, values.mean() - half), min(4, values.mean() + half)
        expected = "Stärke" if low > reference else "Schwäche" if high < reference else None
        assert (found[item]["Lage"] if item in found else None) == expected, item
        compared += expected is not None
    assert compared >= len(rows) - 2


def test_two_perspectives(made: _Made) -> None:
    workshops = made.tables["contribution"].merge(made.tables["workshop"])
    counted = Counter(
        (ags, field, question)
        for ags, field, question in workshops[
            ["ags", "action_field", "guiding_question"]
        ].itertuples(index=False)
    )
    names = {"Garbsen": GARBSEN, "Konstanz": KONSTANZ, "Kaufbeuren": KAUFBEUREN}
    names["Musterstadt (fiktiv)"] = "00000001"
    labels = {label: field for field, label in _fields(made)}
    rows = made.answer(4)
    for row in rows:
        ags, field = names[row["Kommune"]], labels[row["Handlungsfeld"]]
        assert row["Beiträge Stärken"] == counted[ags, field, "strength"]
        assert row["Beiträge Bedarfe"] == counted[ags, field, "need"]
        scale = _values(made, ags, "t0", field)["x"].dropna()
        mean = scale.mean() if len(scale) else None
        assert row["Mittelwert Selbstcheck"] == (mean and pytest.approx(mean, abs=0.0051))
    total = sum(row["Beiträge Stärken"] + row["Beiträge Bedarfe"] for row in rows)
    assert total == sum(n for (_, _, question), n in counted.items() if question != "cooperation")
    assert {row["Selbstcheck fehlt, weil"] for row in rows} == {None, "nicht geliefert"}


def test_who_took_part(made: _Made) -> None:
    rows = made.answer(5)
    persons = made.tables["participation"].merge(made.tables["workshop"])
    workshops = [row for row in rows if row["Schritt"] == "Workshop"]
    assert sum(row["Zahl"] for row in workshops) == persons["persons"].sum() > 200
    garbsen = persons[persons["ags"] == GARBSEN].groupby("actor_group")["persons"].sum()
    assert {row["Gruppe"]: row["Zahl"] for row in workshops if row["Kommune"] == "Garbsen"} == {
        "Verwaltung": garbsen["administration"],
        "Politik": garbsen["politics"],
        "Zivilgesellschaft": garbsen["civil_society"],
        "Wirtschaft": garbsen["business"],
        "Bildung und Wissenschaft": garbsen["education"],
    }
    for wave in ("t0", "t1"):
        forms = made.tables["form"][made.tables["form"]["wave"] == wave]
        shown = [row for row in rows if row["Welle"] == wave]
        assert sum(row["Zahl"] for row in shown) == len(forms)
        heads = [row["Zahl"] for row in shown if row["Gruppe"] == "Sachbearbeitung"]
        assert heads == [int((forms["respondent_role"] == "case_worker").sum())]
        assert all(row["Zahl"] >= 5 for row in shown)


def test_coverage_and_missing_answers(made: _Made) -> None:
    rows = made.answer(6)
    labels = {label: field for field, label in _fields(made)}
    names = {"Garbsen": GARBSEN, "Konstanz": KONSTANZ, "Kaufbeuren": KAUFBEUREN}
    assert len(rows) == 15
    for row in rows:
        ags, field = names[row["Kommune"]], labels[row["Handlungsfeld"]]
        given = _values(made, ags, "t1", field)
        assert row["Bögen"] == _forms(made, ags, "t1")
        assert row["mögliche Antworten"] == len(given)
        for name, reason in (
            ("Anteil Feld nicht gewählt", "not_chosen"),
            ("Anteil nicht erreicht", "not_reached"),
            ("Anteil übersprungen", "skipped"),
            ("Anteil weiß nicht", "dont_know"),
        ):
            share = (given["missing_reason"] == reason).mean()
            assert row[name] == pytest.approx(share, abs=0.00051), (row, name)
        assert row["Anteil beantwortet"] == pytest.approx(given["x"].notna().mean(), abs=0.00051)


def test_measures_and_what_is_overdue(made: _Made) -> None:
    measures = made.tables["measure"].merge(made.tables["workshop"])
    rows = made.answer(7)
    assert sum(row["Maßnahmen"] for row in rows) == len(measures) == 8
    late = (measures["due_on"] < pd.Timestamp(DAY)) & ~measures["measure_status"].isin(
        ["done", "dropped"]
    )
    assert sum(row["davon überfällig"] for row in rows) == late.sum() == 5
    assert sum(row["davon ohne Frist"] for row in rows) == measures["due_on"].isna().sum()
    finished = [row["Maßnahmen"] for row in rows if row["Stand"] == "abgeschlossen"]
    assert sum(finished) == (measures["measure_status"] == "done").sum() == 3


def test_fields_chosen_together(made: _Made) -> None:
    everyone = (GARBSEN, KONSTANZ, KAUFBEUREN)
    chose = {
        label: {
            ags
            for ags in everyone
            if 2 * sum(choices := _chosen(made, ags, "t1", field)) >= len(choices) > 0
        }
        for field, label in _fields(made)
    }
    rows = made.answer(8)
    assert len(rows) == 7 * 6 / 2
    for row in rows:
        first, other = chose[row["erstes Handlungsfeld"]], chose[row["zweites Handlungsfeld"]]
        assert row["Kommunen"] == 3
        assert row["wählten das erste"] == len(first)
        assert row["wählten das zweite"] == len(other)
        assert row["wählten beide"] == len(first & other)
        assert row["zu erwarten"] == pytest.approx(len(first) * len(other) / 3, abs=0.051)


def test_deliveries_and_their_quality(made: _Made) -> None:
    rows = made.answer(9)
    with (made.settings.reference_dir / "expected_deliveries.csv").open(encoding="utf-8") as file:
        promised = list(csv.DictReader(file))
    assert len(rows) == len(promised)
    for row in rows:
        assert (row["Stand"] == "rechtzeitig") == (row["Eingang"] <= row["Frist"])
        assert (row["Tage nach der Frist"] > 0) == (row["Eingang"] > row["Frist"])
    forms = {
        (row["Kommune"], row["Welle"]): row["Bögen"]
        for row in rows
        if row["Lieferung"] == "Selbstcheck"
    }
    assert forms["Garbsen", "t0"] == _forms(made, GARBSEN, "t0")
    assert sum(forms.values()) == len(made.tables["form"])


def test_steps_of_impact(made: _Made) -> None:
    rows = made.answer(10)
    assert [row["Stufe"] for row in rows] == [1, 2, 3, 4, 5, 6, 7]
    assert rows[1]["Zahl"] == made.tables["participation"]["persons"].sum()
    assert rows[3]["Zahl"] == len(made.tables["contribution"])
    assert rows[4]["Basis"] == len(made.tables["measure"])
    assert [row["zeigen die Daten das?"] for row in rows[-2:]] == ["nein", "nein"]
    assert all(row["Grenze"] for row in rows)


@pytest.mark.parametrize("entry", ready_questions(), ids=lambda entry: str(entry.number))
def test_question_says_where_else_its_answer_stands(made: _Made, entry: Question) -> None:
    page = (made.folder / "site" / entry.page).read_text(encoding="utf-8")
    assert f">{entry.place.rpartition(' → ')[2]}<" in page
    if entry.chart:
        names = made.answer(entry.number)[0]
        assert set(entry.chart) <= names.keys()


@pytest.mark.parametrize("entry", ready_questions(), ids=lambda entry: str(entry.number))
def test_the_command_beside_a_question_answers_it(made: _Made, entry: Question) -> None:
    """What is written there is typed as it stands; it tells at least the figures of the answer."""
    program, *words = shlex.split(entry.command)
    assert program == "weltoffen"
    answer = made.answer(entry.number)
    data = ["--data-dir", str(made.settings.data_dir)]
    if words[0] == "questions":
        done = CliRunner().invoke(main, [*words, *data])
        assert done.exit_code == 0, done.output
        assert all(row["Gruppe"].split()[0] in done.output for row in answer)
        return
    done = CliRunner().invoke(main, [*words, "--json", *data])
    assert done.exit_code == 0, done.output
    told = json.loads(done.output)
    assert told
    assert len(told) >= len(answer) or entry.number == 1
    figures = [x for row in told for x in row.values() if isinstance(x, int | float)]
    for row in answer:
        for name in ("Mittelwert", "Veränderung", "Personen", "Basis"):
            if isinstance(row.get(name), int | float):
                # The answer is rounded to two digits, the command tells all of them.
                assert any(abs(row[name] - x) <= 0.00501 for x in figures), row


def test_command_lists_and_answers(made: _Made) -> None:
    data = ["--data-dir", str(made.settings.data_dir)]
    listed = CliRunner().invoke(main, ["questions", *data])
    assert listed.exit_code == 0
    assert all(entry.question in listed.output for entry in ready_questions())
    answered = CliRunner().invoke(main, ["questions", "7", *data])
    assert answered.exit_code == 0, answered.output
    entry = ready_question(7)
    for part in (entry.question, entry.caution, entry.sql, entry.command, "abgeschlossen"):
        assert part in answered.output
    other = CliRunner().invoke(main, ["questions", "1", "--municipality", "Konstanz", *data])
    assert "m.label_de = 'Konstanz'" in other.output
    assert "Garbsen'" not in other.output
    wrong = CliRunner().invoke(main, ["questions", "11", *data])
    assert wrong.exit_code == 2
    assert "Fragen 1 bis 10" in wrong.output


class _Page(HTMLParser):
    """Names that can be inserted, statements that can be run, scripts and links of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.inserted: list[str] = []
        self.statements: list[str] = []
        self.charts: list[str] = []
        self.links: list[str] = []
        self.inline = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.inserted += [found["data-insert"]] if "data-insert" in found else []
        if "data-sql" in found:
            self.statements.append(found["data-sql"])
            self.charts.append(found["data-chart"])
        self.links += [found[name] for name in ("href", "src") if name in found]
        self.inline += tag == "style" or (tag == "script" and "src" not in found)
        assert not any(name.startswith("on") or name == "style" for name in found)


@pytest.fixture(scope="module")
def page(made: _Made) -> _Page:
    parsed = _Page()
    parsed.feed((made.folder / "site" / "fragen.html").read_text(encoding="utf-8"))
    return parsed


def test_page_holds_questions_and_every_published_column(made: _Made, page: _Page) -> None:
    assert page.statements == [entry.sql for entry in ready_questions()]
    assert [json.loads(x) if x else None for x in page.charts] == [
        entry.chart and list(entry.chart) for entry in ready_questions()
    ]
    with duckdb.connect(str(made.folder / "weltoffen.duckdb"), read_only=True) as connection:
        tables = connection.execute('SELECT "table" FROM meta."table"').fetchall()
        columns = connection.execute('SELECT "column" FROM meta."column"').fetchall()
        # What a click inserts must be SQL as it stands.
        reserved = connection.execute(
            "SELECT keyword_name FROM duckdb_keywords() WHERE keyword_category = 'reserved'"
        ).fetchall()
    names = [name for (name,) in (*tables, *columns)]
    assert Counter(page.inserted) == Counter(names)
    assert not {x for name in names for x in name.split(".")} & {name for (name,) in reserved}


def test_page_keeps_to_the_folder(made: _Made, page: _Page) -> None:
    assert page.inline == 0
    for link in page.links:
        assert not re.match(r"[a-z]+:|/", link), link
        target = (made.folder / "site" / link.partition("#")[0]).resolve()
        assert target.is_relative_to(made.folder)
        assert target.exists(), link


def test_same_release_gives_the_same_bytes(made: _Made, tmp_path: Path) -> None:
    shutil.copy(made.folder / "weltoffen.duckdb", tmp_path)
    (tmp_path / "site" / "kommunen").mkdir(parents=True)
    for name in ("site/index.html", "site/prozess.html", "quality.html"):
        shutil.copy(made.folder / name, tmp_path / name)
    shutil.copy(made.folder / "site/kommunen/03241005.html", tmp_path / "site/kommunen")
    manifest = json.loads((made.folder / "manifest.json").read_text(encoding="utf-8"))
    write_ask(made.settings, tmp_path, manifest)
    write_recipes(tmp_path)
    for name in ("site/fragen.html", "site/assets/ask.js", f"{RECIPES}/{EXPECTED}"):
        assert (tmp_path / name).read_bytes() == (made.folder / name).read_bytes()


# ---- recipes ----------------------------------------------------------------------------------


def _expected(made: _Made) -> str:
    """The recipes' answer, from the single answers."""
    lines = ["action_field\tlabel_de\tn_respondents\tmean\twithheld_because"]
    for field, label in _fields(made):
        given = _values(made, GARBSEN, "t1", field)
        scale = given[given["x"].notna()]
        mean = f"{scale['x'].mean():.2f}" if len(scale) else ""
        lines.append(f"{field}\t{label}\t{scale['response_id'].nunique()}\t{mean}\t")
    return "".join(f"{line}\n" for line in lines)


def _run(command: list[str], made: _Made) -> str:
    # Any working folder, no project around it.
    done = subprocess.run(
        command, cwd=made.folder.parent, capture_output=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode().replace("\r\n", "\n")


def test_expected_answer_is_that_of_the_single_answers(made: _Made) -> None:
    text = (made.folder / RECIPES / EXPECTED).read_text(encoding="utf-8")
    assert text == _expected(made)
    assert text.count("\n") == 8


@pytest.mark.parametrize("name", ["python_duckdb.py", "python_pandas.py", "python_polars.py"])
def test_python_recipe(made: _Made, name: str) -> None:
    file = made.folder / RECIPES / name
    assert _run([sys.executable, "-I", "-X", "utf8", str(file)], made) == _expected(made)


_RSCRIPT = [x for x in (shutil.which("Rscript"),) if x]


def _r_lacks() -> str | None:
    if not _RSCRIPT:
        return "Rscript is not installed"
    tried = subprocess.run(
        [*_RSCRIPT, "-e", "library(duckdb)"], capture_output=True, check=False, timeout=60
    )
    return None if tried.returncode == 0 else "the package duckdb of R is not installed"


@pytest.mark.skipif(not _RSCRIPT, reason="Rscript is not installed")
def test_r_recipe_without_packages(made: _Made) -> None:
    assert _run([*_RSCRIPT, str(made.folder / RECIPES / "r_base.R")], made) == _expected(made)


def test_r_recipe_with_duckdb(made: _Made) -> None:
    if (lacks := _r_lacks()) is not None:
        pytest.skip(lacks)
    assert _run([*_RSCRIPT, str(made.folder / RECIPES / "r_duckdb.R")], made) == _expected(made)


def test_power_query_names_what_exists(made: _Made) -> None:
    text = (made.folder / RECIPES / "excel_power_query.pq").read_text(encoding="utf-8")
    book = load_workbook(made.folder / "weltoffen.xlsx", read_only=True)
    heads = {
        sheet.title: [cell.value for cell in next(sheet.iter_rows(max_row=1))] for sheet in book
    }
    book.close()
    assert re.findall(r'Ordner & "([^"]+)"', text) == ["weltoffen.xlsx"]
    calls = re.findall(r'Tabelle\("([^"]+)", "([^"]+)"\)', text)
    assert len(calls) == 3
    columns: set[str] = set()
    for path, sheet in calls:
        file = made.folder / path.replace("\\", "/")
        with duckdb.connect() as connection:
            found = connection.execute(f"DESCRIBE FROM '{file}'").fetchall()
        assert heads[sheet] == [row[0] for row in found]
        columns |= set(heads[sheet])
    lists = re.findall(r"\{((?:\"\w+\"(?:, )?)+)\}", text)
    named = set(re.findall(r"\[(\w+)\]", text)) - {"Data"}
    named |= {name for part in lists for name in re.findall(r"\w+", part)}
    named |= set(re.findall(r'\{"(\w+)", Order', text))
    assert named >= {"ags", "wave", "label_de", "position", "mean", "withheld_because"}
    assert named <= columns


def test_dbeaver_recipe_runs_and_links_exist(made: _Made) -> None:
    folder = made.folder / RECIPES
    text = (folder / "dbeaver.md").read_text(encoding="utf-8")
    (sql,) = re.findall(r"```sql\n(.+?)```", text, re.DOTALL)
    with duckdb.connect(str(made.folder / "weltoffen.duckdb"), read_only=True) as connection:
        rows = connection.execute(sql).fetchall()
    expected = [line.split("\t") for line in _expected(made).splitlines()[1:]]
    assert [["" if x is None else str(x) for x in row] for row in rows] == expected
    assert "duckdb.read_only" in text
    assert "1.4" in text
    readme = (folder / "README.md").read_text(encoding="utf-8")
    linked = re.findall(r"\]\(([^)]+)\)", readme)
    assert set(linked) == {file.name for file in folder.iterdir()} - {"README.md"}


def test_recipes_name_files_that_exist(made: _Made) -> None:
    readme = (made.folder / RECIPES / "README.md").read_text(encoding="utf-8")
    for name in ("weltoffen.duckdb", "weltoffen-csv.zip", "weltoffen.xlsx", "parquet"):
        assert name in readme
        assert (made.folder / name).exists()
