"""The quarantine for the project team: its list and its history, as tables at the terminal."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from gettext import gettext as _
from gettext import ngettext
from typing import Final

from rich.console import Console
from rich.table import Table

from weltoffen_etl.language import noted
from weltoffen_etl.quarantine import Event
from weltoffen_etl.warehouse.kept_back import Kept, KeptRow

WAITING: Final = "zurückgestellt"
_REPLACED: Final = "durch neuere Datei ersetzt"
_ROW: Final = noted("Zeile")
_LIST: Final = (
    noted("Absender"),
    noted("Welle/Tag"),
    noted("Datei"),
    noted("Blatt"),
    _ROW,
    noted("Befund"),
    noted("Stand"),
)
_HISTORY: Final = (
    noted("Zeit (UTC)"),
    noted("Stand"),
    noted("Absender"),
    noted("Datei"),
    noted("Blatt"),
    _ROW,
    noted("Regeln"),
    noted("Was"),
)


@dataclass(frozen=True, slots=True)
class ListedRow:
    """One row of the list: something kept back, or that was.

    Attributes:
        state: German words for how it stands.
        sender: municipality of the folder, or ``_multi``.
        ags: municipality it is about.
        occasion: wave or day of the workshop.
        path: path below the inbox.
        delivery_id: SHA-256 of the file.
        sheet: sheet of a workshop file.
        row: row in the file, None for the whole file.
        response: number of the form.
        rules: rules that are, or were, broken.
        sentences: what is wrong and what to do.
        original: cells of the row by column; empty where the warehouse no longer has it.
    """

    state: str
    sender: str
    ags: str | None
    occasion: str
    path: str
    delivery_id: str
    sheet: str | None
    row: int | None
    response: str | None
    rules: tuple[str, ...]
    sentences: tuple[str, ...]
    original: dict[str, str]


def listed(
    kept: Kept, last: Iterable[Event], ags: str | None, *, everything: bool
) -> list[ListedRow]:
    """Makes the list of what is kept back.

    Args:
        kept: what the warehouse holds.
        last: last event of each place.
        ags: only what this municipality sent or is about; None for all.
        everything: also what was released or replaced.

    Returns:
        Rows in order of arrival, released ones last.
    """
    events = {event.key: event for event in last}
    rows = []
    for row in kept.rows:
        event = events.get(row.key)
        replaced = kept.deliveries[row.key[0]].replaced_by is not None
        state = WAITING
        if replaced:
            released = event is not None and event.event == "released"
            state = state_of(event) if event is not None and released else _REPLACED
        if everything or not replaced:
            rows.append(_listed_row(kept, row, state))
    if everything:
        present = {row.key for row in kept.rows}
        for event in events.values():
            if event.event == "released" and event.key not in present:
                rows.append(_released_row(kept, event))
    return [row for row in rows if ags is None or ags in (row.sender, row.ags)]


def state_of(event: Event) -> str:
    """Says how a place stands after its last event."""
    if event.event == "kept_back":
        return WAITING
    return f"freigegeben: {_cause(event)}"


def show_listed(rows: Sequence[ListedRow]) -> None:
    """Prints the list."""
    console = _console()
    if not rows:
        console.print(_("Nichts ist zurückgestellt."))
        return
    table = Table(title=_("Quarantäne (intern)"), show_lines=True)
    for heading in _LIST:
        table.add_column(_(heading), justify="right" if heading == _ROW else "left")
    for row in rows:
        number = _("ganze Datei") if row.row is None else str(row.row)
        told = [f"{text} [{rule}]" for text, rule in zip(row.sentences, row.rules, strict=True)]
        cells = (
            row.sender, row.occasion, row.path, row.sheet or "–", number, "\n".join(told), row.state,
        )  # fmt: skip
        table.add_row(*(_shown(cell) for cell in cells))
    console.print(table)
    console.print(ngettext("1 Eintrag", "{n} Einträge", len(rows)).format(n=len(rows)))


def show_history(events: Sequence[Event], kept: Kept | None) -> None:
    """Prints the ledger, oldest first."""
    console = _console()
    if not events:
        console.print(_("Noch nichts wurde zurückgestellt."))
        return
    table = Table(title=_("Verlauf der Quarantäne (intern)"))
    for heading in _HISTORY:
        table.add_column(_(heading), justify="right" if heading == _ROW else "left")
    for event in events:
        delivery = kept.deliveries.get(event.delivery_id) if kept is not None else None
        number = _("ganze Datei") if event.row is None else str(event.row)
        cells = (
            event.at.replace("T", " ").removesuffix("+00:00"),
            event.release,
            event.sender,
            delivery.path if delivery is not None else event.delivery_id[:12],
            event.sheet or "–",
            number,
            ", ".join(event.rules),
            state_of(event),
        )
        table.add_row(*(_shown(cell) for cell in cells))
    console.print(table)


def _listed_row(kept: Kept, row: KeptRow, state: str) -> ListedRow:
    delivery = kept.deliveries[row.key[0]]
    original = json.loads(row.original) if row.original is not None else {}
    return ListedRow(
        state=state,
        sender=delivery.sender,
        ags=row.ags,
        occasion=delivery.wave or _day(delivery.workshop_on),
        path=delivery.path,
        delivery_id=row.key[0],
        sheet=row.key[1],
        row=row.key[2],
        response=row.response,
        rules=row.rules,
        sentences=row.sentences,
        original={key: "" if text is None else str(text) for key, text in original.items()},
    )


def _released_row(kept: Kept, event: Event) -> ListedRow:
    delivery = kept.deliveries.get(event.delivery_id)
    return ListedRow(
        state=state_of(event),
        sender=event.sender,
        ags=event.ags,
        occasion=(delivery.wave or _day(delivery.workshop_on)) if delivery is not None else "–",
        path=delivery.path if delivery is not None else "–",
        delivery_id=event.delivery_id,
        sheet=event.sheet,
        row=event.row,
        response=None,
        rules=event.rules,
        sentences=tuple(kept.says.get(rule, rule) for rule in event.rules),
        original={},
    )


def _cause(event: Event) -> str:
    kind, _colon, name = (event.by or "").partition(":")
    match kind:
        case "file":
            return f"durch neuere Datei ({name[:12]})"
        case "correction":
            return f"durch Berichtigung {name}"
        case _:
            return "durch geänderte Regeln oder Verzeichnisse"


def _day(day: object) -> str:
    return f"{day:%d.%m.%Y}" if day is not None else "–"


def _shown(text: str) -> str:
    """Makes control characters of file names and sheets blanks; a terminal would obey them."""
    return "".join(x if x.isprintable() or x == "\n" else " " for x in text)


def _console() -> Console:
    """A console; where nobody watches, wide enough not to cut columns."""
    return Console(highlight=False, markup=False, width=None if sys.stdout.isatty() else 200)
