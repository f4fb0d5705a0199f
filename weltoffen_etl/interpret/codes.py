"""Spellings of every coded list: labels and aliases of the reference folder."""

from __future__ import annotations

from weltoffen_etl.database import Connection
from weltoffen_etl.instrument.model import text_key

_LISTS = {
    "action_field": "action_field",
    "wave": "wave",
    "guiding_question": "guiding_question",
    "actor_group": "actor_group",
    "measure_status": "measure_status",
}


def spellings(connection: Connection) -> dict[str, dict[str, str]]:
    """Returns, for each list, the code by `text_key` of code, label and alias.

    Args:
        connection: database with the schema ``reference``.

    Raises:
        ValueError: one spelling stands for two codes of a list.
    """
    found: dict[str, dict[str, str]] = {}
    for name, table in _LISTS.items():
        codes: dict[str, str] = {}
        rows = connection.execute(f"SELECT {name}, label_de FROM reference.{table}").fetchall()
        aliases = connection.execute(
            "SELECT code, alias FROM reference.alias WHERE list = $name", {"name": name}
        ).fetchall()
        for code, spelling in [*((row[0], row[0]) for row in rows), *rows, *aliases]:
            if codes.setdefault(text_key(spelling), code) != code:
                raise ValueError(f"Die Schreibweise „{spelling}“ steht für zwei Codes ({name}).")
        found[name] = codes
    return found
