"""What is said about every release: title, publishers, licence, citation; and about one of them."""

from __future__ import annotations

import string
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Final

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from weltoffen_etl.reports.pages import german
from weltoffen_etl.text_yaml import load_texts

FILE: Final = "publication.yml"
_PLACES: Final = frozenset({"publishers", "year", "title", "release", "day"})
_Line = Annotated[str, Field(min_length=1, pattern=r"^[^\r\n]+$")]
_Web = Annotated[str, Field(pattern=r"^https?://[^\s<>\"']+$")]
_Mail = Annotated[str, Field(pattern=r"^[^\s@<>]+@[^\s@<>]+\.[^\s@<>]+$")]


class AboutError(ValueError):
    """``publication.yml`` is not valid; the German sentence says where."""


class Publisher(BaseModel):
    """Who publishes: name and, if there is one, address on the web."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: _Line
    path: _Web | None = None


class Contact(BaseModel):
    """Whom to ask: name, address if it may be told, and a sentence."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: _Line
    email: _Mail | None = None
    note: _Line | None = None


class Licence(BaseModel):
    """What may be done with a release.

    Attributes:
        name: short identifier, of SPDX or Open Definition where there is one.
        title: its name in words.
        text: its sentences.
        path: address of its text, None where the release itself holds it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]+$")]
    title: _Line
    text: _Line
    path: _Web | None = None


class Attribution(BaseModel):
    """What was taken from others and must be named.

    Attributes:
        source: whose it is and what it is called.
        source_path: its address.
        covers: what of a release it is.
        licence_name: short identifier of its licence.
        licence_title: the licence's name.
        licence_path: the licence's address.
        note: what was changed.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: _Line
    source_path: _Web
    covers: _Line
    licence_name: _Line
    licence_title: _Line
    licence_path: _Web
    note: _Line


class About(BaseModel):
    """The content of ``publication.yml``.

    Attributes:
        title: title of all releases.
        description: what they hold.
        publishers: who publishes them, one at least.
        contact: whom to ask.
        licence: what may be done with them.
        attributions: what was taken from others.
        keywords: words to find them by.
        citation: how to cite; ``{publishers}``, ``{year}``, ``{title}``, ``{release}`` and
            ``{day}`` are filled in.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: _Line
    description: _Line
    publishers: Annotated[tuple[Publisher, ...], Field(min_length=1)]
    contact: Contact
    licence: Licence
    attributions: tuple[Attribution, ...] = ()
    keywords: tuple[_Line, ...] = ()
    citation: _Line

    @field_validator("citation")
    @classmethod
    def _known_places(cls, citation: str) -> str:
        try:
            places = {
                name for _, name, _, _ in string.Formatter().parse(citation) if name is not None
            }
        except ValueError as error:
            raise ValueError("eine geschweifte Klammer fehlt") from error
        if unknown := sorted(places - _PLACES):
            raise ValueError(f"{{{unknown[0]}}} gibt es nicht")
        if "release" not in places:
            raise ValueError("{release} fehlt: Ein Zitat nennt den Stand")
        return citation


@dataclass(frozen=True, slots=True)
class Edition:
    """One release as all its files name it.

    Attributes:
        about: what is said about every release.
        release: name of the release.
        published: when it was published, as the clock in Germany shows it.
        manifest: its manifest.
    """

    about: About
    release: str
    published: datetime
    manifest: Mapping[str, Any]

    @property
    def citation(self) -> str:
        """How this release is cited."""
        return self.about.citation.format(
            publishers=german.listed(publisher.name for publisher in self.about.publishers),
            year=self.published.year,
            title=self.about.title,
            release=self.release,
            day=german.day(self.published.date()).replace("\u00a0", " "),
        )


def edition(reference_dir: Path, manifest: Mapping[str, Any]) -> Edition:
    """Returns what all files of one release say about it.

    Args:
        reference_dir: the reference folder.
        manifest: the release's manifest, with ``release`` and ``published_at``.

    Raises:
        AboutError: ``publication.yml`` is missing or not valid.
    """
    published = german.local(datetime.fromisoformat(manifest["published_at"]))
    return Edition(load_about(reference_dir), manifest["release"], published, manifest)


def load_about(reference_dir: Path) -> About:
    """Reads ``publication.yml``.

    Args:
        reference_dir: the reference folder.

    Raises:
        AboutError: the file is missing or not valid.
    """
    try:
        content = load_texts((reference_dir / FILE).read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise AboutError(
            f"{FILE} fehlt in {reference_dir}: Titel, Herausgabe, Lizenz und Zitat der Stände."
        ) from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise AboutError(f"{FILE} ist kein lesbares YAML: {error}") from error
    try:
        return About.model_validate(content)
    except ValidationError as error:
        raise AboutError(f"{FILE}: {'; '.join(_sentences(error))}.") from None


def _sentences(error: ValidationError) -> list[str]:
    says = {
        "extra_forbidden": "diese Angabe gibt es hier nicht",
        "missing": "fehlt",
        "string_too_short": "ist leer",
        "string_type": "ist kein Text",
        "too_short": "braucht mindestens einen Eintrag",
        "tuple_type": "ist keine Liste",
        "model_type": "ist keine Gruppe von Angaben",
    }
    forms = {
        "email": "ist keine E-Mail-Adresse",
        "path": "ist keine Adresse, die mit https:// beginnt",
    }
    found = []
    for problem in error.errors():
        place = [str(step) for step in problem["loc"]]
        said = says.get(problem["type"], problem["msg"].removeprefix("Value error, "))
        if problem["type"] == "string_pattern_mismatch":
            last = place[-1].rpartition("_")[2]
            said = forms.get(last, "hat einen Zeilenumbruch")
            if place == ["licence", "name"]:
                said = "hat Zeichen, die eine Kennung nicht hat"
        found.append(f"{' → '.join(place) or 'Datei'} {said}")
    return found
