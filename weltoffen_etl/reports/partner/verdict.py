"""The verdict in words: whether all has arrived, what we ask for, what we wait for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from weltoffen_etl.reports.pages import german
from weltoffen_etl.reports.partner.facts import Delivery, Expected
from weltoffen_etl.reports.partner.places import TO_DO, Group


@dataclass(frozen=True, slots=True)
class Verdict:
    """The heading of a report.

    Attributes:
        tone: ``good``, ``look``, ``help`` or ``waiting``, for the looks only.
        sentence: the verdict.
        details: further sentences.
    """

    tone: str
    sentence: str
    details: tuple[str, ...]


def verdict(
    deliveries: Sequence[Delivery], expected: Sequence[Expected], groups: Sequence[Group]
) -> Verdict:
    """Says in words how a municipality's deliveries stand.

    Args:
        deliveries: all of its deliveries.
        expected: what it agreed to deliver.
        groups: findings by action.

    Returns:
        The verdict.
    """
    in_force = [delivery for delivery in deliveries if delivery.in_force]
    failed = [x for x in in_force if not x.is_readable or (x.kept_back and not x.taken)]
    missing = [_promise(x) for x in expected if x.status == "overdue"]
    coming = [_promise(x) for x in expected if x.status == "open"]
    asked = {group.action: group.count for group in groups if group.action in TO_DO}
    places = sum(asked.values())
    waiting = []
    if missing:
        waiting.append(f"Wir warten noch auf {german.listed(missing)}.")
    if coming:
        waiting.append(f"Als Nächstes erwarten wir {german.listed(coming)}.")
    if not in_force:
        awaited = missing + coming
        sentence = (
            f"Wir warten noch auf {german.listed(awaited)}."
            if awaited
            else "Noch nichts angekommen."
        )
        return Verdict("waiting", sentence, ())
    if failed:
        return Verdict("help", _not_taken(len(failed), len(in_force)), tuple(waiting))
    if set(asked) - {"look"}:
        where = german.counted(places, "einer Stelle", "Stellen")
        return Verdict("help", f"Angekommen, an {where} bitten wir um Ihre Hilfe.", tuple(waiting))
    if missing:
        more = _glance(places) if places else "Alles Übrige ist angekommen – vielen Dank."
        return Verdict("waiting", waiting[0], (more, *waiting[1:]))
    if places:
        details = (_glance(places), *waiting)
        return Verdict("look", "Alles angekommen – vielen Dank.", details)
    if coming:
        return Verdict(
            "good", "Alles bisher Erbetene ist angekommen – vielen Dank.", tuple(waiting)
        )
    return Verdict("good", "Alles angekommen – vielen Dank.", ())


def _glance(places: int) -> str:
    where = german.counted(places, "einer Stelle", "Stellen")
    return f"An {where} bitten wir Sie, kurz hinzusehen."


def _not_taken(failed: int, of: int) -> str:
    if failed == of:
        subject = "Die Datei" if of == 1 else "Die Dateien"
        return f"{subject} konnten wir nicht übernehmen."
    which = "Eine" if failed == 1 else german.whole(failed)
    return f"{which} von {german.whole(of)} Dateien konnten wir nicht übernehmen."


def _promise(expected: Expected) -> str:
    what = (
        f"den Selbstcheck {expected.wave}" if expected.kind == "selfcheck" else "die Workshop-Datei"
    )
    until = "erbeten bis" if expected.status == "overdue" else "bis"
    return f"{what} ({until} {german.day(expected.due_on)})"
