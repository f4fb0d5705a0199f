"""The projects of the peers: their own files, and the shared statements with their way of naming tables."""

from __future__ import annotations

import shutil
from pathlib import Path

import yaml

from tests.benchmarks.form_rows import columns_of
from tests.benchmarks.peers.environments import HERE
from tests.benchmarks.statements import INPUTS, Statements

SCHEMA = "bench"
_CHECKED_AGAINST = {"answer": ("item", "response"), "response": ("municipality",)}
"""Tables that an audit of SQLMesh looks into, beside those that a statement names."""


def write_dbt(statements: Statements, into: Path) -> None:
    """Writes the dbt project; the files are its sources."""
    shutil.copytree(HERE / "dbt_duckdb", into)
    read = statements.sources | {"municipalities": statements.municipalities}
    tables = [
        # The formatter "template" leaves braces alone.
        {"name": name, "meta": {"external_location": text, "formatter": "template"}}
        for name, text in read.items()
    ]
    sources = {"version": 2, "sources": [{"name": "delivered", "tables": tables}]}
    (into / "models" / "sources.yml").write_text(yaml.safe_dump(sources), encoding="utf-8")
    for table in INPUTS:
        text = statements.select(
            table,
            name=lambda other: f"{{{{ ref('{other}') }}}}",
            source=lambda kind: f"{{{{ source('delivered', '{kind}') }}}}",
        )
        (into / "models" / f"{table}.sql").write_text(text, encoding="utf-8")


def write_sqlmesh(statements: Statements, into: Path) -> None:
    """Writes the SQLMesh project; every table is a full model with its audits."""
    shutil.copytree(HERE / "sqlmesh", into)
    (into / "models").mkdir()
    audits = yaml.safe_load((into / "audits.yaml").read_text(encoding="utf-8"))
    (into / "audits.yaml").unlink()
    texts = {table: statements.select(table, name=lambda x: f"{SCHEMA}.{x}") for table in INPUTS}
    texts["municipality"] = f"SELECT ags FROM {statements.municipalities}"
    for table, text in texts.items():
        needed = ", ".join(f"{SCHEMA}.{x}" for x in _CHECKED_AGAINST.get(table, ()))
        promised = ", ".join(audits.get(table, ()))
        head = f"MODEL (name {SCHEMA}.{table}, kind FULL"
        head += f", depends_on ({needed})" if needed else ""
        head += f", audits ({promised}));" if promised else ");"
        (into / "models" / f"{table}.sql").write_text(f"{head}\n\n{text}", encoding="utf-8")


def write_dlt(statements: Statements, into: Path) -> None:
    """Writes the statements that follow after loading, in order, and what to load."""
    shutil.copytree(HERE / "dlt", into)
    (into / "inbox.txt").write_text(str(statements.folder / "inbox"), encoding="utf-8")
    columns = columns_of(statements.instrument)
    (into / "columns.txt").write_text("\n".join(columns), encoding="utf-8")
    read = statements.sources | {"forms": f"{SCHEMA}.wide_forms"}
    for number, table in enumerate(INPUTS):
        text = statements.select(table, name=lambda x: f"{SCHEMA}.{x}", source=lambda x: read[x])
        (into / f"{number:02d}_{table}.sql").write_text(text, encoding="utf-8")
