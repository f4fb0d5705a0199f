"""The Dagster graph. Thin: it calls the library and reports what it returned."""
