"""How messages are sent: the settings of the environment, and what is wrong with them."""

from __future__ import annotations

import os
import tomllib
from typing import Any

from pydantic import ValidationError

from weltoffen_etl.notices.contacts import is_address
from weltoffen_etl.settings import PROJECT_ROOT, NoticeSettings
from weltoffen_etl.settings_file import VARIABLE, settings_file


def notice_options() -> tuple[NoticeSettings, list[str]]:
    """Reads the settings from the environment; where they are wrong, nothing is sent.

    Returns:
        The settings, and German sentences on what is wrong, which repeat no value.
    """
    try:
        options = NoticeSettings()
    except ValueError as error:
        entries = error.errors(include_input=False) if isinstance(error, ValidationError) else []
        names = ["__".join(str(part) for part in entry["loc"]).upper() for entry in entries]
        named = ", ".join(f"WELTOFFEN_{name}" for name in names) or "WELTOFFEN_SMTP"
        own = [str(x["msg"]).partition(", ")[2] for x in entries if x["type"] == "value_error"]
        return _without({str(entry["loc"][0]) for entry in entries if entry["loc"]}), [
            f"Die Einstellungen für Nachrichten sind nicht gültig ({named}); nichts wird "
            f"versendet. {' '.join(own)}".rstrip()
        ]
    problems = []
    for name, address in (
        ("WELTOFFEN_OPERATOR_EMAIL", options.operator_email),
        ("WELTOFFEN_SMTP__SENDER", options.smtp.sender),
    ):
        if address is not None and not is_address(address):
            problems.append(f"{name} ist keine gültige Adresse.")
    if options.smtp.sender is not None and not is_address(options.smtp.sender):
        options = options.model_copy(update={"smtp": type(options.smtp)()})
    return options, problems


def _without(wrong: set[str]) -> NoticeSettings:
    """What can be used of the settings: a mistake among them must not silence every alarm."""
    fields = NoticeSettings.model_fields
    usable = {name: fields[name].get_default() for name in wrong if name in fields}
    try:
        return NoticeSettings(**usable)
    except ValueError:
        pass
    told = _told_by_file()
    before = os.environ.get(VARIABLE)
    os.environ[VARIABLE] = ""  # the file as a whole is refused; what it says of messages is told
    try:
        return NoticeSettings(**{x: told[x] for x in fields if x in told and x not in wrong})
    except ValueError:
        return NoticeSettings.model_construct()
    finally:
        if before is None:
            del os.environ[VARIABLE]
        else:
            os.environ[VARIABLE] = before


def _told_by_file() -> dict[str, Any]:
    file = settings_file(PROJECT_ROOT)
    try:
        return tomllib.loads(file.read_text(encoding="utf-8")) if file is not None else {}
    except (OSError, ValueError):
        return {}
