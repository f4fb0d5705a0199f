"""Keeps the reference data of every release in the archive, so that it can be rebuilt from there.

The reference folder lives in Git, but perhaps not in ours and not for ever as it was.
"""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

from weltoffen_etl.durable import write
from weltoffen_etl.settings import Settings
from weltoffen_etl.versions import file_hash, reference_files, reference_version


class MissingReferenceError(LookupError):
    """The archive does not hold this version of the reference data."""


def keep_reference(settings: Settings) -> None:
    """Keeps reference folder and official list as they are now, unless they are kept already."""
    target = _folder_file(settings, reference_version(settings.reference_dir))
    if not target.exists():
        members = {
            file.relative_to(settings.reference_dir).as_posix(): file.read_bytes()
            for file in reference_files(settings.reference_dir)
        }
        write(target, _packed(members))
    official = official_list_version(settings)
    if official is not None and settings.official_list is not None:
        kept = _official_file(settings, official)
        if not kept.exists():
            write(kept, settings.official_list.read_bytes())


def unpack_reference(settings: Settings, version: str, target: Path) -> None:
    """Writes a kept reference folder.

    Args:
        settings: the archive.
        version: fingerprint of the reference folder.
        target: a new folder.

    Raises:
        MissingReferenceError: it is not kept, or no longer as it was.
    """
    file = _folder_file(settings, version)
    if not file.is_file():
        raise MissingReferenceError(f"Die Verzeichnisse dieses Stands fehlen im Archiv: {file}.")
    target.mkdir(parents=True)
    with zipfile.ZipFile(file) as package:
        package.extractall(target)  # our own file, and the fingerprint is compared
    if reference_version(target) != version:
        raise MissingReferenceError(f"{file} ist beschädigt: die Prüfsumme stimmt nicht.")


def kept_official_list(settings: Settings, version: str | None) -> Path | None:
    """Returns the kept official list of municipalities, None where a release had none.

    Raises:
        MissingReferenceError: it is not kept, or no longer as it was.
    """
    if version is None:
        return None
    file = _official_file(settings, version)
    if not file.is_file() or file_hash(file) != version:
        raise MissingReferenceError(f"Das amtliche Verzeichnis dieses Stands fehlt: {file}.")
    return file


def official_list_version(settings: Settings) -> str | None:
    """Returns the hash of the official list, None where there is none."""
    if settings.official_list is None:
        return None
    return file_hash(settings.official_list)


def _folder_file(settings: Settings, version: str) -> Path:
    return settings.archive / "reference" / f"{version}.zip"


def _official_file(settings: Settings, version: str) -> Path:
    return settings.archive / "reference" / f"{version}.xlsx"


def _packed(members: dict[str, bytes]) -> bytes:
    """The members as a package whose bytes follow from them alone."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in members.items():
            package.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return content.getvalue()
