"""Dagster's events in SQLite, over connections that stay open."""

from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from dagster._core.storage.event_log.sqlite.sqlite_event_log import (
    INDEX_SHARD_NAME,
    SqliteEventLogStorage,
)
from dagster._serdes import ConfigurableClassData
from sqlalchemy import Connection, Engine, StaticPool, create_engine, event

_OPEN_RUNS = 2
"""So many runs keep their file open; a service looks at many in its life."""
_PATIENCE = 30.0


class EventRecords(SqliteEventLogStorage):
    """The events of each run in a file of its own, and an index over all, as Dagster keeps them.

    Dagster opens and closes the file for every event, and the last one to close a file writes
    its log back: of a night with a hundred tables that was the largest part. Here a file stays
    open, and only checkpoints wait for the disk. A power cut can cost the last events of a run,
    never the consistency of the file; nothing that a release follows from stands in it.
    """

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        """Opens the index.

        Args:
            base_dir: folder of the files.
            inst_data: how Dagster describes this class.
        """
        self._engines: OrderedDict[str, Engine] = OrderedDict()
        self._holds_checks = False
        super().__init__(base_dir, inst_data)

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData | None, config_value: Any
    ) -> "EventRecords":
        """Makes the storage from its entry in ``dagster.yaml``."""
        return cls(inst_data=inst_data, **config_value)

    @property
    def supports_asset_checks(self) -> bool:
        """Whether the index has the table of checks; Dagster asks before each of a hundred."""
        self._holds_checks = self._holds_checks or super().supports_asset_checks
        return self._holds_checks

    def dispose(self) -> None:
        """Closes all files."""
        super().dispose()
        with self._db_lock:
            while self._engines:
                self._engines.popitem()[1].dispose()

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        with self._db_lock, self._engine(shard).connect() as connection, connection.begin():
            yield connection

    def _engine(self, shard: str) -> Engine:
        engine = self._engines.pop(shard, None)
        if engine is None:
            engine = create_engine(
                self.conn_string_for_shard(shard),
                poolclass=StaticPool,
                # One lock lets one thread at a time use a connection.
                connect_args={"timeout": _PATIENCE, "check_same_thread": False},
            )
            event.listen(engine, "connect", _write_ahead)
            if shard not in self._initialized_dbs:
                self._initdb(engine)
                self._initialized_dbs.add(shard)
        self._engines[shard] = engine
        runs = [name for name in self._engines if name != INDEX_SHARD_NAME]
        for name in runs[:-_OPEN_RUNS]:
            self._engines.pop(name).dispose()
        return engine


def _write_ahead(connection: Any, _: Any) -> None:
    """Lets a commit go to the log without waiting for the disk; the log is checked when read."""
    connection.execute("PRAGMA synchronous = NORMAL")
