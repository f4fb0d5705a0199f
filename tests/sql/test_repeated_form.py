"""Repeated forms are found by day and bits; here pair by pair, as they are defined."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import NamedTuple

import duckdb
import pytest

from weltoffen_etl.database import statement

N_ITEMS = 30
_UNKNOWN = datetime.fromisoformat("1980-01-01")


class Form(NamedTuple):
    delivery: int
    row: int
    number: str | None
    ags: str | None
    wave: str | None
    role: str | None
    years: str | None
    department: str | None
    is_submitted: bool | None
    started: datetime | None
    answers: tuple[int | None, ...]


def _forms(draw: random.Random) -> list[Form]:
    begin = datetime.fromisoformat("2026-09-07 09:00")
    starts = [begin + timedelta(hours=12 * x) for x in range(6)]
    starts += [starts[0] + timedelta(days=1, seconds=x) for x in (0, 1)]
    starts += [datetime.fromisoformat("1979-12-31"), starts[0]]
    style = [tuple(draw.choice((1, 2, 3, 4)) for _ in range(N_ITEMS)) for _ in range(2)]
    forms = []
    for row in range(2, draw.randint(4, 28)):
        answers: list[int | None] = list(draw.choice(style))
        for item in range(N_ITEMS):
            if draw.random() < 0.12:
                answers[item] = draw.choice((None, 1, 2, 3, 4))
        if draw.random() < 0.2:
            lost = draw.randint(8, 12)
            answers[:lost] = [None] * lost
        forms.append(
            Form(
                draw.choice((0, 0, 1)),
                row,
                draw.choice((None, str(row), str(row))),
                *(x if draw.random() < 0.95 else None for x in ("01", "t0", "R1", "3", "Amt")),
                draw.random() < 0.95 or draw.choice((False, None)),
                draw.choice((*starts, None)),
                tuple(answers),
            )
        )
    return forms


def _is_repeat(earlier: Form, later: Form) -> bool:
    def person(form: Form) -> tuple[object, ...]:
        texts = (form.ags, form.wave, form.role, form.years, form.department)
        return (form.delivery, *(text or "" for text in texts))

    for form in (earlier, later):
        if not form.is_submitted or form.role is None or not (form.years or form.department):
            return False
    order = [(form.started or _UNKNOWN, form.row) for form in (earlier, later)]
    if person(earlier) != person(later) or order[0] >= order[1]:
        return False
    if earlier.started and later.started and later.started - earlier.started > timedelta(days=1):
        return False
    shared = [
        x == y
        for x, y in zip(earlier.answers, later.answers, strict=True)
        if x is not None and y is not None
    ]
    return len(shared) >= 20 and 10 * sum(shared) >= 8 * len(shared)


def _by_pairs(forms: list[Form]) -> dict[tuple[int, int], str | None]:
    repeats = {}
    for later in forms:
        found = [x for x in forms if _is_repeat(x, later)]
        if found:
            named = [x for x in sorted(found, key=lambda x: x.row) if x.number is not None]
            repeats[later.delivery, later.row] = named[0].number if named else None
    return repeats


def _by_statements(forms: list[Form]) -> dict[tuple[int, int], str | None]:
    connection = duckdb.connect()
    connection.execute(
        "CREATE SCHEMA raw; "
        "CREATE TABLE batch AS SELECT n AS delivery, 'file ' || n AS delivery_id FROM range(2) t (n); "
        "CREATE TABLE ags_reading (ags_text VARCHAR, ags VARCHAR); "
        "CREATE TABLE source_column AS SELECT 'Q' || n AS source_code, n AS number "
        f"FROM range({N_ITEMS}) t (n); "
        "CREATE TABLE raw.comment (delivery_id VARCHAR, source_row INTEGER, topic VARCHAR, "
        "text VARCHAR); "
        "CREATE TABLE raw.answer (delivery_id VARCHAR, source_row INTEGER, source_code VARCHAR, "
        "value INTEGER); "
        "CREATE TABLE form (form_id BIGINT, delivery INTEGER, source_row INTEGER, "
        "response_id_text VARCHAR, ags_text VARCHAR, municipality_text VARCHAR, wave_text VARCHAR, "
        "respondent_role_text VARCHAR, years_text VARCHAR, is_submitted BOOLEAN, "
        "started_at TIMESTAMP); "
        f"SET VARIABLE n_items = {N_ITEMS}"
    )
    for x in forms:
        place = [f"file {x.delivery}", x.row]
        connection.execute(
            "INSERT INTO form VALUES (?, ?, ?, ?, ?, NULL, ?, ?, ?, ?, ?)",
            [
                *((x.delivery << 32) + x.row, x.delivery, x.row, x.number, x.ags, x.wave),
                *(x.role, x.years, x.is_submitted, x.started),
            ],
        )
        if x.department is not None:
            connection.execute(
                "INSERT INTO raw.comment VALUES (?, ?, 'department', ?)", [*place, x.department]
            )
        connection.execute(
            "INSERT INTO raw.answer SELECT $1, $2, 'Q' || n, list_extract($3::INTEGER[], n + 1) "
            f"FROM range({N_ITEMS}) t (n)",
            [*place, list(x.answers)],
        )
    for name in ("alike_person", "answer_bits", "repeated_form"):
        connection.execute(f"CREATE TABLE {name} AS {statement('stage', name)}")
    rows = connection.execute(
        "SELECT delivery, source_row, evidence FROM repeated_form JOIN form USING (form_id)"
    ).fetchall()
    assert len({row[:2] for row in rows}) == len(rows)
    return {(delivery, row): evidence for delivery, row, evidence in rows}


@pytest.mark.parametrize("seed", range(15))
def test_as_pair_by_pair(seed: int) -> None:
    forms = _forms(random.Random(seed))  # noqa: S311
    assert _by_statements(forms) == _by_pairs(forms)


def test_the_random_forms_hold_repeats_and_others() -> None:
    found = [len(_by_pairs(_forms(random.Random(seed)))) for seed in range(15)]  # noqa: S311
    assert 0 in found
    assert max(found) >= 5
