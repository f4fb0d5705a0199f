"""One round by day: checks what is new in the inbox, tells the senders, and leaves no trace else.

Nothing is archived, staged or published, and the lock of a run is never taken. A night that
begins meanwhile takes the file into the ledger first and tells of it at its end; the outbox
is locked by both while they write. So a round that finds the file in the ledger by then
leaves it to the night, and a night that comes later finds its findings remembered.
"""

from __future__ import annotations

import logging
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

from filelock import FileLock, Timeout

from weltoffen_etl.deliveries.places import Registry, common_place, masked, place_of
from weltoffen_etl.early.check import Checked, check_delivery, private_copy
from weltoffen_etl.early.inbox import InboxFile, known_contents, new_files
from weltoffen_etl.early.message import identity, operator_message, sender_message
from weltoffen_etl.early.told import Told
from weltoffen_etl.exports.isolation import IsolatedReader
from weltoffen_etl.failures import where
from weltoffen_etl.lock import is_held, outbox_lock
from weltoffen_etl.notices.dispatch import Dispatch, dispatch
from weltoffen_etl.notices.message import MessageError
from weltoffen_etl.notices.news import Memory
from weltoffen_etl.notices.notify import OPERATOR, recipients
from weltoffen_etl.notices.outbox import Outbox
from weltoffen_etl.permissions import make_folders, private_files
from weltoffen_etl.reports.partner.facts import Municipality
from weltoffen_etl.reports.partner.others import Names, Neighbours
from weltoffen_etl.settings import Settings

log = logging.getLogger(__name__)

ROUND_SECONDS = 600.0
"""No further file is begun after this many seconds; the rest is for the next round."""
_SENDING_SECONDS = 120.0
_PREFIX = "early_"


@dataclass(frozen=True, slots=True)
class Line:
    """One file for the eyes of the operator.

    Attributes:
        name: masked name below the inbox.
        verdict: what would become of it, as in ``raw.delivery``.
        findings: number of its findings.
    """

    name: str
    verdict: str
    findings: int


@dataclass(slots=True)
class Round:
    """What one round did.

    Attributes:
        state: ``done``; ``off`` where the settings forbid it; ``busy`` while another round or
            a night is under way.
        files: files checked.
        written: messages written.
        sent: messages the mail server accepted.
        left: files left to the night or the next round.
        problems: German sentences on what could not be checked, written or sent.
    """

    state: str = "done"
    files: list[Line] = field(default_factory=list)
    written: int = 0
    sent: int = 0
    left: int = 0
    problems: list[str] = field(default_factory=list)


def check_inbox(
    settings: Settings, *, dry_run: bool = False, seconds: float = ROUND_SECONDS
) -> Round:
    """Checks what is new in the inbox and tells those who sent it, once for each content.

    Args:
        settings: folders, limits, whether there are checks by day.
        dry_run: check only; write, remember and send nothing.
        seconds: no further file is begun after this time.

    Returns:
        What was checked, written and sent.

    Raises:
        TimeoutError: the outbox stayed locked.
    """
    if not settings.early_checks:
        return Round(state="off")
    if is_held(settings):
        return Round(state="busy")
    make_folders(settings)
    lock = FileLock(settings.early / "round.lock", timeout=0)
    try:
        lock.acquire()
    except Timeout:
        return Round(state="busy")
    try:
        for leftover in settings.early.iterdir():
            # Copies of a round that was killed.
            if leftover.is_dir():
                shutil.rmtree(leftover, ignore_errors=True)
        with private_files():
            return _Rounds(settings, dry_run=dry_run).run(time.monotonic() + seconds)
    finally:
        lock.release()


