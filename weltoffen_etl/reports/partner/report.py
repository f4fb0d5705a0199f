"""Puts the report of one municipality together."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from weltoffen_etl.reports.pages import german
from weltoffen_etl.reports.pages.environment import render
from weltoffen_etl.reports.partner.comparison import comparisons
from weltoffen_etl.reports.partner.facts import Delivery, Facts, WaveFacts
from weltoffen_etl.reports.partner.heat_map import heat_map
from weltoffen_etl.reports.partner.others import Neighbours
from weltoffen_etl.reports.partner.places import TO_DO, grouped
from weltoffen_etl.reports.partner.verdict import verdict
from weltoffen_etl.settings import Settings

_REASONS = {
    "visit_only": ("ein nur geöffneter Bogen", "nur geöffnete Bögen"),
    "test": ("ein Testbogen", "Testbögen"),
    "double_submission": ("ein doppelt abgeschickter Bogen", "doppelt abgeschickte Bögen"),
}
_TEST = frozenset({"test_case", "test_entry"})
_AT_THE_END = frozenset({"none", "repair"})


def partner_report(
    settings: Settings, facts: Facts, neighbours: Neighbours, manifest: Mapping[str, Any]
) -> str:
    """Writes the report of one municipality.

    Args:
        settings: least number of respondents, contact.
        facts: what is known of the municipality.
        neighbours: the others, who must not be named.
        manifest: the release's manifest.

    Returns:
        A self-contained HTML page.
    """
    least = settings.min_respondents
    withheld = {wave.wave for wave in facts.waves if 0 < wave.counted < least}

    def few(delivery: Delivery) -> bool:
        return delivery.kind == "selfcheck" and (
            0 < delivery.taken < least or not withheld.isdisjoint(delivery.waves)
        )

    by_id = {delivery.delivery_id: delivery for delivery in facts.deliveries}
    settled = {x.delivery_id for x in facts.deliveries if not x.in_force}
    current = [x for x in facts.noticed if x.is_current and x.delivery_id not in settled]
    groups = grouped(current, by_id, few, neighbours.hide)
    return render(
        "partner/report.html.j2",
        municipality=facts.municipality,
        published=german.local(datetime.fromisoformat(manifest["published_at"])),
        release=manifest["release"],
        verdict=verdict(facts.deliveries, facts.expected, groups),
        deliveries=[_row(delivery, withheld=few(delivery)) for delivery in facts.deliveries],
        waves=[
            (wave, _not_counted(wave)) for wave in facts.waves if wave.counted or wave.not_counted
        ],
        withheld=withheld,
        least=least,
        to_do=[group for group in groups if group.action not in _AT_THE_END],
        at_the_end=[group for group in groups if group.action in _AT_THE_END],
        asked=sum(group.count for group in groups if group.action in TO_DO),
        heat=heat_map(facts.fields, facts.waves, withheld, least),
        comparisons=comparisons(facts, few, withheld),
        is_synthetic=any(delivery.is_synthetic for delivery in facts.deliveries),
        contact=settings.contact_note,
    )


def _row(delivery: Delivery, *, withheld: bool) -> dict[str, Any]:
    """One line of the table of deliveries."""
    return {
        "delivery": delivery,
        "status": _status(delivery),
        "rows": delivery.taken + delivery.kept_back,
        "format": delivery.container.upper() if delivery.container else "nicht erkannt",
        "withheld": withheld,
    }


def _status(delivery: Delivery) -> str:
    if delivery.settled:
        return "nicht lesbar, inzwischen neu geliefert"
    if not delivery.is_readable:
        return "nicht übernommen"
    if delivery.superseded_by:
        return "durch eine neuere Datei ersetzt"
    if delivery.kept_back:
        return "teilweise übernommen" if delivery.taken else "keine Zeile übernommen"
    return "vollständig übernommen"


def _not_counted(wave: WaveFacts) -> list[str]:
    """Why forms of a wave do not count, in words."""
    numbers: dict[str, int] = {}
    for reason, number in wave.not_counted.items():
        kind = "test" if reason in _TEST else reason
        numbers[kind] = numbers.get(kind, 0) + number
    return [
        german.counted(numbers[kind], *words) for kind, words in _REASONS.items() if kind in numbers
    ]
