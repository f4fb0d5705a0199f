"""Backup and restore on a small archive made by hand: copied once, verified, repaired, removed."""

import json
import os
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from weltoffen_etl.backup import taking
from weltoffen_etl.backup.restoring import repair, restore
from weltoffen_etl.backup.taking import take
from weltoffen_etl.backup.vault import BackupError, DamagedError, Vault
from weltoffen_etl.cli import main
from weltoffen_etl.deliveries.archive import Archive
from weltoffen_etl.deliveries.intake import take_in
from weltoffen_etl.settings import Settings
from weltoffen_etl.versions import file_hash, reference_version

SENT = {"eins.csv": b"a;b\n1;2\n", "zwei.csv": b"a;b\n3;4\n" * 400_000}


@pytest.fixture
def installation(settings: Settings, tmp_path: Path) -> Settings:
    reference = tmp_path / "reference"
    reference.mkdir()
    (reference / "waves.csv").write_text("wave\nt0\n", encoding="utf-8")
    (reference / "municipalities.csv").write_text("ags,label_de\n03241005,Garbsen\n", "utf-8")
    settings = settings.model_copy(update={"reference_dir": reference})
    for name, content in SENT.items():
        _send(settings, name, content)
    _write(settings, "archive/quarantine.jsonl", '{"event": 1}\n{"torn')
    _write(settings, "archive/disclosure/20260101T001500Z/response.parquet", "PAR1")
    _write(settings, "archive/disclosure/.next/response.parquet", "unfinished")
    _write(settings, "archive/releases/20260101T001500Z/manifest.json", "{}")
    _write(settings, "outbox/notified.jsonl", '{"subject": "x"}\n')
    _write(settings, "outbox/20260101T001500Z_03241005.eml", "Subject: wartet\n\n")
    _write(settings, "outbox/sent/20250101T001500Z_03241005.eml", "Subject: gesendet\n\n")
    _write(settings, "warehouse/runs.jsonl", '{"outcome": "published"}\n')
    _write(settings, "warehouse/warehouse.duckdb", "rebuilt")
    _write(settings, "releases/kept.txt", "20260101T001500Z\n")
    _write(settings, "incidents.jsonl", '{"what": "x"}\n')
    _write(settings, "contacts.csv", "ags,email\n03241005,umfrage@garbsen.example\n")
    return settings


def _send(settings: Settings, name: str, content: bytes) -> None:
    target = settings.inbox / "03241005" / "t0" / "selfcheck" / name
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content)
    take_in(settings)


def _write(settings: Settings, place: str, text: str) -> None:
    file = settings.data_dir / place
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def _objects(settings: Settings) -> list[Path]:
    archive = Archive(settings.archive)
    return [archive.object_path(arrival.sha256) for arrival in archive.arrivals()]


def _spoil(file: Path) -> None:
    file.chmod(0o640)
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


def _typed(*words: str | Path) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


def test_takes_what_nothing_can_rebuild(installation: Settings, tmp_path: Path) -> None:
    done = take(installation, tmp_path / "vault")
    vault = Vault(tmp_path / "vault")
    manifest = vault.read(done.name)
    version = reference_version(installation.reference_dir)
    assert set(manifest.files) == {
        *(f"archive/objects/{file.name[:2]}/{file.name}" for file in _objects(installation)),
        "archive/ledger.jsonl",
        "archive/quarantine.jsonl",
        "archive/disclosure/20260101T001500Z/response.parquet",
        "archive/releases/20260101T001500Z/manifest.json",
        f"archive/reference/{version}.zip",
        "outbox/notified.jsonl",
        "outbox/20260101T001500Z_03241005.eml",
        "warehouse/runs.jsonl",
        "releases/kept.txt",
        "incidents.jsonl",
        "contacts.csv",
    }
    # Half a line is no line yet.
    quarantine = manifest.files["archive/quarantine.jsonl"]
    assert vault.place(quarantine.sha256).read_bytes() == b'{"event": 1}\n'
    for entry in manifest.files.values():
        file = vault.place(entry.sha256)
        assert file.stat().st_size == entry.bytes
        assert file_hash(file) == entry.sha256
        assert file.stat().st_mode & 0o777 == 0o600
    sidecar = (vault.backups / f"{done.name}.json.sha256").read_text("ascii")
    assert sidecar == f"{file_hash(vault.backups / f'{done.name}.json')}  {done.name}.json\n"


