"""The nightly job from the inbox to the release, on real exports."""

import hashlib
import json
import os
import re
from pathlib import Path

import duckdb
import pytest

from tests.conftest import DEMO_INBOX, deliver, deliver_demo
from tests.nights import run_night
from weltoffen_etl.asking.errors import QueryError
from weltoffen_etl.asking.query import ask
from weltoffen_etl.catalog import tables
from weltoffen_etl.database import connect
from weltoffen_etl.deliveries.places import Registry, masked
from weltoffen_etl.journal import EXIT_QUARANTINED, last_runs
from weltoffen_etl.lock import LockHeldError, run_lock
from weltoffen_etl.permissions import closed_folders
from weltoffen_etl.quality.rules import Rule
from weltoffen_etl.settings import Settings
from weltoffen_etl.warehouse.current import current_release, list_releases

_PUBLISHED = ("reference", "quality", "comparison")
GARBSEN = DEMO_INBOX / "03241005" / "t0" / "selfcheck" / "garbsen_t0_results-survey352021.csv"


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """One published night on the demo deliveries, for tests that only read."""
    settings = Settings(data_dir=tmp_path_factory.mktemp("night"), settle_seconds=0.0)
    deliver_demo(settings)
    record = run_night(settings)
    assert record.outcome == "published", record.failures
    assert record.exit_code == 0
    return settings


def _hashes(settings: Settings) -> dict[str, str]:
    release = current_release(settings)
    assert release is not None
    return {name: x["content_md5"] for name, x in release.manifest()["tables"].items()}


def test_every_delivery_balances(night: Settings) -> None:
    names, rows = ask(night, "from quality.reconciliation")
    assert len(rows) == 12
    for row in rows:
        entry = dict(zip(names, row, strict=True))
        assert entry["rows_expected"] == entry["rows_loaded"] + entry["rows_quarantined"] > 0
        assert entry["is_synthetic"]


def test_only_releases_are_open_to_others(night: Settings) -> None:
    for folder in closed_folders(night):
        assert folder.stat().st_mode & 0o777 == 0o700, folder
        for path in folder.rglob("*"):
            assert path.is_dir() or path.stat().st_mode & 0o037 == 0, path
    release = current_release(night)
    assert release is not None
    for path in (release.folder, *release.folder.rglob("*")):
        assert path.stat().st_mode & 0o777 == (0o755 if path.is_dir() else 0o444), path


def test_nothing_new_publishes_nothing(night: Settings) -> None:
    before = list_releases(night)
    record = run_night(night)
    assert record.outcome == "nothing_new"
    assert record.exit_code == 0
    assert list_releases(night) == before
    assert last_runs(night)[0].outcome == "nothing_new"


def test_copy_of_the_archive_gives_the_same_content(night: Settings, settings: Settings) -> None:
    os.makedirs(settings.data_dir)  # noqa: PTH103
    import shutil

    shutil.copytree(night.archive, settings.archive)
    record = run_night(settings)
    assert record.outcome == "published", record.failures
    assert _hashes(settings) == _hashes(night)
    assert len(_hashes(night)) >= 20


def test_release_holds_only_what_may_be_published(night: Settings) -> None:
    release = current_release(night)
    assert release is not None
    assert not release.database.stat().st_mode & 0o222
    _, names = ask(night, "select schema_name, table_name from duckdb_tables()")
    assert {schema for schema, _ in names} == {*_PUBLISHED, "meta"}
    content = release.database.read_bytes() + (release.folder / "manifest.json").read_bytes()
    internal = night.warehouse_file.read_bytes()
    for kept_inside in (b"Konzept von 2019", b"Moderation Muster", b"garbsen_t0_results"):
        assert kept_inside in internal
        assert kept_inside not in content
    # E-mail addresses stand in the exports and are loaded nowhere.
    assert b"@example.org" in GARBSEN.read_bytes()
    assert b"@example.org" not in internal + content


