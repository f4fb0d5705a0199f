"""The resource every asset uses: one run under the lock, with its record."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import dagster as dg
from pydantic import PrivateAttr

from weltoffen_etl import journal
from weltoffen_etl.deliveries import Archive, Arrival
from weltoffen_etl.journal import RunRecord
from weltoffen_etl.lock import run_lock
from weltoffen_etl.quality.gate import GateError
from weltoffen_etl.settings import Settings
from weltoffen_etl.warehouse.audit import Audit, audit_schema, together
from weltoffen_etl.warehouse.build import SCHEMAS
from weltoffen_etl.warehouse.release import PublicationError


class Night(dg.ConfigurableResource[Any]):
    """One nightly run: settings as JSON, the lock, and what was found out on the way.

    Attributes:
        settings_json: the settings, so that the run is the same wherever it is launched.
    """

    settings_json: str
    _record: RunRecord = PrivateAttr(default_factory=RunRecord)
    _audits: dict[str, Audit] = PrivateAttr(default_factory=dict)
    _day: date | None = PrivateAttr(default=None)

    @classmethod
    def of(cls, settings: Settings) -> "Night":
        """Makes the resource from settings."""
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
        with run_lock(settings):
            self._day = settings.day
            self._record = RunRecord()
            self._audits = {}
            try:
                yield self
            finally:
                journal.append(settings, self._record)

    @contextmanager
    def guarded(self) -> Iterator[None]:
        """Records why a step failed; Dagster's own log has the whole story."""
        try:
            yield
        except Exception as error:
            refused = isinstance(error, GateError | PublicationError)
            self._record.outcome = "audit_failed" if refused else "failed"
            self._record.failures.append(f"{type(error).__name__}: {error}")
            raise

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
