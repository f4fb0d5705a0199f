"""The key of the internal warehouse: read from its file when a database is opened, and never told."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from weltoffen_etl.settings import Settings

_LEAST = 32
"""Characters of a key: what `openssl rand -base64 32` gives has 44."""

_WRONG = "Wrong encryption key"
_NOT_ENCRYPTED = "is not encrypted"
_NO_KEY = "without a key"
_DELETE = "bitte löschen: der nächste Lauf baut das Warehouse neu"


class WarehouseKeyError(RuntimeError):
    """The internal warehouse cannot be opened with the key that is set; says what to do."""


def attach(
    connection: DuckDBPyConnection,
    settings: Settings,
    file: Path,
    name: str,
    *,
    read_only: bool = True,
) -> None:
    """Attaches a database of the warehouse folder, with its key where one is set.

    Args:
        connection: an open connection.
        settings: the warehouse folder and where its key is.
        file: the database.
        name: what it is called in statements.
        read_only: whether it must stay as it is.

    Raises:
        WarehouseKeyError: the key is missing, readable by others, or not that of the file.
    """
    import duckdb

    options = ["READ_ONLY"] if read_only else []
    # Bound, so that neither a log nor an error that quotes the statement shows the key.
    values = {"file": str(file)}
    if is_encrypted(settings, file):
        values["key"] = _read(settings)
        options.append("ENCRYPTION_KEY $key")
        encrypt_spill(connection)
    ending = f" ({', '.join(options)})" if options else ""
    try:
        connection.execute(f'ATTACH $file AS "{name}"{ending}', values)
    except duckdb.Error as error:
        said = _said(settings, file, str(error))
        if said is None:
            raise
        raise WarehouseKeyError(said) from None


def is_encrypted(settings: Settings, file: Path) -> bool:
    """Tells whether a database is to be encrypted: all of the warehouse folder, where a key is set."""
    return settings.warehouse_key_file is not None and file.parent == settings.warehouse


def encrypt_spill(connection: DuckDBPyConnection) -> None:
    """Encrypts what does not fit into the memory of a connection, with a key of its own.

    Raises:
        WarehouseKeyError: DuckDB cannot encrypt on this machine.
    """
    load_crypto(connection)
    connection.execute("SET temp_file_encryption = true")


def load_crypto(connection: DuckDBPyConnection) -> None:
    """Loads OpenSSL into DuckDB, which comes with its extension ``httpfs``.

    What DuckDB itself brings writes without good random numbers, which it calls unsafe: it is
    not used.

    Raises:
        WarehouseKeyError: the extension is not installed on this machine.
    """
    import duckdb

    try:
        connection.execute("LOAD httpfs")
    except duckdb.Error:
        raise WarehouseKeyError(
            "Zum Verschlüsseln des Warehouses fehlt DuckDBs Erweiterung httpfs. Einmal mit Netz: "
            "uv run python -c \"import duckdb; duckdb.sql('INSTALL httpfs')\""
        ) from None


def _read(settings: Settings) -> str:
    file = settings.warehouse_key_file
    assert file is not None  # noqa: S101  (asked before)
    try:
        mode = file.stat().st_mode
        key = file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise WarehouseKeyError(f"Die Schlüsseldatei {file} lässt sich nicht lesen.") from None
    if mode & 0o077:
        raise WarehouseKeyError(
            f"Die Schlüsseldatei {file} dürfen auch andere lesen; bitte: chmod 600 {file}"
        )
    if len(key) < _LEAST:
        raise WarehouseKeyError(
            f"Der Schlüssel in {file} hat weniger als {_LEAST} Zeichen; einen guten schreibt: "
            f"(umask 077; openssl rand -base64 32 > {file})"
        )
    return key


def _said(settings: Settings, file: Path, message: str) -> str | None:
    """Says what is wrong with key and file; None where something else is."""
    if _NO_KEY in message:
        return (
            f"{file.name} ist verschlüsselt, und WELTOFFEN_WAREHOUSE_KEY_FILE ist nicht gesetzt. "
            f"Ist der Schlüssel verloren, {file} {_DELETE}."
        )
    if _WRONG in message:
        return (
            f"Der Schlüssel in {settings.warehouse_key_file} ist nicht der von {file.name}. Gibt es "
            f"den richtigen nicht mehr, {file} {_DELETE}."
        )
    if _NOT_ENCRYPTED in message:
        return (
            f"{file.name} ist noch nicht verschlüsselt, obwohl ein Schlüssel gesetzt ist; {file} "
            f"{_DELETE}, dann verschlüsselt."
        )
    return None
