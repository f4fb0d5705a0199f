"""The engine of an existing cluster: a Spark Connect server builds, DuckDB takes over from there.

Only what the statements give comes back. Answers stay where they are, in the stage, which the
cluster reads by itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePosixPath
from types import TracebackType
from typing import Any, Self

from weltoffen_etl.catalog import table
from weltoffen_etl.database import Connection, count, create, statement
from weltoffen_etl.engine.face import EngineError, EngineMissingError
from weltoffen_etl.lineage import inputs
from weltoffen_etl.settings import Settings
from weltoffen_etl.staging import store_of

_ON_STAGE = frozenset({"raw.answer", "raw.response", "raw.field_choice"})
"""What the cluster reads as Parquet; raw tables that are small are sent to it."""

_THERE = frozenset({"core.response", "core.field_choice", "core.answer", "core.item_bit"})
"""What other statements read and the cluster makes itself, by the same files of sql/."""


_BROADCAST_BYTES = str(64 * 1024)
"""Spark sends tables up to this size whole to every worker; it guesses by the size of the Parquet,
which unpacked can be a hundred times as large: forms of many deliveries do not fit its memory."""


class SparkEngine:
    """Builds on a Spark Connect server.

    The statements are those of ``sql/core``, unchanged but for one thing: temporary views have no
    schema, so ``core.answer`` is called ``core_answer`` there. Views live as long as the session
    and are seen by nobody else; nothing is written on the cluster.
    """

    def __init__(self, settings: Settings) -> None:
        """Takes the settings; connects only when the first table is built.

        Raises:
            EngineMissingError: PySpark is not installed.
        """
        try:
            import pyspark.sql.connect.session  # noqa: F401
        except ImportError as error:
            raise EngineMissingError(
                "Für WELTOFFEN_ENGINE=spark fehlt PySpark. Bitte `uv sync --extra spark` ausführen."
            ) from error
        self._settings = settings
        self._session: Any = None
        self._known: set[str] = set()

    def build(self, connection: Connection, full_name: str) -> int:
        """Builds a table on the cluster and brings it; see `Engine.build`.

        ``core.answer`` becomes a view there and stays empty here: nothing later reads it.

        Raises:
            EngineError: the server cannot be reached or has broken the statement off.
        """
        create(connection, table(full_name))
        files = self._files(connection, "answer")
        if not files:
            return 0
        with _in_words():
            for name in inputs(full_name):
                self._provide(connection, name)
            if full_name in _THERE:
                self._provide(connection, full_name)
            else:
                _bring(connection, full_name, self._spark().sql(_text(full_name)))
        return count(connection, full_name)

    def __enter__(self) -> Self:
        """Begins a step."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Ends the session, and with it all views."""
        if self._session is not None:
            self._session.stop()
            self._session = None
            self._known.clear()

    def _spark(self) -> Any:
        if self._session is None:
            from pyspark.sql.connect.session import SparkSession

            # A session of its own: views of two runs cannot meet.
            self._session = SparkSession.builder.remote(self._settings.spark_url or "").create()
            self._session.conf.set("spark.sql.autoBroadcastJoinThreshold", _BROADCAST_BYTES)
        return self._session

    def _provide(self, connection: Connection, name: str) -> None:
        """Makes a table known to the session, once."""
        if name in self._known:
            return
        if name in _ON_STAGE:
            files = self._files(connection, name.removeprefix("raw."))
            frame = self._spark().read.parquet(*files)
        elif name in _THERE:
            for source in inputs(name):
                self._provide(connection, source)
            frame = self._spark().sql(_text(name))
        else:
            frame = self._spark().createDataFrame(
                connection.execute(f"FROM {name}").to_arrow_table()
            )
        frame.createOrReplaceTempView(_view(name))
        self._known.add(name)

    def _files(self, connection: Connection, name: str) -> list[str]:
        """Files of the stage as the cluster sees them."""
        deliveries = connection.execute("SELECT delivery_id FROM raw.delivery ORDER BY sequence")
        store = store_of(self._settings)
        here = self._settings.stage.resolve()
        there = self._settings.spark_stage or str(here)
        return [
            f"{there.rstrip('/')}/{PurePosixPath(file).relative_to(here)}"
            for file in store.files(name, [row[0] for row in deliveries.fetchall()])
        ]


def _view(name: str) -> str:
    return name.replace(".", "_")


def _text(full_name: str) -> str:
    """The statement of a table with the names of temporary views."""
    text = statement(*full_name.split("."))
    for source in inputs(full_name):
        text = text.replace(source, _view(source))
    return text


def _bring(connection: Connection, full_name: str, frame: Any) -> None:
    """Inserts what the cluster gives, as it comes: the whole of it need not fit in memory."""
    import pyarrow as pa

    client = frame.sparkSession.client
    plan = frame._plan.to_proto(client)
    parts = (x for x in client.to_table_as_iterator(plan, {}) if isinstance(x, pa.Table))
    first = next(parts, None)
    if first is None:
        return

    def batches() -> Iterator[Any]:
        yield from first.to_batches()
        for part in parts:
            yield from part.cast(first.schema).to_batches()

    reader = pa.RecordBatchReader.from_batches(first.schema, batches())
    connection.register("given_by_spark", reader)
    try:
        connection.execute(f"INSERT INTO {full_name} BY NAME FROM given_by_spark")
    finally:
        connection.unregister("given_by_spark")


@contextmanager
def _in_words() -> Iterator[None]:
    """Turns what the client raises into one kind of error; its words stay with it as the cause.

    Raises:
        EngineError: the client has raised.
    """
    from grpc import RpcError
    from pyspark.errors import PySparkException

    try:
        yield
    except (RpcError, PySparkException) as error:
        raise EngineError(
            "Der Spark-Server ist nicht erreichbar oder hat eine Abfrage abgebrochen. "
            "Bitte WELTOFFEN_SPARK_URL und den Server prüfen."
        ) from error
