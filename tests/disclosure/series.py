"""Successive releases of one survey, with late, corrected and withdrawn forms, and the attack on them.

The real statements and the real protection run on forms that a seed invents; what a release
publishes is read from ``disclosure.open_cell`` and nothing else.

    uv run python -m tests.disclosure.series --seed 1 --releases 12
"""

import argparse
import itertools
import tempfile
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from tests.disclosure.attacker import View, Wanted, bounds
from weltoffen_etl.catalog import table, tables
from weltoffen_etl.database import Connection, build, connect, create, insert
from weltoffen_etl.disclosure.build import build_schema
from weltoffen_etl.disclosure.state import keep
from weltoffen_etl.settings import Settings
from weltoffen_etl.warehouse.build import build_file
from weltoffen_etl.warehouse.current import MANIFEST

LEAST = 5
WAVE = "t0"
FIELDS = {"MS": [None] * 5, "FZ": ["Bildung", "Bildung", "Sprache", "Sprache", "Wohnen", "Wohnen"]}
PLACES = [
    ("12054000", "kreisfreie Stadt", 180_334),
    ("13003000", "kreisfreie Stadt", 209_191),
    ("07314000", "kreisfreie Stadt", 172_253),
    ("08335043", "Große Kreisstadt", 84_911),
    ("14524330", "Große Kreisstadt", 88_690),
    ("03241005", "Stadt", 61_032),
    ("09762000", "kreisfreie Stadt", 44_398),
    ("09174115", "Große Kreisstadt", 47_721),
]
REASONS = ["skipped", "dont_know", "not_reached"]
COUNTS = [
    "n_1", "n_2", "n_3", "n_4", "n_not_delivered", "n_not_reached", "n_skipped", "n_dont_know",
    "n_not_applicable", "n_invalid", "n_unknown_reason",
]  # fmt: skip
KEY = ["action_field", "unit_kind", "unit", "part_kind", "part"]

Form = dict[str, int | str]


@dataclass
class Survey:
    """Forms of all municipalities as they stand on a day."""

    rng: np.random.Generator
    forms: dict[str, dict[int, Form]] = field(default_factory=dict)
    number: int = 0

    def form(self, ags: str) -> Form:
        """Invents a form: most questions answered, one of the fields sometimes not chosen."""
        answers: Form = {}
        for name, themes in FIELDS.items():
            chosen = name == "MS" or self.rng.random() < (
                0.3 if ags in {"09762000", "14524330"} else 0.9
            )
            for position in range(1, len(themes) + 1):
                item = f"{name}{position:02d}"
                rare = 0.75 if position == len(themes) and ags in {"08335043", "03241005"} else 0.08
                if not chosen:
                    answers[item] = "not_chosen"
                elif self.rng.random() < rare:
                    answers[item] = str(self.rng.choice(REASONS))
                else:
                    answers[item] = int(self.rng.integers(1, 5))
        return answers

    def add(self, ags: str, number: int) -> None:
        """More forms of a municipality."""
        for _ in range(number):
            self.number += 1
            self.forms.setdefault(ags, {})[self.number] = self.form(ags)

    def change(self, ags: str, number: int) -> None:
        """Forms that are corrected: an answer or two become others."""
        own = self.forms[ags]
        for name in self.rng.choice(sorted(own), size=min(number, len(own)), replace=False):
            other = self.form(ags)
            for item in self.rng.choice(sorted(other), size=2, replace=False):
                own[int(name)] = {**own[int(name)], str(item): other[str(item)]}

    def drop(self, ags: str, number: int) -> None:
        """Forms that are withdrawn."""
        own = self.forms[ags]
        for name in self.rng.choice(sorted(own), size=min(number, len(own) - 1), replace=False):
            del own[int(name)]


