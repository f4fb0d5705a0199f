"""Puts the report on files checked by day together: verdict, what was recognised, what to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from weltoffen_etl.catalog import SEVERITIES
from weltoffen_etl.check import FileCheck
from weltoffen_etl.reports.file_check import TOOLS
from weltoffen_etl.reports.pages import german
from weltoffen_etl.reports.pages.environment import render
from weltoffen_etl.reports.partner.facts import Delivery, Municipality, Noticed
from weltoffen_etl.reports.partner.others import Neighbours
from weltoffen_etl.reports.partner.places import TO_DO, Group, grouped
from weltoffen_etl.reports.partner.verdict import Verdict
from weltoffen_etl.settings import Settings

_AT_THE_END = frozenset({"none", "repair"})


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """One file of a report.

    Attributes:
        delivery: what would become of it.
        file: what was recognised.
        noticed: findings, ordered by action and rule.
        is_few: whether too few people stand behind it to be counted.
    """

    delivery: Delivery
    file: FileCheck
    noticed: tuple[Noticed, ...]
    is_few: bool


def early_report(
    settings: Settings,
    municipality: Municipality,
    neighbours: Neighbours,
    files: Sequence[CheckedFile],
    checked_at: datetime,
) -> str:
    """Writes the report on files that one municipality has just sent.

    Args:
        settings: least number of respondents, contact.
        municipality: the sender.
        neighbours: the others, who must not be named.
        files: its files, oldest first.
        checked_at: time of the check.

    Returns:
        A self-contained HTML page.
    """
    few = {entry.delivery.delivery_id for entry in files if entry.is_few}
    noticed = sorted(
        (notice for entry in files for notice in entry.noticed),
        key=lambda x: (x.action_position, SEVERITIES.index(x.severity), x.rule_position),
    )
    deliveries = {entry.delivery.delivery_id: entry.delivery for entry in files}
    groups = grouped(noticed, deliveries, lambda x: x.delivery_id in few, neighbours.hide)
    return render(
        "early/report.html.j2",
        municipality=municipality,
        checked_at=german.local(checked_at),
        verdict=verdict([entry.delivery for entry in files], groups),
        files=[_row(entry) for entry in files],
        least=settings.min_respondents,
        any_few=bool(few),
        to_do=[group for group in groups if group.action not in _AT_THE_END],
        at_the_end=[group for group in groups if group.action in _AT_THE_END],
        is_synthetic=any(entry.delivery.is_synthetic for entry in files),
        contact=settings.contact_note,
    )


def verdict(deliveries: Sequence[Delivery], groups: Sequence[Group]) -> Verdict:
    """Says in words how the files stand.

    Args:
        deliveries: the files.
        groups: findings by action.
    """
    several = len(deliveries) > 1
    failed = [x for x in deliveries if not x.is_readable or (x.kept_back and not x.taken)]
    partly = any(x.kept_back and x.taken for x in deliveries)
    asked = {group.action: group.count for group in groups if group.action in TO_DO}
    where = german.counted(sum(asked.values()), "einer Stelle", "Stellen")
    if failed:
        if not several:
            sentence = "So können wir die Datei noch nicht übernehmen."
        elif len(failed) == len(deliveries):
            sentence = "So können wir die Dateien noch nicht übernehmen."
        else:
            which = "Eine" if len(failed) == 1 else german.whole(len(failed))
            sentence = (
                f"{which} von {german.whole(len(deliveries))} Dateien können wir so noch nicht "
                "übernehmen."
            )
        return Verdict("help", sentence, ("Was zu tun ist, steht unten bei jeder Stelle.",))
    subject = "Die Dateien sind lesbar" if several else "Die Datei ist lesbar"
    if partly:
        kept = "Was daran noch nicht stimmt, würde zurückgestellt; alles Übrige würde übernommen."
        return Verdict("help", f"{subject}, an {where} bitten wir um Ihre Hilfe.", (kept,))
    if set(asked) - {"look"}:
        return Verdict("help", f"{subject}, an {where} bitten wir um Ihre Hilfe.", ())
    if asked:
        glance = f"An {where} bitten wir Sie, kurz hinzusehen."
        return Verdict("look", f"{subject} und würde{'n' * several} übernommen.", (glance,))
    thanks = "Sie brauchen nichts weiter zu tun. Vielen Dank für Ihre sorgfältige Lieferung."
    arrived = "Angekommen und vollständig lesbar."
    return Verdict("good", arrived, (thanks,))


def _row(entry: CheckedFile) -> Mapping[str, Any]:
    file, delivery = entry.file, entry.delivery
    questions = None
    if file.instrument is not None:
        questions = (
            f"{german.whole(file.items_found)} von {german.whole(file.items_expected)} Fragen"
        )
    return {
        "delivery": delivery,
        "tool": TOOLS.get(file.tool, file.tool) if file.tool else "nicht erkannt",
        "format": delivery.container.upper() if delivery.container else None,
        "instrument": file.instrument,
        "questions": questions,
        "rows": delivery.taken + delivery.kept_back,
        "not_counted": file.rows_not_counted,
        "is_few": entry.is_few,
        "fate": _fate(delivery),
    }


def _fate(delivery: Delivery) -> str:
    if not delivery.is_readable:
        return "kann so nicht übernommen werden"
    if delivery.kept_back:
        return "würde teilweise übernommen" if delivery.taken else "keine Zeile würde übernommen"
    return "würde vollständig übernommen"
