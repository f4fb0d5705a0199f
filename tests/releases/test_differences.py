"""What differs between two releases, found by hand and by a second way of counting."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from tests.releases.small import Content, delivery, manifest, write_release
from weltoffen_etl.differences.between import (
    PlaceChange,
    TableChange,
    ValueChange,
    compared,
    place_changes,
    table_changes,
    value_changes,
)
from weltoffen_etl.differences.reasons import Reason, reasons
from weltoffen_etl.settings import Settings

SCORE = "comparison.score"
COLUMNS = ("ags VARCHAR", "wave VARCHAR", "mean DOUBLE", "withheld_because VARCHAR")
GARBSEN, KONSTANZ = "03241005", "08335043"


def _pair(folder: Path, before: Content, after: Content) -> tuple[Path, Path]:
    return (
        write_release(folder / "before.duckdb", before),
        write_release(folder / "after.duckdb", after),
    )


def test_every_kind_of_difference_is_counted(settings: Settings, tmp_path: Path) -> None:
    before: Content = {
        SCORE: (
            "ags, wave",
            COLUMNS,
            [
                (GARBSEN, "t0", 2.5, None),
                (GARBSEN, "t1", 3.0, None),
                (KONSTANZ, "t0", None, "confidential"),
                (KONSTANZ, "t1", 2.0, None),
            ],
        ),
        "comparison.gone": ("ags", ("ags VARCHAR",), [(GARBSEN,)]),
        "comparison.wider": ("ags", ("ags VARCHAR", "old INTEGER"), [(GARBSEN, 1)]),
    }
    after: Content = {
        SCORE: (
            "ags, wave",
            COLUMNS,
            [
                (GARBSEN, "t0", 2.75, None),
                (KONSTANZ, "t0", 2.25, None),
                (KONSTANZ, "t1", None, "confidential"),
                (KONSTANZ, "t2", 1.0, None),
            ],
        ),
        "comparison.fresh": ("ags", ("ags VARCHAR",), [(GARBSEN,)]),
        "comparison.wider": ("ags", ("ags VARCHAR", "new INTEGER"), [(GARBSEN, 1)]),
    }
    with compared(settings, *_pair(tmp_path, before, after)) as connection:
        tables = {x.table: x for x in table_changes(connection)}
        places = place_changes(connection)
        values = value_changes(connection)
        only_garbsen = value_changes(connection, ags=GARBSEN)
        elsewhere = value_changes(connection, table="comparison.wider")
    assert tables[SCORE] == TableChange(SCORE, f"T {SCORE}", 4, 4, (), (), 1, 1, 3, 5)
    assert tables["comparison.gone"].status == "gone"
    assert tables["comparison.fresh"].status == "new"
    wider = tables["comparison.wider"]
    assert (wider.columns_added, wider.columns_removed) == (("new",), ("old",))
    assert tables["reference.municipality"].is_same
    assert not any(tables[x].is_same for x in tables if x != "reference.municipality")
    assert places == [
        PlaceChange(GARBSEN, SCORE, 0, 1, 1, 1, 0, 0),
        PlaceChange(KONSTANZ, SCORE, 1, 0, 2, 4, 1, 1),
    ]
    assert (
        ValueChange(SCORE, GARBSEN, f"ags={GARBSEN}, wave=t0", "changed", "mean", "2.5", "2.75")
        in values
    )
    assert {(x.row[-2:], x.kind) for x in values} == {
        ("t0", "changed"), ("t1", "removed"), ("t1", "changed"), ("t2", "added"),
    }  # fmt: skip
    assert {x.kind for x in only_garbsen} == {"changed", "removed"}
    assert elsewhere == []


def test_rows_without_a_key_are_paired_one_by_one(settings: Settings, tmp_path: Path) -> None:
    columns = ("ags VARCHAR", "rule VARCHAR")
    before: Content = {"quality.finding": ("finding_id", columns, [(GARBSEN, "a")] * 3)}
    after: Content = {
        "quality.finding": ("finding_id", columns, [(GARBSEN, "a"), (GARBSEN, "b"), (None, "b")])
    }
    with compared(settings, *_pair(tmp_path, before, after)) as connection:
        found = {x.ags: (x.added, x.removed, x.changed) for x in place_changes(connection)}
    assert found == {GARBSEN: (1, 2, 0), None: (1, 0, 0)}


def test_a_changed_type_is_no_error(settings: Settings, tmp_path: Path) -> None:
    before: Content = {SCORE: ("ags", ("ags VARCHAR", "n INTEGER"), [(GARBSEN, 1)])}
    after: Content = {SCORE: ("ags", ("ags VARCHAR", "n VARCHAR"), [(GARBSEN, "1")])}
    with compared(settings, *_pair(tmp_path, before, after)) as connection:
        assert all(x.is_same for x in table_changes(connection))


_CELLS = st.dictionaries(
    st.tuples(st.sampled_from("ABC"), st.integers(0, 3)),
    st.tuples(st.none() | st.integers(0, 2), st.none() | st.sampled_from(["", "x"])),
    max_size=8,
)


@hypothesis_settings(max_examples=40, deadline=None)
@given(_CELLS, _CELLS)
def test_counts_agree_with_counting_in_python(
    before: dict[tuple[str, int], tuple[Any, Any]], after: dict[tuple[str, int], tuple[Any, Any]]
) -> None:
    columns = ("ags VARCHAR", "k INTEGER", "n INTEGER", "t VARCHAR")

    def content(cells: dict[tuple[str, int], tuple[Any, Any]]) -> Content:
        return {"comparison.x": ("ags, k", columns, [(*key, *cells[key]) for key in cells])}

    with TemporaryDirectory() as folder:
        files = _pair(Path(folder), content(before), content(after))
        with compared(Settings(data_dir=Path(folder)), *files) as connection:
            found = next(x for x in table_changes(connection) if x.table == "comparison.x")
    both = before.keys() & after.keys()
    assert found.added == len(after.keys() - before.keys())
    assert found.removed == len(before.keys() - after.keys())
    assert found.changed == sum(before[key] != after[key] for key in both)
    assert found.values == sum(
        a != b for key in both for a, b in zip(before[key], after[key], strict=True)
    )


CORRECTIONS = ("correction VARCHAR", "action VARCHAR", "delivery_id VARCHAR", "outcome VARCHAR")
DELIVERIES = ("delivery_id VARCHAR", "sender VARCHAR")


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ({}, {}, []),
        (
            {"deliveries": [delivery(1, GARBSEN)]},
            {"deliveries": [delivery(1, GARBSEN, "superseded"), delivery(2, GARBSEN)]},
            [
                Reason(GARBSEN, "Selbstcheck t0 (Eingang 1, 00000000) ist jetzt durch eine neuere Datei ersetzt"),
                Reason(GARBSEN, "neue Lieferung: Selbstcheck t0 (Eingang 2, 00000000)"),
            ],
        ),
        (
            {"deliveries": [delivery(1, KONSTANZ, kind="workshop", workshop_on="2025-06-03")]},
            {},
            [Reason(KONSTANZ, "Workshop vom 03.06.2025 (Eingang 1, 00000000) gehört nicht mehr dazu")],
        ),
        ({}, {"code_version": "b"}, [Reason(None, "Software geändert (1.0.0)")]),
        (
            {},
            {"code_version": "b", "software": "1.1.0"},
            [Reason(None, "Software geändert (1.0.0 → 1.1.0)")],
        ),
        (
            {},
            {"settings": {"min_respondents": 7}},
            [Reason(None, "Einstellung „Mindestzahl der Antwortenden“: 5 → 7")],
        ),
        ({}, {"as_of": "2026-02-01"}, [Reason(None, "Stichtag für Fristen: 01.01.2026 → 01.02.2026")]),
        (
            {},
            {"reference_version": "s"},
            [Reason(None, "Verzeichnisse geändert (Kommunen, Wellen, Fragebögen, Berichtigungen)")],
        ),
    ],
)  # fmt: skip
def test_reasons_follow_from_the_manifests(
    settings: Settings,
    tmp_path: Path,
    before: dict[str, Any],
    after: dict[str, Any],
    said: list[Reason],
) -> None:
    with compared(settings, *_pair(tmp_path, {}, {})) as connection:
        assert reasons(connection, manifest(**before), manifest(**after)) == said


def test_a_correction_is_a_reason_of_its_municipality(settings: Settings, tmp_path: Path) -> None:
    def content(*rows: tuple[str, ...]) -> Content:
        return {
            "quality.correction": ("correction", CORRECTIONS, rows),
            "quality.reconciliation": ("delivery_id", DELIVERIES, [("d1", GARBSEN)]),
        }

    before = content(("c1", "drop", "d1", "applied"), ("c2", "drop", "d1", "applied"))
    after = content(("c1", "drop", "d1", "applied"), ("c3", "override", "d1", "expectation_failed"))
    with compared(settings, *_pair(tmp_path, before, after)) as connection:
        assert reasons(connection, manifest(), manifest()) == [
            Reason(GARBSEN, "Berichtigung c2: entfallen"),
            Reason(GARBSEN, "Berichtigung c3: nicht angewandt, dort steht etwas anderes"),
        ]
