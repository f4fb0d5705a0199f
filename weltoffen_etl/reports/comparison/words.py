"""German words for the codes of the published tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

WITHHELD = {
    "confidential": "zurückgehalten",
    "too_few_municipalities": "zu wenige Kommunen",
    "low_answered_share": "zu wenig beantwortet",
    "not_delivered": "nicht geliefert",
}
"""What stands in the place of a figure that is not shown, by ``withheld_because``."""
WITHHELD_MEANS = {
    "confidential": (
        "Hinter dem Wert stehen zu wenige Personen, oder aus ihm ließe sich zusammen mit anderen "
        "Werten ein solcher errechnen. Beides trägt dasselbe Wort: Der Unterschied würde schon etwas "
        "verraten."
    ),
    "too_few_municipalities": "In der Gruppe zeigen zu wenige Kommunen einen Wert.",
    "low_answered_share": (
        "Von denen, die das Feld gewählt haben, wurde zu wenig beantwortet. Zählungen und Anteile "
        "stehen da, Mittelwert, Median und Streuung nicht."
    ),
    "not_delivered": "Für diese Kommune und Welle sind keine gezählten Bögen oder Workshops da.",
}
"""The same in a sentence."""
PEER_KINDS = {
    "all": "alle Kommunen",
    "size_class": "Größenklasse",
    "type": "Art der Gebietskörperschaft",
    "cohort": "Aufnahmerunde",
    "macro_region": "Großregion",
    "chosen": "Kommunen, die das Feld gewählt haben",
}
"""Kinds of peer groups, in the order in which they are offered."""
STEPS = {
    "none": "nichts geliefert",
    "selfcheck": "Selbstcheck",
    "workshop": "Workshop",
    "follow_up": "Folgeworkshop",
    "measures": "Maßnahmen vereinbart",
}
"""Steps of the process, by ``process_step``."""
READINGS = {
    "both_favourable": "beide günstig",
    "both_critical": "beide kritisch",
    "contrast_selfcheck_better": "nur Selbsteinschätzung günstig",
    "contrast_workshop_better": "nur Workshop günstig",
    "mixed": "eines genau in der Mitte",
    "not_comparable": "nicht vergleichbar",
}
"""How self-assessment and workshop stand to each other, by ``reading``."""
PROFILES = {
    "strength": "Stärke",
    "weakness": "Schwäche",
    "neither": "nicht zu unterscheiden",
}
"""Where an item stands beside the others, by ``profile``."""
BANDS = {"below": "unter dem Band", "within": "im Band", "above": "über dem Band"}
"""Where a mean stands beside its peers, by ``band``."""
CAN_SHOW = {"yes": "ja", "hints": "nur Hinweise", "no": "nein"}
"""Whether the data show a step of the Wirkungstreppe."""
STATUSES = {
    "confirmed": "belegt",
    "implied": "erschlossen",
    "announced": "angekündigt",
    "fictional": "fiktiv",
}
"""How certain it is that a municipality takes part."""
BODIES = {
    "n_administration": "Verwaltung",
    "n_politics": "Politik",
    "n_civil_society": "Zivilgesellschaft",
    "n_business": "Wirtschaft",
    "n_other": "andere",
    "n_not_stated": "ohne Angabe",
}
"""Kinds of bodies responsible for measures, by column."""
NO_ANSWER = "keine Antwort"
NOT_CHOSEN = "nicht gewählt"


def withheld(row: Mapping[str, Any], column: str = "withheld_because") -> str | None:
    """Returns the words in the place of a figure, or None where the figures stand there."""
    reason = row[column]
    return None if reason is None else WITHHELD.get(reason, reason)


def missing(row: Mapping[str, Any]) -> str | None:
    """Returns why an action field of a municipality and wave has no mean, or None where it has.

    Args:
        row: ``has_delivered``, ``withheld_because``, ``has_chosen``, ``mean``.
    """
    if not row["has_delivered"]:
        return WITHHELD["not_delivered"]
    if (said := withheld(row)) is not None:
        return said
    if row["mean"] is not None:
        return None
    return NOT_CHOSEN if row["has_chosen"] is False else NO_ANSWER
