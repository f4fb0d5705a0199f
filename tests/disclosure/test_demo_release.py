"""The release of the demonstration, attacked with nothing but its own tables."""

from pathlib import Path
from typing import Any

import pytest

from tests.conftest import deliver_demo
from tests.disclosure.series import COUNTS, LEAST, Outcome, Release, attack
from tests.nights import run_night
from weltoffen_etl.database import Connection, connect
from weltoffen_etl.settings import Settings
from weltoffen_etl.warehouse.current import current_release

Cell = tuple[str, ...]
TABLES = {
    "item_result": "'municipality', ags, 'item', item_code",
    "sub_theme_score": "'municipality', ags, 'sub_theme', sub_theme",
    "action_field_score": "'municipality', ags, 'field', action_field",
    "item_overview": "'all', 'all', 'item', item_code",
    "peer_group_score": "peer_kind, peer_group, part_kind, part",
}
MISSING = [name.removeprefix("n_") for name in COUNTS[4:]]


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    settings = Settings(
        data_dir=tmp_path_factory.mktemp("demo") / "data",
        settle_seconds=0.0,
        partner_databases=True,
    )
    deliver_demo(settings)
    assert run_night(settings).outcome == "published"
    return settings


@pytest.fixture(scope="module")
def releases(night: Settings) -> list[Release]:
    """Both waves of the release: what its tables show, and the truth of the warehouse."""
    release = current_release(night)
    assert release is not None
    with (
        connect(night, release.database, read_only=True) as published,
        connect(night, night.warehouse_file, read_only=True) as internal,
    ):
        return [_read(published, internal, wave) for wave in ("t0", "t1")]


def _read(published: Connection, internal: Connection, wave: str) -> Release:
    missing = ", ".join(f"round(share_{name} * n_expected)::BIGINT" for name in MISSING)
    shown: dict[Cell, tuple[int, ...] | None] = {}
    for name, key in TABLES.items():
        for row in published.execute(
            f"SELECT action_field, {key}, withheld_because, n_1, n_2, n_3, n_4, {missing} "
            f"FROM comparison.{name} WHERE wave = $wave "
            "AND withheld_because IS DISTINCT FROM 'too_few_municipalities'",
            {"wave": wave},
        ).fetchall():
            assert (row[5] == "confidential") == (row[6] is None)
            shown[row[:5]] = None if row[6] is None else row[6:]
    columns = ", ".join(COUNTS)
    true = internal.execute(
        f"SELECT action_field, unit_kind, unit, part_kind, part, n_respondents, {columns} "
        "FROM disclosure.cell WHERE wave = $wave",
        {"wave": wave},
    ).fetchall()
    truth = {row[:5]: row[6:] for row in true if row[:5] in shown}
    persons = {row[:5]: row[5] for row in true if row[:5] in shown}
    assert truth.keys() == shown.keys()
    for cell, counts in shown.items():
        assert counts is None or counts == truth[cell]
    return Release(shown, truth, persons, _sums(published, shown), 0)


def _sums(published: Connection, shown: dict[Cell, Any]) -> list[tuple[Cell, tuple[Cell, ...]]]:
    """What adds up to what, from the registers of the release."""
    theme = dict(published.execute("SELECT item_code, sub_theme FROM reference.item").fetchall())
    groups: dict[tuple[str, str], set[str]] = {}
    for kind, group, ags in published.execute(
        "SELECT peer_kind, peer_group, ags FROM reference.peer_group WHERE is_counted"
    ).fetchall():
        groups.setdefault((kind, group), set()).add(ags)
    found = []
    for total in shown:
        field, kind, unit, part_kind, part = total
        if part_kind != "item":
            inside = tuple(
                cell
                for cell in shown
                if cell[:4] == (field, kind, unit, "item")
                and (part_kind == "field" or theme[cell[4]] == part)
            )
            if inside:
                found.append((total, inside))
        if kind in {"municipality", "chosen"}:
            continue
        found.append(
            (
                total,
                tuple(
                    cell
                    for cell in shown
                    if cell[:2] == (field, "municipality")
                    and cell[2] in groups[kind, unit]
                    and cell[3:] == (part_kind, part)
                ),
            )
        )
    return found


def test_nothing_withheld_can_be_calculated(
    releases: list[Release], capsys: pytest.CaptureFixture[str]
) -> None:
    outcome = Outcome(releases, [attack(x) for x in releases], [], [])
    with capsys.disabled():
        print("", *outcome.lines(), sep="\n  ")
    small = sum(0 < n < LEAST for x in releases for n in x.persons.values())
    assert small == 3
    for found in outcome.single:
        assert (found.exact, found.narrow, found.told) == (0, [], [])
    # The attack can succeed: with the small cells alone withheld, it does.
    alone = [
        attack(
            Release(
                {
                    cell: None if 0 < release.persons[cell] < LEAST else release.truth[cell]
                    for cell in release.shown
                },
                release.truth,
                release.persons,
                release.sums,
                0,
            )
        )
        for release in releases
    ]
    assert sum(x.exact for x in alone) == small


def test_a_municipality_gets_nothing_of_another(night: Settings) -> None:
    release = current_release(night)
    assert release is not None
    files = sorted((release.folder / "partners").glob("*.duckdb"))
    assert [file.stem for file in files] == ["00000001", "03241005", "08335043", "09762000"]
    for file in files:
        with connect(night, file, read_only=True) as connection:
            named = connection.execute(
                "SELECT schema_name, table_name, column_name FROM duckdb_columns() "
                "WHERE column_name IN ('ags', 'sender') AND table_name <> 'municipality'"
            ).fetchall()
            assert len(named) > 12
            for schema, name, column in named:
                others = connection.execute(
                    f"SELECT count(*) FROM {schema}.{name} WHERE {column} <> $own",
                    {"own": file.stem},
                ).fetchone()
                assert others == (0,), (file.stem, name)
            groups = connection.execute(
                "SELECT count(*) FILTER (mean IS NOT NULL), min(n_municipalities) FILTER (mean IS NOT NULL) "
                "FROM comparison.peer_group_score"
            ).fetchone()
            assert groups is not None
            assert groups[0] > 0
            assert groups[1] >= night.min_municipalities
        # Not in its bytes either: the names of tables that only evaluators get.
        assert b"benchmark_peer" not in Path(file).read_bytes()