class _Rounds:
    """The work of one round, sender by sender."""

    def __init__(self, settings: Settings, *, dry_run: bool) -> None:
        self._settings = settings
        self._dry_run = dry_run
        self._registry = Registry(settings.reference_dir)
        self._known = known_contents(settings)
        self._told = Told(settings)
        self._round = Round()

    def run(self, until: float) -> Round:
        by_sender: dict[str | None, list[InboxFile]] = {}
        for file in new_files(self._settings):
            by_sender.setdefault(place_of(file.name, self._registry).ags, []).append(file)
        with IsolatedReader(self._settings) as isolated:
            for ags, files in by_sender.items():
                checked = []
                for file in files:
                    if time.monotonic() >= until or is_held(self._settings):
                        self._round.left += 1
                    elif entry := self._check(isolated, file):
                        checked.append(entry)
                if checked and not self._dry_run:
                    self._tell(ags, checked)
        if self._round.written:
            self._send()
        return self._round

    def _check(self, isolated: IsolatedReader, file: InboxFile) -> tuple[str, Checked] | None:
        """Checks one file; None where the night is to tell of it, or somebody was told."""
        with private_copy(file, self._settings.early) as copy:
            if copy is None:
                self._round.left += 1
                return None
            sha256, path = copy
            if sha256 in self._known or sha256 in self._told:
                return None
            self._known.add(sha256)
            name = masked(file.name, self._registry, sha256)
            place, _ = common_place([file.name], self._registry)
            try:
                checked = check_delivery(self._settings, isolated, sha256, path, place)
            except Exception as error:
                # A defect of ours: the night keeps such a file back and says so.
                log.error("early check of %s failed: %s", name, where(error))
                self._round.problems.append(f"{name}: nicht geprüft ({type(error).__name__}).")
                self._round.left += 1
                return None
        self._round.files.append(Line(name, checked.status, len(checked.news)))
        return name, checked

    def _tell(self, ags: str | None, checked: Sequence[tuple[str, Checked]]) -> None:
        with outbox_lock(self._settings):
            taken_in = known_contents(self._settings)
            files = [x for x in checked if x[1].delivery.delivery_id not in taken_in]
            self._round.left += len(checked) - len(files)
            if not files:
                return
            own = [entry for _, entry in files]
            now = datetime.now(UTC)
            try:
                if ags is None:
                    message, recipient = operator_message(files, now), "operator"
                else:
                    message, recipient = self._letter(ags, own, now), ags
            except MessageError as error:
                self._round.problems.append(f"Keine Nachricht für {ags}: {error}")
                return
            # In this order a crash costs a confirmation at most, and tells nothing twice: the
            # night tells all findings that are not remembered.
            self._told.remember([x.delivery.delivery_id for x in own], recipient)
            ending = OPERATOR if ags is None else f"_{ags}.eml"
            Outbox(self._settings).put(f"{_PREFIX}{identity(own)}{ending}", message)
            Memory(self._settings).remember(
                # What only the project team can repair is told to the operator by the night.
                (x for entry in own for x in entry.news if ags is None or x.sender == ags),
                "early",
            )
            self._round.written += 1

    def _letter(self, ags: str, files: Sequence[Checked], now: datetime) -> EmailMessage:
        names = self._registry.municipalities
        everyone = {key: Municipality(key, name, "") for key, name in names.items()}
        neighbours = Neighbours(everyone[ags], Names(everyone.values()))
        return sender_message(self._settings, everyone[ags], neighbours, files, now)

    def _send(self) -> None:
        """Sends what waits of these messages; what cannot be sent goes out with the night."""
        with outbox_lock(self._settings):
            options, contacts, problems = recipients(self._settings, self._registry)
            done = Dispatch()
            box = Outbox(self._settings)
            # A mail server that answers slowly must not keep the night from the outbox.
            until = time.monotonic() + _SENDING_SECONDS

            def wanted(file: Path) -> bool:
                return file.name.startswith(_PREFIX) and time.monotonic() < until

            dispatch(box, options, contacts, done, wanted)
        self._round.sent = done.sent
        self._round.problems += [*problems, *done.problems]
        self._round.problems += [f"Ohne Kontakt: {ags}" for ags in done.without_contact]
