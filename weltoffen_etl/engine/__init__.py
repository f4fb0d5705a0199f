"""Builds the tables that grow with the answers: DuckDB does, or a Spark cluster that is there anyway."""
