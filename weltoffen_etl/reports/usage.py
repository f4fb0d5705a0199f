"""How published figures are to be used and what they cannot say: one text for all that tell it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from weltoffen_etl.text_yaml import load_texts

_FILE = Path(__file__).with_name("usage.yml")


class Rule(BaseModel):
    """One rule of use: a title and its sentences, in German."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str
    text: str


class Withheld(BaseModel):
    """A word of ``withheld_because``, its short German name and what it means."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    word: str
    label: str
    text: str


class Usage(BaseModel):
    """Rules of use.

    Attributes:
        rules: what holds for every release.
        synthetic: what holds for a release with invented data.
        withheld: the words of ``withheld_because``.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    rules: tuple[Rule, ...]
    synthetic: Rule
    withheld: tuple[Withheld, ...]


def usage(manifest: Mapping[str, Any]) -> tuple[list[Rule], tuple[Withheld, ...]]:
    """Returns the rules for one release, that on invented data first, and the words.

    Args:
        manifest: the release's manifest, with ``min_respondents`` and ``contains_synthetic_data``.
    """
    found = _usage()
    rules = [*found.rules]
    if manifest["contains_synthetic_data"]:
        rules.insert(0, found.synthetic)
    least = str(manifest["min_respondents"])
    return (
        [Rule(title=rule.title, text=rule.text.replace("{least}", least)) for rule in rules],
        found.withheld,
    )


@cache
def _usage() -> Usage:
    return Usage.model_validate(load_texts(_FILE.read_text(encoding="utf-8")))
