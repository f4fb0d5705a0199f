"""The page on method and limits: every formula, every word for what is missing, every column."""

from __future__ import annotations

from typing import Any

from weltoffen_etl.reports.comparison import words
from weltoffen_etl.reports.comparison.tables import Tables, grouped
from weltoffen_etl.reports.pages import german
from weltoffen_etl.settings import Settings

SCHEMAS = {
    "comparison": "Tabellen des Vergleichs",
    "quality": "Tabellen der Datenqualität",
    "reference": "Verzeichnisse",
}
"""Schemas of a release, with their German names."""


def method(settings: Settings, tables: Tables) -> dict[str, Any]:
    """Returns the content of the page on method and limits.

    Args:
        settings: the numbers that rules work with.
        tables: rows of the published tables, with the dictionary.

    Returns:
        Content for ``comparison/method.html.j2`` by name.
    """
    columns = grouped(tables.all("columns"), "table")
    by_schema = grouped(
        (row | {"schema": row["table"].partition(".")[0]} for row in tables.all("described")),
        "schema",
    )
    known = [schema for schema in SCHEMAS if schema in by_schema]
    others = sorted(by_schema.keys() - SCHEMAS.keys())
    return {
        "formulas": _formulas(),
        "withheld": [(words.WITHHELD[x], words.WITHHELD_MEANS[x], x) for x in words.WITHHELD],
        "reasons": tables.all("reasons"),
        "scale": tables.all("scale"),
        "min_municipalities": settings.min_municipalities,
        "min_answered": german.percent(settings.min_answered_share),
        "peer_kinds": words.PEER_KINDS,
        "dictionary": [
            (
                SCHEMAS.get(schema, schema),
                [(row, columns.get(row["table"], [])) for row in by_schema[schema]],
            )
            for schema in [*known, *others]
        ],
    }


def _formulas() -> list[tuple[str, str, str, str]]:
    """Anchor, name, formula and meaning of each figure that is calculated."""
    return [
        (
            "polung",
            "Wert nach der Polung",
            "x = Wert, oder 5 − Wert, wo Zustimmung ungünstig ist",
            "Nach der Polung ist 4 bei jeder Frage günstig und 1 ungünstig. Alle Kennzahlen rechnen "
            "mit diesen Werten.",
        ),
        (
            "mittelwert",
            "Mittelwert",
            "x̄ = (n₁ + 2·n₂ + 3·n₃ + 4·n₄) / n",
            "Über alle gegebenen Antworten eines Teils; jede Antwort zählt gleich. Die Skala ist "
            "geordnet, ihre Abstände sind nicht gemessen: Verteilung und Median gehen vor.",
        ),
        (
            "median",
            "Median",
            "mittlere der geordneten Antworten",
            "Bei gerader Zahl das Mittel der beiden mittleren.",
        ),
        (
            "standardabweichung",
            "Standardabweichung",
            "s = √(Σ (x − x̄)² / (n − 1))",
            "Streuung der Antworten um ihren Mittelwert. Neben „±“ steht immer sie, nie ein Fehler "
            "des Mittelwerts.",
        ),
        (
            "einigkeit",
            "Einigkeit (Tastle und Wierman 2007)",
            "Cns = 1 + Σ pᵢ · log₂(1 − |i − μ| / 3)",
            "pᵢ ist der Anteil der Antwort i, μ ihr Mittelwert. 1: alle antworten gleich; 0: je zur "
            "Hälfte an beiden Enden.",
        ),
        (
            "uebereinstimmung",
            "Übereinstimmung A (van der Eijk 2001)",
            "A = Σ w_r · A_r über Schichten der Verteilung",
            "1: alle antworten gleich; 0: alle Stufen gleich häufig; −1: je zur Hälfte an beiden "
            "Enden. Bei vier Stufen kann eine Spaltung Zufall sein.",
        ),
        (
            "ohne-antwort",
            "Ohne Antwort",
            "1 − gegebene / mögliche Antworten",
            "Möglich sind alle Fragen des Felds für jeden Bogen, der es gewählt hat. Warum Antworten "
            "fehlen, steht in eigenen Anteilen.",
        ),
        (
            "gewaehlt",
            "Feld gewählt",
            "Bögen mit dem Feld ≥ ½ der Bögen mit feststehender Auswahl",
            "Bögen, deren Auswahl nicht feststeht, zählen nicht mit.",
        ),
        (
            "vergleichsmittel",
            "Mittel der Vergleichskommunen",
            "Mittel der Mittelwerte der anderen Kommunen der Gruppe",
            "Jede Kommune zählt gleich, die eigene nicht.",
        ),
        (
            "band",
            "Band",
            "Mittel der Vergleichskommunen ± Standardabweichung ihrer Mittelwerte",
            "Steht nur da, wo mindestens doppelt so viele Kommunen verglichen werden wie für einen "
            "Gruppenwert nötig: Wenige Mittelwerte ließen sich daraus errechnen.",
        ),
        (
            "effektstaerke",
            "Effektstärke",
            "g = (x̄ − Vergleichsmittel) / s · (1 − 3 / (4·df − 1))",
            "Cohens d mit der Korrektur von Hedges (1981); s² = Σ (n − 1)·s² / df, df = Σ (n − 1). "
            "Sie beschreibt; Antworten eines Bogens hängen voneinander ab.",
        ),
        (
            "veraenderung",
            "Veränderung von Welle zu Welle",
            "x̄ nachher − x̄ vorher, nur gemeinsame Fragen",
            "Intervall: 95 Prozent, Bootstrap über ganze Bögen, jede Welle für sich, 1.000 Ziehungen "
            "(Efron und Tibshirani 1993), auf zwei Stellen gerundet. Die Zusammensetzung gilt als "
            "anders, wenn nicht alle Fragen beide Male gestellt wurden oder die Zahl der Bögen sich "
            "um mehr als die Hälfte geändert hat.",
        ),
        (
            "profil",
            "Stärke, Schwäche",
            "x̄ ± t₀,₉₇₅ · s / √n liegt ganz über oder unter dem Mittel der anderen Fragen",
            "Stimmen alle Antworten überein, wird gerechnet, als wiche eine um eine Stufe ab. Bei "
            "rund hundert Fragen liegen etwa fünf allein durch Zufall außerhalb.",
        ),
        (
            "sichten",
            "Zwei Sichten",
            "Mittelwert über oder unter 2,5; mehr Stärken als Bedarfe oder weniger",
            "Unter fünf Stärken und Bedarfen zusammen wird nicht verglichen.",
        ),
    ]
