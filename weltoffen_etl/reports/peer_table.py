"""A municipality beside its peers, for a person at a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from gettext import gettext as _
from gettext import ngettext
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from weltoffen_etl.asking.peer_comparison import PeerComparison
from weltoffen_etl.language import noted
from weltoffen_etl.reports.cells import harmless, number, share, signed
from weltoffen_etl.reports.pages.german import NOTHING

_WIDEST = 112
_TABLE_WIDTH = 98
"""From here on each figure has its place beside the others without breaking a number."""
_WIDTHS = (14, 11, 14, 14, 15)
_WITHHELD = {
    "confidential": noted("vertraulich"),
    "low_answered_share": noted("zu wenig beantwortet"),
    "too_few_municipalities": noted("zu wenige Kommunen"),
    "not_delivered": noted("nicht geliefert"),
}
_BANDS = {
    "below": noted("unter dem Band"),
    "within": noted("im Band"),
    "above": noted("über dem Band"),
}
_KINDS = {
    "all": noted("alle anderen Kommunen"),
    "size_class": noted("Größenklasse"),
    "type": noted("Art der Gebietskörperschaft"),
    "cohort": noted("Aufnahmerunde"),
    "macro_region": noted("Großregion"),
    "chosen": noted("Kommunen, die das Handlungsfeld gewählt haben"),
}


def show_comparison(comparison: PeerComparison, screen: Console, *, one_field: bool) -> None:
    """Prints a comparison.

    Args:
        comparison: what to show.
        screen: where it is printed.
        one_field: one action field was asked for: it is shown even where nobody chose it.
    """
    records = comparison.records()
    shown = [x for x in records if one_field or not _unchosen(x)]
    screen.print(
        Text(f"{harmless(comparison.municipality)} ({comparison.ags})", style="bold")
        + Text(f" · {comparison.wave}, {harmless(comparison.wave_label)}")
    )
    screen.print(
        _("Vergleichsgruppe: {group}").format(group=harmless(_group(comparison))), style="dim"
    )
    if comparison.is_synthetic:
        screen.print(_("Beruht auf erfundenen Antworten."), style="yellow")
    if all(record["withheld_because"] == "not_delivered" for record in records):
        screen.print(_("Für diese Welle sind keine Bögen geliefert."))
        return
    if shown:
        for part in _printed(shown, screen):
            screen.print(part)
    rest = [x["action_field_label"] for x in records if _unchosen(x)]
    if rest and not one_field:
        screen.print(_("Von niemandem gewählt: {fields}.").format(fields=", ".join(rest)))
    for line in _caption(shown):
        screen.print(Text(line, style="dim"))


def _unchosen(record: dict[str, Any]) -> bool:
    return record["n_chosen"] == 0 and record["withheld_because"] is None


def _group(comparison: PeerComparison) -> str:
    kind = _(_KINDS[comparison.peer_kind])
    if comparison.peer_kind in ("all", "chosen") or comparison.peer_label is None:
        return kind
    return f"{kind} „{comparison.peer_label}“"


def _printed(records: list[dict[str, Any]], screen: Console) -> Iterator[RenderableType]:
    """Yields one table, or, where it would be too narrow to read, one paragraph a field."""
    before = next((x["wave_from"] for x in records if x["wave_from"] is not None), None)
    if screen.width >= _TABLE_WIDTH:
        yield _table(records, before, min(screen.width, _WIDEST))
        return
    for record in records:
        block = Table(box=None, show_header=False, padding=(0, 2, 0, 0), pad_edge=False)
        block.add_column(style="dim", no_wrap=True)
        block.add_column(overflow="fold")
        for heading, parts in zip(_headings(before), _cells(record, before), strict=True):
            block.add_row(heading.replace("\n", ", "), " · ".join(parts))
        yield Text(harmless(record["action_field_label"]), style="bold")
        yield Padding(block, (0, 0, 1, 2))


def _table(records: list[dict[str, Any]], before: str | None, width: int) -> Table:
    table = Table(box=SIMPLE_HEAD, padding=(0, 1, 1, 0), pad_edge=False, width=width)
    table.add_column(_("Handlungsfeld"), overflow="fold", ratio=1)
    for heading, wide in zip(_headings(before), _WIDTHS, strict=False):
        table.add_column(heading, justify="right", overflow="fold", width=wide)
    for record in records:
        cells = map("\n".join, _cells(record, before))
        table.add_row(harmless(record["action_field_label"]), *cells)
    return table


def _headings(before: str | None) -> list[str]:
    headings = [
        _("Mittel\n± Streuung"),
        _("Basis\nbeantwortet"),
        _("Gruppe: Mittel\nBand"),
        _("Abstand\nEffektstärke"),
    ]
    if before is not None:
        headings.append(_("seit {wave}\n95-%-Intervall").format(wave=before))
    return headings


def _cells(record: dict[str, Any], before: str | None) -> list[list[str]]:
    cells = [_own(record), _base(record), _peers(record), _distance(record)]
    return cells if before is None else [*cells, _change(record)]


def _own(record: dict[str, Any]) -> list[str]:
    if record["mean"] is None:
        return [_reason(record["withheld_because"])]
    spread = NOTHING if record["sd"] is None else number(record["sd"], 2)
    return [number(record["mean"], 2), f"±\u00a0{spread}"]


def _base(record: dict[str, Any]) -> list[str]:
    count = record["n_respondents"]
    if count is None:
        return [NOTHING]
    forms = ngettext("1 Bogen", "{n} Bögen", count).format(n=number(count, 0))
    return [forms, share(record["answered_share_of_chosen"])]


def _peers(record: dict[str, Any]) -> list[str]:
    count = record["n_peers"]
    if count is None:
        return [NOTHING]
    municipalities = ngettext("1 Kommune", "{n} Kommunen", count).format(n=number(count, 0))
    if record["peer_mean"] is None:
        because = record["peers_withheld_because"]
        too_few = because == "too_few_municipalities"
        return [_reason(because), municipalities] if too_few else [_reason(because)]
    if record["band_low"] is None:
        band = _("ohne Band")
    else:
        band = f"{number(record['band_low'], 2)}–{number(record['band_high'], 2)}"
    return [number(record["peer_mean"], 2), band, municipalities]


def _distance(record: dict[str, Any]) -> list[str]:
    if record["difference"] is None:
        return [NOTHING]
    parts = [signed(record["difference"])]
    if record["effect_size"] is not None:
        parts.append(f"d\u00a0=\u00a0{signed(record['effect_size'])}")
    if record["band"] is not None:
        parts.append(_(_BANDS[record["band"]]))
    return parts


def _change(record: dict[str, Any]) -> list[str]:
    if record["change"] is None:
        return [_reason(record["change_withheld_because"])]
    mark = "*" if record["is_composition_changed"] else ""
    parts = [f"{signed(record['change'])}{mark}"]
    if record["ci_low"] is not None:
        low, high = signed(record["ci_low"]), signed(record["ci_high"])
        parts.append(_("{low} bis {high}").format(low=low, high=high))
    return parts


def _reason(because: str | None) -> str:
    """Why a figure is missing, in words; a dash where nothing is withheld."""
    if because is None:
        return NOTHING
    return _(_WITHHELD[because]) if because in _WITHHELD else harmless(because)


def _caption(records: list[dict[str, Any]]) -> Iterator[str]:
    yield _(
        "Mittel der Antworten von 1 bis 4 nach der Polung, 4 ist günstig, mit ihrer "
        "Standardabweichung. Basis: Bögen mit mindestens einer Antwort; beantwortet: Anteil an den "
        "möglichen Antworten der Bögen, die das Feld gewählt haben, der Rest fehlt."
    )
    if any(record["peer_mean"] is not None for record in records):
        yield _(
            "Gruppe: Mittel der Mittelwerte der anderen Kommunen, jede zählt gleich; Band: plus und "
            "minus eine Standardabweichung zwischen ihnen. d: Abstand in Standardabweichungen der "
            "Antworten (Hedges)."
        )
    if any(record["change"] is not None for record in records):
        yield _(
            "Veränderung an den Fragen, die beide Male gestellt wurden; die Antwortenden können "
            "andere sein."
        )
    if any(record["is_composition_changed"] for record in records):
        yield _("* Andere Fragen, oder die Zahl der Bögen hat sich stark geändert.")
    if any(
        "confidential" in (x["withheld_because"], x["change_withheld_because"]) for x in records
    ):
        yield _(
            "Vertraulich: Zu wenige Personen stehen dahinter, oder der Wert schützt einen solchen."
        )
    yield _(
        "Keine Rangfolge: Die Kommunen schätzen sich selbst ein; ein Abstand ist ein Anlass zum "
        "Gespräch, kein Urteil. Wo vieles verglichen wird, sind einzelne Abstände Zufall."
    )
