"""Functions in which a night spends its time, each by itself.

``uv run pytest -n 0 --benchmark-enable -m slow tests/benchmarks/test_hot_functions.py`` measures
them; without ``--benchmark-enable`` each runs once and is checked.
"""

from pathlib import Path

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from tests.benchmarks.generate import Size, generate
from tests.disclosure.random_tables import LEAST, random_table
from weltoffen_etl.database import connect, define_macros
from weltoffen_etl.deliveries.places import Registry
from weltoffen_etl.disclosure.attack import Attacker, Target
from weltoffen_etl.disclosure.complementary import protect
from weltoffen_etl.disclosure.secrets import small_cells
from weltoffen_etl.disclosure.tables import Secret
from weltoffen_etl.exports.files import records, text_table
from weltoffen_etl.exports.files.text_check import rewrite
from weltoffen_etl.interpret.keys import read_ags
from weltoffen_etl.settings import STANDARD_LIMITS, Settings

pytestmark = pytest.mark.slow

FORMS = 2_000
CELLS = 20_000


@pytest.fixture(scope="module")
def deliveries(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("deliveries")
    generate(folder, Size(municipalities=10, responses=FORMS // 10, layout="multi"))
    return folder


@pytest.fixture
def export(deliveries: Path) -> Path:
    return next((deliveries / "inbox").rglob("*.csv"))


def test_counting_records(benchmark: BenchmarkFixture, export: Path, tmp_path: Path) -> None:
    plain = rewrite(export, tmp_path / "text.csv", STANDARD_LIMITS).path
    columns = plain.read_bytes().split(b"\n", 1)[0].count(b";") + 1
    counted = benchmark(records.count, plain, ";", columns, STANDARD_LIMITS, quotes=True)
    assert counted.total == FORMS + 1


def test_reading_a_text_file(benchmark: BenchmarkFixture, export: Path, tmp_path: Path) -> None:
    tables = benchmark(text_table.read, export, tmp_path)
    assert tables.grids[0].rows == FORMS + 1


def test_protecting_a_table(benchmark: BenchmarkFixture) -> None:
    rng = np.random.default_rng(1)
    tables = [random_table(rng) for _ in range(10)]

    def protected() -> int:
        patterns = [protect(x, small_cells(x, LEAST), LEAST) for x in tables]
        return sum(int(pattern.is_hidden.sum()) for pattern in patterns)

    assert benchmark(protected) > 0


def test_attacking_a_table(benchmark: BenchmarkFixture) -> None:
    tables = random_table(np.random.default_rng(2))

    def attacked() -> list[tuple[float, float]]:
        attacker = Attacker(tables)
        return [attacker.bounds(Target(Secret(x), (0,), 1.0)) for x in range(tables.n_states)]

    assert len(benchmark(attacked)) == tables.n_states


@pytest.mark.parametrize(
    "figure", ["consensus(n)", "scale_agreement(n[1], n[2], n[3], n[4])"], ids=lambda x: x[:9]
)
def test_spread_of_counted_answers(benchmark: BenchmarkFixture, figure: str) -> None:
    with connect(Settings()) as connection:
        define_macros(connection)
        connection.execute(
            "CREATE TABLE cell AS SELECT [x % 7, x % 11, x % 13, 1 + x % 5]::BIGINT[] AS n "
            f"FROM range({CELLS}) AS numbers (x)"
        )
        question = f"SELECT count({figure}) FROM cell"
        assert benchmark(lambda: connection.execute(question).fetchone()) == (CELLS,)


def test_reading_keys(benchmark: BenchmarkFixture, deliveries: Path) -> None:
    known = Registry(deliveries / "reference").municipalities
    texts = [written for ags in known for written in (ags, f" {ags} ", f"{ags[:2]} {ags[2:]}")]
    assert all(read for read, _ in benchmark(lambda: [read_ags(text, known) for text in texts]))
