"""What the internal warehouse holds back: rows and files with their place, reason and content."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from weltoffen_etl.database import connect
from weltoffen_etl.settings import Settings

Key = tuple[str, str | None, int | None]
"""Delivery, sheet and row of something kept back; without a row it is the whole file."""


@dataclass(frozen=True, slots=True)
class DeliveryOf:
    """What is said of a delivery wherever its rows are listed.

    Attributes:
        sender: municipality of the folder, or ``_multi``.
        wave: wave of the folder.
        workshop_on: day of the workshop.
        path: path below the inbox; may name persons.
        replaced_by: delivery in force that came later to the same place, None where this
            one still counts or waits.
    """

    sender: str
    wave: str | None
    workshop_on: date | None
    path: str
    replaced_by: str | None


@dataclass(frozen=True, slots=True)
class KeptRow:
    """A row, or a file, that was not loaded.

    Attributes:
        key: where it is.
        ags: municipality it is about, as far as it is known.
        rules: rules it breaks.
        sentences: for each rule what is wrong and what to do, values included.
        response: number of the form in the survey tool.
        original: the whole row as JSON; None for a file that could not be read.
    """

    key: Key
    ags: str | None
    rules: tuple[str, ...]
    sentences: tuple[str, ...]
    response: str | None
    original: str | None


@dataclass(frozen=True, slots=True)
class Use:
    """A correction that was applied; without a row to a whole column or the workshop."""

    correction: str
    sheet: str | None
    row: int | None


@dataclass(frozen=True, slots=True)
class Kept:
    """Everything kept back in one warehouse.

    Attributes:
        rows: rows and files in order of arrival and place, those of replaced files too.
        deliveries: every delivery of the warehouse.
        uses: corrections applied, by delivery, in their order.
        says: sentence of each rule, with ``…`` for what it would name.
    """

    rows: tuple[KeptRow, ...]
    deliveries: dict[str, DeliveryOf]
    uses: dict[str, tuple[Use, ...]]
    says: dict[str, str]

    def corrections_at(self, key: Key) -> tuple[str, ...]:
        """Returns the corrections applied at a place: its own first, then wider ones."""
        delivery_id, sheet, row = key
        uses = self.uses.get(delivery_id, ())
        own = [
            x
            for x in uses
            # A survey has one sheet, which its corrections do not name.
            if x.row is not None and (row is None or (x.row == row and x.sheet in (None, sheet)))
        ]
        wide = [x for x in uses if x.row is None]
        return tuple(dict.fromkeys(x.correction for x in (*own, *wide)))


def read_kept(settings: Settings) -> Kept | None:
    """Reads what the internal warehouse keeps back.

    Args:
        settings: where the warehouse is.

    Returns:
        Everything kept back; None before the first release.
    """
    if not settings.warehouse_file.is_file():
        return None
    with connect(settings, settings.warehouse_file, read_only=True) as connection:
        deliveries = {
            delivery_id: DeliveryOf(*rest)
            for delivery_id, *rest in connection.execute(_DELIVERIES).fetchall()
        }
        uses: dict[str, list[Use]] = {}
        for delivery_id, *rest in connection.execute(_USES).fetchall():
            uses.setdefault(delivery_id, []).append(Use(*rest))
        says = {
            rule: re.sub(r"\{\w+\}", "…", text)
            for rule, text in connection.execute("SELECT rule, says FROM reference.rule").fetchall()
        }
        findings = _Findings(connection.execute(_FINDINGS).fetchall(), says)
        rows = tuple(
            KeptRow(
                key=(delivery_id, sheet, row),
                ags=findings.ags(delivery_id, row) or ags,
                rules=tuple(rules.split(", ")),
                sentences=tuple(
                    findings.sentence(delivery_id, sheet, row, rule) for rule in rules.split(", ")
                ),
                response=_cell(original, code),
                original=original,
            )
            for delivery_id, sheet, row, rules, original, ags, code in connection.execute(
                _ROWS
            ).fetchall()
        )
    return Kept(rows, deliveries, {key: tuple(x) for key, x in uses.items()}, says)


# A file that could not be read replaces nothing and is replaced by nothing in raw.delivery;
# to its sender, a later file that can be read settles it all the same.
_DELIVERIES = """
SELECT
    old.delivery_id, old.sender, old.wave, old.workshop_on, old.path, newer.delivery_id
FROM raw.delivery AS old
LEFT JOIN raw.delivery AS newer
    ON old.status IN ('superseded', 'quarantined')
    AND newer.status IN ('loaded', 'partly_quarantined')
    AND newer.sequence > old.sequence
    AND newer.kind = old.kind
    AND newer.ags IS NOT DISTINCT FROM old.ags
    AND newer.wave IS NOT DISTINCT FROM old.wave
    AND newer.workshop_on IS NOT DISTINCT FROM old.workshop_on
    AND newer.part = old.part
"""
_USES = """
SELECT correction_use.delivery_id, correction_use.correction, correction_use.sheet,
    correction_use.source_row
FROM raw.correction_use AS correction_use
JOIN reference.correction AS correction USING (correction)
WHERE correction_use.outcome = 'applied'
ORDER BY correction.position, correction_use.sheet, correction_use.source_row
"""
_FINDINGS = """
SELECT delivery_id, rule, sheet, source_row, ags, message
FROM raw.finding
WHERE severity = 'critical'
ORDER BY ALL
"""
_ROWS = """
SELECT
    quarantine.delivery_id, quarantine.sheet, quarantine.source_row, quarantine.rules,
    quarantine.original_row, delivery.ags, numbered.source_code
FROM quality.quarantine AS quarantine
JOIN raw.delivery AS delivery USING (delivery_id)
LEFT JOIN (
    SELECT delivery_id, max(source_code) AS source_code
    FROM raw.file_column
    WHERE role = 'response_id'
    GROUP BY delivery_id
) AS numbered USING (delivery_id)
ORDER BY delivery.sequence, quarantine.sheet, quarantine.source_row
"""


class _Findings:
    """Finds the sentence that was written about a place."""

    def __init__(
        self,
        rows: Iterable[tuple[str, str, str | None, int | None, str | None, str]],
        says: dict[str, str],
    ) -> None:
        self._says = says
        self._by_rule: dict[tuple[str, str], dict[tuple[str | None, int | None], str]] = {}
        self._ags: dict[tuple[str, int], str] = {}
        for delivery_id, rule, sheet, row, ags, message in rows:
            sentences = self._by_rule.setdefault((delivery_id, rule), {})
            sentences.setdefault((sheet, row), message)
            if ags is not None and row is not None:
                self._ags[delivery_id, row] = ags

    def sentence(self, delivery_id: str, sheet: str | None, row: int | None, rule: str) -> str:
        """The sentence about the row, else about its file, else that of the rule."""
        sentences = self._by_rule.get((delivery_id, rule), {})
        if (sheet, row) in sentences:
            return sentences[sheet, row]
        return next(iter(sentences.values()), self._says.get(rule, rule))

    def ags(self, delivery_id: str, row: int | None) -> str | None:
        """The municipality a row is about, where its file holds several."""
        return None if row is None else self._ags.get((delivery_id, row))


def _cell(original: str | None, code: str | None) -> str | None:
    if original is None or code is None:
        return None
    text = json.loads(original).get(code)
    return str(text).strip() or None if text is not None else None