def test_copies_only_what_is_new(installation: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "vault"
    first = take(installation, folder)
    assert first.copied == first.files
    again = take(installation, folder)
    assert (again.copied, again.copied_bytes, again.problems) == (0, 0, [])
    _send(installation, "drei.csv", b"a;b\n5;6\n")
    third = take(installation, folder, quick=True)
    assert third.copied == 2  # the file and the ledger that names it
    assert Vault(folder).names() == [first.name, again.name, third.name]


def test_restores_into_an_empty_folder_only(installation: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "vault"
    take(installation, folder)
    (tmp_path / "into" / "inbox").mkdir(parents=True)
    empty = installation.model_copy(update={"data_dir": tmp_path / "into"})
    done = restore(empty, folder)
    assert not done.problems
    kept = Vault(folder).read(done.backup).files
    there = {
        file.relative_to(empty.data_dir).as_posix(): file_hash(file)
        for file in empty.data_dir.rglob("*")
        if file.is_file()
    }
    assert there == {path: entry.sha256 for path, entry in kept.items()}
    for file in _objects(empty):
        assert file.stat().st_mode & 0o777 == 0o440
    result = _typed("restore", "--from", folder, "--into", empty.data_dir)
    assert result.exit_code == 2
    assert "ist nicht leer" in result.output


def test_reference_of_the_backup_comes_along(installation: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "vault"
    take(installation, folder)
    version = reference_version(installation.reference_dir)
    empty = installation.model_copy(
        update={"data_dir": tmp_path / "into", "reference_dir": tmp_path / "lost"}
    )
    done = restore(empty, folder)
    assert reference_version(empty.data_dir / "reference") == version
    assert any("WELTOFFEN_REFERENCE_DIR" in note for note in done.notes)


def test_damage_in_the_archive_is_told_and_spoils_no_good_copy(
    installation: Settings, tmp_path: Path
) -> None:
    folder = tmp_path / "vault"
    take(installation, folder)
    spoilt, missing = _objects(installation)
    _spoil(spoilt)
    missing.unlink()
    result = _typed("backup", "--to", folder, "--data-dir", installation.data_dir)
    assert result.exit_code == 1
    assert f"Lieferung {spoilt.name[:12]} ist beschädigt" in result.output
    assert f"Lieferung {missing.name[:12]} fehlt" in result.output
    assert result.output.count(f"weltoffen restore --from {folder} --repair") == 2
    assert all(Vault(folder).is_sound(file.name) for file in (spoilt, missing))
    result = _typed("restore", "--from", folder, "--repair", "--data-dir", installation.data_dir)
    assert result.exit_code == 0, result.output
    assert [file_hash(file) for file in (spoilt, missing)] == [spoilt.name, missing.name]
    assert not take(installation, folder).problems


def test_damage_without_a_good_copy_is_told_and_kept_out(
    installation: Settings, tmp_path: Path
) -> None:
    spoilt, sound = _objects(installation)
    _spoil(spoilt)
    done = take(installation, tmp_path / "vault")
    assert len(done.problems) == 1
    assert "keine gute Kopie" in done.problems[0]
    vault = Vault(tmp_path / "vault")
    assert not vault.place(spoilt.name).exists()
    assert vault.is_sound(sound.name)
    assert vault.read(done.name).missing == (f"archive/objects/{spoilt.name[:2]}/{spoilt.name}",)
    empty = installation.model_copy(update={"data_dir": tmp_path / "into"})
    assert any("schon bei der Sicherung" in x for x in restore(empty, vault.folder).problems)
    found = repair(installation, vault.folder)
    assert len(found.problems) == 1
    assert "ist beschädigt" in found.problems[0]


def test_damage_in_the_target_is_found_and_mended(installation: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "vault"
    take(installation, folder)
    vault = Vault(folder)
    name = _objects(installation)[0].name
    _spoil(vault.place(name))
    assert not take(installation, folder, quick=True).problems, "the size alone is looked at"
    done = take(installation, folder)
    assert len(done.problems) == 1
    assert "Platte der Sicherung" in done.problems[0]
    assert vault.is_sound(name)
    assert not take(installation, folder).problems


def test_damaged_backup_gives_back_the_rest(installation: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "vault"
    take(installation, folder)
    first, second = _objects(installation)
    _spoil(Vault(folder).place(first.name))
    into = tmp_path / "into"
    result = _typed("restore", "--from", folder, "--into", into)
    assert result.exit_code == 1
    assert first.name in result.output
    empty = installation.model_copy(update={"data_dir": into})
    assert file_hash(Archive(empty.archive).object_path(second.name)) == second.name
    assert not Archive(empty.archive).object_path(first.name).exists()


def test_manifest_that_was_changed_is_refused(installation: Settings, tmp_path: Path) -> None:
    done = take(installation, tmp_path / "vault")
    vault = Vault(tmp_path / "vault")
    file = vault.backups / f"{done.name}.json"
    content = json.loads(file.read_text("utf-8"))
    content["files"]["../outside"] = content["files"].pop("contacts.csv")
    file.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(DamagedError):
        vault.read(done.name)
    (vault.backups / f"{done.name}.json.sha256").write_text(f"{file_hash(file)}\n", "ascii")
    empty = installation.model_copy(update={"data_dir": tmp_path / "into"})
    restored = restore(empty, vault.folder)
    assert any(x.startswith("../outside") for x in restored.problems)
    assert not (tmp_path / "outside").exists()


def test_old_backups_go_with_what_only_they_name(installation: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "vault"
    vault = Vault(folder)
    _write(installation, "contacts.csv", "ags,email\n03241005,alt@garbsen.example\n")
    old = vault.read(take(installation, folder).name).files["contacts.csv"].sha256
    _write(installation, "contacts.csv", "ags,email\n03241005,neu@garbsen.example\n")
    names = [take(installation, folder).name for _ in range(3)]
    assert vault.place(old).is_file()
    done = take(installation, folder, keep=2)
    assert vault.names() == [names[-1], done.name]
    assert len(done.removed) == 3
    assert not vault.place(old).exists()
    used = {x.sha256 for name in vault.names() for x in vault.read(name).files.values()}
    assert {file.name for file in vault.objects.glob("*/*")} == used


def test_nothing_is_removed_while_something_is_damaged(
    installation: Settings, tmp_path: Path
) -> None:
    folder = tmp_path / "vault"
    first = take(installation, folder).name
    _objects(installation)[0].unlink()
    assert take(installation, folder, keep=1).removed == ()
    assert first in Vault(folder).names()


def test_broken_off_backup_leaves_no_backup(
    installation: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "vault"

    def power_cut(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Vault, "write", power_cut)
        with pytest.raises(KeyboardInterrupt):
            take(installation, folder)
    vault = Vault(folder)
    assert vault.names() == []
    (vault.objects / "ab").mkdir(exist_ok=True)
    (vault.objects / "ab" / ".abc.part").write_bytes(b"half")
    done = take(installation, folder)
    assert done.copied == 0
    assert not list(folder.rglob("*.part"))
    assert vault.names() == [done.name]


def test_too_little_space_is_said_before_anything_is_copied(
    installation: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Vault, "free_bytes", lambda _: 1024**2)
    result = _typed("backup", "--to", tmp_path / "vault", "--data-dir", installation.data_dir)
    assert result.exit_code == 1
    assert "zu wenig Platz: nötig sind 19 MB, frei sind 1 MB" in result.output
    assert not list((tmp_path / "vault" / "objects").glob("*/*"))


def test_two_backups_at_once_are_refused(installation: Settings, tmp_path: Path) -> None:
    vault = Vault(tmp_path / "vault")
    with vault.opened(), pytest.raises(BackupError, match="wird gerade gesichert"):
        take(installation, vault.folder)


@pytest.mark.parametrize("place", ["archive/vault", ".", ".."])
def test_target_inside_the_installation_is_wrong_usage(installation: Settings, place: str) -> None:
    folder = installation.data_dir / place
    result = _typed("backup", "--to", folder, "--data-dir", installation.data_dir)
    assert result.exit_code == 2
    assert "liegen ineinander" in result.output


def test_wrong_usage_is_two(installation: Settings, tmp_path: Path) -> None:
    vault = tmp_path / "vault"
    for words in (
        ("backup", "--to", vault, "--data-dir", tmp_path / "nowhere"),
        ("backup", "--to", vault, "--keep", "0"),
        ("restore", "--from", vault),
        ("restore", "--from", installation.data_dir, "--into", tmp_path / "into"),
    ):
        assert _typed(*words).exit_code == 2, words
    take(installation, vault)
    result = _typed("restore", "--from", vault, "--into", tmp_path / "x", "--backup", "gestern")
    assert result.exit_code == 2
    assert Vault(vault).names()[0] in result.output
    assert _typed("restore", "--from", vault, "--repair", "--into", vault).exit_code == 2


def test_ledger_that_lost_its_beginning_is_told(installation: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "vault"
    take(installation, folder)
    _send(installation, "drei.csv", b"a;b\n5;6\n")
    assert not repair(installation, folder).problems, "a ledger that has grown is sound"
    ledger = Archive(installation.archive).ledger
    ledger.write_bytes(ledger.read_bytes().split(b"\n", 1)[1])
    assert any("beginnt anders" in x for x in repair(installation, folder).problems)
    ledger.unlink()
    done = repair(installation, folder)
    assert any("fehlte" in x for x in done.notes)
    assert len(Archive(installation.archive).arrivals()) == 2


def test_addresses_come_from_where_they_are_set(
    installation: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path / "adressen.csv"
    elsewhere.write_text("ags,email\n", encoding="utf-8")
    monkeypatch.setenv("WELTOFFEN_CONTACTS_FILE", str(elsewhere))
    done = take(installation, tmp_path / "vault")
    vault = Vault(tmp_path / "vault")
    kept = vault.place(vault.read(done.name).files["contacts.csv"].sha256)
    assert kept.read_bytes() == elsewhere.read_bytes()


def test_full_disk_leaves_the_backup_before(installation: Settings, tmp_path: Path) -> None:
    """A real small disk; where none can be mounted, the test says so."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("mounting a small disk needs root")
    if os.system(f"mount -t tmpfs -o size=6m none {disk} 2>/dev/null"):  # noqa: S605
        pytest.skip("no small disk can be mounted here")
    try:
        spare = taking._SPARE
        taking._SPARE = 0
        first = take(installation, disk).name
        _send(installation, "groß.csv", b"x;y\n" * 1_000_000)
        with pytest.raises(BackupError, match="zu wenig Platz"):
            take(installation, disk)
        assert Vault(disk).names() == [first]
        assert all(Vault(disk).is_sound(x.sha256) for x in Vault(disk).read(first).files.values())
    finally:
        taking._SPARE = spare
        os.system(f"umount {disk}")  # noqa: S605
