"""What a comparison shows where the release withholds something, at every width."""

import io
import re
from typing import Any

import pytest
from rich.console import Console

from weltoffen_etl.asking.peer_comparison import PeerComparison
from weltoffen_etl.catalog import table
from weltoffen_etl.language import speaking
from weltoffen_etl.reports.peer_table import _WITHHELD, show_comparison

WHOLE: dict[str, Any] = {
    "action_field_label": "Engagement und Beteiligung", "n_responses": 12, "n_chosen": 12,
    "n_respondents": 11, "mean": 2.984, "sd": 0.816, "answered_share_of_chosen": 0.874,
    "withheld_because": None, "n_peers": 1, "peer_mean": 2.5, "peer_sd": 0.25, "band_low": 2.25,
    "band_high": 2.75, "band": "above", "difference": 0.484, "effect_size": -0.004,
    "peers_withheld_because": None, "wave_from": "t0", "change": -0.117, "ci_low": -0.3,
    "ci_high": 0.05, "is_composition_changed": True, "change_withheld_because": None,
}  # fmt: skip
NOTHING = dict.fromkeys(
    ("n_respondents", "mean", "sd", "answered_share_of_chosen", "peer_mean", "peer_sd", "band_low",
     "band_high", "band", "difference", "effect_size", "change", "ci_low", "ci_high",
     "is_composition_changed")
)  # fmt: skip


def _shown(record: dict[str, Any], width: int, name: str = "Garbsen") -> str:
    names = tuple(record)
    comparison = PeerComparison(
        release="20260101T000000Z", ags="03241005", municipality=name, wave="t1",
        wave_label="Zweite", peer_kind="type", peer_label="Stadt", is_synthetic=False,
        names=names, rows=(tuple(record[x] for x in names),),
    )  # fmt: skip
    target = io.StringIO()
    console = Console(file=target, width=width, highlight=False, markup=False)
    with speaking():
        show_comparison(comparison, console, one_field=True)
    told = target.getvalue()
    assert all(len(line) <= width for line in told.splitlines())
    assert "…" not in told
    return told


@pytest.mark.parametrize("width", [60, 80, 98, 100, 200])
def test_every_figure_is_there_at_every_width(width: int) -> None:
    told = _shown(WHOLE, width)
    for text in (
        "2,98", "±\u00a00,82", "11 Bögen", "87\u00a0%", "2,50", "2,25–2,75", "1 Kommune", "+0,48",
        "d\u00a0=\u00a00,00", "über dem Band", "−0,12*", "−0,30 bis +0,05", "Keine Rangfolge",
    ):  # fmt: skip
        assert text in told, text
    assert "Art der Gebietskörperschaft „Stadt“" in told
    assert "* Andere Fragen" in told


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize(
    ("because", "said"), [("confidential", "vertraulich"), ("low_answered_share", "zu wenig")]
)
def test_withheld_stands_in_words_and_never_as_nought(width: int, because: str, said: str) -> None:
    reasons = dict.fromkeys(
        ("withheld_because", "peers_withheld_because", "change_withheld_because"), because
    )
    told = _shown({**WHOLE, **NOTHING, **reasons}, width)
    assert told.count(said) >= 3
    assert not re.search(r"\d,\d", told)
    assert ("Vertraulich: Zu wenige Personen" in told) == (because == "confidential")


def test_too_few_peers_are_told_with_their_number() -> None:
    record = {**WHOLE, "peer_mean": None, "peer_sd": None, "band_low": None, "band_high": None,
              "band": None, "difference": None, "effect_size": None, "n_peers": 2,
              "peers_withheld_because": "too_few_municipalities"}  # fmt: skip
    told = _shown(record, 80)
    assert "zu wenige Kommunen · 2 Kommunen" in told
    assert "2,98" in told


def test_a_group_without_band_says_so() -> None:
    record = {**WHOLE, "peer_sd": None, "band_low": None, "band_high": None, "band": None}
    assert "2,50 · ohne Band · 1 Kommune" in _shown(record, 80)


def test_names_are_text_and_nothing_else() -> None:
    told = _shown({**WHOLE, "action_field_label": "[bold]x[/] \x1b[2J"}, 80, "[red]\x1b]0;x\x07")
    assert "[bold]x[/] ␛[2J" in told
    assert "[red]␛]0;x␇" in told
    assert "\x1b" not in told


def test_every_reason_of_the_tables_has_words() -> None:
    reasons = {
        reason
        for name in ("benchmark", "action_field_score", "coverage", "wave_change")
        for column in table(f"comparison.{name}").columns
        if column.name == "withheld_because" and isinstance(column.allowed, tuple)
        for reason in column.allowed
    }
    assert reasons == _WITHHELD.keys()
