"""The internal warehouse with a key: what its bytes show, and what is said when the key is wrong.

Where DuckDB's extension with OpenSSL is not installed, DuckDB's own cipher takes its place: same
format, same statements, but numbers that DuckDB does not call random enough to protect anything.
"""

import logging
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner

from tests.conftest import deliver_demo
from tests.nights import run_night
from weltoffen_etl import warehouse_key
from weltoffen_etl.cli import main
from weltoffen_etl.database import connect
from weltoffen_etl.settings import Settings
from weltoffen_etl.warehouse.current import current_release
from weltoffen_etl.warehouse_key import WarehouseKeyError

KEY = "Zq7'\"; DROP TABLE x; -- 0123456789abcdef"
CANARY = "Konzept von 2019"


def _has_openssl() -> bool:
    with duckdb.connect() as connection:
        try:
            connection.execute("LOAD httpfs")
        except duckdb.Error:
            return False
        return True


@pytest.fixture(scope="module", autouse=True)
def cipher() -> Iterator[None]:
    if _has_openssl():
        yield
        return
    with pytest.MonkeyPatch.context() as patch:

        def own(connection: duckdb.DuckDBPyConnection) -> None:
            connection.execute("SET force_mbedtls_unsafe = true")

        patch.setattr(warehouse_key, "load_crypto", own)
        yield


def _with_key(settings: Settings, key: str = KEY, mode: int = 0o600) -> Settings:
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    file = settings.data_dir.parent / "warehouse.key"
    file.write_text(key + "\n", encoding="utf-8")
    file.chmod(mode)
    return settings.model_copy(update={"warehouse_key_file": file})


@pytest.fixture
def secret(settings: Settings) -> Settings:
    secret = _with_key(settings)
    secret.warehouse.mkdir()
    with connect(secret, secret.warehouse_file) as connection:
        connection.execute("CREATE SCHEMA core")
        connection.execute(
            f"CREATE TABLE core.x AS SELECT '{CANARY} ' || range AS a FROM range(100000)"
        )
    return secret


def test_its_bytes_show_nothing_and_it_reads_as_before(secret: Settings) -> None:
    assert sorted(file.name for file in secret.warehouse.iterdir()) == ["warehouse.duckdb"]
    assert CANARY.encode() not in secret.warehouse_file.read_bytes()
    with connect(secret, secret.warehouse_file, read_only=True) as connection:
        assert connection.execute("SELECT count(*) FROM core.x").fetchone() == (100_000,)
        with pytest.raises(duckdb.Error, match="read-only"):
            connection.execute("DROP TABLE core.x")
    with pytest.raises(duckdb.Error, match="without a key"):
        duckdb.connect(str(secret.warehouse_file), read_only=True)


def test_what_is_not_committed_yet_is_hidden_too(secret: Settings) -> None:
    with connect(secret, secret.warehouse_file) as connection:
        connection.execute(f"INSERT INTO core.x VALUES ('{CANARY}')")
        log = secret.warehouse_file.with_name("warehouse.duckdb.wal").read_bytes()
        assert len(log) > 20
        assert CANARY.encode() not in log


