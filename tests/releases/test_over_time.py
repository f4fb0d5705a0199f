"""Two nights, readers at work during the second: what differs, and both releases rebuilt."""

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner

from tests.conftest import DEMO_INBOX
from tests.nights import run_night
from tests.releases.older_client import sums
from tests.releases.reader import content
from weltoffen_etl.cli import main
from weltoffen_etl.releases.rebuilding import compare
from weltoffen_etl.settings import PROJECT_ROOT, Settings
from weltoffen_etl.warehouse.current import Release, list_releases

pytestmark = pytest.mark.slow
LATE = "03241005/t1"
READERS = 4


@dataclass
class Nights:
    settings: Settings
    before: Release
    after: Release
    seen: list[list[str]]
    """What readers saw during the second night, as `tests.releases.reader` writes it."""


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> Nights:
    folder = tmp_path_factory.mktemp("over_time")
    settings = Settings(data_dir=folder / "data", settle_seconds=0.0, partner_databases=True)
    shutil.copytree(DEMO_INBOX, settings.inbox)
    late = shutil.move(settings.inbox / LATE, folder / "late")
    assert run_night(settings).outcome == "published"
    shutil.move(late, settings.inbox / LATE)
    stop = folder / "stop"
    results = [folder / f"reader-{number}.jsonl" for number in range(READERS)]
    module = [sys.executable, "-m", "tests.releases.reader", str(settings.releases), str(stop)]
    readers = [subprocess.Popen([*module, str(x)], cwd=PROJECT_ROOT) for x in results]
    try:
        assert run_night(settings).outcome == "published"
    finally:
        stop.touch()
        codes = [reader.wait(timeout=60) for reader in readers]
    assert codes == [0] * READERS
    lines = [line for x in results for line in x.read_text(encoding="utf-8").splitlines()]
    before, after = list_releases(settings)
    return Nights(settings, before, after, [json.loads(line) for line in lines])


def _content(release: Release) -> str:
    with duckdb.connect(str(release.database), read_only=True) as connection:
        return content(connection)


def test_readers_saw_one_whole_release_or_the_other(nights: Nights) -> None:
    whole = {x.name: _content(x) for x in (nights.before, nights.after)}
    assert len(set(whole.values())) == 2
    assert {(name, said) for name, said, *_ in nights.seen} == {(x, x) for x in whole}
    assert all(seen == whole[name] for name, _, seen, *_ in nights.seen)


def test_a_connection_kept_open_reads_its_release_to_the_end(nights: Nights) -> None:
    held = {(name, seen) for *_, name, seen in nights.seen}
    assert held == {(nights.before.name, _content(nights.before))}


def test_changes_name_the_late_delivery_and_count_its_rows(nights: Nights) -> None:
    text = (nights.after.folder / "CHANGES.md").read_text(encoding="utf-8")
    assert nights.before.name in text
    own = text[text.index("### Garbsen (03241005)") : text.index("### Konstanz")]
    assert "- neue Lieferung: Selbstcheck t1 (Eingang 12, 0ce96815)" in own
    with duckdb.connect(str(nights.after.database), read_only=True) as connection:
        answers = connection.execute(
            "SELECT count(*) FROM comparison.item_result WHERE ags = '03241005' AND wave = 't1'"
        ).fetchone()
    assert answers is not None
    assert f"| Kennzahlen der Fragen | {answers[0]} | 0 | 0 | 0 | 0 | 0 |" in own
    assert "Software, Verzeichnisse, Einstellungen und Stichtag sind gleich" in text
    first = (nights.before.folder / "CHANGES.md").read_text(encoding="utf-8")
    assert "Es ist der erste Stand" in first


def test_diff_tells_single_values(nights: Nights) -> None:
    arguments = ["--ags", "03241005", "--table", "comparison.coverage", "--json"]
    done = CliRunner().invoke(
        main, ["diff", nights.before.name, *arguments, "--data-dir", str(nights.settings.data_dir)]
    )
    assert done.exit_code == 0, done.output
    values = json.loads(done.output)
    with duckdb.connect(str(nights.after.database), read_only=True) as connection:
        rows = connection.execute(
            "SELECT action_field, n_responses FROM comparison.coverage "
            "WHERE ags = '03241005' AND wave = 't1'"
        ).fetchall()
    told = {x["row"][-2:]: x["after"] for x in values if x["column"] == "n_responses"}
    assert told == {field: str(number) for field, number in rows}