def test_every_published_column_is_described(night: Settings) -> None:
    _, missing = ask(
        night,
        "select table_name, column_name from duckdb_columns() "
        f"where schema_name in {_PUBLISHED} and comment is null",
    )
    assert missing == []
    _, described = ask(night, 'select count(*) from meta."column"')
    _, columns = ask(
        night,
        f"select count(*) from duckdb_columns() where schema_name in {_PUBLISHED}",
    )
    assert described == columns


def test_few_respondents_are_withheld(night: Settings) -> None:
    names, rows = ask(night, "from comparison.item_result where withheld_because = 'confidential'")
    assert rows
    key = {"ags", "wave", "item_code", "action_field", "sub_theme", "polarity", "is_synthetic"}
    for row in rows:
        entry = dict(zip(names, row, strict=True))
        shown = {name for name, value in entry.items() if value is not None}
        assert shown <= key | {"withheld_because"}
    for table in ("item_result", "sub_theme_score", "action_field_score"):
        _, small = ask(
            night, f"select count(*) from comparison.{table} where n_respondents between 1 and 4"
        )
        assert small == [(0,)]


def test_query_reads_only(night: Settings) -> None:
    for statement in (
        "create table x (a int)",
        "from read_text('/etc/passwd')",
        "copy (select 1) to 'x.csv'",
    ):
        with pytest.raises(QueryError):
            ask(night, statement)


