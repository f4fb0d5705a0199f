"""Packs all tables as CSV into one archive: for machines described as a data package, or for Excel."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable, Sequence
from datetime import UTC
from pathlib import Path
from typing import Any, Final
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from weltoffen_etl.catalog import Table
from weltoffen_etl.database import Connection
from weltoffen_etl.distribution.about import Edition
from weltoffen_etl.distribution.csv_files import write_csv, write_excel_csv
from weltoffen_etl.distribution.datapackage import (
    FILE,
    file_resource,
    package,
    table_resource,
)
from weltoffen_etl.distribution.texts import LICENCE, licence

CSV: Final = "weltoffen-csv.zip"
EXCEL_CSV: Final = "weltoffen-csv-excel.zip"

_DATA: Final = "data"
_NOTE: Final = "LIESMICH.txt"
_PLAIN: Final = """\
Jede Tabelle als CSV: UTF-8, Komma, Dezimalpunkt, Tage als JJJJ-MM-TT, true und false, exakte Werte.
Ein leeres Feld ist kein Wert; ein Text ohne Zeichen steht als "".
datapackage.json beschreibt Typen, Schlüssel und Spalten (Data Package, Version 2).
"""
_EXCEL: Final = """\
Jede Tabelle als CSV für ein deutsches Excel: UTF-8 mit Kennung, Semikolon, Dezimalkomma, Tage als TT.MM.JJJJ, WAHR und FALSCH.
Excel macht aus Ziffern Zahlen: Der Gemeindeschlüssel 03241005 verliert beim Doppelklick seine führende Null. Bitte über
Daten → Aus Text/CSV einlesen und Schlüssel als Text wählen, oder gleich weltoffen.xlsx verwenden.
Vor einem Text, den Excel als Formel lesen würde (am Anfang = + - @), steht ein Apostroph, der nicht zum Wert gehört.
Zum Rechnen mit anderen Programmen bitte weltoffen-csv.zip verwenden.
"""


def write_csv_package(
    connection: Connection, tables: Sequence[Table], edition: Edition, target: Path
) -> None:
    """Writes the CSV files for machines with their description into one archive.

    Args:
        connection: an open published database.
        tables: its tables in order.
        edition: the release.
        target: the new archive; its bytes follow from its content.
    """
    with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
        folder = Path(scratch)
        resources: list[dict[str, Any]] = []
        for described in tables:
            path = f"{_DATA}/{described.full_name}.csv"
            file = _fresh(folder, path)
            write_csv(connection, described, file)
            resource = file_resource(
                file,
                path,
                name=described.full_name,
                title=described.label_de,
                form="csv",
                mediatype="text/csv",
            )
            resource["encoding"] = "utf-8"
            resources.append(table_resource(resource, described, tables))
        (folder / FILE).write_text(package(edition, resources), encoding="utf-8")
        (folder / LICENCE).write_text(licence(edition), encoding="utf-8")
        (folder / _NOTE).write_text(_PLAIN, encoding="utf-8")
        paths = [_NOTE, LICENCE, FILE, *(resource["path"] for resource in resources)]
        _pack(folder, paths, edition, target)


def write_excel_package(
    connection: Connection, tables: Sequence[Table], edition: Edition, target: Path
) -> None:
    """Writes the CSV files for a German Excel into one archive.

    Args:
        connection: an open published database.
        tables: its tables in order.
        edition: the release.
        target: the new archive; its bytes follow from its content.
    """
    with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
        folder = Path(scratch)
        paths = [_NOTE, LICENCE]
        for described in tables:
            paths.append(f"{_DATA}/{described.full_name}.csv")
            write_excel_csv(connection, described, _fresh(folder, paths[-1]))
        (folder / LICENCE).write_text(licence(edition), encoding="utf-8")
        # The editor of Windows, too, shows umlauts and lines.
        (folder / _NOTE).write_text(_EXCEL, encoding="utf-8-sig", newline="\r\n")
        _pack(folder, paths, edition, target)


def _fresh(folder: Path, path: str) -> Path:
    file = folder / path
    file.parent.mkdir(exist_ok=True)
    return file


def _pack(folder: Path, paths: Iterable[str], edition: Edition, target: Path) -> None:
    """Packs files in the order given, all with the moment of the release."""
    moment = edition.published.astimezone(UTC)
    stamp = (moment.year, moment.month, moment.day, moment.hour, moment.minute, moment.second)
    with ZipFile(target, "w") as archive:
        for path in paths:
            member = ZipInfo(path, stamp)
            member.compress_type = ZIP_DEFLATED
            member.create_system = 3
            member.external_attr = 0o644 << 16
            with (folder / path).open("rb") as source, archive.open(member, "w") as packed:
                shutil.copyfileobj(source, packed)
