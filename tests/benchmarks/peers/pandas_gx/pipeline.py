"""pandas reads, melts and groups the forms; Great Expectations checks them; DuckDB keeps the tables.

Run by ``compare.py`` in the environment of this folder: ``pipeline.py DELIVERIES DATABASE``.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import great_expectations as gx
import great_expectations.expectations as gxe
import numpy as np
import pandas as pd

REASONS = ["not_chosen", "not_reached", "skipped", "dont_know", "invalid"]
FIELDS = ["MS", "IA", "FZ", "AW", "EB", "ZB", "KK"]
BLOCK = ["ags", "wave"]
Tables = dict[str, pd.DataFrame]


def read(deliveries: Path) -> Tables:
    """Reads every file as text."""
    forms = pd.concat(
        pd.read_csv(path, sep=";", dtype=str, encoding="utf-8-sig", keep_default_na=False)
        for path in sorted((deliveries / "inbox").rglob("*.csv"))
    ).replace("", None)
    forms.insert(0, "response_id", forms["AGS"] + "/" + forms["welle"] + "/352021/" + forms["id"])
    folder = deliveries / "instrument"
    return {
        "wide": forms.reset_index(drop=True),
        "item": pd.read_csv(folder / "item.csv", dtype={"sub_theme": object}),
        "scale_code": pd.read_csv(folder / "scale_code.csv", dtype={"value": "Int64"}),
    }


def responses(wide: pd.DataFrame) -> pd.DataFrame:
    """Returns the forms, typed."""
    typed = pd.DataFrame(
        {
            "response_id": wide["response_id"],
            "source_response_id": wide["id"],
            "ags": wide["AGS"],
            "wave": wide["welle"],
            "is_submitted": wide["submitdate"].notna(),
            "last_page": wide["lastpage"].astype("int32"),
            "submitted_at": pd.to_datetime(wide["submitdate"], format="%Y-%m-%d %H:%M:%S"),
            "started_at": pd.to_datetime(wide["startdate"], format="%Y-%m-%d %H:%M:%S"),
            "filled_on": pd.to_datetime(wide["datum"], format="%Y-%m-%d %H:%M:%S"),
            "language": wide["startlanguage"],
            "respondent_role": wide["rolle"],
            "years_in_role": wide["jahre"].astype("float64"),
            "overall_value": pd.to_numeric(wide["GES"]).astype("Int32"),
        }
    )
    for field in FIELDS:
        typed[f"chose_{field.lower()}"] = wide[f"HF[{field}]"].eq("Y")
    return typed


def answers(tables: Tables, response: pd.DataFrame) -> pd.DataFrame:
    """Returns every item of every form, with its value or why there is none."""
    item, scale = tables["item"], tables["scale_code"].set_index("code")
    wide = tables["wide"][["response_id", *item["source_code"]]]
    long = wide.melt(id_vars="response_id", var_name="source_code", value_name="code")
    # The melted rows follow item by item, each in the order of the forms.
    count = len(response)
    chosen = response[[f"chose_{field.lower()}" for field in FIELDS]].to_numpy()
    place = item["action_field"].map(FIELDS.index).to_numpy()
    is_chosen = chosen[:, place].T.ravel()
    page = np.repeat(item["page"].to_numpy(), count)
    is_beyond = page > np.tile(response["last_page"].to_numpy(), len(item))
    is_left = ~np.tile(response["is_submitted"].to_numpy(), len(item))
    code = long["code"].astype("category")
    unanswered = np.select(
        [~is_chosen, is_left & is_beyond], ["not_chosen", "not_reached"], default="skipped"
    )
    is_known = code.isin(scale.index)
    reason = pd.Series(unanswered, index=long.index, dtype=object)
    reason = reason.where(code.isna(), "invalid")
    reason = reason.where(~is_known, code.map(scale["missing_reason"]).astype(object))
    return pd.DataFrame(
        {
            "response_id": long["response_id"],
            "item_code": pd.Categorical.from_codes(
                np.repeat(np.arange(len(item)), count), categories=item["item_code"].to_numpy()
            ),
            "value": code.map(scale["value"]).astype("Int32"),
            "missing_reason": pd.Categorical(reason, categories=REASONS),
        }
    )


def cube(answer: pd.DataFrame, response: pd.DataFrame) -> pd.DataFrame:
    """Returns the counts by municipality, wave, item, and value or reason."""
    placed = answer.merge(response[["response_id", *BLOCK]], on="response_id")
    keys = [*BLOCK, "item_code", "value", "missing_reason"]
    return placed.groupby(keys, dropna=False, observed=True).size().rename("n").reset_index()


def figures(counts: pd.DataFrame, item: pd.DataFrame, parts: list[str]) -> pd.DataFrame:
    """Returns the figures that follow from the counts, for each part of the questionnaire."""
    columns = ["item_code", *(part for part in [*parts, "polarity"] if part != "item_code")]
    rows = counts.astype({"item_code": object}).merge(
        item[list(dict.fromkeys(columns))], on="item_code"
    )
    turned = (5 - rows["value"]).where(rows["polarity"] == -1, rows["value"])
    rows["what"] = ("n_" + turned.astype("string")).fillna(
        "n_" + rows["missing_reason"].astype("string")
    )
    names = [f"n_{x}" for x in (1, 2, 3, 4, *REASONS)]
    summed = rows.groupby([*BLOCK, *parts, "what"], dropna=False)["n"].sum()
    table = summed.unstack("what", fill_value=0)  # noqa: PD010
    table = table.reindex(columns=names, fill_value=0).reset_index()
    n = table[names[:4]].to_numpy()
    total, scale = n.sum(axis=1), np.arange(1, 5)
    sum_x, sum_xx = n @ scale, n @ scale**2
    expected = table[names].sum(axis=1)
    table["n_expected"], table["n_answers"] = expected, total
    table["answered_share"] = total / expected
    for reason in REASONS[:4]:
        table[f"share_{reason}"] = table[f"n_{reason}"] / expected
    with np.errstate(divide="ignore", invalid="ignore"):
        asked = (expected - table["n_not_chosen"]).to_numpy()
        table["answered_share_of_chosen"] = np.where(asked > 0, total / asked, np.nan)
        mean = sum_x / total
        table["mean"] = mean
        table["sd"] = np.sqrt((total * sum_xx - sum_x**2) / (total * (total - 1)))
        closeness = np.log2(1 - np.abs(scale - mean[:, None]) / 3)
        table["consensus"] = 1 + np.where(n > 0, n * closeness, 0).sum(axis=1) / total
    reached = n.cumsum(axis=1)
    low = 1 + (2 * reached < total[:, None]).sum(axis=1)
    high = 1 + (2 * reached <= total[:, None]).sum(axis=1)
    table["median"] = (low + high) / 2
    table["lower_quartile"] = 1.0 + (4 * reached < total[:, None]).sum(axis=1)
    table["upper_quartile"] = 1.0 + (4 * reached < 3 * total[:, None]).sum(axis=1)
    table.loc[total == 0, ["median", "lower_quartile", "upper_quartile"]] = np.nan
    return table


def expectations(ags: list[str], items: list[str]) -> Iterator[tuple[str, list[gxe.Expectation]]]:
    """Returns the suites: the same promises as in the dbt project."""
    unique, known, full = (
        gxe.ExpectColumnValuesToBeUnique,
        gxe.ExpectColumnValuesToBeInSet,
        gxe.ExpectColumnValuesToNotBeNull,
    )
    yield (
        "response",
        [
            unique(column="response_id"),
            *(full(column=x) for x in ("response_id", "ags", "wave", "last_page", "started_at")),
            known(column="ags", value_set=ags),
            known(column="wave", value_set=["t0", "t1"]),
            known(column="respondent_role", value_set=[*(f"R{x}" for x in range(1, 7)), "-oth-"]),
            known(column="overall_value", value_set=[1, 2, 3, 4, 9]),
        ],
    )
    yield (
        "answer",
        [
            *(full(column=x) for x in ("response_id", "item_code")),
            known(column="item_code", value_set=items),
            known(column="value", value_set=[1, 2, 3, 4]),
            known(column="missing_reason", value_set=REASONS[:4]),
        ],
    )


def check(tables: Tables, ags: list[str]) -> None:
    """Stops where a promise is broken."""
    context = gx.get_context(mode="ephemeral")
    source = context.data_sources.add_pandas("bench")
    for name, rules in expectations(ags, tables["item"]["item_code"].tolist()):
        batch = source.add_dataframe_asset(name).add_batch_definition_whole_dataframe("all")
        suite = context.suites.add(gx.ExpectationSuite(name=name, expectations=rules))
        definition = gx.ValidationDefinition(name=name, data=batch, suite=suite)
        if not definition.run(batch_parameters={"dataframe": tables[name]}).success:
            raise SystemExit(f"{name}: an expectation is not met")


def main(deliveries: Path, database: Path) -> None:
    """Reads, checks, computes and writes."""
    tables = read(deliveries)
    registered = pd.read_csv(deliveries / "reference" / "municipalities.csv", dtype=str)["ags"]
    tables["response"] = responses(tables["wide"])
    tables["answer"] = answers(tables, tables["response"])
    check(tables, registered.tolist())
    tables["answer_count"] = counts = cube(tables["answer"], tables["response"])
    item = tables["item"]
    parts = ["item_code", "action_field", "sub_theme", "polarity"]
    tables["item_result"] = figures(counts, item, parts)
    tables["action_field_score"] = figures(counts, item, ["action_field"])
    themed = item[item["sub_theme"].notna()]
    tables["sub_theme_score"] = figures(counts, themed, ["action_field", "sub_theme"])
    with duckdb.connect(str(database)) as connection:
        for name, table in tables.items():
            connection.register("table_now", table)
            connection.execute(f"CREATE TABLE {name} AS SELECT * FROM table_now")
            connection.unregister("table_now")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
