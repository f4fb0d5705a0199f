"""Checks on what is kept: the release, what waits to get into one, messages, archive, disk."""

from __future__ import annotations

import json
import os
import shutil
import stat
from datetime import UTC, datetime
from pathlib import Path

from weltoffen_etl.database import connect
from weltoffen_etl.deliveries.archive import Archive
from weltoffen_etl.deliveries.inbox import name_of
from weltoffen_etl.deliveries.intake import unknown_files
from weltoffen_etl.notices.options import notice_options
from weltoffen_etl.notices.outbox import Outbox
from weltoffen_etl.permissions import closed_folders
from weltoffen_etl.reports.pages.german import decimal, whole
from weltoffen_etl.versions import file_hash
from weltoffen_etl.warehouse.current import list_releases
from weltoffen_etl.watching.situation import Check, Situation, time_of

OUTBOX_DAYS = 3.0
"""A message may wait so long for a contact or a server."""
_GIB = 1024**3
_OTHERS = stat.S_IROTH | stat.S_IWOTH | stat.S_IXOTH
_RESTORE = "Der frühere Stand lässt sich aus einer Sicherung zurückholen (`weltoffen restore`)."


def data_folder(situation: Situation) -> Check:
    """Whether the data folder is there and can be written to."""
    name, folder = "data_folder", situation.settings.data_dir
    if not folder.is_dir():
        return Check(
            name,
            "alarm",
            "Der Datenordner ist nicht da.",
            "Bitte prüfen, ob seine Platte eingehängt ist (`findmnt`) und WELTOFFEN_DATA_DIR "
            "stimmt.",
        )
    if not os.access(folder, os.R_OK | os.X_OK):
        return Check(name, "alarm", "Der Datenordner ist nicht lesbar.", "Bitte Rechte prüfen.")
    if not os.access(folder, os.W_OK):
        return Check(
            name,
            "alarm",
            "In den Datenordner lässt sich nichts schreiben.",
            "Bitte Rechte prüfen, und ob die Platte nach einem Fehler nur lesbar eingehängt ist "
            "(`findmnt`, `dmesg`).",
        )
    return Check(name, "ok", "Der Datenordner ist da und beschreibbar.")


def waiting_deliveries(situation: Situation) -> Check:
    """Whether no release holds a delivery for longer than the settings allow."""
    name, limit = "waiting_deliveries", situation.settings.waiting_hours
    ledger = Archive(situation.settings.archive).arrivals()
    held = int(situation.manifest.get("arrivals", 0))
    late = [
        arrival.sha256[:8]
        for arrival in ledger
        if arrival.sequence > held and situation.hours_since(time_of(arrival.first_seen_at)) > limit
    ]
    seen = {(x.path, x.size_bytes) for x in ledger}
    looked = situation.last_good
    untouched = 0
    for file, state in unknown_files(situation.settings, ledger, []):
        arrived = datetime.fromtimestamp(state.st_ctime, UTC)
        if situation.hours_since(arrived) <= limit:
            continue
        # A night knows the same bytes again when only their time of change is new.
        again = looked is not None and time_of(looked.started_at) > arrived
        readable = os.access(file, os.R_OK)
        name_and_size = name_of(file, situation.settings.inbox), state.st_size
        if again and readable and name_and_size in seen:
            continue
        untouched += 1
    if not late and not untouched:
        return Check(name, "ok", "Der Stand enthält alles, was lange genug da ist.", value=0)
    said = []
    if late:
        said.append(f"{whole(len(late))} archivierte Lieferungen stehen in keinem Stand.")
    if untouched:
        said.append(f"{whole(untouched)} Dateien im Eingang hat noch kein Lauf übernommen.")
    return Check(
        name,
        "alarm",
        f"Seit über {decimal(limit, 0)} Stunden wartet etwas: {' '.join(said)}",
        "Bitte die letzten Läufe ansehen (`weltoffen status`) und `weltoffen run` aufrufen; "
        "im Eingang bitte prüfen, ob die Dateien lesbar sind.",
        len(late) + untouched,
        tuple(f"Lieferung {digest}" for digest in late[:10]),
    )


def release(situation: Situation, *, deep: bool = False) -> Check:
    """Whether the current release is whole: pointer, manifest, database, sizes.

    Args:
        situation: the moment.
        deep: whether the hash of every file is compared too.
    """
    name, current = "release", situation.release
    if current is None:
        before = situation.beat.last_release is not None or list_releases(situation.settings)
        if before:
            return _broken("Der Zeiger auf den aktuellen Stand fehlt oder zeigt ins Leere.")
        return Check(
            name, "ok", "Veröffentlicht ist noch nichts.", "`weltoffen run` macht den ersten Stand."
        )
    pointer = json.loads((situation.settings.releases / "current.json").read_text("utf-8"))
    if pointer != {"release": current.name}:
        return _broken("Die beiden Zeiger auf den aktuellen Stand widersprechen sich.")
    manifest = situation.manifest
    if manifest["release"] != current.name:
        return _broken(f"Das Verzeichnis des Stands {current.name} gehört zu einem anderen.")
    files: dict[str, dict[str, int | str]] = manifest.get("files", {})
    for path, entry in files.items():
        file = current.folder / path
        if not file.is_file() or file.stat().st_size != entry["bytes"]:
            return _broken(f"Im Stand {current.name} fehlt {path} oder hat eine andere Größe.")
        if deep and file_hash(file) != entry["sha256"]:
            return _broken(f"Im Stand {current.name} hat {path} einen anderen Inhalt.")
    with connect(situation.settings, current.database, read_only=True) as connection:
        tables = connection.execute('SELECT count(*) FROM meta."table"').fetchone()
    if not tables or tables[0] == 0:
        return _broken(f"Die Datenbank des Stands {current.name} ist leer.")
    return Check(
        name,
        "ok",
        f"Der Stand {current.name} ist unversehrt"
        + (" (alle Prüfsummen stimmen)." if deep else "."),
        value=current.name,
    )


