"""A column that may be empty must not be empty everywhere: from the catalogue to the audit."""

from pathlib import Path

import pytest

from weltoffen_etl.catalog import CatalogError, table, tables
from weltoffen_etl.database import connect, create
from weltoffen_etl.quality.rulebook import rule_texts
from weltoffen_etl.settings import Settings
from weltoffen_etl.warehouse.audit import check_rules


@pytest.mark.parametrize(("filled", "passed"), [(0, False), (4, False), (5, True), (100, True)])
def test_audit_counts_rows_not_kinds_of_rows(
    settings: Settings, *, filled: int, passed: bool
) -> None:
    """Of a hundred answers five per cent must be there, though they are but two kinds of row."""
    described = table("core.answer")
    with connect(settings) as connection:
        connection.execute("CREATE SCHEMA reference")
        connection.execute("CREATE TABLE reference.item AS SELECT 'i' AS item_code")
        connection.execute(
            "CREATE TABLE reference.missing_reason AS SELECT 'skipped' AS missing_reason"
        )
        create(connection, described)
        connection.execute(
            "INSERT INTO core.answer BY NAME SELECT 'r' || n AS response_id, 'i' AS item_code, "
            "CASE WHEN n < $filled THEN 3 END AS value, "
            "CASE WHEN n >= $filled THEN 'skipped' END AS missing_reason FROM range(100) AS x(n)",
            {"filled": filled},
        )
        checks = {check.name: check for check in check_rules(connection, [described])}
    check = checks["core.answer.value.filled"]
    assert check.passed == passed
    assert check.offending == (0 if passed else 1000 - 10 * filled)
    assert check.severity == "warning"
    assert all(other.passed for name, other in checks.items() if name != check.name)


def test_shares_are_rules_like_others() -> None:
    named = [
        f"{described.full_name}.{column.name}.filled"
        for described in tables().values()
        for column in described.columns
        if column.min_filled is not None
    ]
    assert len(named) >= 3
    assert set(named) <= rule_texts().keys()


@pytest.mark.parametrize(
    ("schema", "more"), [("raw", ""), ("core", ", nullable: false"), ("core", ", min_filled: 2")]
)
def test_share_where_it_means_nothing_is_refused(tmp_path: Path, schema: str, more: str) -> None:
    share = "" if "min_filled" in more else ", min_filled: 0.5"
    (tmp_path / schema).mkdir()
    (tmp_path / schema / "x.yml").write_text(
        "label_de: x\ndescription: x\nkey: [a]\ncolumns:\n"
        f"  - {{name: a, type: INTEGER, description: x{share}{more}}}\n"
    )
    with pytest.raises(CatalogError):
        tables(tmp_path)
