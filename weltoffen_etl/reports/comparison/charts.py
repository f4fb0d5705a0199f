"""The drawings: one Vega-Lite specification for each kind of figure, made with Altair.

Vega-Lite because a drawing is then a description and not a program: what is shown can be read,
checked against the schema when it is written, and taken over by evaluators into their own work.
The browser draws, because a drawing then follows the filters, the width of the window, dark mode
and print without a picture for each of them, and a page carries its numbers once: the same rows
are the drawing, the table under it and the file. Everything needed lies in the release's folder;
nothing is fetched, and expressions are interpreted, so that the page's policy can forbid ``eval``.
Colours are variables of the style sheet.
"""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import altair as alt

_FONT = '"Source Sans 3", "Segoe UI", "Helvetica Neue", Roboto, "Noto Sans", "Liberation Sans", Arial, sans-serif'
_PARTS: list[Any] = ["n_1", "n_2", "n_3", "n_4"]
_ROW_HEIGHT = 22
_LABEL_LIMIT = 270
_LEAST_FOR_LABEL = 64
"""Pixels for the whole axis, which reaches from −1 to 1: half of it for a label of a bar."""


def scripts() -> str:
    """Returns the script that hands all drawings to the pages."""
    return f"window.weltoffenCharts = {json.dumps(charts(), sort_keys=True)};\n"


@cache
def charts() -> dict[str, dict[str, Any]]:
    """Returns every specification by the kind of figure.

    Its rows are the data set ``rows``; the page sets width, order and waves.
    """
    kinds = {
        "distribution": _distribution(),
        "position": _position(),
        "change": _change(),
        "counts": _counts(),
    }
    return {name: chart.configure(**_config()).to_dict() for name, chart in kinds.items()}


def _config() -> dict[str, Any]:
    axis: dict[str, Any] = {
        "domain": False,
        "ticks": False,
        "gridColor": "var(--line)",
        "labelColor": "var(--quiet)",
        "titleColor": "var(--quiet)",
        "labelFontSize": 13,
        "titleFontSize": 13,
        "titleFontWeight": "normal",
        "labelPadding": 8,
    }
    legend: dict[str, Any] = {
        "orient": "top",
        "labelColor": "var(--quiet)",
        "labelFontSize": 13,
        "symbolType": "square",
        "symbolSize": 130,
        "symbolStrokeWidth": 0,
        "padding": 0,
        "offset": 14,
    }
    header: dict[str, Any] = {
        "labelColor": "var(--ink)",
        "labelFontSize": 13,
        "labelFontWeight": 600,
    }
    return {
        "aria": False,
        "background": "transparent",
        "font": _FONT,
        "view": alt.ViewConfig(stroke=None),
        "axis": alt.AxisConfig(**axis),
        "legend": alt.LegendConfig(**legend),
        "header": alt.HeaderConfig(**header, title=None),
    }


def _rows() -> Any:
    return alt.Chart(alt.NamedData("rows"))


def _lines() -> dict[str, Any]:
    """Rows of a drawing: one for each label, in it one for each wave.

    The page says in which order: it sets the domain of both.
    """
    axis = alt.Axis(labelColor="var(--ink)", labelLimit=_LABEL_LIMIT, grid=False, title=None)
    return {
        "y": alt.Y("label:N", axis=axis, scale=alt.Scale(paddingInner=0.28)),
        "yOffset": alt.YOffset("wave:O"),
    }


def _note() -> Any:
    """The words at the end of each row: base and value, or why there is none."""
    return (
        _rows()
        .mark_text(align="left", dx=14, fontSize=13, color="var(--quiet)")
        .encode(x=alt.value("width"), text="note:N", **_lines())
    )


def _distribution() -> Any:
    """Shares of the four answers, unfavourable ones left and favourable ones right of the middle."""
    parts = (
        _rows()
        .transform_filter("isValid(datum.n_answers) && datum.n_answers > 0")
        .transform_fold(_PARTS, as_=["part", "n"])
        .transform_calculate(
            share="datum.n / datum.n_answers",
            start=(
                "(datum.part == 'n_1' ? -datum.n_1 - datum.n_2 : datum.part == 'n_2' ? -datum.n_2 "
                ": datum.part == 'n_3' ? 0 : datum.n_3) / datum.n_answers"
            ),
        )
        .transform_calculate(
            end="datum.start + datum.share", middle="datum.start + datum.share / 2"
        )
    )
    axis = alt.Axis(
        title="Anteil der Antworten, links ungünstig, rechts günstig",
        values=[-1, -0.5, 0, 0.5, 1],
        labelExpr="format(abs(datum.value), '.0%')",
    )
    words = {
        "n_1": "1 ungünstig",
        "n_2": "2 eher ungünstig",
        "n_3": "3 eher günstig",
        "n_4": "4 günstig",
    }
    colour = alt.Color(
        "part:N",
        scale=alt.Scale(domain=_PARTS, range=[f"var(--part-{i})" for i in (1, 2, 3, 4)]),
        legend=alt.Legend(title=None, labelExpr=f"{json.dumps(words)}[datum.label]"),
    )
    bars = parts.mark_bar(height=alt.RelativeBandSize(0.86), stroke="var(--paper)").encode(
        x=alt.X("start:Q", scale=alt.Scale(domain=[-1, 1]), axis=axis),
        x2="end:Q",
        color=colour,
        **_lines(),
    )
    figures = (
        parts.transform_filter(f"datum.share * width >= {_LEAST_FOR_LABEL}")
        .mark_text(fontSize=12, baseline="middle")
        .encode(
            x=alt.X("middle:Q"),
            text=alt.Text("share:Q", format=".0%"),
            color=alt.condition(
                "datum.part == 'n_1' || datum.part == 'n_4'",
                alt.value("var(--on-strong)"),
                alt.value("var(--on-weak)"),
            ),
            **_lines(),
        )
    )
    middle = alt.Chart(alt.InlineData([{}])).mark_rule(color="var(--quiet)").encode(x=alt.XDatum(0))
    return _tall(alt.layer(_note(), bars, figures, middle))


