"""The language of the terminal: German, or English where the locale says so.

German is the source text. ``locale/en`` holds the English of our texts, ``locale/de`` the German
of click's own words, which are English in the source; both are one domain of ``gettext``.
"""

from __future__ import annotations

import gettext
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

DOMAIN = "weltoffen"
LOCALE = Path(__file__).parent / "locale"
Language = Literal["de", "en"]
_VARIABLES = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")


def language(environment: Mapping[str, str]) -> Language:
    """Returns the language that an environment asks for.

    Args:
        environment: read in the order of ``gettext``; the first variable that is set decides,
            and in a list of languages (``LANGUAGE=fr:en``) the first that we speak.

    Returns:
        ``en`` where English is asked for, else ``de``; also for ``C``, ``POSIX`` and nothing.
    """
    asked = next((environment[name] for name in _VARIABLES if environment.get(name)), "")
    for code in asked.split(":"):
        tongue = code.replace("-", "_").partition(".")[0].partition("_")[0].lower()
        if tongue == "en":
            return "en"
        if tongue == "de":
            return "de"
    return "de"


def spoken() -> Language:
    """Returns the language that is spoken now."""
    return language(os.environ)


def noted(text: str) -> str:
    """Marks a text for the catalogue that is translated later, where it is shown."""
    return text


@contextmanager
def speaking() -> Iterator[None]:
    """Makes ``gettext.gettext`` speak the language of the environment, for us and for click.

    Sets ``LANGUAGE`` meanwhile, which is how ``gettext`` lets a program choose.
    """
    before = os.environ.get("LANGUAGE")
    domain = gettext.textdomain()
    gettext.bindtextdomain(DOMAIN, str(LOCALE))
    gettext.textdomain(DOMAIN)
    os.environ["LANGUAGE"] = spoken()
    try:
        yield
    finally:
        gettext.textdomain(domain)
        if before is None:
            del os.environ["LANGUAGE"]
        else:
            os.environ["LANGUAGE"] = before
