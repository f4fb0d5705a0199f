"""What a questionnaire may point at: canonical items, fields, scale values, reasons, roles."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Codes of the reference folder with their German labels, each in its order.

    Attributes:
        items: question text by item code.
        item_fields: action field by item code.
        action_fields: label by action field.
        scale_values: label by value of the canonical scale, ``1`` to ``4``.
        missing_reasons: label by reason.
        respondent_roles: label by role.
        municipalities: name by AGS.
        spellings: other spellings as ``(list, alias, code)``.
    """

    items: dict[str, str]
    item_fields: dict[str, str]
    action_fields: dict[str, str]
    scale_values: dict[str, str]
    missing_reasons: dict[str, str]
    respondent_roles: dict[str, str]
    municipalities: dict[str, str]
    spellings: tuple[tuple[str, str, str], ...]

    @property
    def outcomes(self) -> frozenset[str]:
        """Everything an answer code of a scale can become."""
        return frozenset(self.scale_values) | frozenset(self.missing_reasons)


def load_catalogue(reference_dir: Path) -> Catalogue:
    """Reads the lists of the reference folder that a mapping points at."""
    items = _rows(reference_dir / "items.csv")
    return Catalogue(
        items={row["item_code"]: row["text_de"] for row in items},
        item_fields={row["item_code"]: row["action_field"] for row in items},
        action_fields=_labels(reference_dir / "action_fields.csv", "action_field"),
        scale_values=_labels(reference_dir / "scale.csv", "value"),
        missing_reasons=_labels(reference_dir / "missing_reasons.csv", "missing_reason"),
        respondent_roles=_labels(reference_dir / "respondent_roles.csv", "respondent_role"),
        municipalities=_labels(reference_dir / "municipalities.csv", "ags"),
        spellings=tuple(
            (row["list"], row["alias"], row["code"]) for row in _rows(reference_dir / "aliases.csv")
        ),
    )


def _labels(path: Path, key: str) -> dict[str, str]:
    return {row[key]: row["label_de"] for row in _rows(path)}


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
