"""dlt loads the forms as they are into DuckDB; the other tables follow in SQL.

Run by ``compare.py`` in the environment of this folder: ``pipeline.py PROJECT DATABASE``.
"""

import sys
from pathlib import Path

import dlt
import duckdb
from dlt.sources.filesystem import filesystem, read_csv_duckdb

CHUNK = 50_000
FORMS = "wide_forms"
SCHEMA = "bench"


def main(project: Path, database: Path) -> None:
    """Loads and computes."""
    inbox = (project / "inbox.txt").read_text(encoding="utf-8")
    columns = (project / "columns.txt").read_text(encoding="utf-8").splitlines()
    connection = duckdb.connect(database)
    connection.execute("SET memory_limit = '4GB'; SET preserve_insertion_order = false")
    # Headings of the survey stay as they are.
    dlt.config["schema.naming"] = "direct"
    pipeline = dlt.pipeline(
        pipeline_name="bench",
        pipelines_dir=str(project / "state"),
        destination=dlt.destinations.duckdb(connection),
        dataset_name=SCHEMA,
    )
    forms = filesystem(bucket_url=Path(inbox).as_uri(), file_glob="**/*.csv") | read_csv_duckdb(
        chunk_size=CHUNK, use_pyarrow=True, delimiter=";", header=True, all_varchar=True
    )
    forms.apply_hints(
        write_disposition="replace",
        columns={name: {"name": name, "data_type": "text"} for name in columns},
        schema_contract={"columns": "freeze", "data_type": "freeze"},
    )
    pipeline.run(forms.with_name(FORMS), loader_file_format="parquet").raise_on_failed_jobs()
    for file in sorted(project.glob("*.sql")):
        table = file.stem.partition("_")[2]
        with pipeline.sql_client() as client:
            client.execute_sql(
                f"CREATE OR REPLACE TABLE {SCHEMA}.{table} AS {file.read_text(encoding='utf-8')}"
            )
    connection.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
