"""All settings of an installation together: where each comes from and what is wrong with them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from inspect import getdoc
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from weltoffen_etl.settings import PROJECT_ROOT, NoticeSettings, Settings
from weltoffen_etl.settings_file import (
    PREFIX,
    VARIABLE,
    Problem,
    SettingsFileError,
    content,
    in_words,
    is_secret,
    section_of,
    settings_file,
    variable_of,
)

ENVIRONMENT = "Umgebung"
MODELS = (Settings, NoticeSettings)

# Names read where these settings are not: of a parsing process, of the service, of an access.
_READ_ELSEWHERE = frozenset(
    {
        VARIABLE,
        "WELTOFFEN_CHILD_MEMORY",
        "WELTOFFEN_CHROMIUM",
        "WELTOFFEN_LIFELINE",
        "WELTOFFEN_LIMESURVEY_PASSWORD",
        "WELTOFFEN_LIMESURVEY_SECONDS",
        "WELTOFFEN_LIMESURVEY_URL",
        "WELTOFFEN_LIMESURVEY_USER",
    }
)
Source = Literal["default", "file", "environment"]


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting as it is in force.

    Attributes:
        key: its key in the file, with its section.
        value: the value as it stands in the file; None where there is none, ``****`` if secret.
        default: the value where nothing is set.
        source: where the value comes from.
        description: what it says, in English, on one line.
        secret: whether it must not stand in the file.
    """

    key: str
    value: Any
    default: Any
    source: Source
    description: str
    secret: bool

    @property
    def variable(self) -> str:
        """Its name in the environment."""
        return variable_of(self.key)


def problems() -> list[Problem]:
    """Returns everything that is wrong with file and environment, without any value."""
    found: list[Problem] = []
    told: dict[str, Any] = {}
    try:
        told = content(settings_file(PROJECT_ROOT), MODELS)
    except SettingsFileError as error:
        found += error.problems
    found += [Problem(ENVIRONMENT, name, _unknown(name)) for name in unknown_names()]
    if not found or told:
        for model in MODELS:
            try:
                model()
            except ValidationError as error:
                found += [_worded(entry, told) for entry in error.errors(include_input=False)]
            except ValueError:
                found.append(
                    Problem(
                        ENVIRONMENT, "", "Ein Wert ist kein gültiges JSON für seinen Abschnitt."
                    )
                )
    return found


def unknown_names() -> list[str]:
    """Returns variables of the environment that begin like ours and that nothing reads."""
    known = _known_names()
    return sorted(name for name in os.environ if name.startswith(PREFIX) and name not in known)


def settings() -> list[Setting]:
    """Returns every setting in force, in the order of the models.

    Raises:
        ValueError: the settings are not valid; `problems` tells why.
    """
    told = content(settings_file(PROJECT_ROOT), MODELS)
    return [entry for model in MODELS for entry in _of(model(), model, told, "")]


def example() -> str:
    """Returns a file of settings with every key, all as comments with their defaults."""
    lines = [
        "# Settings of Weltoffen; relative paths are seen from the folder of this file.",
        "# The environment wins over it; secrets stand there or in files of their own.",
    ]
    section = ""
    every = [
        entry
        for model in MODELS
        for entry in _of(model.model_construct(), model, {}, "")
        if not entry.secret
    ]
    # A section lasts to the next one: keys without one come first.
    for entry in sorted(every, key=lambda x: "." in x.key):
        above, _, key = entry.key.rpartition(".")
        if above != section:
            section = above
            lines += ["", f"[{section}]"]
        value = "…" if entry.default is None else _toml(entry.default)
        lines += ["", f"# {entry.description}", f"# {key} = {value}"]
    return "\n".join(lines) + "\n"


def _of(
    model: BaseModel, kind: type[BaseModel], told: Mapping[str, Any], above: str
) -> Iterator[Setting]:
    described = _descriptions(kind)
    for name, field in kind.model_fields.items():
        value, key = getattr(model, name), f"{above}{name}"
        section = section_of(field)
        if section is not None:
            yield from _of(value, section, told.get(name, {}), f"{key}.")
            continue
        variable = variable_of(key)
        source: Source = "default"
        if variable in _upper_environment() or _given_as_json(variable):
            source = "environment"
        elif name in told:
            source = "file"
        secret = is_secret(field)
        shown = "****" if secret and value is not None else value
        yield Setting(key, shown, _default(field), source, described.get(name, ""), secret)


def _default(field: FieldInfo) -> Any:
    return field.get_default(call_default_factory=True)


def _upper_environment() -> set[str]:
    return {name.upper() for name in os.environ}


def _given_as_json(variable: str) -> bool:
    above = variable.rpartition("__")[0]
    return bool(above) and above in _upper_environment()


def _descriptions(kind: type[BaseModel]) -> dict[str, str]:
    """Reads what the docstring says of each attribute: it is said there once."""
    _, _, listed = (getdoc(kind) or "").partition("Attributes:\n")
    entries = re.findall(r"^    (\w+): (.+(?:\n {8}.+)*)", listed, re.MULTILINE)
    return {name: " ".join(text.split()).replace("``", "`") for name, text in entries}


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return f"{value:_}" if isinstance(value, int) else str(value)
    text = str(value.relative_to(PROJECT_ROOT) if isinstance(value, Path) else value)
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _known_names() -> set[str]:
    def below(kind: type[BaseModel], prefix: str) -> Iterator[str]:
        for name, field in kind.model_fields.items():
            variable = f"{prefix}{name.upper()}"
            yield variable
            if (section := section_of(field)) is not None:
                yield from below(section, f"{variable}__")

    return {name for model in MODELS for name in below(model, PREFIX)} | _READ_ELSEWHERE


def _unknown(name: str) -> str:
    if near := get_close_matches(name, _known_names(), 1):
        return f"ist nicht bekannt und bleibt ohne Wirkung. Gemeint ist wohl {near[0]}."
    return "ist nicht bekannt und bleibt ohne Wirkung. `weltoffen config` nennt alle Einstellungen."


def _worded(error: Mapping[str, Any], told: Mapping[str, Any]) -> Problem:
    parts = [str(part) for part in error["loc"]]
    variable = variable_of(".".join(parts))
    below: Any = told
    for part in parts:
        below = below.get(part) if isinstance(below, Mapping) else None
    if below is not None and variable not in _upper_environment():
        return Problem(str(settings_file(PROJECT_ROOT)), ".".join(parts), in_words(error))
    return Problem(ENVIRONMENT, variable, in_words(error))
