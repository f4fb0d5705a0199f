"""A municipality beside its peers, for a person at a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from gettext import gettext as _
from gettext import ngettext
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from weltoffen_etl.language import noted
from weltoffen_etl.peer_comparison import PeerComparison
from weltoffen_etl.reports.cells import harmless, number, share, signed
from weltoffen_etl.reports.pages.german import NOTHING

_WITHHELD = {
    "confidential": noted("zurückgehalten: zu wenige Personen"),
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
    if shown:
        screen.print(_table(shown))
    rest = [x["action_field_label"] for x in records if _unchosen(x)]
    if rest and not one_field:
        screen.print(_("Von niemandem gewählt: {fields}.").format(fields=", ".join(rest)))
    for line in _caption(shown):
        screen.print(Padding(Text(line, style="dim"), (0, 0, 0, 0)))


def _unchosen(record: dict[str, Any]) -> bool:
    return record["n_chosen"] == 0 and record["withheld_because"] is None


def _group(comparison: PeerComparison) -> str:
    kind = _(_KINDS[comparison.peer_kind])
    if comparison.peer_kind in ("all", "chosen") or comparison.peer_label is None:
        return kind
    return f"{kind} „{comparison.peer_label}“"


def _table(records: list[dict[str, Any]]) -> Table:
    before = next((x["wave_from"] for x in records if x["wave_from"] is not None), None)
    table = Table(show_lines=True, padding=(0, 1), header_style="bold")
    table.add_column(_("Handlungsfeld"), overflow="fold", min_width=13)
    table.add_column(_("Mittel\n± Streuung"), justify="right", overflow="fold")
    table.add_column(_("Basis (Bögen)\nbeantwortet"), justify="right", overflow="fold")
    table.add_column(_("Gruppe: Mittel\nBand"), justify="right", overflow="fold")
    table.add_column(_("Abstand\nEffektstärke"), justify="right", overflow="fold")
    if before is not None:
        heading = _("seit {wave}\n95-%-Intervall").format(wave=before)
        table.add_column(heading, justify="right", overflow="fold")
    for record in records:
        cells = [
            Text(harmless(record["action_field_label"])),
            _own(record),
            _base(record),
            _peers(record),
            _distance(record),
        ]
        if before is not None:
            cells.append(_change(record))
        table.add_row(*cells)
    return table


def _own(record: dict[str, Any]) -> Text:
    if record["mean"] is None:
        return _reason(record["withheld_because"])
    spread = NOTHING if record["sd"] is None else number(record["sd"], 2)
    return Text(f"{number(record['mean'], 2)}\n±\u00a0{spread}")


def _base(record: dict[str, Any]) -> Text:
    if record["n_respondents"] is None:
        return Text(NOTHING)
    return Text(
        f"{number(record['n_respondents'], 0)}\n{share(record['answered_share_of_chosen'])}"
    )


def _peers(record: dict[str, Any]) -> Text:
    if record["n_peers"] is None:
        return Text(NOTHING)
    count = ngettext("1 Kommune", "{n} Kommunen", record["n_peers"]).format(
        n=number(record["n_peers"], 0)
    )
    if record["peer_mean"] is None:
        because = record["peers_withheld_because"]
        if because == "too_few_municipalities":
            told = _("zu wenige Kommunen: {n}").format(n=number(record["n_peers"], 0))
            return Text(told, style="dim")
        return _reason(because)
    if record["band_low"] is None:
        band = _("ohne Band")
    else:
        band = f"{number(record['band_low'], 2)}–{number(record['band_high'], 2)}"
    return Text(f"{number(record['peer_mean'], 2)} ({count})\n{band}")


def _distance(record: dict[str, Any]) -> Text:
    if record["difference"] is None:
        return Text(NOTHING)
    lines = [signed(record["difference"])]
    if record["effect_size"] is not None:
        lines.append(f"d\u00a0=\u00a0{signed(record['effect_size'])}")
    if record["band"] is not None:
        lines.append(_(_BANDS[record["band"]]))
    return Text("\n".join(lines))


def _change(record: dict[str, Any]) -> Text:
    if record["change"] is None:
        return _reason(record["change_withheld_because"])
    mark = "*" if record["is_composition_changed"] else ""
    line = f"{signed(record['change'])}{mark}"
    if record["ci_low"] is None:
        return Text(line)
    to = _("{low} bis {high}").format(low=signed(record["ci_low"]), high=signed(record["ci_high"]))
    return Text(f"{line}\n{to}")


def _reason(because: str | None) -> Text:
    """Why a figure is missing, in words; a dash where nothing is withheld."""
    if because is None:
        return Text(NOTHING)
    return Text(_(_WITHHELD[because]) if because in _WITHHELD else harmless(because), style="dim")


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
    yield _(
        "Keine Rangfolge: Die Kommunen schätzen sich selbst ein; ein Abstand ist ein Anlass zum "
        "Gespräch, kein Urteil. Wo vieles verglichen wird, sind einzelne Abstände Zufall."
    )
