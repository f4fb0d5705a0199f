"""The statements that the floor and its peers share: one for each table, with the names filled in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from string import Template

from tests.benchmarks.form_rows import columns_of
from tests.benchmarks.instrument import Instrument

FOLDER = Path(__file__).parent / "tables"

INPUTS = {
    "item": (),
    "scale_code": (),
    "wide": (),
    "response": ("wide",),
    "answer": ("wide", "item", "scale_code"),
    "answer_count": ("answer", "response"),
    "item_result": ("answer_count", "item"),
    "action_field_score": ("answer_count", "item"),
    "sub_theme_score": ("answer_count", "item"),
}
"""Every table in order, with the tables it is made from."""

FIGURES = {
    "item_result": ("item_code", "action_field", "sub_theme", "polarity"),
    "action_field_score": ("action_field",),
    "sub_theme_score": ("action_field", "sub_theme"),
}
"""The tables of figures, with what names a part of the questionnaire in each."""

_SAID = {
    "item_result": "an item",
    "action_field_score": "an action field",
    "sub_theme_score": "a sub-theme",
}


@dataclass(frozen=True)
class Statements:
    """The statements on one folder of deliveries, as `generate` wrote it."""

    folder: Path

    @property
    def instrument(self) -> Instrument:
        """The questionnaire of the deliveries."""
        return Instrument(self.folder / "reference")

    @property
    def sources(self) -> dict[str, str]:
        """What stands after FROM to read each kind of file, every cell as text."""
        forms = columns_of(self.instrument)
        items = ("source_code", "item_code", "action_field", "sub_theme", "page", "polarity")
        codes = ("code", "value", "missing_reason")
        return {
            "forms": _read(self.folder / "inbox" / "**" / "*.csv", forms, ";"),
            "items": _read(self.folder / "instrument" / "item.csv", items, ","),
            "scale_codes": _read(self.folder / "instrument" / "scale_code.csv", codes, ","),
        }

    @property
    def municipalities(self) -> str:
        """What stands after FROM to read the registry."""
        columns = ("ags", "label_de", "type", "population", "population_on", "member_of", "source")
        return _read(self.folder / "reference" / "municipalities.csv", columns, ",")

    def select(
        self,
        table: str,
        name: Callable[[str], str] = str,
        source: Callable[[str], str] | None = None,
    ) -> str:
        """Returns the SELECT of a table.

        Args:
            table: one of `INPUTS`.
            name: gives what another table is called.
            source: gives what a source is called; the reading itself where none is given.
        """
        parts = FIGURES.get(table, ())
        text = (FOLDER / f"{'figures' if parts else table}.sql").read_text(encoding="utf-8")
        read = self.sources
        return Template(text).substitute(
            {other: name(other) for other in INPUTS},
            **{kind: source(kind) if source else read[kind] for kind in read},
            item_columns=", ".join(f'"{x.source_code}"' for x in self.instrument.items),
            part_said=_SAID.get(table, ""),
            part=", ".join(f"item.{part}" for part in parts),
            names=", ".join(parts),
            condition="item.sub_theme IS NOT NULL" if table == "sub_theme_score" else "true",
        )


def _read(path: Path, columns: tuple[str, ...], delimiter: str) -> str:
    types = ", ".join(f"'{column}': 'VARCHAR'" for column in columns)
    return (
        f"read_csv('{path}', auto_detect = false, header = true, delim = '{delimiter}', "
        f"quote = '\"', escape = '\"', nullstr = '', allow_quoted_nulls = true, "
        f"strict_mode = true, columns = {{{types}}})"
    )
