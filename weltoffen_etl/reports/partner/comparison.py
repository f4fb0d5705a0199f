"""What has changed: a file against the one it replaces, or a wave against the one before."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from weltoffen_etl.reports.pages import german
from weltoffen_etl.reports.partner.facts import Delivery, Facts, Noticed, WaveFacts
from weltoffen_etl.reports.partner.places import general_sentence


@dataclass(frozen=True, slots=True)
class Comparison:
    """One comparison.

    Attributes:
        heading: what is compared.
        before: name of the earlier column.
        now: name of the later column.
        figures: name, earlier and later value, as they are shown.
        fixed: sentences of the rules that no longer fire.
        new: those that fire now only.
        still: those that fire before and now.
        remark: said instead of figures where these are withheld.
    """

    heading: str
    before: str
    now: str
    figures: tuple[tuple[str, str, str], ...]
    fixed: tuple[str, ...] = ()
    new: tuple[str, ...] = ()
    still: tuple[str, ...] = ()
    remark: str | None = None


def comparisons(
    facts: Facts, few: Callable[[Delivery], bool], withheld: Collection[str]
) -> list[Comparison]:
    """Compares each delivery in force with the file it replaced, else the last two waves.

    Args:
        facts: the municipality.
        few: whether too few people stand behind a delivery.
        withheld: waves with too few forms.

    Returns:
        The comparisons, in the order of arrival.
    """
    replaced = {x.superseded_by: x for x in facts.deliveries if x.superseded_by}
    pairs = [
        (replaced[x.delivery_id], x)
        for x in facts.deliveries
        if x.in_force and x.delivery_id in replaced
    ]
    if pairs:
        return [_files(facts, older, newer, few) for older, newer in pairs]
    waves = [wave for wave in facts.waves if wave.counted]
    return [_waves(waves[-2], waves[-1], withheld)] if len(waves) > 1 else []


def _files(
    facts: Facts, older: Delivery, newer: Delivery, few: Callable[[Delivery], bool]
) -> Comparison:
    before, now = _rules(facts.noticed, older), _rules(facts.noticed, newer)
    known = {x.rule: x for x in facts.noticed}

    def sentences(rules: Collection[str]) -> tuple[str, ...]:
        ordered = sorted(
            rules, key=lambda rule: (known[rule].action_position, known[rule].rule_position)
        )
        return tuple(general_sentence(known[rule].says) for rule in ordered)

    withheld = few(older) or few(newer)
    figures: list[tuple[str, str, str]] = []
    if not withheld:
        for label, of in _FIGURES:
            figures.append((label, german.whole(of(older)), german.whole(of(newer))))
        for label, severity in (
            ("dringende Befunde", "critical"),
            ("zu prüfende Befunde", "warning"),
        ):
            figures.append(
                (
                    label,
                    german.whole(_count(facts.noticed, older, severity)),
                    german.whole(_count(facts.noticed, newer, severity)),
                )
            )
    return Comparison(
        newer.what,
        f"zuvor (Kennung {older.mark})",
        f"jetzt (Kennung {newer.mark})",
        tuple(figures),
        sentences(before - now),
        sentences(now - before),
        sentences(before & now),
        "Zahlen nennen wir hier nicht, weil zu wenige Bögen vorliegen." if withheld else None,
    )


_FIGURES: tuple[tuple[str, Callable[[Delivery], int]], ...] = (
    ("Zeilen", lambda x: x.taken + x.kept_back),
    ("übernommen", lambda x: x.taken),
    ("zurückgestellt", lambda x: x.kept_back),
)


def _rules(noticed: Sequence[Noticed], delivery: Delivery) -> set[str]:
    return {x.rule for x in noticed if x.delivery_id == delivery.delivery_id}


def _count(noticed: Sequence[Noticed], delivery: Delivery, severity: str) -> int:
    return sum(x.delivery_id == delivery.delivery_id and x.severity == severity for x in noticed)


def _waves(older: WaveFacts, newer: WaveFacts, withheld: Collection[str]) -> Comparison:
    heading = f"Selbstcheck {newer.wave} gegenüber {older.wave}"
    if older.wave in withheld or newer.wave in withheld:
        remark = "Zahlen nennen wir hier nicht, weil zu wenige Bögen vorliegen."
        return Comparison(heading, older.wave, newer.wave, (), remark=remark)
    return Comparison(
        heading,
        older.wave,
        newer.wave,
        (
            ("gezählte Bögen", german.whole(older.counted), german.whole(newer.counted)),
            (
                "beantwortete Fragen der gewählten Handlungsfelder",
                german.percent(older.completeness, 1),
                german.percent(newer.completeness, 1),
            ),
            (
                "zurückgestellte Zeilen",
                german.whole(older.kept_back),
                german.whole(newer.kept_back),
            ),
        ),
    )