def test_broken_files_are_kept_back_and_the_rest_is_published(
    settings: Settings, tmp_path: Path
) -> None:
    deliver(settings, "03241005/t0/selfcheck", GARBSEN)
    whole = (DEMO_INBOX / "03241005" / "t1" / "selfcheck").glob("*.csv").__next__().read_bytes()
    cut = tmp_path / "cut.csv"
    cut.write_bytes(whole[: len(whole) * 2 // 3])
    deliver(settings, "03241005/t1/selfcheck", cut)
    workbook = next((DEMO_INBOX / "09762000" / "t0" / "selfcheck").glob("*.xlsx")).read_bytes()
    broken = tmp_path / "broken.xlsx"
    broken.write_bytes(workbook[: len(workbook) // 2])
    deliver(settings, "09762000/t0/selfcheck", broken)
    record = run_night(settings)
    assert record.outcome == "published", record.failures
    assert record.exit_code == EXIT_QUARANTINED
    with duckdb.connect(str(settings.warehouse_file), read_only=True) as connection:
        rows = connection.execute(
            "SELECT rule, message FROM raw.finding WHERE severity = 'critical' ORDER BY rule"
        ).fetchall()
        loaded = connection.execute("SELECT count(*) FROM core.response").fetchone()
    assert [rule for rule, _ in rows] == ["file_truncated", "file_unreadable"]
    assert "bricht in Zeile" in rows[0][1]
    assert "beschädigt" in rows[1][1]
    assert loaded == (22,)


def test_newer_file_replaces_the_older(settings: Settings, tmp_path: Path) -> None:
    deliver(settings, "03241005/t0/selfcheck", GARBSEN)
    assert run_night(settings).outcome == "published"
    lines = GARBSEN.read_bytes().decode("utf-8-sig").split("\r\n")
    shorter = tmp_path / "corrected.csv"
    first_rows = "\r\n".join(lines[:3]) + "\r\n"
    shorter.write_text(first_rows, encoding="utf-8", newline="")
    deliver(settings, "03241005/t0/selfcheck", shorter)
    record = run_night(settings)
    assert record.outcome == "published", record.failures
    _, rows = ask(
        settings,
        "select status, superseded_by is not null, rows_loaded from quality.reconciliation order by sequence",
    )
    # Two forms are too few to be told.
    assert rows == [("superseded", True, 22), ("loaded", False, None)]
    _, score = ask(
        settings,
        "select has_delivered from comparison.coverage where ags = '03241005' and wave = 't0' limit 1",
    )
    assert score == [(True,)]


def test_broken_expectation_stops_the_release(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deliver(settings, "03241005/t0/selfcheck", GARBSEN)
    assert run_night(settings).outcome == "published"
    before = current_release(settings)
    from weltoffen_etl.warehouse import audit

    honest = audit.rules_of

    def stricter(described, connection):  # type: ignore[no-untyped-def]
        rules: list[Rule] = honest(described, connection)
        return [
            Rule(r.table, r.column, r.kind, r.text, {"min_value": 3.9, "max_value": 4})
            if (r.table, r.column) == ("disclosure.figure", "mean")
            else r
            for r in rules
        ]

    monkeypatch.setattr(audit, "rules_of", stricter)
    deliver(
        settings, "03241005/t1/selfcheck", next((DEMO_INBOX / "03241005/t1/selfcheck").iterdir())
    )
    record = run_night(settings)
    assert record.outcome == "audit_failed"
    assert record.exit_code == 4
    assert any("mean" in name for name in record.failures)
    assert current_release(settings) == before
    assert len(list_releases(settings)) == 1
    monkeypatch.undo()
    assert run_night(settings).outcome == "published"


def test_second_run_is_refused_while_one_holds_the_lock(settings: Settings) -> None:
    with run_lock(settings), pytest.raises(LockHeldError, match=str(os.getpid())):
        run_night(settings)


def test_links_and_temporary_files_are_left_alone(settings: Settings, tmp_path: Path) -> None:
    deliver(settings, "03241005/t0/selfcheck", GARBSEN)
    folder = settings.inbox / "03241005" / "t0" / "selfcheck"
    (folder / "link.csv").symlink_to(GARBSEN)
    (folder / "~$garbsen.xlsx").write_text("x")
    (folder / "halb.csv.part").write_text("x")
    record = run_night(settings)
    # File names can name persons: the record knows them by the hash of the name.
    assert {(path, reason) for path, reason in record.left_alone} == {
        (f"03241005/t0/selfcheck/{_hash(name)}{Path(name).suffix}", reason)
        for name, reason in (
            ("link.csv", "symbolischer Verweis"),
            ("~$garbsen.xlsx", "versteckte oder vorläufige Datei"),
            ("halb.csv.part", "versteckte oder vorläufige Datei"),
        )
    }
    assert record.new_deliveries == 1


def _hash(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()[:8]


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("03241005/t0/selfcheck/Erika.csv", "03241005/t0/selfcheck/{}.csv"),
        ("03241005/workshops/2025-05-14/Erika.XLSX", "03241005/workshops/2025-05-14/{}.xlsx"),
        ("_multi/t1/Erika.csv.Mustermann", "_multi/t1/{}"),
        ("Erika/t0/selfcheck/Erika.sav", "…/t0/selfcheck/{}.sav"),
        ("99999999/t99/Erika/2025-05-14 Erika/Erika", "…/…/…/…/{}"),
        ("Erika", "{}"),
    ],
)
def test_masked_path_keeps_what_is_known(path: str, shown: str, settings: Settings) -> None:
    registry = Registry(settings.reference_dir)
    name = path.rpartition("/")[2]
    assert masked(path, registry) == shown.format(_hash(name))
    assert masked(path, registry, "0123456789abcdef") == shown.format("01234567")


def test_names_of_files_stand_in_no_log(
    settings: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    home = tmp_path / "home"
    monkeypatch.setenv("DAGSTER_HOME", str(home))
    name = "Erika_Mustermann_erika@example.org.csv"
    deliver(settings, "03241005/t0/selfcheck", GARBSEN, name)
    empty = tmp_path / "empty.csv"
    empty.write_bytes(b"")
    for number, place in enumerate(
        ("", "_multi", "Erika_Mustermann/t0/selfcheck", "03241005/Erika_Mustermann/selfcheck")
    ):
        empty.write_bytes(b"x" * number)
        deliver(settings, place, empty, name)
    (settings.inbox / "03241005" / f"link_{name}").symlink_to(empty)
    (settings.inbox / "03241005" / f"{name}.part").write_text("x")
    record = run_night(settings)
    assert record.outcome == "published", record.failures
    assert record.new_deliveries == 5
    assert len(record.left_alone) == 2
    sha256 = hashlib.sha256(GARBSEN.read_bytes()).hexdigest()
    written = [
        file
        for folder in (home, settings.releases, settings.outbox)
        for file in folder.rglob("*")
        if file.is_file()
    ]
    assert len(written) > 5
    logged = b"".join(file.read_bytes() for file in [*written, settings.journal])
    assert f"03241005/t0/selfcheck/{sha256[:8]}.csv".encode() in logged
    shown = capfd.readouterr()
    for word in ("Mustermann", "erika@example"):
        assert word.encode() in (settings.archive / "ledger.jsonl").read_bytes()
        assert word.encode() not in logged
        assert word not in shown.out + shown.err


def test_file_of_several_municipalities_and_waves_guesses_nothing(
    settings: Settings, shared_exports: Path
) -> None:
    """Keys come from the columns; a form without a wave is kept back where waves are mixed."""
    deliver(settings, "_multi/t0", shared_exports / "whole_survey" / "rc_csv_code_short_all.csv")
    record = run_night(settings)
    assert record.outcome == "published", record.failures
    truth = json.loads((shared_exports / "truth.json").read_text(encoding="utf-8"))
    true_keys = {str(x["response_id"]): (x["ags"], x["wave"]) for x in truth["responses"]}
    with duckdb.connect(str(settings.warehouse_file), read_only=True) as connection:
        rows = connection.execute(
            "SELECT source_response_id, ags, wave FROM core.response"
        ).fetchall()
        balance = connection.execute(
            "SELECT rows_expected, rows_loaded + rows_quarantined, rows_ignored FROM raw.delivery"
        ).fetchone()
    # Five were only opened and name no municipality.
    assert balance == (190, 190, 5)
    compared = [(key, wave) for key, ags, wave in rows if key in true_keys]
    assert len(compared) > 40
    for key, ags, wave in rows:
        if key in true_keys:
            assert (ags, wave) == true_keys[key]


def test_manifest_names_code_and_deliveries(night: Settings) -> None:
    release = current_release(night)
    assert release is not None
    manifest = json.loads((release.folder / "manifest.json").read_text(encoding="utf-8"))
    assert {"code_version", "inputs_version", "deliveries", "tables"} <= manifest.keys()
    assert all(len(x["delivery_id"]) == 64 for x in manifest["deliveries"])
    assert manifest["contains_synthetic_data"]


def test_order_and_columns_of_comparison_tables_tell_no_rank(night: Settings) -> None:
    """Rows stand in the order of their key; no key holds a figure, and no figure orders the rows."""
    release = current_release(night)
    assert release is not None
    compared = 0
    with connect(night, release.database, read_only=True) as connection:
        for described in tables().values():
            if described.schema_name != "comparison" or described.only_if is not None:
                continue
            names = [column.name for column in described.published_columns]
            assert not [x for x in names if re.search("rank|rang|platz|best|worst|top", x)]
            kinds = {column.name: column.type for column in described.columns}
            assert not [x for x in described.key if kinds[x] == "DOUBLE"]
            rows = connection.execute(
                f"SELECT {', '.join(names)} FROM {described.full_name}"
            ).fetchall()
            keys = [tuple(row[names.index(x)] for x in described.key) for row in rows]
            assert keys == sorted(keys), described.full_name
            for name, kind in kinds.items():
                figures = [
                    row[names.index(name)] for row in rows if row[names.index(name)] is not None
                ]
                if kind == "DOUBLE" and len(set(figures)) > 3:
                    compared += 1
                    assert figures != sorted(figures), (described.full_name, name)
                    assert figures != sorted(figures, reverse=True), (described.full_name, name)
    assert compared > 50
