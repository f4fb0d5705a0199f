"""Columns that a description takes over from another table."""

from pathlib import Path

import pytest

from weltoffen_etl.catalog import CatalogError, Table, table, tables
from weltoffen_etl.quality.rules import kinds_of

_SOURCE = """
label_de: Quelle
description: Eine Zeile ist ein Ding.
key: [thing]
columns:
  - {name: thing, type: VARCHAR, nullable: false, description: "Ding"}
  - {name: height, type: DOUBLE, min: 0, min_filled: 0.5, unit: m, description: "Höhe"}
  - {name: width, type: DOUBLE, min: 0, unit: m, description: "Breite"}
  - {name: depth, type: DOUBLE, min: 0, unit: m, description: "Tiefe"}
"""


def _target(tmp_path: Path, more: str, included: str = "disclosure.source") -> Table:
    for schema in ("disclosure", "comparison"):
        (tmp_path / schema).mkdir()
    (tmp_path / "disclosure" / "source.yml").write_text(_SOURCE, encoding="utf-8")
    (tmp_path / "comparison" / "target.yml").write_text(
        "label_de: Ziel\ndescription: Eine Zeile ist ein Ort.\nkey: [place]\ncolumns:\n"
        '  - {name: place, type: VARCHAR, description: "Ort"}\n'
        f"{more}\ninclude: {included}\n",
        encoding="utf-8",
    )
    return tables(tmp_path)["comparison.target"]


def test_all_columns_but_the_key_come_after_its_own(tmp_path: Path) -> None:
    target = _target(tmp_path, "")
    assert [column.name for column in target.columns] == ["place", "height", "width", "depth"]
    source = {x.name: x for x in tables(tmp_path)["disclosure.source"].columns}
    # Their rules are those of the table they come from, and checked there.
    taken = {"is_taken_over": True}
    assert target.columns[2:] == tuple(
        source[name].model_copy(update=taken) for name in ("width", "depth")
    )
    assert not [kind for column in target.columns[1:] for kind in kinds_of(column)]
    # How many rows are filled differs from table to table.
    assert (source["height"].min_filled, target.columns[1].min_filled) == (0.5, None)


def test_columns_can_be_left_out_and_described_anew(tmp_path: Path) -> None:
    target = _target(
        tmp_path,
        '  - {name: depth, type: INTEGER, description: "Tiefe in Zentimetern"}\nwithout: [height]',
    )
    assert [(x.name, x.type) for x in target.columns] == [
        ("place", "VARCHAR"),
        ("depth", "INTEGER"),
        ("width", "DOUBLE"),
    ]


@pytest.mark.parametrize(
    ("more", "included"),
    [
        ("without: [length]", "disclosure.source"),
        ("without: [thing]", "disclosure.source"),
        ("", "disclosure.nowhere"),
        ("", "comparison.target"),
        ("", "meta.table"),
        ("", "source"),
    ],
)
def test_what_cannot_be_taken_over_is_refused(tmp_path: Path, more: str, included: str) -> None:
    with pytest.raises(CatalogError):
        _target(tmp_path, more, included)


def test_to_leave_out_columns_of_nothing_is_refused(tmp_path: Path) -> None:
    (tmp_path / "core").mkdir()
    (tmp_path / "core" / "x.yml").write_text(
        "label_de: x\ndescription: x\nkey: [a]\nwithout: [b]\ncolumns:\n"
        "  - {name: a, type: INTEGER, description: x}\n"
    )
    with pytest.raises(CatalogError):
        tables(tmp_path)


@pytest.mark.parametrize(
    "name",
    ["item_result", "item_overview", "sub_theme_score", "action_field_score", "peer_group_score"],
)
def test_figures_are_described_alike_everywhere(name: str) -> None:
    figure = {x.name: x.description for x in table("disclosure.figure").columns}
    described = {x.name: x.description for x in table(f"comparison.{name}").columns}
    assert len(figure.keys() & described.keys()) > 25
    shared = figure.keys() & described.keys() - set(table("disclosure.figure").key)
    # A row of a wave that is not compared has no figures, so it says nothing of their origin.
    shared -= {"is_synthetic"} if name == "action_field_score" else set()
    assert {x: figure[x] for x in shared} == {x: described[x] for x in shared}
