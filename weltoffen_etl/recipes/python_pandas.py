"""Beantwortet die Frage der Rezepte mit pandas auf CSV: pip install pandas."""

import sys
from pathlib import Path
from zipfile import ZipFile

import pandas as pd

ARCHIVE = Path(__file__).resolve().parent.parent / "weltoffen-csv.zip"
MUNICIPALITY, WAVE = "Garbsen", "t1"


def read(archive: ZipFile, table: str) -> pd.DataFrame:
    """Liest eine Tabelle; Gemeindeschlüssel sind Texte, sonst verlören sie führende Nullen."""
    with archive.open(f"data/{table}.csv") as file:
        return pd.read_csv(file, dtype={"ags": str}, keep_default_na=False, na_values=[""])


with ZipFile(ARCHIVE) as archive:
    scores = read(archive, "comparison.action_field_score")
    municipalities = read(archive, "reference.municipality")
    fields = read(archive, "reference.action_field")

found = (
    scores[scores["wave"] == WAVE]
    .merge(municipalities.loc[municipalities["label_de"] == MUNICIPALITY, ["ags"]], on="ags")
    .merge(fields, on="action_field")
    .sort_values("position")
)
# Eine zurückgehaltene Basis ist leer und keine 0.
found["n_respondents"] = found["n_respondents"].astype("Int64")
columns = ["action_field", "label_de", "n_respondents", "mean", "withheld_because"]
found[columns].to_csv(sys.stdout, sep="\t", index=False, float_format="%.2f", lineterminator="\n")