def days(seed: int, number: int) -> Iterator[Survey]:
    """The survey on successive days: deliveries, then late, corrected and withdrawn forms."""
    survey = Survey(np.random.default_rng(seed))
    rng = survey.rng
    places = [ags for ags, _, _ in PLACES]
    for ags in places[:4]:
        survey.add(ags, int(rng.integers(3, 14)))
    yield survey
    for day in range(1, number):
        if day < len(places) - 3:
            survey.add(places[day + 3], int(rng.integers(3, 14)))
        delivered = sorted(survey.forms)
        for _ in range(int(rng.integers(1, 4))):
            ags = str(rng.choice(delivered))
            kind = rng.choice(["late", "corrected", "withdrawn"], p=[0.6, 0.3, 0.1])
            few = int(rng.integers(1, 8))
            if kind == "late":
                survey.add(ags, few)
            elif kind == "corrected":
                survey.change(ags, few)
            else:
                survey.drop(ags, max(1, few // 2))
        yield survey


def prepare(connection: Connection, survey: Survey) -> None:
    """Makes the tables that the comparison starts from."""
    for name in tables():
        if name.startswith(("reference.", "core.")):
            create(connection, table(name))
    insert(
        connection, "reference.wave", [(WAVE, 1, "Welle", "2025-03-01", "2025-04-30", "2025-05-31")]
    )
    insert(
        connection,
        "reference.action_field",
        [(name, position, name) for position, name in enumerate(FIELDS, start=1)],
    )
    insert(
        connection,
        "reference.item",
        [
            (f"{name}{number:02d}", name, theme, number, -1 if number == 2 else 1, "?")
            for name, themes in FIELDS.items()
            for number, theme in enumerate(themes, start=1)
        ],
    )
    insert(
        connection,
        "reference.municipality",
        [(ags, ags, kind, people, "2019-12-31", None, "?") for ags, kind, people in PLACES],
    )
    insert(
        connection,
        "reference.land",
        [
            (x, x, "Süd" if x in {"08", "09", "07"} else "Nord")
            for x in sorted({ags[:2] for ags, _, _ in PLACES})
        ],
    )
    insert(
        connection,
        "reference.size_class",
        [("11", 1, "Großstadt", 100_000, None), ("21", 2, "Mittelstadt", 0, 100_000)],
    )
    responses, answers, choices = [], [], []
    for ags, forms in sorted(survey.forms.items()):
        for number, form in forms.items():
            name = f"{ags}/{WAVE}/1/{number}"
            responses.append((name, ags))
            for item, answer in form.items():
                value = answer if isinstance(answer, int) else None
                answers.append((name, item, value, None if value else answer))
            for one in FIELDS:
                choices.append((name, one, form[f"{one}01"] != "not_chosen", None))
    connection.execute("CREATE TEMP TABLE response (response_id VARCHAR, ags VARCHAR)")
    insert(connection, "response", responses)
    connection.execute(
        f"INSERT INTO core.response BY NAME SELECT response_id, ags, '{WAVE}' AS wave, "
        "'1' AS instrument_id, true AS is_synthetic FROM response"
    )
    insert(connection, "core.answer", answers)
    insert(connection, "core.field_choice", choices)
    for name in (
        "reference.peer_group",
        "core.respondent_department",
        "core.item_bit",
        "core.answer_count",
        "core.response_field",
    ):
        connection.execute(f"DROP TABLE {name}")
        build(connection, name)


@dataclass
class Release:
    """A published state and the truth behind it.

    Attributes:
        shown: published counts by cell; None where withheld.
        truth: all counts by cell, withheld ones too.
        persons: people behind each cell.
        sums: which cell adds up which.
        n_kept: municipalities that stay as they were shown.
        groups: counts of groups as municipalities see them; None where withheld.
        members: municipalities with answers in each group cell, as it is now.
        closed: groups of too few municipalities, which are not shown anyway.
    """

    shown: dict[tuple[str, ...], tuple[int, ...] | None]
    truth: dict[tuple[str, ...], tuple[int, ...]]
    persons: dict[tuple[str, ...], int]
    sums: list[tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]]
    n_kept: int
    groups: dict[tuple[str, ...], tuple[int, ...] | None] = field(default_factory=dict)
    members: dict[tuple[str, ...], frozenset[str]] = field(default_factory=dict)
    closed: frozenset[tuple[str, ...]] = frozenset()

    @property
    def withheld(self) -> list[tuple[str, ...]]:
        """Cells that are not shown."""
        return [
            cell
            for cell, counts in self.shown.items()
            if counts is None and cell not in self.closed
        ]


def publish(settings: Settings, survey: Survey, name: str) -> Release:
    """Builds and publishes a state of the survey the way a night does, tables of files apart."""
    build_file(settings).parent.mkdir(parents=True, exist_ok=True)
    build_file(settings).unlink(missing_ok=True)
    with connect(settings, build_file(settings)) as connection:
        prepare(connection, survey)
    for schema in ("shown", "disclosure"):
        build_schema(settings, schema)
    keep(settings, name)
    folder = settings.releases / name
    folder.mkdir(parents=True)
    pointer = settings.releases / "current"
    pointer.unlink(missing_ok=True)
    pointer.symlink_to(folder, target_is_directory=True)
    (folder / MANIFEST).write_text("{}", encoding="utf-8")
    with connect(settings, build_file(settings), read_only=True) as connection:
        return read(connection, settings)


def read(connection: Connection, settings: Settings, wave: str = WAVE) -> Release:
    """Reads what is published, and what is not."""
    columns = ", ".join([*KEY, *COUNTS])
    here = f"wave = '{wave}'"
    opened = connection.execute(
        f"SELECT {columns} FROM disclosure.open_cell WHERE {here}"
    ).fetchall()
    true = connection.execute(
        f"SELECT {columns}, n_respondents FROM disclosure.cell WHERE {here}"
    ).fetchall()
    closed = connection.execute(
        f"SELECT {', '.join(KEY)} FROM disclosure.cell WHERE {here} "
        f"AND unit_kind <> 'municipality' AND n_municipalities < {settings.min_municipalities}"
    ).fetchall()
    size = len(KEY)
    shown = {row[:size]: None if row[size] is None else row[size:] for row in opened}
    truth = {row[:size]: row[size:-1] for row in true}
    persons = {row[:size]: row[-1] for row in true}
    sums: dict[tuple[str, ...], list[tuple[str, ...]]] = {}
    for row in connection.execute(
        "SELECT action_field, total_kind, total_unit, total_part_kind, total_part, "
        f"unit_kind, unit, part_kind, part FROM disclosure.relation WHERE wave = '{wave}'"
    ).fetchall():
        total, part = row[:size], (row[0], *row[size:])
        kind = "items" if part[3] == "item" != total[3] else "units"
        if total in shown:
            sums.setdefault((*total, kind), []).append(part)
    kept = connection.execute("SELECT count(*) FROM shown.block WHERE is_kept").fetchone()
    groups = connection.execute(
        f"SELECT {columns} FROM disclosure.partner_cell WHERE wave = '{wave}'"
    ).fetchall()
    members: dict[tuple[str, ...], set[str]] = {}
    for *total, ags in connection.execute(
        "SELECT relation.action_field, total_kind, total_unit, total_part_kind, total_part, unit "
        "FROM disclosure.relation AS relation JOIN disclosure.cell AS cell "
        "USING (wave, action_field, unit_kind, unit, part_kind, part) "
        f"WHERE wave = '{wave}' AND total_kind <> 'municipality' AND unit_kind = 'municipality' "
        "AND cell.n_respondents > 0"
    ).fetchall():
        members.setdefault(tuple(total), set()).add(ags)
    return Release(
        shown,
        truth,
        persons,
        [(total[:size], tuple(sorted(parts))) for total, parts in sums.items()],
        kept[0] if kept else 0,
        {row[:size]: None if row[size] is None else row[size:] for row in groups},
        {total: frozenset(names) for total, names in members.items()},
        frozenset(closed),
    )


def view(release: Release) -> View:
    """What an outsider makes of a release.

    A cell stands with its counts for itself, so that two releases that show the same state
    of a cell speak of the same thing; that lets the outsider know which withheld cells have
    changed, which is more than anybody can.
    """
    name = {cell: (cell, counts) for cell, counts in release.truth.items()}
    return View(
        {name[cell]: counts for cell, counts in release.shown.items()},
        [(name[total], tuple(name[x] for x in parts)) for total, parts in release.sums],
        {name[cell]: sum(counts) for cell, counts in release.truth.items()},
        values=4,
        categories=len(COUNTS),
    )


@dataclass
class Found:
    """Outcome of an attack.

    Attributes:
        attacked: withheld cells and small changes that were attacked.
        exact: of these, those of which every count came out.
        narrow: small cells whose number of answers is too well known.
        told: small cells of which the count of an answer came out.
        changes: small changes between the two that came out.
    """

    attacked: int = 0
    exact: int = 0
    narrow: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    changes: list[str] = field(default_factory=list)


def attack(one: Release, other: Release | None = None) -> Found:
    """Attacks every withheld cell of one release, or of two, and small changes between them."""
    known = view(one) if other is None else view(one).together(view(other))
    wanted: dict[str, Wanted] = {}
    needs: dict[str, dict[str, float]] = {}
    exact: list[list[str]] = []
    for release in [one] if other is None else [one, other]:
        for cell in release.withheld:
            truth, persons = release.truth[cell], release.persons[cell]
            state = (cell, truth)
            is_small = 0 < persons < LEAST
            if known.shown[state] is not None:
                # Shown in the other release: whoever holds both knows it, as was decided there.
                assert not is_small
                continue
            names = []
            for category in range(len(COUNTS)):
                names.append(f"{state}|{category}")
                wanted[names[-1]] = Wanted([(state, 1)], [category], 1.0)
            exact.append(names)
            if is_small:
                need = min(2, sum(truth) - _least_answers(release, cell))
                wanted[f"{state}|answers"] = Wanted([(state, 1)], range(4), need)
                needs.setdefault("narrow", {})[f"{state}|answers"] = need
                for name in names[:4]:
                    needs.setdefault("told", {})[name] = 1.0
        for _, parts in release.sums:
            few = [x for x in parts if 0 < release.persons[x] < LEAST]
            if len(few) > 1:
                # What is left of a sum must not be a few people either.
                states = [(x, release.truth[x]) for x in few]
                for category in range(4):
                    name = f"together|{states}|{category}"
                    wanted[name] = Wanted([(x, 1) for x in states], [category], 1.0)
                    needs.setdefault("told", {})[name] = 1.0
    changes = _small_changes(one, other) if other is not None else {}
    for cell, (before, after) in changes.items():
        for category in range(4):
            name = f"change|{cell}|{category}"
            wanted[name] = Wanted([((cell, after), 1), ((cell, before), -1)], [category], 1.0)
            needs.setdefault("changes", {})[name] = 1.0
    found = bounds(known, wanted) if wanted else {}
    width = {name: high - low for name, (low, high) in found.items()}
    return Found(
        attacked=len(exact) + len(changes),
        exact=sum(all(width[name] < 1e-6 for name in names) for names in exact),
        **{
            kind: sorted(name for name, need in numbers.items() if width[name] < need - 1e-4)
            for kind, numbers in needs.items()
        },
    )


def _least_answers(release: Release, cell: tuple[str, ...]) -> int:
    """Answers that a cell has for certain: one for each item in it that is not empty."""
    inside = [
        sum(1 if part[3] == "item" else _least_answers(release, part) for part in parts)
        for total, parts in release.sums
        if total == cell
        for parts in [[part for part in parts if release.persons[part]]]
    ]
    return max(inside, default=1)


def _small_changes(
    one: Release, other: Release
) -> dict[tuple[str, ...], tuple[tuple[int, ...], tuple[int, ...]]]:
    """Items of a municipality in which fewer than five answers differ between two releases."""
    found = {}
    for cell, before in one.truth.items():
        after = other.truth.get(cell)
        if (
            cell[1] == "municipality"
            and cell[3] == "item"
            and after is not None
            and after != before
        ):
            step = [b - a for a, b in zip(before[:4], after[:4], strict=True)]
            changed = max(sum(x for x in step if x > 0), -sum(x for x in step if x < 0))
            if 0 < changed < LEAST:
                found[cell] = (before, after)
    return found


@dataclass
class FoundByPartners:
    """Outcome of the attacks of all municipalities on each other.

    Attributes:
        attacked: figures of single municipalities that were attacked.
        exact: of these, those of which every count of an answer came out.
        groups: groups that were shown.
    """

    attacked: int = 0
    exact: int = 0
    groups: int = 0


def partner_attack(releases: Sequence[Release], numbers: Sequence[int]) -> FoundByPartners:
    """Attacks single municipalities from the groups of some releases, knowing one municipality.

    Args:
        releases: the series.
        numbers: which of its releases the attacker holds.
    """
    outcome = FoundByPartners()
    sums: dict[tuple[str, ...], dict[tuple[tuple[str, tuple[int, ...]], ...], tuple[int, ...]]] = {}
    for number in numbers:
        for cell, counts in releases[number].groups.items():
            if counts is None or cell[3] == "item":
                continue
            outcome.groups += 1
            then = _when(releases[: number + 1], cell, counts)
            members = tuple(
                sorted(
                    (ags, then.truth[cell[0], "municipality", ags, *cell[3:]])
                    for ags in then.members[cell]
                )
            )
            sums.setdefault((cell[0], *cell[3:]), {})[members] = counts
    for part, known in sums.items():
        states = sorted({state for members in known for state in members})
        for insider in sorted({ags for ags, _ in states}):
            shown: dict[Hashable, tuple[int, ...] | None] = {
                (part, state): state[1][:4] if state[0] == insider else None for state in states
            }
            shown |= {(part, members): counts[:4] for members, counts in known.items()}
            seen = View(
                shown,
                [((part, members), tuple((part, x) for x in members)) for members in known],
                values=4,
                categories=4,
            )
            wanted = {
                f"{number}|{category}": Wanted([((part, state), 1)], [category], 1e-3)
                for number, state in enumerate(states)
                if state[0] != insider
                for category in range(4)
            }
            found = bounds(seen, wanted)
            for number in {name.partition("|")[0] for name in wanted}:
                outcome.attacked += 1
                ends = [found[f"{number}|{category}"] for category in range(4)]
                outcome.exact += all(high - low < 1e-6 for low, high in ends)
    return outcome


def _when(releases: Sequence[Release], cell: tuple[str, ...], counts: tuple[int, ...]) -> Release:
    """The release in which a group was as it is shown."""
    return next(x for x in reversed(releases) if x.truth.get(cell) == counts)


@dataclass
class Outcome:
    """A whole series and all attacks on it."""

    releases: list[Release]
    single: list[Found]
    pairs: list[Found]
    partners: list[FoundByPartners]

    def lines(self) -> list[str]:
        """What to print."""
        cells = sum(len(x.shown) - len(x.closed) for x in self.releases)
        withheld = sum(len(x.withheld) for x in self.releases)
        small = sum(0 < n < LEAST for x in self.releases for n in x.persons.values())
        answers = sum(
            sum(counts[:4])
            for x in self.releases
            for cell, counts in x.truth.items()
            if cell not in x.closed
        )
        kept = sum(sum(c[:4]) for x in self.releases for c in x.shown.values() if c)
        near = sum(len(_related(x)) for x in self.releases)
        every = [*self.single, *self.pairs]
        return [
            f"{len(self.releases)} releases, {cells} cells, {small} too small, "
            f"{sum(x.n_kept for x in self.releases)} blocks stayed as they were shown",
            f"withheld {withheld} ({withheld / cells:.1%}); every related cell would be {near} ({near / cells:.1%})",
            f"information kept: {1 - withheld / cells:.1%} of the cells, {kept / answers:.1%} of the answers counted",
            f"{len(self.single)} releases and {len(self.pairs)} pairs attacked, {sum(x.attacked for x in every)} cells and small changes: "
            f"{sum(x.exact for x in every)} recovered exactly, "
            f"{sum(len(x.narrow) for x in every)} within the protection interval, "
            f"{sum(len(x.told) for x in every)} answers told, "
            f"{sum(len(x.changes) for x in every)} small changes told",
            f"municipalities among themselves: {sum(x.groups for x in self.partners)} groups shown, "
            f"{sum(x.attacked for x in self.partners)} figures of others attacked, "
            f"{sum(x.exact for x in self.partners)} recovered",
        ]


def _related(release: Release) -> set[tuple[str, ...]]:
    """The simple way: withhold every cell that shares a sum with a small one."""
    small = {cell for cell, n in release.persons.items() if 0 < n < LEAST}
    found = set(small)
    for total, parts in release.sums:
        if small & {total, *parts}:
            found |= {x for x in (total, *parts) if release.persons[x]}
    return found


def run(seed: int, number: int, folder: Path) -> Outcome:
    """Publishes a series and attacks each release and each pair of them."""
    settings = Settings(data_dir=folder, settle_seconds=0.0, min_respondents=LEAST)
    releases = [
        publish(settings, survey, f"r{number:02d}")
        for number, survey in enumerate(days(seed, number))
    ]
    return Outcome(
        releases,
        [attack(x) for x in releases],
        [attack(x, y) for x, y in itertools.combinations(releases, 2)],
        [
            partner_attack(releases, held)
            for size in (1, 2)
            for held in itertools.combinations(range(number), size)
        ],
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--releases", type=int, default=12)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for line in run(options.seed, options.releases, Path(folder)).lines():
            print(line)


if __name__ == "__main__":
    main()
