"""A municipality with too few forms in a wave is seen in the field figures, with nothing else."""

from weltoffen_etl.catalog import table
from weltoffen_etl.database import build, connect, create, insert
from weltoffen_etl.settings import Settings

FEW, ENOUGH, GONE = "08335043", "03241005", "09762000"


def test_every_field_of_a_delivery_has_a_row(settings: Settings) -> None:
    with connect(settings) as connection:
        inputs = ("shown.block", "reference.action_field", "disclosure.figure")
        for name in inputs:
            create(connection, table(name))
        insert(connection, "reference.action_field", [("MS", 1, "x"), ("FZ", 2, "y")])
        # n_now, n_before, n_changed, is_kept, n_responses, is_compared
        insert(
            connection,
            "shown.block",
            [
                (FEW, "t0", 4, 0, 4, False, 4, False),
                (ENOUGH, "t0", 5, 0, 5, False, 5, True),
                (GONE, "t0", 0, 6, 6, False, 0, False),
            ],
        )
        connection.execute(
            "INSERT INTO disclosure.figure BY NAME SELECT 't0' AS wave, "
            "unnest(['MS', 'FZ']) AS action_field, 'municipality' AS unit_kind, $ags AS unit, "
            "'field' AS part_kind, action_field AS part, unnest(['confidential', NULL]) "
            "AS withheld_because, 5 AS n_responses, true AS is_synthetic",
            {"ags": ENOUGH},
        )
        assert build(connection, "comparison.action_field_score") == 4
        names = [column.name for column in table("comparison.action_field_score").columns]
        rows = connection.execute(
            "FROM comparison.action_field_score ORDER BY ags, action_field"
        ).fetchall()
    found = [
        {name: value for name, value in zip(names, row, strict=True) if value is not None}
        for row in rows
    ]
    shown = {"ags": ENOUGH, "wave": "t0", "is_synthetic": True, "n_responses": 5}
    few = {"ags": FEW, "wave": "t0", "withheld_because": "confidential"}
    assert found == [
        shown | {"action_field": "FZ"},
        shown | {"action_field": "MS", "withheld_because": "confidential"},
        few | {"action_field": "FZ"},
        few | {"action_field": "MS"},
    ]
