"""How messages are sent: the settings of the environment, and what is wrong with them."""

from __future__ import annotations

from pydantic import ValidationError

from weltoffen_etl.notices.contacts import is_address
from weltoffen_etl.settings import NoticeSettings


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
    """What can be used of the settings: a mistyped mail server must not silence the webhook."""
    fields = NoticeSettings.model_fields
    try:
        return NoticeSettings(
            **{name: fields[name].get_default() for name in wrong if name in fields}
        )
    except ValueError:
        return NoticeSettings.model_construct()
