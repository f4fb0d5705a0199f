"""The night in which nothing is new, which is most of them: it begins no run of the graph.

What it does is what the graph's first step does in such a night; loading the graph and keeping
records of steps that are all skipped takes many times as long.
"""

from __future__ import annotations

from weltoffen_etl.closing import close, put_down
from weltoffen_etl.deliveries.archive import Archive
from weltoffen_etl.deliveries.inbox import LeftAlone
from weltoffen_etl.deliveries.intake import in_words, unknown_files
from weltoffen_etl.journal import RunRecord, is_recorded
from weltoffen_etl.lock import run_lock
from weltoffen_etl.notices.notify import notify
from weltoffen_etl.permissions import private_files
from weltoffen_etl.quarantine import record_quarantine
from weltoffen_etl.releases.beginning import begin
from weltoffen_etl.settings import Settings
from weltoffen_etl.warehouse.current import current_release
from weltoffen_etl.warehouse.inputs import holds_everything, inputs_version
from weltoffen_etl.watching.heartbeat import beating
from weltoffen_etl.watching.logs import note


def quiet_night(settings: Settings) -> RunRecord | None:
    """Ends the night at once if the current release holds all there is.

    Args:
        settings: the installation.

    Returns:
        The run's record, None where there is something to do, or something in the way: that is
        for the graph, which does and tells everything anew.

    Raises:
        LockHeldError: another run is under way.
        StorageError: the data folder cannot take a run.
    """
    with run_lock(settings), private_files():
        record = RunRecord()
        # The first look changes nothing, so that a night that is not quiet has not begun yet.
        if not _is_quiet(settings, record):
            return None
        with beating(settings, None):
            if not _begun(settings, record):
                return None
            try:
                notify(settings, record)
            except Exception as error:
                put_down(settings, record, error)
            finally:
                close(settings, record)
    return record


def _is_quiet(settings: Settings, record: RunRecord) -> bool:
    try:
        release = current_release(settings)
        archive = Archive(settings.archive)
        left: list[LeftAlone] = []
        if (
            release is None
            or not is_recorded(settings, release.name)
            # A file that was damaged before is looked at, and told, as long as it is.
            or archive.damaged()
            or unknown_files(settings, archive.arrivals(), left)
            or not holds_everything(
                settings, release, inputs_version(settings, settings.warehouse_file)
            )
        ):
            return False
        record.left_alone = in_words(left, settings)
        record.release = release.name
    except Exception:
        return False
    return True


def _begun(settings: Settings, record: RunRecord) -> bool:
    """Whether the night stays quiet after what every night puts right first."""
    try:
        beginning = begin(settings)
        if not _is_quiet(settings, record):
            return False
        if beginning.rights:
            note(settings, "rights", beginning.rights)
        record.archive_problems = list(beginning.archive)
        record_quarantine(settings, str(record.release))
    except Exception:
        return False
    record.outcome = "nothing_new"
    return True
