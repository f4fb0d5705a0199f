"""The resource every asset uses: one run under the lock, with its record."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date
from typing import Any, Self

import dagster as dg
from pydantic import PrivateAttr

from weltoffen_etl.catalog import CatalogError
from weltoffen_etl.closing import close, put_down
from weltoffen_etl.corrections import CorrectionError
from weltoffen_etl.deliveries.archive import Archive, Arrival
from weltoffen_etl.distribution.about import AboutError
from weltoffen_etl.exports.workshops.legend import LegendError
from weltoffen_etl.failures import passes_by_itself, where
from weltoffen_etl.instrument.model import InstrumentError
from weltoffen_etl.journal import RunRecord
from weltoffen_etl.lock import run_lock
from weltoffen_etl.notices.notify import Notified, notify
from weltoffen_etl.official_list import OfficialListError
from weltoffen_etl.permissions import private_files
from weltoffen_etl.quality.gate import GateError
from weltoffen_etl.releases.beginning import ClockError
from weltoffen_etl.settings import Settings
from weltoffen_etl.warehouse.audit import Audit, audit_schema, together
from weltoffen_etl.warehouse.build import SCHEMAS
from weltoffen_etl.warehouse.current import Release
from weltoffen_etl.warehouse.release import PublicationError
from weltoffen_etl.warehouse_key import WarehouseKeyError
from weltoffen_etl.watching.heartbeat import beating

_OUR_WORDS = (
    AboutError,
    CatalogError,
    ClockError,
    CorrectionError,
    GateError,
    InstrumentError,
    LegendError,
    OfficialListError,
    PublicationError,
    WarehouseKeyError,
)


class StepFailedError(RuntimeError):
    """A step failed unexpectedly; says the kind of error and its place in the code only."""


class Installation(dg.ConfigurableResource[Any]):
    """The settings of the installation, without a lock and without a record.

    Attributes:
        settings_json: the settings, so that the run is the same wherever it is launched.
    """

    settings_json: str

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Makes the resource from settings."""
        # Dagster stores this text with every run: `Settings` holds no secret and no address.
        return cls(settings_json=settings.model_dump_json())

    @property
    def settings(self) -> Settings:
        """The settings."""
        return Settings.model_validate_json(self.settings_json)


class Night(Installation):
    """One nightly run: the lock, and what was found out on the way."""

    _record: RunRecord = PrivateAttr(default_factory=RunRecord)
    _audits: dict[str, Audit] = PrivateAttr(default_factory=dict)
    _day: date | None = PrivateAttr(default=None)
    _notified: Notified | None = PrivateAttr(default=None)
    _used: bool = PrivateAttr(default=False)
    _tries: int = PrivateAttr(default=1)

    @property
    def settings(self) -> Settings:
        """The settings of the run; its day stays the same beyond midnight."""
        settings = super().settings
        return settings.model_copy(update={"as_of": settings.as_of or self._day})

    @property
    def record(self) -> RunRecord:
        """The run's record, filled in by the assets."""
        return self._record

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator["Night"]:
        """Holds the lock during the run and writes its record at the end."""
        settings = self.settings
        run_id = context.run.run_id if context.run else None
        with run_lock(settings), private_files(), beating(settings, run_id):
            self._day = settings.day
            self._record = RunRecord()
            self._audits = {}
            self._notified = None
            self._used = False
            self._tries = 1
            try:
                yield self
            finally:
                # `dagster job execute` opens the resource once more after the run: no night.
                if self._used:
                    try:
                        with suppress(StepFailedError):
                            self.notify()
                    finally:
                        close(settings, self._record)

    @contextmanager
    def guarded(self) -> Iterator[None]:
        """Records why a step failed, or asks for another try where the cause can pass by itself.

        Bad data are the same at every try; a disk without space is not. Errors in our own words
        are told as they are. The message of any other can quote a cell or a file name, and
        Dagster's log keeps it for good: it stays beside the internal warehouse, and the log gets
        its kind and place.

        Raises:
            RetryRequested: the step is to be begun once more, after a while.
            StepFailedError: in place of an error that is not in our own words.
        """
        self._used = True
        try:
            yield
            self._tries = 1
        except _OUR_WORDS as error:
            refused = isinstance(error, GateError | PublicationError)
            self._record.outcome = "audit_failed" if refused else "failed"
            self._record.failures.append(f"{type(error).__name__}: {error}")
            raise
        except Exception as error:
            settings = self.settings
            if passes_by_itself(error) and self._tries < settings.tries:
                wait = settings.try_again_seconds * 2 ** (self._tries - 1)
                self._tries += 1
                raise dg.RetryRequested(settings.tries - 1, wait) from StepFailedError(where(error))
            self._record.outcome = "failed"
            raise self._failed(error) from None

    def published(self, release: Release) -> None:
        """Records a release that this night published, or that one published which was broken off."""
        deliveries = release.manifest()["deliveries"]
        self._record.outcome = "published"
        self._record.release = release.name
        self._record.quarantined_deliveries = sum(x["status"] == "quarantined" for x in deliveries)

    def notify(self) -> Notified:
        """Writes and sends messages, once in a run, after whatever it came to.

        Whether they can be sent changes nothing about the run.

        Raises:
            StepFailedError: the outbox could not be read or written; a release published
                before stays published.
        """
        if self._notified is None:
            self._notified = Notified(0, 0, 0, (), ())
            try:
                self._notified = notify(self.settings, self._record)
            except Exception as error:
                raise self._failed(error) from None
        return self._notified

    def _failed(self, error: Exception) -> "StepFailedError":
        put_down(self.settings, self._record, error)
        return StepFailedError(where(error))

    def arrivals(self) -> list[Arrival]:
        """Returns the ledger."""
        return Archive(self.settings.archive).arrivals()

    def audit_schema(self, schema: str) -> Audit:
        """Audits a schema just built and keeps the result for the release."""
        with self.guarded():
            audit = audit_schema(self.settings, schema)
        self._audits[schema] = audit
        if not audit.passed:
            self._record.outcome = "audit_failed"
            self._record.failures.extend(check.name for check in audit.failures)
        return audit

    def audit(self) -> Audit:
        """Returns the audit of all schemas; those missing in this process are audited now."""
        for schema in ("reference", *SCHEMAS):
            if schema not in self._audits:
                self.audit_schema(schema)
        return together(list(self._audits.values()))
