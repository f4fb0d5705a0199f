"""A figure: its rows, what they are called, and how they look as a table and as data."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from jinja2.utils import htmlsafe_json_dumps
from markupsafe import Markup

from weltoffen_etl.reports.pages import german

Form = Literal["text", "whole", "decimal", "percent", "hidden"]
_NUMBERS = frozenset({"whole", "decimal", "percent"})
_MARKS = ("ags", "wave", "band")


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a figure's rows.

    Attributes:
        key: name in the rows, which is that of the published table where there is one.
        label: German heading.
        form: how a value is written; ``hidden`` columns are for the drawing and the filters.
    """

    key: str
    label: str = ""
    form: Form = "text"

    @property
    def is_number(self) -> bool:
        """Whether the column is set flush right."""
        return self.form in _NUMBERS

    def written(self, value: Any) -> str:
        """Returns a value as a German reader expects it."""
        if value is None:
            return german.NOTHING
        match self.form:
            case "whole":
                return german.whole(value)
            case "decimal":
                return german.decimal(value, 2)
            case "percent":
                return german.percent(value)
            case _:
                return str(value)


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of a page.

    Attributes:
        name: its name on the page, also of its files.
        kind: which drawing, a key of `charts.charts`.
        title: what it shows.
        caption: definition and base, whole sentences.
        columns: columns of the rows.
        rows: values by key of the columns; ``ags``, ``wave`` and ``band`` are what filters
            look at, and a row without one of them passes that filter.
        limit: greatest value of the axis, where the drawing leaves it open.
    """

    name: str
    kind: str
    title: str
    caption: str
    columns: Sequence[Column]
    rows: Sequence[Mapping[str, Any]]
    limit: float | None = field(default=None)

    @property
    def shown(self) -> list[Column]:
        """Columns of table and file."""
        return [column for column in self.columns if column.form != "hidden"]

    @property
    def table(self) -> list[tuple[list[tuple[str, str]], list[tuple[bool, str]]]]:
        """Each row: what filters look at, and its cells, numbers or not, as written."""
        shown = self.shown
        # A change stands between two waves.
        marks = [x for x in _MARKS if x != "wave" or self.kind != "change"]
        return [
            (
                [(x, row[x]) for x in marks if row.get(x)],
                [(x.is_number, x.written(row[x.key])) for x in shown],
            )
            for row in self.rows
        ]

    @property
    def data(self) -> Markup:
        """The figure as JSON that is safe in a script element; a row is a list of its values."""
        content = {
            "kind": self.kind,
            "limit": self.limit,
            "columns": [[x.key, x.label, x.form] for x in self.columns],
            "rows": [[row[x.key] for x in self.columns] for row in self.rows],
        }
        return as_json(content)


def as_json(content: object) -> Markup:
    """Returns a value as JSON in which nothing can close the script element around it."""
    return htmlsafe_json_dumps(
        content, dumps=json.dumps, ensure_ascii=False, separators=(",", ":"), allow_nan=False
    )
