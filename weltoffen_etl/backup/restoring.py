"""Brings a backup back: a whole data folder, or the damaged deliveries of an archive."""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from weltoffen_etl.backup.vault import BackupError, DamagedError, Manifest, Vault
from weltoffen_etl.deliveries.archive import Archive
from weltoffen_etl.durable import fsync
from weltoffen_etl.permissions import make_folders, private_files, put_right
from weltoffen_etl.reference_archive import MissingReferenceError, unpack_reference
from weltoffen_etl.settings import Settings
from weltoffen_etl.versions import file_hash, reference_version

_HALF = ".restoring"


class UnknownBackupError(BackupError):
    """There is no such backup, or no place to restore it to: a wrong call."""


@dataclass(slots=True)
class Restored:
    """Outcome.

    Attributes:
        backup: the backup it comes from.
        current: release that was current when it was taken.
        files: number of files that were put back.
        problems: German sentences on what could not be; empty where all is well.
        notes: German sentences on what a person must know or do.
    """

    backup: str
    current: str | None
    files: int = 0
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def chosen(vault: Vault, name: str | None) -> Manifest:
    """Returns a backup by its name, the newest without one.

    Raises:
        UnknownBackupError: there is none, or none of that name.
        DamagedError: its manifest is damaged.
    """
    names = vault.names()
    if not names:
        raise UnknownBackupError(f"In {vault.folder} liegt keine Sicherung.")
    if name is not None and name not in names:
        raise UnknownBackupError(
            f"Die Sicherung „{name}“ gibt es nicht. Es gibt: {', '.join(names)}."
        )
    return vault.read(name or names[-1])


def restore(settings: Settings, folder: Path, name: str | None = None) -> Restored:
    """Puts a backup into an empty data folder; every byte is compared with its hash.

    What is damaged in the backup is left out and told; the rest is put back all the same.

    Args:
        settings: the data folder to fill; inbox and reference folder in it may be there.
        folder: where the backups are.
        name: the backup; None for the newest.

    Raises:
        UnknownBackupError: there is no such backup, or the data folder is not empty.
        DamagedError: the manifest is damaged.
    """
    vault = Vault(folder)
    manifest = chosen(vault, name)
    for place in (settings.archive, settings.releases, settings.warehouse, settings.outbox):
        if any(x.name != ".gitkeep" for x in place.rglob("*") if not x.is_dir()):
            raise UnknownBackupError(
                f"{place} ist nicht leer. Zurückgespielt wird nur in einen leeren Datenordner; "
                "einzelne beschädigte Lieferungen holt --repair zurück."
            )
    done = Restored(manifest.name, manifest.current)
    with private_files():
        make_folders(settings)
        half = settings.data_dir / _HALF
        shutil.rmtree(half, ignore_errors=True)
        fetched = []
        for path, entry in manifest.files.items():
            try:
                vault.fetch(entry.sha256, _inside(half, path))
                fetched.append(path)
            except DamagedError as error:
                done.problems.append(f"{path}: {error}")
        # The ledger comes last: a broken-off restore is seen as what it is, and begun anew.
        for path in sorted(fetched, key=lambda x: x == "archive/ledger.jsonl"):
            target = settings.data_dir / path
            target.parent.mkdir(parents=True, exist_ok=True)
            (half / path).replace(target)
            fsync(target.parent)
        done.files = len(fetched)
        shutil.rmtree(half, ignore_errors=True)
        put_right(settings)
    done.problems += [
        f"{path}: war schon bei der Sicherung nicht heil." for path in manifest.missing
    ]
    _tell_reference(settings, manifest, done)
    if manifest.current is not None:
        done.notes.append(
            f"Beim Sichern war {manifest.current} der aktuelle Stand. Wurde danach noch ein Stand "
            "weitergegeben, ist der nächste nicht gegen dessen Zahlen geschützt: dann bitte zuerst "
            "eine neuere Sicherung suchen."
        )
    return done


