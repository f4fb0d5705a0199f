"""The one file of settings: where it is, and what may stand in it."""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, time
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, get_args

from pydantic import BaseModel, SecretStr, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

VARIABLE = "WELTOFFEN_CONFIG"
"""Names the file; empty for none at all."""

PREFIX = "WELTOFFEN_"
NAME = "weltoffen.toml"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with the settings.

    Attributes:
        place: the file, or the environment.
        name: the key or the variable; empty where it is about the file as a whole.
        sentence: German: what is wrong and what to write instead.
    """

    place: str
    name: str
    sentence: str

    def __str__(self) -> str:
        """Words it in one line."""
        return ": ".join(part for part in (self.place, self.name, self.sentence) if part)


class SettingsFileError(ValueError):
    """The file of settings cannot be used.

    Attributes:
        problems: everything that is wrong with it.
    """

    def __init__(self, problems: list[Problem]) -> None:
        """Words all problems, one a line."""
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


def settings_file(root: Path) -> Path | None:
    """Returns the file that `VARIABLE` names, else that of the checkout, None without one.

    Args:
        root: the checkout.
    """
    named = os.environ.get(VARIABLE)
    if named is not None:
        return Path(named).absolute() if named else None
    file = root / NAME
    return file if file.is_file() else None


def content(file: Path | None, models: Iterable[type[BaseModel]]) -> dict[str, Any]:
    """Reads the file; relative paths in it are seen from its folder.

    Args:
        file: what `settings_file` returned.
        models: all settings that share the file.

    Returns:
        What stands there, empty without a file.

    Raises:
        SettingsFileError: it is missing or no TOML, or holds keys that are not known, secrets,
            or values of a wrong kind.
    """
    if file is None:
        return {}
    try:
        told = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        sentence = (
            f"ist nicht lesbar ({error.strerror}). Bitte {VARIABLE} berichtigen oder leer lassen."
        )
        raise SettingsFileError([Problem(str(file), "", sentence)]) from None
    except ValueError as error:
        # The words of the parser quote nothing but a place and a character.
        sentence = f"ist kein gültiges TOML ({error}). Texte stehen in Anführungszeichen."
        raise SettingsFileError([Problem(str(file), "", sentence)]) from None
    fields = {name: field for model in models for name, field in model.model_fields.items()}
    if problems := list(_problems(str(file), told, fields, "")):
        raise SettingsFileError(problems)
    return _from_folder(told, fields, file.parent)


def variable_of(key: str) -> str:
    """Returns the name in the environment of a key of the file, its section included."""
    return f"{PREFIX}{key.replace('.', '__').upper()}"


def section_of(field: FieldInfo) -> type[BaseModel] | None:
    """Returns the model of a section, None for a single value."""
    kind = field.annotation
    return kind if isinstance(kind, type) and issubclass(kind, BaseModel) else None


def is_secret(field: FieldInfo) -> bool:
    """Whether a value must not stand in the file."""
    return _mentions(field, SecretStr)


def _mentions(field: FieldInfo, kind: type) -> bool:
    return kind in {field.annotation, *get_args(field.annotation)}


def _problems(
    file: str, told: Mapping[str, Any], fields: Mapping[str, FieldInfo], above: str
) -> Iterator[Problem]:
    for key, value in told.items():
        name = f"{above}{key}"
        field = fields.get(key)
        if field is None:
            yield Problem(file, name, _unknown(key, fields, above))
        elif is_secret(field):
            yield Problem(
                file,
                name,
                "Geheimes gehört nicht in diese Datei. Bitte hier löschen und in die Umgebung "
                f"schreiben ({variable_of(name)}) oder in eine eigene Datei, die {name}_file nennt.",
            )
        elif (section := section_of(field)) is not None:
            if isinstance(value, dict):
                yield from _problems(file, value, section.model_fields, f"{name}.")
            else:
                yield Problem(file, name, f"ist ein Abschnitt. Bitte [{name}] schreiben.")
        else:
            try:
                # Strict as JSON is: a number in quotes or a yes for a number is a mistake.
                _adapter(field).validate_json(json.dumps(value, default=_iso), strict=True)
            except ValidationError as error:
                yield Problem(file, name, in_words(error.errors()[0]))
            except TypeError:
                yield Problem(file, name, "kann hier nicht stehen.")


def _unknown(key: str, fields: Mapping[str, FieldInfo], above: str) -> str:
    if near := get_close_matches(key, fields, 1):
        return f"ist nicht bekannt. Gemeint ist wohl {above}{near[0]}."
    return "ist nicht bekannt. `weltoffen config` nennt alle Einstellungen."


def _adapter(field: FieldInfo) -> TypeAdapter[Any]:
    kind: Any = field.annotation
    for constraint in field.metadata:
        kind = Annotated[kind, constraint]
    return TypeAdapter(kind)


def _iso(value: object) -> str:
    if isinstance(value, date | time):
        return value.isoformat()
    raise TypeError


def _from_folder(
    told: Mapping[str, Any], fields: Mapping[str, FieldInfo], folder: Path
) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in told.items():
        section = section_of(fields[key])
        if section is not None:
            found[key] = _from_folder(value, section.model_fields, folder)
        else:
            found[key] = folder / value if _mentions(fields[key], Path) else value
    return found


_WORDS = {
    "bool": "Hier steht true oder false, ohne Anführungszeichen.",
    "int": "Hier steht eine ganze Zahl ohne Anführungszeichen, z. B. 5.",
    "float": "Hier steht eine Zahl ohne Anführungszeichen, z. B. 2.5.",
    "string": "Hier steht ein Text in Anführungszeichen.",
    "path": "Hier steht ein Pfad in Anführungszeichen.",
    "date": "Hier steht ein Tag als JJJJ-MM-TT.",
    "greater_than_equal": "Der Wert ist zu klein; mindestens {ge}.",
    "greater_than": "Der Wert ist zu klein; er muss größer als {gt} sein.",
    "less_than_equal": "Der Wert ist zu groß; höchstens {le}.",
    "less_than": "Der Wert ist zu groß; er muss kleiner als {lt} sein.",
    "literal_error": "Erlaubt ist {expected}.",
    "string_pattern_mismatch": "Der Text hat nicht die Form {pattern}.",
    "extra_forbidden": "Diese Einstellung ist nicht bekannt.",
}
"""By kind of error, or by its beginning."""


def in_words(error: Mapping[str, Any]) -> str:
    """Words an error of pydantic in German, without the value: it may be a secret.

    Args:
        error: one of ``ValidationError.errors()``.
    """
    kind = str(error["type"])
    if kind == "value_error":
        return str(error["msg"]).partition(", ")[2]
    words = _WORDS.get(kind) or _WORDS.get(kind.split("_", maxsplit=1)[0])
    context = {
        key: str(value).replace(" or ", " oder ") for key, value in error.get("ctx", {}).items()
    }
    return words.format(**context) if words else f"Der Wert ist nicht gültig ({error['msg']})."