def test_what_does_not_fit_into_memory_is_hidden_too(
    secret: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    small = secret.model_copy(update={"duckdb_memory": "60MB", "duckdb_threads": 2})
    with connect(small, small.warehouse_file) as connection:
        connection.execute(
            f"CREATE TEMP TABLE big AS SELECT '{CANARY} ' || hash(range) AS a FROM range(4000000)"
        )
        spilled = [x for x in small.warehouse.rglob("*") if "tmp" in x.name and x.is_file()]
        assert sum(file.stat().st_size for file in spilled) > 1_000_000
        for file in spilled:
            assert CANARY.encode() not in file.read_bytes()
    with connect(small) as connection:
        connection.execute(
            f"CREATE TEMP TABLE big AS SELECT '{CANARY} ' || hash(range) AS a FROM range(4000000)"
        )
        spilled = [x for x in (small.warehouse / "spill").iterdir() if x.is_file()]
        assert sum(file.stat().st_size for file in spilled) > 1_000_000
        for file in spilled:
            assert CANARY.encode() not in file.read_bytes()
    assert not (tmp_path / ".tmp").exists()


def test_the_key_is_told_nowhere(
    secret: Settings, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    wrong = _with_key(secret, KEY[::-1])
    with pytest.raises(WarehouseKeyError) as refused:
        connect(wrong, wrong.warehouse_file)
    secret = _with_key(secret)
    (secret.warehouse / "broken.duckdb").write_bytes(secret.warehouse_file.read_bytes()[:5000])
    with pytest.raises(duckdb.Error) as broken:
        connect(secret, secret.warehouse / "broken.duckdb")
    with pytest.raises(duckdb.Error) as missing:
        connect(secret, secret.warehouse / "nowhere.duckdb", read_only=True)
    with connect(secret, secret.warehouse_file) as connection:
        shown = str(connection.execute("FROM duckdb_databases()").fetchall())
        shown += str(connection.execute("FROM duckdb_settings()").fetchall())
    said, written = capfd.readouterr()
    everything = " ".join(
        (str(refused.value), str(broken.value), str(missing.value), shown, caplog.text, said)
    )
    for key in (KEY, KEY[::-1]):
        assert key not in everything + written + secret.model_dump_json()
        assert repr(key)[1:-1] not in everything


@pytest.mark.parametrize(
    ("key", "mode", "said"),
    [
        (KEY[::-1], 0o600, "ist nicht der von warehouse.duckdb"),
        (KEY, 0o640, "dürfen auch andere lesen"),
        ("kurz", 0o600, "weniger als 32 Zeichen"),
        (None, 0o600, "lässt sich nicht lesen"),
    ],
)
def test_wrong_keys_are_refused_in_words(
    secret: Settings, key: str | None, mode: int, said: str
) -> None:
    other = _with_key(secret, key or KEY, mode)
    if key is None:
        assert other.warehouse_key_file is not None
        other.warehouse_key_file.unlink()
    before = secret.warehouse_file.read_bytes()
    told = CliRunner(
        env={"LANGUAGE": "de", "WELTOFFEN_WAREHOUSE_KEY_FILE": str(other.warehouse_key_file)}
    ).invoke(main, ["quarantine", "--data-dir", str(secret.data_dir)])
    assert told.exit_code == 1
    assert said in told.output
    assert "Traceback" not in told.output
    assert secret.warehouse_file.read_bytes() == before


def test_a_key_too_few_or_too_many_is_said(secret: Settings) -> None:
    without = secret.model_copy(update={"warehouse_key_file": None})
    with pytest.raises(WarehouseKeyError, match="WELTOFFEN_WAREHOUSE_KEY_FILE ist nicht gesetzt"):
        connect(without, without.warehouse_file, read_only=True)
    secret.warehouse_file.unlink()
    with connect(without, without.warehouse_file) as connection:
        connection.execute("CREATE TABLE x (a INTEGER)")
    with pytest.raises(WarehouseKeyError, match="noch nicht verschlüsselt"):
        connect(secret, secret.warehouse_file)


def test_without_openssl_nothing_is_written(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    if _has_openssl():
        pytest.skip("DuckDB's extension with OpenSSL is installed here")
    monkeypatch.undo()
    secret = _with_key(settings)
    secret.warehouse.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(warehouse_key, "load_crypto", _REAL)
        with pytest.raises(WarehouseKeyError, match="INSTALL httpfs"):
            connect(secret, secret.warehouse_file)
    assert not secret.warehouse_file.exists()


_REAL = warehouse_key.load_crypto


@pytest.mark.slow
def test_a_night_with_a_key_publishes_the_same(tmp_path: Path) -> None:
    plain = Settings(data_dir=tmp_path / "plain" / "data", settle_seconds=0.0)
    settings = Settings(data_dir=tmp_path / "secret" / "data", settle_seconds=0.0)
    secret = _with_key(settings).model_copy(update={"partner_databases": True})
    content = []
    for night in (plain, secret):
        deliver_demo(night)
        record = run_night(night)
        assert record.outcome == "published", record.failures
        release = current_release(night)
        assert release is not None
        content.append({n: x["content_md5"] for n, x in release.manifest()["tables"].items()})
    assert content[0] == content[1]
    assert CANARY.encode() in plain.warehouse_file.read_bytes()
    inside = [file for file in secret.warehouse.rglob("*") if file.is_file()]
    for file in (*inside, *(secret.data_dir / "dagster").rglob("*")):
        if file.is_file():
            content_of_file = file.read_bytes()
            assert CANARY.encode() not in content_of_file, file
            assert KEY.encode() not in content_of_file, file
    assert not list(secret.warehouse.glob("*.wal"))
    # What is published is for everybody: no key opens it.
    release = current_release(secret)
    assert release is not None
    for database in (release.database, *(release.folder / "partners").glob("*.duckdb")):
        with duckdb.connect(str(database), read_only=True) as connection:
            assert connection.execute("FROM reference.municipality").fetchall()
    # Another key: the old warehouse is refused in words, deleted, and built anew.
    changed = _with_key(secret, KEY[::-1])
    record = run_night(changed)
    assert record.outcome == "failed"
    assert any("ist nicht der von warehouse.duckdb" in x for x in record.failures)
    changed.warehouse_file.unlink()
    record = run_night(changed)
    assert record.outcome == "published", record.failures
    with connect(changed, changed.warehouse_file, read_only=True) as connection:
        assert connection.execute("SELECT count(*) > 0 FROM core.response").fetchone() == (True,)
    assert run_night(changed).outcome == "nothing_new"