def _rebuilt(nights: Nights, release: Release) -> str:
    done = CliRunner().invoke(
        main, ["rebuild", release.name, "--data-dir", str(nights.settings.data_dir)]
    )
    assert done.exit_code == 0, done.output
    tables = len(release.manifest()["tables"])
    assert f"{tables} von {tables} Tabellen gleich" in done.output
    assert "anders" not in done.output
    assert not list(nights.settings.warehouse.glob("rebuild-*"))
    return done.output


def test_a_release_is_rebuilt_from_the_archive(nights: Nights) -> None:
    files = len(nights.after.manifest()["files"])
    assert f"{files} von {files} Dateien gleich" in _rebuilt(nights, nights.after)


def test_a_removed_release_is_rebuilt_too(nights: Nights, tmp_path: Path) -> None:
    """Of its databases only the one that the manifest tells of can be compared, by its tables."""
    manifest = nights.before.manifest()
    compared = [x for x in manifest["files"] if not x.endswith(".duckdb")]
    shutil.move(nights.before.folder, tmp_path / "aside")
    kept = nights.settings.archive / "releases" / nights.before.name
    try:
        said = _rebuilt(nights, Release(nights.before.name, kept))
    finally:
        shutil.move(tmp_path / "aside", nights.before.folder)
    assert f"{len(compared)} von {len(compared)} Dateien gleich" in said


def test_other_content_is_noticed(nights: Nights, tmp_path: Path) -> None:
    """One value of a municipality's database and one hash of a table are changed."""
    copy = Release(nights.before.name, tmp_path / nights.before.name)
    shutil.copytree(nights.before.folder, copy.folder)
    spoilt = copy.folder / "partners" / "03241005.duckdb"
    spoilt.chmod(0o644)
    with duckdb.connect(str(spoilt)) as connection:
        connection.execute("UPDATE comparison.coverage SET n_responses = 99 WHERE wave = 't0'")
    changed = copy.manifest()
    changed["tables"]["comparison.coverage"]["content_md5"] = "0" * 32
    changed["files"]["partners/03241005.duckdb"]["sha256"] = "0" * 64
    (copy.folder / "manifest.json").chmod(0o644)
    (copy.folder / "manifest.json").write_text(json.dumps(changed), encoding="utf-8")
    assert compare(nights.settings, nights.before, nights.before).is_same
    found = compare(nights.settings, nights.before, copy)
    assert not found.is_same
    assert [x for x, same in found.tables.items() if not same] == ["comparison.coverage"]
    assert [x for x, same in found.files.items() if not same] == ["partners/03241005.duckdb"]


@pytest.mark.parametrize(
    ("missing", "said"), [("reference", "Die Verzeichnisse dieses Stands fehlen"), ("disclosure", "Im Archiv fehlt")]
)  # fmt: skip
def test_a_rebuild_says_what_the_archive_lacks(nights: Nights, missing: str, said: str) -> None:
    folder = nights.settings.archive / missing
    aside = folder.rename(folder.with_name("aside"))
    try:
        done = CliRunner().invoke(
            main, ["rebuild", nights.after.name, "--data-dir", str(nights.settings.data_dir)]
        )
    finally:
        aside.rename(folder)
    assert done.exit_code == 1
    assert said in done.output


def test_releases_are_listed(nights: Nights) -> None:
    arguments = ["releases", "--data-dir", str(nights.settings.data_dir)]
    listed = json.loads(CliRunner().invoke(main, [*arguments, "--json"]).output)
    assert [(x["release"], x["is_current"], x["deliveries"]) for x in listed] == [
        (nights.before.name, False, 11),
        (nights.after.name, True, 12),
    ]
    for width in ("80", "160"):
        shown = CliRunner().invoke(main, arguments, env={"COLUMNS": width}).output
        lines = {x.split()[0]: x for x in shown.splitlines() if x.strip()}
        assert "aktuell" in lines[nights.after.name]
        assert "aktuell" not in lines[nights.before.name]


@pytest.mark.parametrize("version", ["1.4.4", "1.5.6"])
def test_older_clients_open_a_release(nights: Nights, version: str) -> None:
    """Every row of every table, read by an older DuckDB in an environment of its own."""
    uv = shutil.which("uv")
    if uv is None:
        pytest.skip("uv is absent: no older client can be had")
    environment = [uv, "run", "--isolated", "--no-project", "--python", sys.executable]
    script = PROJECT_ROOT / "tests" / "releases" / "older_client.py"
    command = [*environment, "--with", f"duckdb=={version}", str(script)]
    done = subprocess.run(
        [*command, str(nights.after.database)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["version"] == version
    assert said["rows"] == {x: y["rows"] for x, y in nights.after.manifest()["tables"].items()}
    with duckdb.connect(str(nights.after.database), read_only=True) as connection:
        assert said["sums"] == sums(connection)
