"""Figures that several pages draw: published rows become rows of a drawing, with their words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any, TypeVar

from weltoffen_etl.reports.comparison import words
from weltoffen_etl.reports.comparison.figure import Column, Figure
from weltoffen_etl.reports.overview.figures import Row
from weltoffen_etl.reports.pages import german

_Entry = TypeVar("_Entry", bound=tuple[Any, ...])
_GAP = "\u00a0"
_AGS = Column("ags", "AGS")
_WAVE = Column("wave", "Welle")
_RESPONDENTS = Column("n_respondents", "Bögen", "whole")
_MEAN = Column("mean", "Mittelwert", "decimal")
_SAID = Column("said", "Hinweis")
_NOTE = Column("note", form="hidden")
_LEAST_LIMIT = 1.0
TURNED = " * Zustimmung ist hier ungünstig, die Antworten sind umgepolt: Günstig heißt, dass wenig zugestimmt wurde."
"""What the star of `item_label` says."""


def distribution(
    name: str,
    title: str,
    caption: str,
    label: str,
    entries: Iterable[tuple[str, str, Row, str | None]],
) -> Figure:
    """Draws the shares of the four answers.

    Args:
        name: the figure's name on its page.
        title: what it shows.
        caption: definition and base.
        label: what a row is called.
        entries: for each row its name, its place in the order, its figures, and the words
            in the place of figures that are not there.

    Returns:
        The figure; rows of several municipalities also name the AGS.
    """
    drawn = []
    for called, _, row, said in _ordered(entries):
        counts = {x: row.get(x) for x in ("n_respondents", "n_answers", "n_1", "n_2", "n_3", "n_4")}
        drawn.append(
            {
                "ags": row.get("ags"),
                "label": called,
                "wave": row["wave"],
                **counts,
                "answered_share_of_chosen": row.get("answered_share_of_chosen"),
                "mean": row.get("mean"),
                "sd": row.get("sd"),
                "said": said,
                "note": _distribution_note(row, said),
            }
        )
    columns = (
        *_place_column(drawn),
        Column("label", label),
        _WAVE,
        _RESPONDENTS,
        Column("n_answers", "Antworten", "whole"),
        *(Column(f"n_{i}", f"Wert{_GAP}{i}", "whole") for i in (1, 2, 3, 4)),
        Column("answered_share_of_chosen", "beantwortet", "percent"),
        _MEAN,
        Column("sd", "Standardabweichung", "decimal"),
        _SAID,
        _NOTE,
    )
    return Figure(name, "distribution", title, caption, columns, drawn)


def _distribution_note(row: Mapping[str, Any], said: str | None) -> str:
    wave = row["wave"]
    if not row.get("n_answers"):
        return f"{wave} · {said or words.NO_ANSWER}"
    parts = [wave, german.counted(row["n_respondents"], "ein Bogen", "Bögen")]
    if (answered := row.get("answered_share_of_chosen")) is not None:
        parts.append(f"{german.percent(1 - answered)} ohne Antwort")
    if row["mean"] is not None:
        spread = f" ± {german.decimal(row['sd'], 2)}" if row["sd"] is not None else ""
        parts.append(f"Mittel {german.decimal(row['mean'], 2)}{spread}")
    elif said:
        parts.append(said)
    return " · ".join(parts)


def sub_themes(title: str, entries: Sequence[Row]) -> Figure:
    """Draws the shares of the four answers in the sub-themes of action fields.

    Args:
        title: what it shows.
        entries: rows in the order of the questionnaire, with ``sub_theme``.

    Returns:
        The figure.
    """
    order = {
        theme: f"{i:02d}" for i, theme in enumerate(dict.fromkeys(x["sub_theme"] for x in entries))
    }
    return distribution(
        "unterthemen",
        title,
        "Anteile der vier Antworten an den gegebenen Antworten auf die Fragen eines Unterthemas, nach "
        "der Polung, 4 ist günstig. Unterthemen in der Ordnung des Fragebogens.",
        "Unterthema",
        [(row["sub_theme"], order[row["sub_theme"]], row, words.withheld(row)) for row in entries],
    )


def bands(
    name: str, title: str, caption: str, label: str, entries: Iterable[tuple[str, str, Row]]
) -> Figure:
    """Draws means beside the band of their peers.

    Args:
        name: the figure's name on its page.
        title: what it shows.
        caption: definition and base.
        label: what a row is called.
        entries: name, place in the order and row of ``comparison.benchmark``.

    Returns:
        The figure; the filter for the kind of peers looks at its column ``band``.
    """
    drawn = []
    for called, _, row in _ordered(entries):
        middle, spread = row["peer_mean"], row["peer_sd"]
        has_band = middle is not None and spread is not None
        said = words.withheld(row)
        drawn.append(
            {
                "ags": row["ags"],
                "label": called,
                "wave": row["wave"],
                "band": row["peer_kind"],
                "group": words.PEER_KINDS[row["peer_kind"]],
                "n_respondents": row["n_respondents"],
                "mean": row["mean"],
                "n_peers": row["n_peers"],
                "reference": middle,
                "peer_sd": spread,
                "difference": row["difference"],
                "effect_size": row["effect_size"],
                "place": words.BANDS.get(row["band"]),
                "said": said,
                "band_low": middle - spread if has_band else None,
                "band_high": middle + spread if has_band else None,
                "ci_low": None,
                "ci_high": None,
                "note": _band_note(row, said),
            }
        )
    columns = (
        *_place_column(drawn),
        Column("label", label),
        _WAVE,
        Column("group", "Vergleich mit"),
        _RESPONDENTS,
        _MEAN,
        Column("n_peers", "Vergleichskommunen", "whole"),
        Column("reference", "Mittel der Vergleichskommunen", "decimal"),
        Column("peer_sd", "Streuung der Vergleichskommunen", "decimal"),
        Column("difference", "Abstand", "decimal"),
        Column("effect_size", "Effektstärke", "decimal"),
        Column("place", "Lage zum Band"),
        _SAID,
        *(Column(x, form="hidden") for x in ("band", "band_low", "band_high", "ci_low", "ci_high")),
        _NOTE,
    )
    return Figure(name, "position", title, caption, columns, drawn)


def _band_note(row: Mapping[str, Any], said: str | None) -> str:
    if row["mean"] is None:
        return f"{row['wave']} · {said or words.NO_ANSWER}"
    parts = [row["wave"], german.decimal(row["mean"], 2)]
    parts.append(german.counted(row["n_respondents"], "ein Bogen", "Bögen"))
    peers = german.counted(row["n_peers"], "eine Vergleichskommune", "Vergleichskommunen")
    parts.append(said if row["peer_mean"] is None and said else peers)
    return " · ".join(parts)


def changes(
    name: str, title: str, caption: str, label: str, entries: Iterable[tuple[str, str, Row]]
) -> Figure:
    """Draws changes from wave to wave with their intervals.

    Args:
        name: the figure's name on its page.
        title: what it shows.
        caption: definition and base.
        label: what a row is called.
        entries: name, place in the order and row of ``comparison.wave_change``.

    Returns:
        The figure; the filter for waves does not look at it.
    """
    drawn = []
    for called, _, row in _ordered(entries):
        said = words.withheld(row)
        if row["change"] is None and said is None:
            said = f"{words.NO_ANSWER} in einer der Wellen"
        drawn.append(
            {
                **{x: row[x] for x in ("ags", "wave_from", "wave_to", "n_items_common")},
                **{x: row[x] for x in ("n_respondents_from", "n_respondents_to")},
                **{x: row[x] for x in ("mean_from", "mean_to", "change", "ci_low", "ci_high")},
                "label": called,
                "composition": "ja" if row["is_composition_changed"] else None,
                "said": said,
                # Successive changes of a row stand below each other.
                "wave": f"{row['wave_from']}–{row['wave_to']}",
                "note": _change_note(row, said),
            }
        )
    columns = (
        *_place_column(drawn),
        Column("label", label),
        Column("wave_from", "von"),
        Column("wave_to", "bis"),
        Column("n_items_common", "gemeinsame Fragen", "whole"),
        Column("n_respondents_from", "Bögen vorher", "whole"),
        Column("n_respondents_to", "Bögen nachher", "whole"),
        Column("mean_from", "Mittel vorher", "decimal"),
        Column("mean_to", "Mittel nachher", "decimal"),
        Column("change", "Veränderung", "decimal"),
        Column("ci_low", "Intervall von", "decimal"),
        Column("ci_high", "Intervall bis", "decimal"),
        Column("composition", "Zusammensetzung anders"),
        _SAID,
        Column("wave", form="hidden"),
        _NOTE,
    )
    ends = [
        abs(row[x]) for row in drawn for x in ("change", "ci_low", "ci_high") if row[x] is not None
    ]
    limit = max([_LEAST_LIMIT, *(round(x + 0.1, 1) for x in ends)])
    return Figure(name, "change", title, caption, columns, drawn, limit)


def _change_note(row: Mapping[str, Any], said: str | None) -> str:
    step = f"{row['wave_from']}–{row['wave_to']} · "
    if row["change"] is None:
        return step + (said or words.NO_ANSWER)
    note = step + signed(row["change"])
    if row["ci_low"] is not None:
        note += f" [{signed(row['ci_low'])}; {signed(row['ci_high'])}]"
    note += f" · {row['n_respondents_from']} und {row['n_respondents_to']} Bögen"
    return f"{note} · andere Zusammensetzung" if row["is_composition_changed"] else note


def profile(name: str, title: str, caption: str, entries: Sequence[Row]) -> Figure:
    """Draws items with their intervals beside the mean of the other items.

    Args:
        name: the figure's name on its page.
        title: what it shows.
        caption: definition and base.
        entries: rows of ``comparison.item_profile`` or its overview, with ``text_de`` and
            ``polarity``.

    Returns:
        The figure, in the order of the questionnaire.
    """
    drawn = []
    for row in entries:
        said = words.withheld(row)
        if said is None and row["mean"] is None:
            said = words.NOT_CHOSEN if row["is_chosen"] is False else words.NO_ANSWER
        place = words.PROFILES.get(row["profile"])
        drawn.append(
            {
                "item_code": row["item_code"],
                "text_de": row["text_de"],
                "wave": row["wave"],
                **{x: row[x] for x in ("n_answers", "mean", "ci_low", "ci_high")},
                "reference": row["reference_mean"],
                "place": place,
                "said": said,
                "turned": "umgepolt" if row["polarity"] < 0 else None,
                "label": item_label(row),
                "band_low": None,
                "band_high": None,
                "note": _profile_note(row, place, said),
            }
        )
    columns = (
        Column("item_code", "Frage"),
        Column("text_de", "Wortlaut"),
        Column("turned", "Polung"),
        _WAVE,
        Column("n_answers", "Antworten", "whole"),
        _MEAN,
        Column("ci_low", "Intervall von", "decimal"),
        Column("ci_high", "Intervall bis", "decimal"),
        Column("reference", "Mittel der anderen Fragen", "decimal"),
        Column("place", "Einordnung"),
        _SAID,
        *(Column(x, form="hidden") for x in ("label", "band_low", "band_high")),
        _NOTE,
    )
    return Figure(name, "position", title, caption + TURNED, columns, drawn)


def _profile_note(row: Mapping[str, Any], place: str | None, said: str | None) -> str:
    if row["mean"] is None:
        return f"{row['wave']} · {said}"
    note = (
        f"{row['wave']} · {german.decimal(row['mean'], 2)} · n = {german.whole(row['n_answers'])}"
    )
    return note if row["profile"] in (None, "neither") else f"{note} · {place}"


def counts(
    name: str,
    title: str,
    caption: str,
    headings: tuple[str, str, str],
    entries: Iterable[tuple[str | None, str, str, str, int, int | None, str | None]],
) -> Figure:
    """Draws counts in columns.

    Args:
        name: the figure's name on its page.
        title: what it shows.
        caption: definition and base.
        headings: what a row, a column and the count are called.
        entries: AGS or none, name of the row, its place in the order, name of the column,
            its place in the order, the count, and the words in its place.

    Returns:
        The figure.
    """
    drawn = [
        {
            "ags": ags,
            "label": called,
            "series": series,
            "n": n,
            "said": said,
            "series_order": series_order,
            "note": german.whole(n) if n is not None else said or german.NOTHING,
        }
        for ags, called, _, series, series_order, n, said in sorted(entries, key=itemgetter(2))
    ]
    columns = (
        *_place_column(drawn),
        Column("label", headings[0]),
        Column("series", headings[1]),
        Column("n", headings[2], "whole"),
        _SAID,
        Column("series_order", form="hidden"),
        _NOTE,
    )
    return Figure(name, "counts", title, caption, columns, drawn)


def _ordered(entries: Iterable[_Entry]) -> list[_Entry]:
    """Entries by their place in the order, which is their second part; waves stay as they come."""
    return sorted(entries, key=itemgetter(1))


def _place_column(drawn: Sequence[Mapping[str, Any]]) -> tuple[Column, ...]:
    """The column of the AGS, where a figure has rows of several municipalities."""
    return (_AGS,) if len({row.get("ags") for row in drawn} - {None}) > 1 else ()


def signed(value: float) -> str:
    """Returns a change with its sign: ``+0,25``, ``−0,10``."""
    sign = "−" if value < 0 else "+"
    return sign + german.decimal(abs(value), 2)


def item_label(row: Mapping[str, Any]) -> str:
    """Returns the name of an item in a drawing; a star where agreement is unfavourable."""
    star = "*" if row["polarity"] < 0 else ""
    return shortened(f"{row['item_code']}{star} {row['text_de']}")


def shortened(text: str, most: int = 42) -> str:
    """Returns the beginning of a text, at a word's end, with a mark where it goes on."""
    if len(text) <= most:
        return text
    return f"{text[: most - 1].rsplit(' ', 1)[0]} …"