def repair(settings: Settings, folder: Path, name: str | None = None) -> Restored:
    """Puts back archived deliveries, and what the archive never changes, where damaged or missing.

    Ledgers are compared, not replaced: they have grown since. Nothing that is whole is touched,
    so this needs no lock.

    Args:
        settings: the installation.
        folder: where the backups are.
        name: the backup that says what there should be, beside the ledger; None for the newest.

    Raises:
        UnknownBackupError: there is no such backup.
        DamagedError: the manifest is damaged.
    """
    vault = Vault(folder)
    manifest = chosen(vault, name)
    done = Restored(manifest.name, manifest.current)
    expected = {
        path: entry.sha256
        for path, entry in manifest.files.items()
        if path.startswith("archive/") and not path.endswith(".jsonl")
    }
    archive = Archive(settings.archive)
    for arrival in archive.arrivals():
        place = archive.object_path(arrival.sha256).relative_to(settings.data_dir)
        expected[place.as_posix()] = arrival.sha256
    with private_files():
        for path, entry in manifest.files.items():
            if path.startswith("archive/") and path.endswith(".jsonl"):
                _compare_ledger(vault, _inside(settings.data_dir, path), path, entry.sha256, done)
        for path, sha256 in sorted(expected.items()):
            target = _inside(settings.data_dir, path)
            if target.is_file() and file_hash(target) == sha256:
                continue
            what = "ist beschädigt" if target.is_file() else "fehlt"
            try:
                vault.fetch(sha256, target)
            except DamagedError as error:
                done.problems.append(f"{path} {what}. {error}")
                continue
            target.chmod(0o440)
            done.files += 1
    return done


def _compare_ledger(vault: Vault, file: Path, path: str, sha256: str, done: Restored) -> None:
    """A ledger only grows, so it begins with what the backup holds; a missing one comes back."""
    if not file.is_file():
        try:
            vault.fetch(sha256, file)
            done.files += 1
            done.notes.append(f"{path} fehlte und ist so zurück, wie es gesichert war.")
        except DamagedError as error:
            done.problems.append(f"{path} fehlt. {error}")
        return
    size = vault.place(sha256).stat().st_size if vault.place(sha256).is_file() else 0
    with file.open("rb") as content:
        begins = hashlib.sha256(content.read(size)).hexdigest() == sha256
    if not begins:
        done.problems.append(
            f"{path} beginnt anders als in der Sicherung. Es wird nicht ersetzt; bitte den ganzen "
            "Datenordner aus der Sicherung in einen leeren zurückspielen und vergleichen."
        )


def _tell_reference(settings: Settings, manifest: Manifest, done: Restored) -> None:
    """Says where the reference data of the backup are, unless they are in force already."""
    version = manifest.reference
    if version is None:
        return
    if settings.reference_dir.is_dir() and reference_version(settings.reference_dir) == version:
        return
    target = settings.data_dir / "reference"
    if not target.exists():
        try:
            unpack_reference(settings, version, target)
        except MissingReferenceError as error:
            done.problems.append(str(error))
            return
        done.notes.append(
            f"Die Verzeichnisse, wie sie beim Sichern waren, liegen in {target}; sie gelten mit "
            f"WELTOFFEN_REFERENCE_DIR={target}."
        )
        return
    done.notes.append(
        f"Die Verzeichnisse in {settings.reference_dir} sind andere als beim Sichern; jene liegen "
        f"gepackt in {settings.archive / 'reference' / version}.zip."
    )


def _inside(folder: Path, path: str) -> Path:
    """Returns a path below a folder.

    Raises:
        DamagedError: the manifest names a place outside of it.
    """
    target = folder / path
    if ".." in Path(path).parts or Path(path).is_absolute():
        raise DamagedError("Das Verzeichnis der Sicherung nennt Orte außerhalb des Datenordners.")
    return target
