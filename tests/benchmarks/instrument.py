"""The questionnaire as two plain tables, for programs that do not know our reference folder."""

from __future__ import annotations

import csv
from dataclasses import astuple, dataclass, fields
from functools import cached_property
from pathlib import Path

import yaml

FOLDER = Path("instruments") / "352021"
SCALE = "agreement"


@dataclass(frozen=True)
class Item:
    """A column of the survey tool that holds an item."""

    source_code: str
    item_code: str
    action_field: str
    sub_theme: str
    page: int
    polarity: int


@dataclass(frozen=True)
class ScaleCode:
    """What an answer code means: a value, or why there is none."""

    code: str
    value: int | None
    missing_reason: str | None


@dataclass(frozen=True)
class Instrument:
    """The questionnaire that the invented forms fill in."""

    reference_dir: Path

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """Codes of all questions in the order of the questionnaire."""
        return tuple(row["source_code"] for row in self._questions)

    @cached_property
    def items(self) -> tuple[Item, ...]:
        """All items in the order of the questionnaire."""
        mapped = self._mapping["columns"]
        page = {row["source_code"]: int(row["page"]) for row in self._questions}
        catalogue = {row["item_code"]: row for row in _rows(self.reference_dir / "items.csv")}
        return tuple(
            Item(
                source_code=code,
                item_code=(item := mapped[code]["item"]),
                action_field=catalogue[item]["action_field"],
                sub_theme=catalogue[item]["sub_theme"],
                page=page[code],
                polarity=int(catalogue[item]["polarity"]),
            )
            for code in self.columns
            if mapped[code]["role"] == "item"
        )

    @cached_property
    def scale_codes(self) -> tuple[ScaleCode, ...]:
        """The answer codes of every item."""
        return tuple(
            ScaleCode(str(code), outcome, None)
            if isinstance(outcome, int)
            else ScaleCode(str(code), None, outcome)
            for code, outcome in self._mapping["scales"][SCALE].items()
        )

    def write(self, folder: Path) -> None:
        """Writes ``item.csv`` and ``scale_code.csv``."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, kind, entries in (
            ("item", Item, self.items),
            ("scale_code", ScaleCode, self.scale_codes),
        ):
            with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
                writer = csv.writer(file, lineterminator="\n")
                writer.writerow([field.name for field in fields(kind)])
                writer.writerows([astuple(entry) for entry in entries])

    @cached_property
    def _questions(self) -> list[dict[str, str]]:
        return _rows(self.reference_dir / FOLDER / "1" / "questions.csv")

    @cached_property
    def _mapping(self) -> dict[str, dict[str, dict[str, str]]]:
        text = (self.reference_dir / FOLDER / "mapping.yml").read_text(encoding="utf-8")
        content: dict[str, dict[str, dict[str, str]]] = yaml.safe_load(text)
        return content


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
