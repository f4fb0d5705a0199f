"""The graph in Dagster depends on what the statements read, and on nothing else."""

import pytest
import sqlglot
from sqlglot import exp

from pipelines.assets.tables import key_of
from pipelines.definitions import build_definitions
from weltoffen_etl.catalog import tables
from weltoffen_etl.database import statement
from weltoffen_etl.settings import Settings

SCHEMAS = ("core", "shown", "quality", "disclosure", "comparison")


def _read_by(full_name: str) -> set[str]:
    schema, name = full_name.split(".")
    parsed = sqlglot.parse_one(statement(schema, name), dialect="duckdb")
    return {f"{source.db}.{source.name}" for source in parsed.find_all(exp.Table) if source.db}


def test_dependencies_are_what_the_statements_read(settings: Settings) -> None:
    graph = build_definitions(settings).resolve_asset_graph()
    compared = 0
    for name in tables():
        if not name.startswith(SCHEMAS):
            continue
        parents = graph.get(key_of(name)).parent_keys
        assert parents == {key_of(source) for source in _read_by(name)}, name
        compared += 1
    assert compared > 50


@pytest.mark.parametrize("name", [x for x in tables() if x.startswith("comparison.")])
def test_figures_on_answers_come_from_open_cells(name: str) -> None:
    """No comparison table reads answers that may have to be withheld, but for two that say why."""
    within = {
        # Whole forms are resampled, only where both cells are open; the rest is which items were asked.
        "comparison.wave_change": {"shown.answer_count", "shown.response_field"},
        # Published only where somebody switches it on.
        "comparison.microdata": {"shown.response_field"},
    }
    single = {"core.answer", "core.answer_count", "core.response_field", "core.comment"} | {
        "shown.answer_count",
        "shown.response_field",
        "disclosure.cell",
    }
    assert _read_by(name) & single == within.get(name, set())
