"""The resource every asset uses: one run under the lock, with its record."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date
from typing import Any

import dagster as dg
from pydantic import PrivateAttr

from weltoffen_etl import journal
from weltoffen_etl.catalog import CatalogError
from weltoffen_etl.corrections import CorrectionError
from weltoffen_etl.deliveries import Archive, Arrival
from weltoffen_etl.distribution.about import AboutError
from weltoffen_etl.exports.workshops.legend import LegendError
from weltoffen_etl.failures import keep_details, where
from weltoffen_etl.instrument.model import InstrumentError
from weltoffen_etl.journal import RunRecord
from weltoffen_etl.lock import run_lock
from weltoffen_etl.notices.notify import Notified, notify
from weltoffen_etl.official_list import OfficialListError
from weltoffen_etl.permissions import private_files, put_right
from weltoffen_etl.quality.gate import GateError
from weltoffen_etl.settings import Settings
from weltoffen_etl.warehouse.audit import Audit, audit_schema, together
from weltoffen_etl.warehouse.build import SCHEMAS
from weltoffen_etl.warehouse.release import PublicationError
from weltoffen_etl.warehouse_key import WarehouseKeyError

_OUR_WORDS = (
    AboutError,
    CatalogError,
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


class Night(dg.ConfigurableResource[Any]):
    """One nightly run: settings as JSON, the lock, and what was found out on the way.

    Attributes:
        settings_json: the settings, so that the run is the same wherever it is launched.
    """

    settings_json: str
    _record: RunRecord = PrivateAttr(default_factory=RunRecord)
    _audits: dict[str, Audit] = PrivateAttr(default_factory=dict)
    _day: date | None = PrivateAttr(default=None)
    _notified: Notified | None = PrivateAttr(default=None)

    @classmethod
    def of(cls, settings: Settings) -> "Night":
        """Makes the resource from settings."""
        # Dagster stores this text with every run: `Settings` holds no secret and no address.
        return cls(settings_json=settings.model_dump_json())

    @property
    def settings(self) -> Settings:
        """The settings of the run; its day stays the same beyond midnight."""
        settings = Settings.model_validate_json(self.settings_json)
        return settings.model_copy(update={"as_of": settings.as_of or self._day})

    @property
    def record(self) -> RunRecord:
        """The run's record, filled in by the assets."""
        return self._record

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator["Night"]:
        """Holds the lock during the run and writes its record at the end."""
        settings = self.settings
        with run_lock(settings), private_files():
            self._day = settings.day
            self._record = RunRecord()
            self._audits = {}
            self._notified = None
            try:
                with self.guarded():
                    corrected = str(put_right(settings))
                if corrected and context.log is not None:
                    context.log.info(corrected)
                yield self
            finally:
                try:
                    with suppress(StepFailedError):
                        self.notify()
                finally:
                    journal.append(settings, self._record)

    @contextmanager
    def guarded(self) -> Iterator[None]:
        """Records why a step failed.

        Errors in our own words are told as they are. The message of any other can quote a
        cell or a file name, and Dagster's log keeps it for good: it stays beside the
        internal warehouse, and the log gets its kind and place.

        Raises:
            StepFailedError: in place of an error that is not in our own words.
        """
        try:
            yield
        except _OUR_WORDS as error:
            refused = isinstance(error, GateError | PublicationError)
            self._record.outcome = "audit_failed" if refused else "failed"
            self._record.failures.append(f"{type(error).__name__}: {error}")
            raise
        except Exception as error:
            self._record.outcome = "failed"
            raise self._failed(error) from None

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
        kind = type(error).__name__
        try:
            kept = f", Einzelheiten in {keep_details(self.settings, error).name}"
        except OSError:
            kept = ""
        self._record.failures.append(kind + kept)
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
