"""Beantwortet die Frage der Rezepte mit Polars auf Parquet: pip install polars."""

import sys
from pathlib import Path

import polars as pl

PARQUET = Path(__file__).resolve().parent.parent / "parquet"
MUNICIPALITY, WAVE = "Garbsen", "t1"

scores = pl.scan_parquet(PARQUET / "comparison" / "action_field_score.parquet")
municipalities = pl.scan_parquet(PARQUET / "reference" / "municipality.parquet")
fields = pl.scan_parquet(PARQUET / "reference" / "action_field.parquet")

found = (
    scores.filter(pl.col("wave") == WAVE)
    .join(municipalities.filter(pl.col("label_de") == MUNICIPALITY), on="ags", how="semi")
    .join(fields, on="action_field")
    .sort("position")
    .select("action_field", "label_de", "n_respondents", "mean", "withheld_because")
    .collect()
)
sys.stdout.write(found.write_csv(separator="\t", float_precision=2))