def free_space(situation: Situation) -> Check:
    """Whether the disk of the data folder has room."""
    least = situation.settings.min_free_bytes
    free = shutil.disk_usage(situation.settings.data_dir).free
    room = f"Auf der Platte der Daten sind {decimal(free / _GIB)} GiB frei"
    action = (
        "Bitte Platz schaffen; WELTOFFEN_KEEP_RELEASES begrenzt die Zahl der Stände, der Ordner "
        "stage darf jederzeit gelöscht werden."
    )
    if free < least:
        text = f"{room}, nötig sind {decimal(least / _GIB)} GiB."
        return Check("free_space", "alarm", text, action, free)
    if free < 2 * least:
        return Check("free_space", "warning", f"{room}; es wird knapp.", action, free)
    return Check("free_space", "ok", f"{room}.", value=free)


def outbox(situation: Situation) -> Check:
    """Whether messages wait for days."""
    name = "outbox"
    waiting = Outbox(situation.settings).waiting()
    old = [x for x in waiting if _days_since(situation, x) > OUTBOX_DAYS]
    if not old:
        return Check(name, "ok", f"Im Ausgang warten {whole(len(waiting))} Nachrichten.", value=0)
    served = notice_options()[0].smtp.host is not None
    return Check(
        name,
        # Without a server, somebody sends them by hand and knows of them.
        "alarm" if served else "warning",
        f"{whole(len(old))} Nachrichten warten seit über {decimal(OUTBOX_DAYS, 0)} Tagen im "
        "Ausgang.",
        "`weltoffen notify` sendet sie und sagt, woran es liegt: Mailserver oder fehlende "
        "Kontakte. Von Hand gesendete bitte nach outbox/sent/ verschieben.",
        len(old),
    )


def archive(situation: Situation) -> Check:
    """Whether the archive can be read and written, and its ledger is sound."""
    name, folder = "archive", situation.settings.archive
    inbox = situation.settings.inbox
    if inbox.is_dir() and not os.access(inbox, os.R_OK | os.X_OK):
        text = "Der Eingang ist nicht lesbar."
        return Check(name, "alarm", text, "Bitte die Rechte des Ordners inbox prüfen.")
    if not folder.is_dir():
        if situation.release is None and situation.last_good is None:
            return Check(name, "ok", "Es wurde noch nichts archiviert.", value=0)
        return Check(name, "alarm", "Das Archiv fehlt.", _RESTORE)
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        text = "Das Archiv ist nicht les- und beschreibbar."
        return Check(name, "alarm", text, "Bitte Eigentümer und Rechte des Ordners prüfen.")
    opened = Archive(folder)
    ledger = opened.arrivals()
    sizes = {arrival.sha256: arrival.size_bytes for arrival in ledger}
    damaged = opened.damaged() | {x for x, size in sizes.items() if opened.size(x) != size}
    if damaged:
        return Check(
            name,
            "alarm",
            f"Im Archiv sind {whole(len(damaged))} Lieferungen beschädigt oder fehlen.",
            "Bitte aus der Sicherung zurückholen: `weltoffen restore --repair`.",
            len(damaged),
            tuple(f"Lieferung {delivery[:8]}" for delivery in sorted(damaged)[:10]),
        )
    text = f"Das Archiv ist lesbar und hält {whole(len(ledger))} Eingänge."
    return Check(name, "ok", text, value=len(ledger))


def file_modes(situation: Situation) -> Check:
    """Whether folders with personal data are closed to other users of the machine."""
    folders = closed_folders(situation.settings)
    open_ones = [folder.name for folder in folders if folder.is_dir() and _open_to_others(folder)]
    if open_ones:
        return Check(
            "file_modes",
            "alarm",
            f"Andere Benutzer dieses Rechners können hinein: {', '.join(open_ones)}.",
            "Bitte im Datenordner `chmod o-rwx " + " ".join(open_ones) + "` aufrufen; auch der "
            "nächste Lauf schließt sie wieder. Bitte klären, wer sie geöffnet hat.",
            len(open_ones),
        )
    text = "Die Ordner mit Personendaten sind für andere geschlossen."
    return Check("file_modes", "ok", text, value=0)


def _open_to_others(folder: Path) -> bool:
    """Whether the folder lets others in and all folders above it do so too."""
    if not folder.stat().st_mode & _OTHERS:
        return False
    return all(parent.stat().st_mode & stat.S_IXOTH for parent in folder.resolve().parents)


def _broken(text: str) -> Check:
    return Check(
        "release",
        "alarm",
        text,
        "Bitte am Stand nichts von Hand ändern. Wo Zeiger oder Verzeichnis fehlen, veröffentlicht "
        "der nächste Lauf neu (`weltoffen run`). " + _RESTORE,
    )


def _days_since(situation: Situation, file: Path) -> float:
    return situation.hours_since(datetime.fromtimestamp(file.stat().st_mtime, UTC)) / 24
