"""What earlier releases showed: kept in the archive, because the next release depends on it.

Beside the archived deliveries this is the only thing that cannot be rebuilt; the state that a
release leaves stands under the name of the release.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from weltoffen_etl.catalog import table
from weltoffen_etl.database import Connection, connect, statement
from weltoffen_etl.disclosure.kept import keep_table, kept_table
from weltoffen_etl.durable import fsync
from weltoffen_etl.settings import Settings
from weltoffen_etl.warehouse.build import build_file
from weltoffen_etl.warehouse.current import current_release, in_order

_KEPT = ("response", "response_field", "respondent")
"""Tables of ``shown`` that the next release compares itself with."""

_FIELDS = "response_field"
_BITS = "item_bit"
"""What a bit in the answers of a form means is kept with them."""


def before(settings: Settings) -> Path | None:
    """Returns the folder of what the release before showed, None before the first.

    Where the releases are gone, the newest state stands for them: they were read all the same.
    """
    release = current_release(settings)
    if release is not None:
        return state_of(settings, release.name)
    kept = state_names(settings)
    return state_of(settings, kept[-1]) if kept else None


def state_names(settings: Settings) -> list[str]:
    """Returns the releases whose state is kept, oldest first."""
    names = (path.name for path in _folder(settings).glob("[0-9]*") if path.is_dir())
    return sorted(names, key=in_order)


def state_of(settings: Settings, release: str) -> Path:
    """Returns where the state of a release is kept."""
    return _folder(settings) / release


def next_state(settings: Settings) -> Path:
    """Returns the folder for what the release under way will have shown."""
    folder = _folder(settings) / ".next"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def load_before(connection: Connection, settings: Settings) -> None:
    """Loads what the current release showed, as ``before_<table>``, one for each of `_KEPT`.

    Before the first release all are empty.
    """
    folder = before(settings)
    for name in _KEPT:
        described = table(f"shown.{name}")
        fields = ", ".join(f'"{column.name}" {column.type}' for column in described.columns)
        connection.execute(f"CREATE OR REPLACE TEMP TABLE before_{name} ({fields})")
        kept = kept_table(folder, name)
        if kept is not None and name == _FIELDS:
            kept = _fields_before(connection, folder, kept)
        if kept is not None:
            connection.execute(f"INSERT INTO before_{name} BY NAME {kept}")


def _fields_before(connection: Connection, folder: Path | None, kept: str) -> str:
    """Returns the statement for the action fields of forms, written with the bits of today's items.

    Args:
        connection: where ``core.item_bit`` is.
        folder: where the state of the release before is.
        kept: the statement that reads what it kept.
    """
    bits = kept_table(folder, _BITS)
    same = f"(FROM core.item_bit EXCEPT {bits}) UNION ALL ({bits} EXCEPT FROM core.item_bit)"
    if bits is not None and connection.execute(same).fetchone() is None:
        return kept
    # The questionnaire has changed since, or the release wrote answers as a text.
    connection.execute(f"CREATE OR REPLACE TEMP VIEW kept_response_field AS {kept}")
    if bits is not None:
        connection.execute(f"CREATE OR REPLACE TEMP VIEW kept_item_bit AS {bits}")
    form = "answer_of_text" if bits is None else "answer_of_bits"
    connection.execute(f"CREATE OR REPLACE TEMP VIEW before_answer AS {statement('before', form)}")
    return statement("before", _FIELDS)


def keep(settings: Settings, release: str) -> None:
    """Keeps the state of this run's build under the name of a release about to be published.

    Done before the release can be seen: a release without its state would let the next one
    give away the difference; a state without its release is only ever replaced.
    """
    folder = next_state(settings)
    with connect(settings, build_file(settings), read_only=True) as connection:
        for name in _KEPT:
            keep_table(connection, f"shown.{name}", folder, name)
        keep_table(connection, f"core.{_BITS}", folder, _BITS)
    for file in folder.iterdir():
        fsync(file)
    target = state_of(settings, release)
    if target.exists():
        shutil.rmtree(target)
    folder.rename(target)
    fsync(_folder(settings))


def _folder(settings: Settings) -> Path:
    return settings.archive / "disclosure"