def _position() -> Any:
    """Means on the scale: point with interval, mark of what it is compared with, and its band."""
    scale = alt.Scale(domain=[1, 4])
    axis = alt.Axis(
        title="Skala 1 bis 4, 4 ist günstig", values=[1, 2, 3, 4], format="d", gridDash=[2, 3]
    )
    band = (
        _rows()
        .transform_filter("isValid(datum.band_low)")
        .mark_bar(
            fill="var(--band-mark)",
            stroke="var(--band-edge)",
            height=alt.RelativeBandSize(0.66),
            clip=True,
        )
        .encode(x=alt.X("band_low:Q", scale=scale, axis=axis), x2="band_high:Q", **_lines())
    )
    reference = (
        _rows()
        .transform_filter("isValid(datum.reference)")
        .mark_tick(color="var(--quiet)", thickness=2, size=16)
        .encode(x=alt.X("reference:Q"), **_lines())
    )
    interval = (
        _rows()
        .transform_filter("isValid(datum.ci_low)")
        .mark_rule(color="var(--accent)", strokeWidth=2)
        .encode(x=alt.X("ci_low:Q"), x2="ci_high:Q", **_lines())
    )
    point = (
        _rows()
        .transform_filter("isValid(datum.mean)")
        .mark_point(filled=True, color="var(--accent)", size=80, opacity=1)
        .encode(x=alt.X("mean:Q"), **_lines())
    )
    return _tall(alt.layer(_note(), band, reference, interval, point))


def _change() -> Any:
    """Changes from wave to wave with their intervals, around no change."""
    limit = alt.param(name="limit", value=1)
    # A wider axis for one figure: the page sets the parameter before it draws.
    scale = alt.Scale(domain=[alt.expr("-limit"), alt.expr("limit")])
    axis = alt.Axis(
        title="Veränderung auf der Skala 1 bis 4",
        labelExpr="datum.value == 0 ? '0' : format(datum.value, '+.1f')",
        tickCount=7,
        gridDash=[2, 3],
    )
    interval = (
        _rows()
        .transform_filter("isValid(datum.ci_low)")
        .mark_rule(color="var(--accent)", strokeWidth=2)
        .encode(x=alt.X("ci_low:Q", scale=scale, axis=axis), x2="ci_high:Q", **_lines())
    )
    point = (
        _rows()
        .transform_filter("isValid(datum.change)")
        .mark_point(filled=True, color="var(--accent)", size=80, opacity=1)
        .encode(x=alt.X("change:Q"), **_lines())
    )
    none = alt.Chart(alt.InlineData([{}])).mark_rule(color="var(--quiet)").encode(x=alt.XDatum(0))
    return _tall(alt.layer(_note(), none, interval, point)).add_params(limit)


def _counts() -> Any:
    """Counts in columns beside each other, one for each series."""
    # A layer with data of its own would show all rows in every column.
    base = alt.Chart()
    axis = alt.Axis(labelColor="var(--ink)", labelLimit=_LABEL_LIMIT, grid=False, title=None)
    lines: dict[str, Any] = {"y": alt.Y("label:N", axis=axis, scale=alt.Scale(paddingInner=0.3))}
    count = alt.X("n:Q", axis=None, stack=None, scale=alt.Scale(domainMin=0))
    bars = base.mark_bar(color="var(--accent)").encode(x=count, **lines)
    words: dict[str, Any] = {"align": "left", "dx": 6, "fontSize": 13, "color": "var(--quiet)"}
    figures = (
        base.transform_filter("isValid(datum.n)")
        .mark_text(**words)
        .encode(x=count, text="note:N", **lines)
    )
    reasons = (
        base.transform_filter("!isValid(datum.n)")
        .mark_text(**words)
        .encode(x=alt.value(0), text="note:N", **lines)
    )
    series = alt.Column(
        "series:N",
        sort=alt.EncodingSortField("series_order", op="min", order="ascending"),
        header=alt.Header(title=None, labelAnchor="start"),
    )
    inner = alt.layer(bars, figures, reasons).properties(height=alt.Step(_ROW_HEIGHT))
    return inner.facet(column=series, data=alt.NamedData("rows"), spacing=28)


def _tall(chart: Any) -> Any:
    return chart.properties(height=alt.Step(_ROW_HEIGHT, **{"for": "offset"}), width=400)
