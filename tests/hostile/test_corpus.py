"""Every hostile file is decided: a finding that says why, a balance, and nothing else."""

import re
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from tests.conftest import DEMO_INBOX, deliver
from tests.hostile.batch import ADDRESS_SPACE, RESIDENT, SECONDS, Batch, put, run
from tests.hostile.corpus import corpus
from tests.hostile.material import Case
from tests.nights import run_night
from weltoffen_etl.journal import EXIT_QUARANTINED
from weltoffen_etl.settings import Settings
from weltoffen_etl.warehouse.current import current_release

pytestmark = pytest.mark.slow
CASES = [case for case in corpus() if not case.slow]
PLACEHOLDER = re.compile(r"\{[a-z_]+\}")
GARBSEN = DEMO_INBOX / "03241005" / "t0" / "selfcheck" / "garbsen_t0_results-survey352021.csv"


@pytest.fixture(scope="module")
def batch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Batch]:
    with pytest.MonkeyPatch.context() as patch:
        yield run(CASES, tmp_path_factory.mktemp("hostile"), patch)


def test_there_are_enough() -> None:
    assert len(CASES) >= 200
    assert all(case.rules or case.loaded or case.left_alone for case in CASES)


@pytest.mark.parametrize("case", [x for x in CASES if not x.left_alone], ids=lambda x: x.name)
def test_the_finding_says_what_is_wrong(batch: Batch, case: Case) -> None:
    outcome = batch.outcomes[case.name]
    critical = {rule for rule, severity in outcome.rules.items() if severity == "critical"}
    if case.may_pass and not critical:
        assert outcome.loaded > 0
        return
    if case.rules:
        assert case.rules & outcome.rules.keys(), outcome.rules
    assert "reader_failed" not in outcome.rules
    if case.kept_back == 0:
        assert not critical, outcome.sentences
    if case.loaded is not None:
        assert (outcome.loaded, outcome.quarantine_rows) == (case.loaded, case.kept_back)


@pytest.mark.parametrize("case", [x for x in CASES if not x.left_alone], ids=lambda x: x.name)
def test_every_row_is_accounted_for(batch: Batch, case: Case) -> None:
    outcome = batch.outcomes[case.name]
    assert outcome.expected == outcome.loaded + outcome.quarantined
    assert outcome.in_tables == outcome.loaded
    if outcome.expected:
        assert outcome.quarantined == outcome.quarantine_rows
    else:
        assert outcome.quarantine_rows == 1
    assert outcome.seconds < SECONDS + 5


def test_sentences_are_filled_in(batch: Batch) -> None:
    for name, outcome in batch.outcomes.items():
        own = "{value}" if name == "heading_unknown" else ""
        for sentence in outcome.sentences:
            rest = sentence.replace("{value} {column}", "") if own else sentence
            assert not PLACEHOLDER.search(rest), (name, sentence)
            assert "None" not in sentence, (name, sentence)
            assert sentence.isprintable(), (name, sentence)


@pytest.mark.parametrize("case", [x for x in CASES if x.left_alone], ids=lambda x: x.name)
def test_no_ordinary_file_is_left_alone(batch: Batch, case: Case) -> None:
    assert batch.left_alone[batch.paths[case.name]] == case.left_alone
    assert case.name not in batch.outcomes


def test_nothing_is_written_elsewhere(batch: Batch) -> None:
    assert batch.strays == ()


def test_no_traceback_is_logged(batch: Batch) -> None:
    assert [x.getMessage() for x in batch.records if x.exc_info] == []


def test_parent_and_child_stay_small(batch: Batch) -> None:
    assert batch.growth < RESIDENT // 2
    assert batch.children < RESIDENT


def test_the_largest(tmp_path: Path) -> None:
    cases = [case for case in corpus() if case.slow]
    with pytest.MonkeyPatch.context() as patch:
        outcomes = run(cases, tmp_path, patch).outcomes
    for case in cases:
        assert case.rules & outcomes[case.name].rules.keys()
        assert outcomes[case.name].loaded == 0


def test_a_night_of_broken_files_publishes_the_one_that_is_good(
    settings: Settings, tmp_path: Path
) -> None:
    deliver(settings, "03241005/t0/selfcheck", GARBSEN)
    broken = [x for x in CASES if x.kept_back == 1 and not x.loaded]
    broken = [x for x in broken if not x.may_pass]
    for number, case in enumerate(broken):
        put(settings, case, number)
    record = run_night(settings.model_copy(update={"reader_memory_bytes": ADDRESS_SPACE}))
    assert record.outcome == "published", record.failures
    assert record.exit_code == EXIT_QUARANTINED
    with duckdb.connect(str(settings.warehouse_file), read_only=True) as connection:
        responses = connection.execute(
            "SELECT ags, wave, count(*) FROM core.response GROUP BY ALL"
        ).fetchall()
        held = connection.execute(
            "SELECT count(*) FROM raw.delivery WHERE rows_loaded = 0"
        ).fetchone()
    assert responses == [("03241005", "t0", 22)]
    assert held == (len(broken),)
    release = current_release(settings)
    assert release is not None
    published = b"".join(x.read_bytes() for x in sorted(release.folder.rglob("*")) if x.is_file())
    for content in (b"Satz 1", b"evil", b"example.org", b"BuergerInnenservice"):
        assert content not in published
